/* The report that a student reads: first what failed, case by case, then the points by group. What is alike (five cases whose program is not
 * there) is told once. What passed is only counted, unless --verbose.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/build.h"
#include "report/failure.h"
#include "report/findings.h"
#include "report/page.h"
#include "report/place.h"
#include "report/writer.h"

enum { INDENT = 2 };

static void blank_line(const struct page *page)
{
    fputc('\n', page->to);
}

/* The one line that is all that is known of a case; NULL when there is more to tell. */
static const char *plain_reason(const struct case_result *one, const struct report_options *options)
{
    if (one->is_skeleton)
        return one->reason;
    if ((one->verdict != FAILED && one->verdict != SKIPPED) || one->failure_count > 0 || one->event_count > 0)
        return NULL;
    return one->reason ? one->reason : one->is_hidden ? report_words(one->title, options) : NULL;
}

static bool lost_points(const struct case_result *one)
{
    return one->verdict != PASSED || one->score < one->max_score;
}

static bool is_lacking(const struct case_result *one)
{
    return one->lacks && one->reason && one->verdict == FAILED;
}

static bool is_alike(const struct case_result *a, const struct case_result *b,
                     const struct report_options *options)
{
    const char *first = plain_reason(a, options), *second = plain_reason(b, options);
    return first && second && a->verdict == b->verdict && strcmp(first, second) == 0;
}

/* ---- cases ---------------------------------------------------------------------------------------------------------------- */

static void put_alike(const struct page *page, const struct result *result, size_t first,
                      const struct report_options *options)
{
    const struct case_result *one = &result->cases[first];
    cleanup_bytes struct bytes ids = {0};
    int points = 0;
    char text[128];
    for (size_t i = first; i < result->count; i++) {
        const struct case_result *other = &result->cases[i];
        if (!is_alike(one, other, options))
            continue;
        bytes_print(&ids, "%s%s", ids.len ? "  " : "", other->id ? other->id : "");
        points += other->max_score;
    }
    snprintf(text, sizeof text,
             one->verdict == FAILED ? _("failed, 0 of %s points") : _("skipped, not judged: %s points"),
             points_text(points).text);
    page_rule(page, STYLE_STRONG, plain_reason(one, options), one->verdict == FAILED ? STYLE_BAD : STYLE_WARN,
              text);
    page_text(page, INDENT, STYLE_PLAIN, bytes_text(&ids));
    blank_line(page);
}

/* Whoever mends the place mends these, too, or sees them next. */
static void put_same_place(const struct page *page, const struct result *result, size_t first)
{
    struct place_text place;
    cleanup_bytes struct bytes ids = {0};
    size_t count = 0;
    int points = 0;
    for (size_t i = first + 1; i < result->count; i++) {
        const struct case_result *other = &result->cases[i];
        if (!place_is_shared(&result->cases[first], other))
            continue;
        bytes_print(&ids, "%s%s", ids.len ? "  " : "", other->id ? other->id : "");
        points += other->max_score - other->score;
        count++;
    }
    if (count == 0 || !place_find(&result->cases[first], &place))
        return;
    char left[256], right[128];
    snprintf(left, sizeof left, count == 1 ? _("%zu more case: %s") : _("%zu more cases: %s"), count,
             place.text);
    snprintf(right, sizeof right, _("%s points lost"), points_text(points).text);
    page_rule(page, STYLE_STRONG, left, STYLE_BAD, right);
    page_text(page, INDENT, STYLE_PLAIN, bytes_text(&ids));
    blank_line(page);
}

/* Programs of which there is nothing to judge, and why that is so: "still the skeleton". Counted over all cases that lack them. */
struct lacking {
    const char *program, *reason;
    const char *why; /* the reason without the program's name in front */
    size_t programs, cases;
    int points;
};

static void add_lacking(struct lacking *all, size_t *count, const struct case_result *one)
{
    size_t name = strlen(one->lacks), i = 0;
    while (i < *count && strcmp(all[i].reason, one->reason) != 0)
        i++;
    if (i == *count)
        all[(*count)++] =
            (struct lacking){.program = one->lacks,
                             .reason = one->reason,
                             .why = strlen(one->reason) > name + 2 ? one->reason + name + 2 : one->reason};
    all[i].cases++;
    all[i].points += one->max_score;
}

static void put_lacking_head(const struct page *page, const char *left, int points)
{
    char right[128];
    snprintf(right, sizeof right, _("failed, 0 of %s points"), points_text(points).text);
    page_rule(page, STYLE_STRONG, left, STYLE_BAD, right);
}

static void put_lacking_line(const struct page *page, const struct lacking *one)
{
    char left[256];
    snprintf(left, sizeof left, one->cases == 1 ? _("%s (%zu case)") : _("%s (%zu cases)"), one->reason,
             one->cases);
    put_lacking_head(page, left, one->points);
}

/* Those that lack for the same reason as the first one, in one block. */
static void put_lacking_block(const struct page *page, struct lacking *all, size_t count, size_t first)
{
    cleanup_bytes struct bytes names = {0};
    const char *why = all[first].why;
    struct lacking sum = {0};
    for (size_t i = first; i < count; i++) {
        if (!all[i].program || strcmp(all[i].why, why) != 0)
            continue;
        bytes_print(&names, "%s%s", names.len ? "  " : "", all[i].program);
        all[i].program = NULL; /* told */
        sum.programs++;
        sum.cases += all[i].cases;
        sum.points += all[i].points;
    }
    char left[256];
    if (sum.programs == 1)
        put_lacking_line(page, &all[first]);
    else {
        snprintf(left, sizeof left, _("%s (%zu programs, %zu cases)"), why, sum.programs, sum.cases);
        put_lacking_head(page, left, sum.points);
        page_text(page, INDENT, STYLE_PLAIN, bytes_text(&names));
    }
    blank_line(page);
}

/* One line for each program that is not begun or not there; where they are many, no more than their names. */
static void put_lacking(const struct page *page, const struct result *result)
{
    enum { FEW = 5 };
    cleanup_free struct lacking *all = calloc(result->count + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; all && i < result->count; i++)
        if (is_lacking(&result->cases[i]))
            add_lacking(all, &count, &result->cases[i]);
    for (size_t i = 0; i < count; i++) {
        if (count <= FEW)
            put_lacking_line(page, &all[i]);
        else if (all[i].program)
            put_lacking_block(page, all, count, i);
    }
    if (count > 0 && count <= FEW)
        blank_line(page);
}

static void put_cases(const struct page *page, const struct result *result,
                      const struct report_options *options)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        bool is_told = false;
        if (!lost_points(one) || is_lacking(one))
            continue;
        for (size_t k = 0; k < i; k++)
            is_told = is_told || is_alike(&result->cases[k], one, options) ||
                      (!options->is_verbose && place_is_shared(&result->cases[k], one));
        if (is_told)
            continue;
        if (plain_reason(one, options)) {
            put_alike(page, result, i, options);
            continue;
        }
        failure_put(page, one, options);
        if (!options->is_verbose)
            put_same_place(page, result, i);
    }
    put_lacking(page, result);
}

static void put_list(const struct page *page, const struct result *result,
                     const struct report_options *options)
{
    const struct column columns[] = {{.head = _("VERDICT")},
                                     {.head = _("POINTS"), .is_right = true},
                                     {.head = _("CASE")},
                                     {.head = _("TITLE"), .is_wrapped = true}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    cleanup_free const char **cells = calloc(result->count * COLUMNS + 1, sizeof *cells);
    cleanup_free struct points_text *points = calloc(result->count + 1, sizeof *points);
    cleanup_free enum style *row_styles = calloc(result->count + 1, sizeof *row_styles);
    if (!cells || !points || !row_styles)
        return;
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        points[i] = points_text(one->score);
        const char *row[COLUMNS] = {report_verdict(one->verdict), points[i].text, one->id,
                                    report_words(one->title, options)};
        memcpy(&cells[i * COLUMNS], row, sizeof row);
        row_styles[i] = report_verdict_style(one->verdict);
    }
    page_table(page, 0, columns, COLUMNS, cells, result->count, row_styles);
    blank_line(page);
}

/* ---- the end -------------------------------------------------------------------------------------------------------------- */

enum { GROUP_CELLS = 3 + VERDICTS };

struct group_row {
    struct points_text score, max_score;
    char counts[VERDICTS][16];
};

static void fill_group_row(const struct result_group *group, struct group_row *row, const char **cells,
                           size_t *at, const bool shown[VERDICTS])
{
    row->score = points_text(group->score);
    row->max_score = points_text(group->max_score);
    cells[(*at)++] = group->name;
    cells[(*at)++] = row->score.text;
    cells[(*at)++] = row->max_score.text;
    for (int v = 0; v < VERDICTS; v++) {
        if (!shown[v])
            continue;
        snprintf(row->counts[v], sizeof row->counts[v], "%d", group->counts[v]);
        cells[(*at)++] = group->counts[v] ? row->counts[v] : "-";
    }
}

/* Columns of broken and skipped cases stand only where there are any. */
static void put_groups(const struct page *page, const struct result *result)
{
    const char *const heads[VERDICTS] = {_("PASSED"), _("FAILED"), _("BROKEN"), _("SKIPPED")};
    struct column columns[GROUP_CELLS] = {
        {.head = _("GROUP")}, {.head = _("POINTS"), .is_right = true}, {.head = _("OF"), .is_right = true}};
    bool shown[VERDICTS] = {[PASSED] = true, [FAILED] = true};
    size_t count = 3, at = 0;
    cleanup_free struct group_row *rows = calloc(result->group_count + 1, sizeof *rows);
    cleanup_free const char **cells = calloc(result->group_count * GROUP_CELLS + 1, sizeof *cells);
    cleanup_free enum style *styles = calloc(result->group_count + 1, sizeof *styles);
    if (!rows || !cells || !styles)
        return;
    for (size_t i = 0; i < result->group_count; i++)
        for (int v = 0; v < VERDICTS; v++)
            shown[v] = shown[v] || result->groups[i].counts[v] > 0;
    for (int v = 0; v < VERDICTS; v++)
        if (shown[v])
            columns[count++] = (struct column){.head = heads[v], .is_right = true};
    for (size_t i = 0; i < result->group_count; i++) {
        fill_group_row(&result->groups[i], &rows[i], cells, &at, shown);
        styles[i] = result->groups[i].score == result->groups[i].max_score ? STYLE_GOOD : STYLE_PLAIN;
    }
    page_table(page, INDENT, columns, count, cells, result->group_count, styles);
    blank_line(page);
}

static void put_remarks(const struct page *page, const struct result *result)
{
    cleanup_bytes struct bytes text = {0};
    brief_unjudged(result, &text);
    if (result->is_partial)
        bytes_print(&text, _("This result is not whole: %zu of %zu cases have been judged.\n"), result->count,
                    result->planned);
    for (size_t i = 0; i < result->machine_note_count; i++)
        bytes_print(&text, _("This machine: %s\n"), result->machine_notes[i]);
    if (text.len > 0)
        text.data[text.len - 1] = '\0';
    if (text.len > 0) {
        page_text(page, INDENT, STYLE_WARN, text.data);
        blank_line(page);
    }
}

static void put_score(const struct page *page, const struct result *result)
{
    char score[128], cases[128];
    size_t passed = 0;
    for (size_t i = 0; i < result->count; i++)
        passed += result->cases[i].verdict == PASSED;
    snprintf(score, sizeof score, _("%s of %s points"), points_text(result->score).text,
             points_text(result->max_score).text);
    snprintf(cases, sizeof cases, _("%zu of %zu cases passed"), passed, result->planned);
    page_rule(page, report_verdict_style(result->verdict), score, STYLE_PLAIN, cases);
}

static bool write_terminal(FILE *to, const struct result *result, const struct report_options *options)
{
    const struct page page = {to, page_width(options->width), options->has_colour, options->has_utf8};
    const char *title = report_words(result->assignment, options);
    page_text(&page, 0, STYLE_STRONG, title ? title : "");
    page_text(&page, 0, STYLE_QUIET, result->submission ? result->submission : "");
    blank_line(&page);
    build_put(&page, &result->build);
    put_cases(&page, result, options);
    if (options->is_verbose)
        put_list(&page, result, options);
    findings_put(&page, result, options);
    put_groups(&page, result);
    put_remarks(&page, result);
    put_score(&page, result);
    return !ferror(to);
}

const struct writer writer_terminal = {
    .name = "terminal",
    .law = "for people (the default)",
    .is_live = false,
    .write = write_terminal,
};
