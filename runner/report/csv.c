/* A row for each case, for spreadsheets and scripts (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front
 * (OWASP, "CSV Injection"). What a case that broke or was skipped is worth stands under `unjudged`, and its score and max_score are empty, so that the
 * sums of these columns are of what was judged. A result that is not whole ends with a row whose verdict is "partial". The header is the same in every language.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/writer.h"

static const char *const heads[] = {"submission", "case",   "group",     "program",  "title",
                                    "verdict",    "score",  "max_score", "unjudged", "file",
                                    "line",       "hidden", "why"};
enum { CELLS = sizeof heads / sizeof *heads };

static bool is_formula(const char *text)
{
    const char *first = text + strspn(text, " ");
    return *first && strchr("=+-@", *first);
}

static void put_cell(FILE *to, const char *text)
{
    cleanup_free char *line = brief_line(text);
    const char *rest = line ? line : "";
    bool is_quoted = strpbrk(rest, "\",; '") != NULL;
    fprintf(to, "%s%s", is_quoted ? "\"" : "", is_formula(rest) ? "'" : "");
    for (; *rest; rest++)
        fprintf(to, "%s%c", *rest == '"' ? "\"" : "", *rest);
    fputs(is_quoted ? "\"" : "", to);
}

static void put_row(FILE *to, const char *const cells[CELLS])
{
    for (size_t i = 0; i < CELLS; i++) {
        put_cell(to, cells[i]);
        fputs(i + 1 < CELLS ? "," : "\r\n", to);
    }
}

static void put_case(FILE *to, const struct result *result, const struct case_result *one,
                     const struct report_options *options)
{
    bool is_judged = verdict_is_judged(one->verdict);
    struct points_text score = points_text(one->score), max_score = points_text(one->max_score);
    struct brief_place place = brief_is_lost(one) ? brief_place(one) : (struct brief_place){NULL, 0, false};
    char line[16] = "";
    if (place.file)
        snprintf(line, sizeof line, "%d", place.line);
    put_row(to, (const char *const[CELLS]){result->submission, one->id, one->group, one->program,
                                           report_words(one->title, options), verdict_word(one->verdict),
                                           is_judged ? score.text : NULL, is_judged ? max_score.text : NULL,
                                           is_judged ? "0" : max_score.text, place.file, line,
                                           one->is_hidden ? "yes" : "no", one->reason});
}

static bool write_csv(FILE *to, const struct result *result, const struct report_options *options)
{
    put_row(to, heads);
    for (size_t i = 0; i < result->count; i++)
        put_case(to, result, &result->cases[i], options);
    if (result->is_partial) {
        cleanup_free char *why = brief_partial(result);
        put_row(to, (const char *const[CELLS]){result->submission, NULL, NULL, NULL, NULL, "partial", NULL,
                                               NULL, NULL, NULL, NULL, NULL, why});
    }
    return !ferror(to);
}

const struct writer writer_csv = {
    .name = "csv",
    .law = "a row for each case, for spreadsheets",
    .is_live = true,
    .write = write_csv,
};
