/* What the stock reporter of GitHub Classroom reads, as a step's output `result`: JSON in base64. It adds up the tests' scores, and so gives partial credit.
 *
 * It is handed on in an environment variable, which Linux limits to 128 KiB (execve(2), MAX_ARG_STRLEN): texts are short, and when the cases are too many even
 * so, each group is one test. The reporter prints names and messages where the runner still obeys commands: they are on one line each, begin with a
 * word of ours, and hold no "##[", the runner's older mark of a command.
 *
 * The reporter knows no points that are neither given nor lost: what could not be judged is not in max_score, so that the rest makes up the whole.
 *
 * Source: classroom-resources/autograding-grading-reporter, src/main.js and src/helpers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "report/brief.h"
#include "report/failure.h"
#include "report/json_value.h"
#include "report/writer.h"

enum { MOST_JSON = 90 << 10, MOST_MESSAGE = 300 };

static const char *status_word(enum verdict verdict)
{
    static const char *const words[VERDICTS] = {"pass", "fail", "error", "error"};
    return words[verdict];
}

/* Safe, short, and nothing that the runner takes for a command. */
static json_t *harmless(const char *before, const char *text)
{
    cleanup_free char *line = brief_line(text);
    size_t len = line ? strnlen(line, MOST_MESSAGE) : 0;
    cleanup_bytes struct bytes out = {0};
    while (line && len > 0 && ((unsigned char)line[len] & 0xc0) == 0x80)
        len--;
    bytes_print(&out, "%s%.*s", before, (int)len, line ? line : "");
    for (char *mark = out.data; mark; mark = strstr(mark, "##["))
        if (strncmp(mark, "##[", 3) == 0)
            mark[1] = ' ';
    return json_string(bytes_text(&out));
}

static json_t *case_test(const struct case_result *one, const struct report_options *options)
{
    struct brief_place place = brief_is_lost(one) ? brief_place(one) : (struct brief_place){NULL, 0, false};
    cleanup_free char *why = brief_is_lost(one) ? brief_why(one, options) : NULL;
    json_t *test = json_object();
    json_object_set_new(test, "name", harmless("", one->id));
    json_object_set_new(test, "status", json_string(status_word(one->verdict)));
    json_object_set_new(test, "score", json_value_points(one->verdict == PASSED ? one->score : 0));
    if (why)
        json_object_set_new(test, "message", harmless("ipcgrade: ", why));
    if (place.file) {
        json_object_set_new(test, "filename", harmless("", place.file));
        json_object_set_new(test, "line_no", json_integer(place.line));
    }
    return test;
}

static json_t *group_test(const struct result_group *group)
{
    json_t *test = json_object();
    enum verdict verdict = group->counts[BROKEN] + group->counts[SKIPPED] > 0 ? BROKEN
                           : group->counts[FAILED] > 0                        ? FAILED
                                                                              : PASSED;
    json_object_set_new(test, "name", harmless("", group->name));
    json_object_set_new(test, "status", json_string(status_word(verdict)));
    json_object_set_new(test, "score", json_value_points(group->score));
    return test;
}

static json_t *root_of(const struct result *result, const struct report_options *options, bool has_cases)
{
    json_t *root = json_object(), *tests = json_array();
    cleanup_free char *remarks = brief_remarks(result);
    enum verdict verdict = result->is_partial ? BROKEN : result->verdict;
    json_object_set_new(root, "version", json_integer(1));
    json_object_set_new(root, "status", json_string(status_word(verdict)));
    json_object_set_new(root, "max_score", json_value_points(result->max_score - result->unjudged));
    if (remarks && *remarks) {
        json_t *test = json_pack("{s:s,s:s,s:i}", "name", "ipcgrade", "status", "error", "score", 0);
        json_object_set_new(test, "message", harmless("ipcgrade: ", remarks));
        json_array_append_new(tests, test);
    }
    for (size_t i = 0; has_cases && i < result->count; i++)
        json_array_append_new(tests, case_test(&result->cases[i], options));
    for (size_t i = 0; !has_cases && i < result->group_count; i++)
        json_array_append_new(tests, group_test(&result->groups[i]));
    json_object_set_new(root, "tests", tests);
    return root;
}

static char *dumped(const struct result *result, const struct report_options *options, bool has_cases)
{
    json_t *root = root_of(result, options, has_cases);
    char *text = json_dumps(root, JSON_COMPACT | JSON_VALUE_DIGITS);
    json_decref(root);
    return text;
}

/* RFC 4648, section 4. */
static bool put_base64(FILE *to, const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)text;
    for (size_t left = strlen(text); left > 0;) {
        size_t taken = left < 3 ? left : 3;
        uint32_t bits =
            (uint32_t)from[0] << 16 | (uint32_t)(taken > 1 ? from[1] : 0) << 8 | (taken > 2 ? from[2] : 0);
        fputc(letters[bits >> 18], to);
        fputc(letters[bits >> 12 & 63], to);
        fputc(taken > 1 ? letters[bits >> 6 & 63] : '=', to);
        fputc(taken > 2 ? letters[bits & 63] : '=', to);
        from += taken;
        left -= taken;
    }
    return !ferror(to);
}

static bool write_classroom(FILE *to, const struct result *result, const struct report_options *options)
{
    cleanup_free char *text = dumped(result, options, true);
    if (text && strlen(text) > MOST_JSON) {
        free(text);
        text = dumped(result, options, false);
    }
    if (!text || fputs("result=", to) < 0 || !put_base64(to, text))
        return false;
    return fputc('\n', to) != EOF;
}

const struct writer writer_classroom = {
    .name = "classroom",
    .law = "GitHub Classroom's result with partial credit, behind what is in $GITHUB_OUTPUT",
    .is_live = true,
    .variable = "GITHUB_OUTPUT",
    .write = write_classroom,
};
