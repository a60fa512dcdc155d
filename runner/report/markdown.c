/* Markdown as GitHub and GitLab read it (GitHub Flavored Markdown): the points by group, then what lost points. The same is GitHub's step summary.
 *
 * Texts are escaped character by character, so that none becomes a heading, a link, a formula or HTML; reports of cases stand in fences that are longer than any run of
 * backticks in them. GitHub refuses a step summary over 1 MiB: from MOST on cases are only counted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/writer.h"

enum { MOST = 900 << 10, LEAST_FENCE = 3 };

/* No text stands at the beginning of a line, so what only works there is left as it is; a full stop is, but for that of "www.", which would become a link. */
static void put_escaped(struct bytes *out, const char *text)
{
    cleanup_free char *line = brief_line(text);
    for (const char *c = line ? line : ""; *c; c++) {
        bool is_mark = strchr("\\`*_{}[]<>#|&~:@$^", *c) != NULL ||
                       (*c == '.' && c > line && (c[-1] == 'w' || c[-1] == 'W'));
        bytes_print(out, "%s%c", is_mark ? "\\" : "", *c);
    }
}

static void put_fenced(struct bytes *out, const char *text)
{
    int longest = LEAST_FENCE - 1, run = 0;
    for (const char *c = text; *c; c++) {
        run = *c == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    cleanup_free char *fence = calloc((size_t)longest + 2, 1);
    if (!fence)
        return;
    memset(fence, '`', (size_t)longest + 1);
    bytes_print(out, "%stext\n%s\n%s\n\n", fence, text, fence);
}

static void put_head(struct bytes *out, const struct result *result, const struct report_options *options)
{
    cleanup_free char *remarks = brief_remarks(result), *build = brief_build(result),
                      *score = brief_score(result);
    bytes_print(out, "## ");
    put_escaped(out, report_words(result->assignment, options));
    bytes_print(out, ": ");
    put_escaped(out, score);
    bytes_print(out, "\n\n");
    for (const char *line = remarks ? remarks : ""; *line; line += *line == '\n') {
        cleanup_free char *one = strndup(line, strcspn(line, "\n"));
        bytes_print(out, "> **");
        put_escaped(out, one);
        bytes_print(out, "**\n>\n");
        line += strcspn(line, "\n");
    }
    bytes_print(out, "\n");
    if (build && *build)
        put_fenced(out, build);
}

static void put_groups(struct bytes *out, const struct result *result)
{
    bytes_print(out, "| %s | %s | %s | %s | %s | %s | %s |\n", _("GROUP"), _("POINTS"), _("OF"), _("PASSED"),
                _("FAILED"), _("BROKEN"), _("SKIPPED"));
    bytes_print(out, "|---|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < result->group_count; i++) {
        const struct result_group *group = &result->groups[i];
        bytes_print(out, "| ");
        put_escaped(out, group->name);
        bytes_print(out, " | %s | %s |", points_text(group->score).text, points_text(group->max_score).text);
        for (int verdict = 0; verdict < VERDICTS; verdict++)
            bytes_print(out, " %d |", group->counts[verdict]);
        bytes_print(out, "\n");
    }
    bytes_print(out, "\n");
}

/* One line tells all of it: an item of a list; the others have a heading each. */
static bool is_item(const struct case_result *one)
{
    return one->failure_count == 0 && one->event_count == 0;
}

static void put_case(struct bytes *out, const struct case_result *one, const struct report_options *options)
{
    cleanup_free char *points = brief_points(one), *why = brief_why(one, options);
    bytes_print(out, is_item(one) ? "- " : "### ");
    put_escaped(out, one->id);
    bytes_print(out, ": ");
    put_escaped(out, points);
    if (is_item(one)) {
        bytes_print(out, "; ");
        put_escaped(out, why);
        bytes_print(out, "\n");
        return;
    }
    cleanup_free char *text = brief_text(one, options, false);
    bytes_print(out, "\n\n");
    put_fenced(out, text ? text : "");
}

/* Those with a heading first, so that nothing of theirs becomes part of the list. */
static size_t put_cases(struct bytes *out, const struct result *result, const struct report_options *options,
                        bool are_items)
{
    size_t left_out = 0;
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        if (!brief_is_lost(one) || is_item(one) != are_items)
            continue;
        if (out->len > MOST)
            left_out++;
        else
            put_case(out, one, options);
    }
    return left_out;
}

static bool write_markdown(FILE *to, const struct result *result, const struct report_options *options)
{
    cleanup_bytes struct bytes out = {0};
    cleanup_free char *findings = brief_findings(result, options);
    put_head(&out, result, options);
    put_groups(&out, result);
    size_t left_out = put_cases(&out, result, options, false);
    left_out += put_cases(&out, result, options, true);
    if (findings && *findings) {
        bytes_print(&out, "\n");
        put_fenced(&out, findings);
    }
    if (left_out > 0)
        bytes_print(&out, _("\n%zu further cases are left out here: the report would be too long.\n"),
                    left_out);
    return fputs(bytes_text(&out), to) >= 0;
}

const struct writer writer_markdown = {
    .name = "markdown",
    .law = "points and failures in Markdown",
    .is_live = true,
    .write = write_markdown,
};

const struct writer writer_github_summary = {
    .name = "github-summary",
    .law = "the same behind what is in $GITHUB_STEP_SUMMARY",
    .is_live = true,
    .variable = "GITHUB_STEP_SUMMARY",
    .write = write_markdown,
};
