/* The page of mistakes in fixtures/README.md against fixtures/matrix.tsv: every broken variant has its line there, with its sentence and a case that loses it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "judge/matrix.h"

enum { PAGE_MOST = 4 << 20 };

static struct matrix *the_matrix; /* made once before the forks, then only read */

/* The lines of the table below "### PROGRAM", each with its end of line; "" when there are none. */
static char *chapter(const char *page, const char *program)
{
    char heading[128];
    snprintf(heading, sizeof heading, "\n### %s\n", program);
    const char *begin = strstr(page, heading);
    if (!begin)
        return strdup("");
    const char *end = strstr(begin + strlen(heading), "\n### ");
    return end ? strndup(begin, (size_t)(end - begin) + 1) : strdup(begin);
}

/* The case in the second cell of the line that begins with "| `VARIANT`: ". */
static bool line_names(const char *lines, const struct row *row, char *id, size_t room)
{
    char start[192];
    snprintf(start, sizeof start, "\n| `%s`: ", row->variant);
    const char *line = strstr(lines, start);
    const char *cell = line ? strstr(line + strlen(start), " | `") : NULL;
    const char *end = line ? strchr(line + 1, '\n') : NULL;
    if (!cell || !end || cell > end)
        return false;
    cell += strlen(" | `");
    size_t len = strcspn(cell, "`\n");
    snprintf(id, room, "%.*s", (int)len, cell);
    return true;
}

static void read_page(struct bytes *page)
{
    cleanup_file FILE *file = fopen("fixtures/README.md", "re");
    char chunk[65536];
    size_t got;
    ck_assert_msg(file != NULL, "fixtures/README.md cannot be opened");
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        ck_assert(bytes_add(page, chunk, got, PAGE_MOST));
}

START_TEST(every_mistake_has_its_line)
{
    cleanup_bytes struct bytes page = {0};
    read_page(&page);
    for (size_t i = 0; i < the_matrix->count; i++) {
        const struct row *row = &the_matrix->rows[i];
        char id[128] = "";
        if (!row_is_broken(row))
            continue;
        cleanup_free char *lines = chapter(bytes_text(&page), row->program);
        ck_assert_msg(line_names(lines, row, id, sizeof id) && id_is_listed(row->lost, id),
                      "fixtures/README.md has no right line for %s/%s (it names '%s'): make mistakes",
                      row->program, row->variant, id);
    }
}
END_TEST

/* A line for a variant that is no longer there would tell of nothing. */
START_TEST(every_line_has_its_mistake)
{
    cleanup_bytes struct bytes page = {0};
    size_t lines = 0, rows = 0;
    read_page(&page);
    for (const char *at = bytes_text(&page); (at = strstr(at, "\n| `")); at++)
        lines += strstr(at, "`: ") != NULL && strstr(at, "`: ") < strchr(at + 1, '\n');
    for (size_t i = 0; i < the_matrix->count; i++)
        rows += row_is_broken(&the_matrix->rows[i]);
    ck_assert_uint_eq(lines, rows);
}
END_TEST

int main(void)
{
    static struct matrix matrix;
    the_matrix = &matrix;
    unsetenv("IPCGRADE_PROGRAM"); /* the page is whole, whatever is played */
    matrix_load(&matrix, getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build");
    Suite *suite = suite_create("page of mistakes");
    TCase *page = tcase_create("page");
    tcase_add_test(page, every_mistake_has_its_line);
    tcase_add_test(page, every_line_has_its_mistake);
    suite_add_tcase(suite, page);
    return run_suite(suite);
}
