/* What has changed since the last run; see changes.h. A screenful: cases that went the same way are told together, the first failure is told in short, and the others
 * by their names.
 */
#include "report/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/build.h"
#include "report/failure.h"
#include "report/findings.h"

enum { INDENT = 2, NAMES_SHOWN = 24 };

enum way { AS_BEFORE, NEW, GAINED, LOST, CHANGED };

static enum way way_of(const struct case_result *one, const struct shown *shown)
{
    if (!shown->is_known)
        return NEW;
    if (one->verdict == shown->verdict)
        return one->score == shown->score ? AS_BEFORE : CHANGED;
    return one->verdict == PASSED ? GAINED : shown->verdict == PASSED ? LOST : CHANGED;
}

/* There is nothing to tell: the program has not been begun, is not there, or does not build; or the case was not run, or is hidden. */
static bool is_plain(const struct case_result *one)
{
    return one->lacks || (one->verdict == FAILED && one->failure_count == 0);
}

/* "+0.75", "-2", "" */
static struct points_text difference_text(int hundredths)
{
    struct points_text text = points_text(hundredths);
    if (hundredths > 0) {
        memmove(text.text + 1, text.text, sizeof text.text - 2);
        text.text[0] = '+';
    }
    if (hundredths == 0)
        text.text[0] = '\0';
    return text;
}

static void add_name(struct bytes *names, size_t count, const char *name)
{
    if (count < NAMES_SHOWN)
        bytes_print(names, "%s%s", count ? "  " : "", name ? name : "");
    else if (count == NAMES_SHOWN)
        bytes_print(names, "  ...");
}

/* The cases that went this way, under one head. Returns how many. */
static size_t put_way(const struct page *page, const struct result *result, const struct shown *shown,
                      enum way way)
{
    cleanup_bytes struct bytes names = {0};
    size_t count = 0;
    int points = 0;
    for (size_t i = 0; i < result->count; i++) {
        if (way_of(&result->cases[i], &shown[i]) != way)
            continue;
        add_name(&names, count++, result->cases[i].id);
        points += result->cases[i].score - shown[i].score;
    }
    if (count == 0)
        return 0;
    char head[128];
    snprintf(head, sizeof head,
             way == GAINED ? (count == 1 ? _("%zu case passes now") : _("%zu cases pass now"))
             : way == LOST ? (count == 1 ? _("%zu case passes no more") : _("%zu cases pass no more"))
             : count == 1  ? _("%zu case is another now")
                           : _("%zu cases are others now"),
             count);
    page_rule(page, STYLE_STRONG, head, way == LOST ? STYLE_BAD : STYLE_GOOD, difference_text(points).text);
    page_text(page, INDENT, STYLE_PLAIN, bytes_text(&names));
    fputc('\n', page->to);
    return count;
}

/* ---- failures -------------------------------------------------------------------------------------------------------------- */

static bool is_to_mend(const struct result *result, const struct shown *shown, size_t index)
{
    return shown[index].is_judged && brief_is_lost(&result->cases[index]) && !is_plain(&result->cases[index]);
}

/* One that was passed before says most: it was lost by what was saved. */
static size_t first_failure(const struct result *result, const struct shown *shown)
{
    size_t first = result->count;
    for (size_t i = 0; i < result->count; i++) {
        if (!is_to_mend(result, shown, i))
            continue;
        if (way_of(&result->cases[i], &shown[i]) == LOST)
            return i;
        first = first < result->count ? first : i;
    }
    return first;
}

static void put_failures(const struct page *page, const struct result *result, const struct shown *shown,
                         const struct report_options *options)
{
    size_t first = first_failure(result, shown), count = 0;
    cleanup_bytes struct bytes names = {0};
    if (first == result->count)
        return;
    failure_put_short(page, &result->cases[first], options);
    for (size_t i = 0; i < result->count; i++)
        if (i != first && is_to_mend(result, shown, i))
            add_name(&names, count++, result->cases[i].id);
    if (count == 0)
        return;
    char head[128];
    snprintf(head, sizeof head, count == 1 ? _("%zu more case fails") : _("%zu more cases fail"), count);
    page_rule(page, STYLE_STRONG, head, STYLE_PLAIN, NULL);
    page_text(page, INDENT, STYLE_PLAIN, bytes_text(&names));
    fputc('\n', page->to);
}

/* Of those that were judged and have nothing to show: how many, and why. */
static void put_plain(const struct page *page, const struct result *result, const struct shown *shown)
{
    size_t lacking = 0, not_run = 0, hidden = 0;
    cleanup_bytes struct bytes text = {0};
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        if (!shown[i].is_judged || one->verdict != FAILED || !is_plain(one))
            continue;
        lacking += one->lacks != NULL;
        not_run += !one->lacks && one->reason;
        hidden += !one->lacks && !one->reason;
    }
    if (lacking > 0)
        bytes_print(&text,
                    lacking == 1 ? _("%zu case cannot pass yet: its program is not begun, not there, or does "
                                     "not build.\n")
                                 : _("%zu cases cannot pass yet: their programs are not begun, not there, or "
                                     "do not build.\n"),
                    lacking);
    if (not_run > 0)
        bytes_print(&text,
                    not_run == 1 ? _("%zu case was not run: it needs one that fails.\n")
                                 : _("%zu cases were not run: they need one that fails.\n"),
                    not_run);
    if (hidden > 0)
        bytes_print(&text, hidden == 1 ? _("%zu hidden case fails.\n") : _("%zu hidden cases fail.\n"),
                    hidden);
    if (text.len > 0) {
        text.data[text.len - 1] = '\0';
        page_text(page, 0, STYLE_QUIET, text.data);
        fputc('\n', page->to);
    }
}

/* What the rules have found in what was judged. */
static void put_findings(const struct page *page, const struct result *result, const struct shown *shown,
                         const struct report_options *options)
{
    cleanup_free struct case_result *judged = calloc(result->count + 1, sizeof *judged);
    struct result part = {.cases = judged};
    for (size_t i = 0; judged && i < result->count; i++)
        if (shown[i].is_judged)
            judged[part.count++] = result->cases[i];
    if (judged)
        findings_put(page, &part, options);
}

/* ---- all together ---------------------------------------------------------------------------------------------------------- */

static void put_head(const struct page *page, const struct result *result, const struct shown *shown,
                     const char *saved, bool is_first)
{
    const char *left = saved ? saved : is_first ? result->submission : _("what was still due");
    size_t judged = 0;
    char right[128];
    for (size_t i = 0; i < result->count; i++)
        judged += shown[i].is_judged;
    snprintf(right, sizeof right, judged == 1 ? _("%zu case judged") : _("%zu cases judged"), judged);
    page_rule(page, STYLE_STRONG, left, STYLE_PLAIN, right);
    fputc('\n', page->to);
}

static void put_score(const struct page *page, const struct result *result, const struct shown *shown)
{
    cleanup_free char *score = brief_score(result), *remarks = brief_remarks(result), *left = NULL;
    size_t passed = 0;
    int points = 0;
    char right[128];
    for (size_t i = 0; i < result->count; i++) {
        passed += result->cases[i].verdict == PASSED;
        points += shown[i].is_known ? result->cases[i].score - shown[i].score : 0;
    }
    struct points_text difference = difference_text(points);
    if (asprintf(&left, *difference.text ? "%s (%s)" : "%s", score ? score : "", difference.text) < 0)
        return;
    snprintf(right, sizeof right, _("%zu of %zu cases passed"), passed, result->planned);
    if (remarks && *remarks) {
        page_text(page, INDENT, STYLE_WARN, remarks);
        fputc('\n', page->to);
    }
    page_rule(page, report_verdict_style(result->verdict), left, STYLE_PLAIN, right);
}

void changes_put(const struct page *page, const struct result *result, const struct shown *shown,
                 const char *saved, const struct report_options *options)
{
    bool is_first = true;
    for (size_t i = 0; i < result->count; i++)
        is_first = is_first && !shown[i].is_known;
    put_head(page, result, shown, saved, is_first);
    build_put(page, &result->build);
    size_t changes = put_way(page, result, shown, GAINED) + put_way(page, result, shown, LOST) +
                     put_way(page, result, shown, CHANGED);
    if (changes == 0 && !is_first) {
        page_text(page, 0, STYLE_PLAIN, _("The verdicts are as before."));
        fputc('\n', page->to);
    }
    put_failures(page, result, shown, options);
    put_plain(page, result, shown);
    put_findings(page, result, shown, options);
    put_score(page, result, shown);
}
