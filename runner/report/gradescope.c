/* results.json of Gradescope's autograder: one test for each case, shown with the colours of the terminal report.
 *
 * There is no verdict but passed and failed, and no way to say that points are still open. What could not be judged is therefore a test without points and
 * status, which says so in its name and output; the score of the submission is scaled so that what was judged makes up the whole, and its output says
 * that first. Where nothing was judged there is no score at all, and Gradescope takes the run for one that failed. A hidden case that is told in full
 * (--show-hidden) is shown to instructors only.
 *
 * Source: Gradescope's autograder documentation, "Output format".
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/json_value.h"
#include "report/writer.h"
#include "result/score.h"

static json_t *test_name(const struct case_result *one, const struct report_options *options)
{
    cleanup_free char *title = brief_line(report_words(one->title, options)), *id = brief_line(one->id);
    cleanup_bytes struct bytes name = {0};
    bytes_print(&name, "%s%s%s", id ? id : "", title && *title ? ": " : "", title ? title : "");
    if (!verdict_is_judged(one->verdict))
        bytes_print(&name, " (%s)", report_verdict(one->verdict));
    return json_string(bytes_text(&name));
}

/* Told in full though it is hidden: not for students. */
static bool is_secret(const struct case_result *one)
{
    return one->is_hidden && (one->reason || one->program || one->failure_count > 0);
}

static json_t *test_of(const struct case_result *one, size_t number, const struct report_options *options)
{
    char place[32];
    json_t *test = json_object(), *tags = json_array();
    snprintf(place, sizeof place, "%04zu", number); /* sorted as text */
    json_object_set_new(test, "name", test_name(one, options));
    json_object_set_new(test, "number", json_string(place));
    if (verdict_is_judged(one->verdict)) {
        json_object_set_new(test, "score", json_value_points(one->score));
        json_object_set_new(test, "max_score", json_value_points(one->max_score));
        json_object_set_new(test, "status", json_string(one->verdict == PASSED ? "passed" : "failed"));
    }
    json_object_set_new(test, "visibility", json_string(is_secret(one) ? "hidden" : "visible"));
    json_object_set_new(
        test, "output",
        json_value_taken(brief_is_lost(one) ? brief_text(one, options, true) : brief_points(one)));
    json_array_append_new(tags, json_value_taken(brief_line(one->group)));
    json_object_set_new(test, "tags", tags);
    json_object_set_new(test, "extra_data", json_pack("{s:s}", "verdict", verdict_word(one->verdict)));
    return test;
}

/* What the rules have found in the cases that students see. */
static char *open_findings(const struct result *result, const struct report_options *options)
{
    struct result open = *result;
    cleanup_free struct case_result *cases = calloc(result->count + 1, sizeof *cases);
    open.cases = cases;
    open.count = 0;
    for (size_t i = 0; cases && i < result->count; i++)
        if (!result->cases[i].is_hidden)
            cases[open.count++] = result->cases[i];
    return brief_findings(&open, options);
}

/* What the score is made of. */
static char *score_text(const struct result *result, int score)
{
    char *text = NULL;
    if (score == result->score)
        return brief_score(result);
    int printed =
        score < 0 ? asprintf(&text, "%s", _("Nothing could be judged, so there is no score."))
                  : asprintf(&text, _("What was judged makes up the whole: %s of %s points became %s of %s."),
                             points_text(result->score).text,
                             points_text(result->max_score - result->unjudged).text, points_text(score).text,
                             points_text(result->max_score).text);
    return printed < 0 ? NULL : text;
}

/* What is said of the whole: nothing of it comes from a hidden case. */
static char *whole_output(const struct result *result, int scaled, const struct report_options *options)
{
    cleanup_free char *remarks = brief_remarks(result), *build = brief_build(result),
                      *score = score_text(result, scaled), *findings = open_findings(result, options);
    const char *const parts[] = {remarks, build, findings, score};
    cleanup_bytes struct bytes text = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i] && *parts[i])
            bytes_print(&text, "%s%s", text.len ? "\n\n" : "", parts[i]);
    return strdup(bytes_text(&text));
}

static bool write_gradescope(FILE *to, const struct result *result, const struct report_options *options)
{
    json_t *root = json_object(), *tests = json_array();
    int score = result_scaled(result);
    if (score >= 0)
        json_object_set_new(root, "score", json_value_points(score));
    json_object_set_new(root, "execution_time", json_value_seconds(result->seconds));
    json_object_set_new(root, "output", json_value_taken(whole_output(result, score, options)));
    json_object_set_new(root, "output_format", json_string("text"));
    json_object_set_new(root, "test_output_format", json_string("ansi"));
    json_object_set_new(root, "test_name_format", json_string("text"));
    json_object_set_new(root, "visibility", json_string("visible"));
    json_object_set_new(root, "stdout_visibility", json_string("hidden"));
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(tests, test_of(&result->cases[i], i + 1, options));
    json_object_set_new(root, "tests", tests);
    json_object_set_new(root, "extra_data",
                        json_pack("{s:b,s:I,s:I,s:o,s:o}", "partial", result->is_partial, "planned",
                                  (json_int_t)result->planned, "judged", (json_int_t)result->count,
                                  "max_score", json_value_points(result->max_score), "unjudged",
                                  json_value_points(result->unjudged)));
    return json_value_write(to, root);
}

const struct writer writer_gradescope = {
    .name = "gradescope",
    .law = "Gradescope's results.json: a test with its points for each case",
    .is_live = true,
    .write = write_gradescope,
};
