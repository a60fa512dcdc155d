/* TAP version 14 (testanything.org): a test point for each case. A failure's message, points and place are in its YAML block, where strings are double-quoted as in
 * JSON, which YAML reads too; the whole report on it follows as comments, which every harness shows as they are. A result that is not whole bails out: consumers count the run as failed.
 *
 * A case that broke or was skipped costs no points, but only the skipped one is "ok": a broken grader must not look green.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/writer.h"

/* A description: "#" would begin a directive. */
static void put_description(FILE *to, const char *text)
{
    cleanup_free char *line = brief_line(text);
    for (const char *c = line ? line : ""; *c; c++)
        fprintf(to, "%s%c", *c == '#' || *c == '\\' ? "\\" : "", *c);
}

static void put_quoted(FILE *to, const char *text, size_t len)
{
    json_t *json = json_stringn(text, len);
    cleanup_free char *quoted = json_dumps(json, JSON_ENCODE_ANY);
    fprintf(to, "%s\n", quoted ? quoted : "\"\"");
    json_decref(json);
}

static void put_block(FILE *to, const struct case_result *one, const struct report_options *options)
{
    struct brief_place place = brief_place(one);
    cleanup_free char *why = brief_why(one, options), *points = brief_points(one);
    fputs("  ---\n  message: ", to);
    put_quoted(to, why ? why : "", why ? strlen(why) : 0);
    fprintf(to, "  severity: %s\n  points: ", verdict_word(one->verdict));
    put_quoted(to, points ? points : "", points ? strlen(points) : 0);
    if (place.file) {
        cleanup_free char *file = brief_line(place.file);
        fputs("  at:\n    file: ", to);
        put_quoted(to, file ? file : "", file ? strlen(file) : 0);
        fprintf(to, "    line: %d\n", place.line);
    }
    fputs("  ...\n", to);
}

static void put_comment(FILE *to, const char *text)
{
    for (const char *line = text; line && *line;) {
        size_t len = strcspn(line, "\n");
        fprintf(to, "# %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void put_point(FILE *to, const struct case_result *one, size_t number,
                      const struct report_options *options)
{
    bool is_ok = one->verdict == PASSED || one->verdict == SKIPPED;
    fprintf(to, "%sok %zu - ", is_ok ? "" : "not ", number);
    put_description(to, one->id);
    fputs(" ", to);
    put_description(to, report_words(one->title, options));
    if (one->verdict == SKIPPED) {
        cleanup_free char *why = brief_why(one, options);
        fprintf(to, " # SKIP %s", why ? why : "");
    }
    fputs("\n", to);
    if (brief_is_lost(one) && one->verdict != SKIPPED) {
        cleanup_free char *text = brief_text(one, options, false);
        put_block(to, one, options);
        put_comment(to, text);
    }
}

static bool write_tap(FILE *to, const struct result *result, const struct report_options *options)
{
    cleanup_free char *build = brief_build(result), *remarks = brief_remarks(result),
                      *score = brief_score(result), *partial = brief_partial(result),
                      *findings = brief_findings(result, options);
    fprintf(to, "TAP version 14\n1..%zu\n", result->planned);
    put_comment(to, build);
    for (size_t i = 0; i < result->count; i++)
        put_point(to, &result->cases[i], i + 1, options);
    put_comment(to, findings);
    put_comment(to, remarks);
    put_comment(to, score);
    if (partial && *partial)
        fprintf(to, "Bail out! %s\n", partial);
    return !ferror(to);
}

const struct writer writer_tap = {
    .name = "tap",
    .law = "TAP version 14: a test point for each case",
    .is_live = true,
    .write = write_tap,
};
