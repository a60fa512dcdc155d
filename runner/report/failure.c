/* How a failure reads: like a colleague who looked over the student's shoulder. Top down: which case and what it is worth, the textbook's
 * sentence, the step, why everything came to rest, expected and seen with the place where they part, where each actor stands, its last calls with
 * the student's lines, what was left behind, and what to do about it.
 */
#include "report/failure.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/difference.h"
#include "report/scene.h"

enum { INDENT = 2, AROUND = 20, LABEL_ROOM = 2, STEP_SHOWN = 240 };

const char *report_words(char *const text[2], const struct report_options *options)
{
    return options->language == REPORT_KOREAN && text[1] ? text[1] : text[0];
}

const char *report_verdict(enum verdict verdict)
{
    switch (verdict) {
    case PASSED: return _("passed");
    case FAILED: return _("failed");
    case BROKEN: return _("broken");
    case SKIPPED: return _("skipped");
    }
    return "";
}

enum style report_verdict_style(enum verdict verdict)
{
    static const enum style styles[VERDICTS] = {STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_WARN};
    return styles[verdict];
}

/* The labels, in one place so that all are as wide as the widest. */
enum label {
    LABEL_STEP,
    LABEL_EXPECTED,
    LABEL_SEEN,
    LABEL_DIFFER,
    LABEL_WHY,
    LABEL_HINT,
    LABEL_SEE,
    LABEL_NOTE,
    LABEL_LEFT,
    LABELS
};

static const char *label_text(enum label label)
{
    switch (label) {
    case LABEL_STEP: return _("step");
    case LABEL_EXPECTED: return _("expected");
    case LABEL_SEEN: return _("seen");
    case LABEL_DIFFER: return "";
    case LABEL_WHY: return _("why");
    case LABEL_HINT: return _("hint");
    case LABEL_SEE: return _("see");
    case LABEL_NOTE: return _("note");
    case LABEL_LEFT: return _("left");
    case LABELS: break;
    }
    return "";
}

static int label_beside(void)
{
    int most = 0;
    for (int label = 0; label < LABELS; label++) {
        int columns = page_columns(label_text((enum label)label));
        most = columns > most ? columns : most;
    }
    return INDENT + most + LABEL_ROOM;
}

static void put(const struct page *page, enum label label, enum style style, const char *text)
{
    if (text && *text)
        page_labelled(page, INDENT, label_beside(), label_text(label), style, text);
}

static void blank_line(const struct page *page)
{
    fputc('\n', page->to);
}

/* ---- expected and seen ------------------------------------------------------------------------------------------------ */

/* Some characters of the text before and after the place where it parts from the other. */
static void put_around(struct bytes *out, const char *sentence, size_t at, size_t inside)
{
    size_t from = inside > AROUND ? at - AROUND : at - inside, to = at + AROUND, len = strlen(sentence);
    const char *end = sentence + at;
    while (from < at && ((unsigned char)sentence[from] & 0xc0) == 0x80)
        from++;
    while (end < sentence + len && *end != '"' && end < sentence + to)
        end += *end == '\\' && end[1] ? 2 : 1;
    while (((unsigned char)*end & 0xc0) == 0x80)
        end++;
    bytes_print(out, "\"%s%.*s%s\"", inside > AROUND ? "..." : "", (int)(end - (sentence + from)),
                sentence + from, *end && *end != '"' ? "..." : "");
}

static bool is_one_line(const struct page *page, const char *safe)
{
    return !strchr(safe, '\n') && label_beside() + page_columns(safe) <= page->width;
}

static void put_difference(const struct page *page, const char *expected, const char *seen)
{
    struct difference difference;
    cleanup_free char *safe = page_safe(seen), *wanted = page_safe(expected);
    cleanup_bytes struct bytes text = {0};
    if (!difference_find(wanted, safe, &difference))
        return;
    if (is_one_line(page, safe)) {
        safe[difference.seen_at] = '\0';
        bytes_print(&text, "%*s^ %s", label_beside() + page_columns(safe), "", _("differs from here"));
        page_put(page, STYLE_WARN, text.data);
        blank_line(page);
        return;
    }
    bytes_print(&text, "%s\n", _("they differ here:"));
    put_around(&text, wanted, difference.expected_at, difference.inside);
    bytes_print(&text, "\n");
    put_around(&text, safe, difference.seen_at, difference.inside);
    put(page, LABEL_DIFFER, STYLE_WARN, text.data);
}

/* The beginning of a step that is long; the whole of it stands in the case. Caller frees. */
static char *step_beginning(const char *text)
{
    char *safe = page_safe(text);
    size_t len = strlen(safe), cut = STEP_SHOWN;
    if (len <= STEP_SHOWN + strlen(" ..."))
        return safe;
    while (cut > 0 && ((unsigned char)safe[cut] & 0xc0) == 0x80)
        cut--;
    memcpy(safe + cut, " ...", sizeof " ...");
    return safe;
}

static void put_step(const struct page *page, const struct case_result *one, const struct failure *failure)
{
    char where[512] = "";
    if (one->file && failure->line > 0)
        snprintf(where, sizeof where, "%s:%d", one->file, failure->line);
    if (failure->step < 0) {
        put(page, LABEL_STEP, STYLE_PLAIN, _("the end of the case"));
        return;
    }
    cleanup_bytes struct bytes text = {0};
    bytes_print(&text, "%d  %s", failure->step + 1, where);
    put(page, LABEL_STEP, STYLE_QUIET, bytes_text(&text));
    cleanup_free char *beginning = step_beginning(failure->step_text ? failure->step_text : "");
    put(page, LABEL_DIFFER, STYLE_PLAIN, beginning);
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Found at the same moment (the end of a case finds several at once): what they have in common is told with the first. */
static bool is_with_last(const struct failure *failure, const struct failure *last)
{
    return last && last->step == failure->step && is_same_text(last->cause, failure->cause) &&
           last->is_limit == failure->is_limit;
}

static void put_cost(const struct page *page, const struct case_result *one, const struct failure *failure)
{
    char cost[128];
    if (failure->cost <= 0 || failure->cost >= one->max_score)
        return;
    snprintf(cost, sizeof cost, _("This costs %s points."), points_text(failure->cost).text);
    put(page, LABEL_NOTE, STYLE_PLAIN, cost);
}

/* What was expected stands there already where this is one more that was seen in its place. */
static void put_sight(const struct page *page, const struct case_result *one, const struct failure *failure,
                      bool is_also)
{
    if (!is_also)
        put(page, LABEL_EXPECTED, STYLE_GOOD, failure->expected);
    put(page, is_also ? LABEL_DIFFER : LABEL_SEEN, STYLE_BAD, failure->seen);
    if (failure->expected && failure->seen)
        put_difference(page, failure->expected, failure->seen);
    if (failure->is_limit)
        put(page, LABEL_NOTE, STYLE_PLAIN, _("This verdict comes from a safety limit, not from a proof."));
    put_cost(page, one, failure);
}

static void put_failure(const struct page *page, const struct case_result *one, const struct failure *failure)
{
    const struct failure *last = failure > one->failures ? failure - 1 : NULL;
    bool is_with = is_with_last(failure, last),
         is_also = is_with && is_same_text(last->expected, failure->expected);
    if (last && !is_also)
        blank_line(page);
    if (!is_with) {
        put_step(page, one, failure);
        if (failure->cause) {
            blank_line(page);
            page_text(page, INDENT, STYLE_PLAIN, failure->cause);
        }
        if (failure->expected || failure->seen)
            blank_line(page);
    }
    put_sight(page, one, failure, is_also);
}

/* ---- why ------------------------------------------------------------------------------------------------------------------ */

/* The deadlock, and each wait that has to do with the failure. */
static void put_why(const struct page *page, const struct case_result *one)
{
    cleanup_bytes struct bytes text = {0};
    if (one->deadlock)
        bytes_print(&text, "%s", one->deadlock);
    for (size_t i = 0; i < one->wait_count; i++)
        if (one->waits[i].is_told && one->waits[i].text)
            bytes_print(&text, "%s%s", text.len ? "\n" : "", one->waits[i].text);
    if (text.len == 0)
        return;
    put(page, LABEL_WHY, STYLE_PLAIN, bytes_text(&text));
    blank_line(page);
}

/* ---- leftovers ------------------------------------------------------------------------------------------ */

/* A failure says what was left behind in full, unless the case lets it pass. */
static bool is_left_told(const struct case_result *one, const struct result_left *left)
{
    cleanup_bytes struct bytes what = {0};
    bytes_print(&what, "%s %s (%s)", left->kind ? left->kind : "", left->name ? left->name : "",
                left->about ? left->about : "");
    for (size_t i = 0; i < one->failure_count; i++)
        if (one->failures[i].seen && strstr(one->failures[i].seen, bytes_text(&what)))
            return true;
    return false;
}

static void put_left(const struct page *page, const struct case_result *one)
{
    int count = 0;
    for (size_t i = 0; i < one->left_count; i++) {
        const struct result_left *left = &one->left[i];
        cleanup_bytes struct bytes text = {0};
        struct line_text line = scene_line(&left->at);
        if (is_left_told(one, left))
            continue;
        bytes_print(&text, "%s %s", left->kind ? left->kind : "", left->name ? left->name : "");
        if (left->about)
            bytes_print(&text, " (%s)", left->about);
        if (left->made_by)
            bytes_print(&text, _(", made by %s"), left->made_by);
        if (*line.text)
            bytes_print(&text, _(" at %s"), line.text);
        page_labelled(page, INDENT, label_beside(), count++ ? "" : label_text(LABEL_LEFT), STYLE_PLAIN,
                      bytes_text(&text));
    }
    if (count > 0)
        blank_line(page);
}

/* ---- advice -------------------------------------------------------------------------------------------------------------- */

/* The failing step's own hint goes before the case's (CASES, section 3). */
static const char *hint_of(const struct case_result *one, const struct report_options *options)
{
    const char *hint =
        one->failure_count ? report_words(one->failures[one->failure_count - 1].hint, options) : NULL;
    return hint ? hint : report_words(one->hint, options);
}

static void put_advice(const struct page *page, const struct case_result *one,
                       const struct report_options *options)
{
    cleanup_bytes struct bytes see = {0};
    const char *hint = hint_of(one, options);
    for (size_t i = 0; i < one->see_count; i++)
        bytes_print(&see, "%s%s", i ? ", " : "", one->see[i]);
    for (size_t i = 0; i < one->note_count; i++)
        put(page, LABEL_NOTE, STYLE_PLAIN, one->notes[i]);
    put(page, LABEL_HINT, STYLE_STRONG, hint);
    put(page, LABEL_SEE, STYLE_QUIET, bytes_text(&see));
    if (one->note_count || hint || see.len)
        blank_line(page);
}

static void put_head(const struct page *page, const struct case_result *one,
                     const struct report_options *options)
{
    const char *word = report_verdict(one->verdict);
    char points[128];
    snprintf(points, sizeof points, _("%s, %s of %s points"), word, points_text(one->score).text,
             points_text(one->max_score).text);
    if (one->verdict == BROKEN || one->verdict == SKIPPED)
        snprintf(points, sizeof points, _("%s, not judged: %s points"), word,
                 points_text(one->max_score).text);
    page_rule(page, STYLE_STRONG, one->id, report_verdict_style(one->verdict), points);
    if (report_words(one->title, options))
        page_text(page, 0, STYLE_PLAIN, report_words(one->title, options));
    blank_line(page);
}

/* False when there is nothing else to tell than that. */
static bool put_reason(const struct page *page, const struct case_result *one,
                       const struct report_options *options)
{
    put_head(page, one, options);
    if (one->is_hidden && !one->reason && one->failure_count == 0)
        return false;
    if (one->reason && (one->failure_count == 0 || one->verdict == BROKEN)) {
        page_text(page, INDENT, STYLE_PLAIN, one->reason);
        blank_line(page);
    }
    return true;
}

void failure_put(const struct page *page, const struct case_result *one, const struct report_options *options)
{
    if (!put_reason(page, one, options))
        return;
    for (size_t i = 0; i < one->failure_count; i++)
        put_failure(page, one, &one->failures[i]);
    if (one->failure_count > 0)
        blank_line(page);
    put_why(page, one);
    scene_put(page, one);
    put_left(page, one);
    put_advice(page, one, options);
}

void failure_put_short(const struct page *page, const struct case_result *one,
                       const struct report_options *options)
{
    if (!put_reason(page, one, options))
        return;
    if (one->failure_count > 0) {
        put_sight(page, one, &one->failures[one->failure_count - 1], false);
        blank_line(page);
    }
    put_why(page, one);
    put_advice(page, one, options);
}
