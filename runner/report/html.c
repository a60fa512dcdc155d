/* The result as one page for people: nothing is fetched from anywhere, and without scripts nothing is missing but comfort.
 *
 * What a program of the submission has printed may hold anything. Every text goes through html_print(), which makes it visible and escapes it; should that ever fail, the
 * Content-Security-Policy still runs no script and applies no style but the two whose hashes it names, and fetches nothing. The page is well-formed XML, too,
 * so that a test can tell whether each element ends where it should.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/html_assets.h"
#include "report/html_case.h"
#include "report/html_source.h"
#include "report/html_text.h"
#include "report/writer.h"

enum { OPEN_AT_FIRST = 3 };

static bool is_lost(const struct case_result *one)
{
    return one->verdict != PASSED || one->score < one->max_score;
}

static bool is_run(const struct result *result)
{
    return result->count == 1 && html_is_run(&result->cases[0]);
}

static void put_beginning(FILE *to, const struct result *result, const struct report_options *options)
{
    html_print(to,
               "<!DOCTYPE html>\n<html lang=\"%s\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
               "charset=\"utf-8\"/>\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
               "form-action 'none'; style-src '",
               options->language == REPORT_KOREAN ? "ko" : "en");
    fprintf(to, "%s'; script-src '%s'\"/>\n", html_style_hash, html_script_hash);
    html_print(to,
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
               "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>%s: %s</title>\n",
               report_words(result->assignment, options), result->submission);
    fprintf(to, "<style>%s</style>\n</head>\n<body>\n", html_style);
}

/* "12.5 of 20 points" */
static void put_score(FILE *to, const struct result *result)
{
    char score[128];
    if (is_run(result))
        return;
    snprintf(score, sizeof score, _("%s of %s points"), points_text(result->score).text,
             points_text(result->max_score).text);
    html_print(to, "<p class=\"score %s\"><strong>%s</strong></p>\n",
               result->score < result->max_score ? "failed" : "passed", score);
}

static void put_remarks(FILE *to, const struct result *result)
{
    cleanup_bytes struct bytes text = {0};
    if (result->is_partial)
        bytes_print(&text, _("This result is not whole: %zu of %zu cases have been judged.\n"), result->count,
                    result->planned);
    brief_unjudged(result, &text);
    for (size_t i = 0; i < result->machine_note_count; i++)
        bytes_print(&text, _("This machine: %s\n"), result->machine_notes[i]);
    if (text.len > 0)
        html_print(to, "<p class=\"warning text\" role=\"note\">%s</p>\n", text.data);
}

static void put_header(FILE *to, const struct result *result, const struct report_options *options)
{
    html_print(to, "<header>\n<h1>%s</h1>\n", report_words(result->assignment, options));
    if (!is_run(result))
        html_print(to, "<p>%s <code>%s</code></p>\n", _("submission"), result->submission);
    put_score(to, result);
    put_remarks(to, result);
    fputs("</header>\n<main>\n", to);
}

static void put_build(FILE *to, const struct result *result)
{
    if (!result->build.is_ok)
        html_print(to, "<section><h2>%s</h2>\n<pre class=\"text\">%s</pre></section>\n",
                   _("It could not be built"), result->build.output);
}

/* ---- groups -------------------------------------------------------------------------------------------------------------- */

static void put_group(FILE *to, const struct result_group *group)
{
    static const char *const kinds[VERDICTS] = {"passed", "failed", "broken", "skipped"};
    html_print(to, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td><td class=\"number\">%s</td>",
               group->name, points_text(group->score).text, points_text(group->max_score).text);
    for (int verdict = 0; verdict < VERDICTS; verdict++)
        html_print(to, "<td class=\"number %s\">%d</td>", group->counts[verdict] ? kinds[verdict] : "none",
                   group->counts[verdict]);
    fputs("</tr>\n", to);
}

static void put_groups(FILE *to, const struct result *result)
{
    const char *const heads[] = {_("GROUP"),  _("POINTS"), _("OF"),     _("PASSED"),
                                 _("FAILED"), _("BROKEN"), _("SKIPPED")};
    if (is_run(result))
        return;
    html_print(to,
               "<section><h2>%s</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
               "<table class=\"groups\"><thead><tr>",
               _("Points"), _("Points"));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        html_print(to, "<th scope=\"col\">%s</th>", heads[i]);
    fputs("</tr></thead><tbody>\n", to);
    for (size_t i = 0; i < result->group_count; i++)
        put_group(to, &result->groups[i]);
    fputs("</tbody></table></div></section>\n", to);
}

/* ---- cases --------------------------------------------------------------------------------------------------------------- */

/* Links, so that who has no script finds what was lost, too. */
static void put_lost(FILE *to, const struct result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += is_lost(&result->cases[i]);
    if (count == 0 || is_run(result))
        return;
    html_print(to, "<nav aria-label=\"%s\"><h2>%s</h2><ul>\n", _("What lost points"), _("What lost points"));
    for (size_t i = 0; i < result->count; i++)
        if (is_lost(&result->cases[i]))
            html_print(to, "<li><a href=\"#case-%zu\">%s</a></li>\n", i, result->cases[i].id);
    fputs("</ul></nav>\n", to);
}

static bool is_of_group(const struct case_result *one, const struct result_group *group)
{
    return one->group && group->name ? strcmp(one->group, group->name) == 0 : one->group == group->name;
}

/* What lost points comes first in its group. */
static void put_group_cases(FILE *to, const struct result *result, const struct result_group *group,
                            bool are_lost, size_t *opened, const struct report_options *options)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        if (!is_of_group(one, group) || is_lost(one) != are_lost)
            continue;
        bool is_open = (one->failure_count > 0 || html_is_run(one)) && *opened < OPEN_AT_FIRST;
        *opened += is_open;
        html_case(to, one, i, is_open, options);
    }
}

static void put_cases(FILE *to, const struct result *result, const struct report_options *options)
{
    size_t opened = 0;
    html_print(to, "<section id=\"cases\"><h2>%s</h2>\n", _("Cases"));
    for (size_t g = 0; g < result->group_count; g++) {
        html_print(to, "<section class=\"group\"><h3>%s</h3>\n", result->groups[g].name);
        put_group_cases(to, result, &result->groups[g], true, &opened, options);
        put_group_cases(to, result, &result->groups[g], false, &opened, options);
        fputs("</section>\n", to);
    }
    fputs("</section>\n", to);
}

/* ---- the page ------------------------------------------------------------------------------------------------------------- */

/* What the script says, in the reader's language. */
static void put_words(FILE *to)
{
    const char *const words[][2] = {
        {"unfold", _("unfold all that lost points")},
        {"fold", _("fold all")},
        {"only", _("only what lost points")},
        {"close", _("close")},
        {"larger", _("larger")},
        {"smaller", _("smaller")},
        {"fit", _("fit to the page")},
    };
    fputs("<script type=\"application/json\" id=\"words\">{", to);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        fprintf(to, "%s\"%s\":", i ? "," : "", words[i][0]);
        html_json(to, words[i][1]);
    }
    fputs("}</script>\n", to);
}

static void put_script(FILE *to, const struct result *result)
{
    put_words(to);
    fputs("<script type=\"application/json\" id=\"sources\">", to);
    html_sources(to, result);
    fprintf(to, "</script>\n<script>%s</script>\n", html_script);
}

static bool write_html(FILE *to, const struct result *result, const struct report_options *options)
{
    put_beginning(to, result, options);
    put_header(to, result, options);
    put_build(to, result);
    put_groups(to, result);
    put_lost(to, result);
    put_cases(to, result, options);
    fputs("</main>\n", to);
    put_script(to, result);
    fputs("</body>\n</html>\n", to);
    return !ferror(to);
}

const struct writer writer_html = {
    .name = "html",
    .law = "one page for a browser, with a diagram for each failure",
    .is_live = true,
    .write = write_html,
};
