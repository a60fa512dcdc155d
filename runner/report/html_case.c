/* One case on the page: what was asked, what came instead, why, what to do now; then who did what. It is all there without scripts.
 *
 * The order is that of the terminal (failure.c), but that the hint stands before the calls: on a page the calls may take much room.
 */
#include "report/html_case.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/difference.h"
#include "report/failure.h"
#include "report/html_sequence.h"
#include "report/html_text.h"
#include "report/scene.h"

bool html_is_run(const struct case_result *one)
{
    return one->max_score == 0 && !one->title[0];
}

void html_place(FILE *to, const struct source_line *at)
{
    struct line_text line = scene_line(at);
    if (*line.text)
        html_print(to, " <code class=\"place\">%s</code>", line.text);
}

static void put_row(FILE *to, const char *kind, const char *label, const char *text)
{
    if (text && *text)
        html_print(to, "<div class=\"row %s\"><dt>%s</dt><dd class=\"text\">%s</dd></div>\n", kind, label,
                   text);
}

/* ---- failures ------------------------------------------------------------------------------------------------------------ */

/* The sentence, with what is different in its quoted text marked; `at` is where that begins, SIZE_MAX nowhere. */
static void put_marked(FILE *to, const char *safe, size_t at)
{
    size_t len = strlen(safe), end = at;
    if (at > len) {
        html_escape(to, safe, len);
        return;
    }
    while (end < len && safe[end] != '"')
        end += safe[end] == '\\' && safe[end + 1] ? 2 : 1;
    end += end == at; /* one text is the beginning of the other: the quote is where they part */
    html_escape(to, safe, at);
    fputs("<mark>", to);
    html_escape(to, safe + at, end - at);
    fputs("</mark>", to);
    html_escape(to, safe + (end < len ? end : len), len);
}

static void put_compared(FILE *to, const struct failure *failure)
{
    cleanup_free char *expected = html_safe(failure->expected), *seen = html_safe(failure->seen);
    struct difference difference;
    bool differs = difference_find(expected, seen, &difference);
    if (*expected) {
        html_print(to, "<div class=\"row expected\"><dt>%s</dt><dd class=\"text\">", _("expected"));
        put_marked(to, expected, differs ? difference.expected_at : SIZE_MAX);
        fputs("</dd></div>\n", to);
    }
    if (*seen) {
        html_print(to, "<div class=\"row seen\"><dt>%s</dt><dd class=\"text\">", _("seen"));
        put_marked(to, seen, differs ? difference.seen_at : SIZE_MAX);
        fputs("</dd></div>\n", to);
    }
}

static void put_step(FILE *to, const struct case_result *one, const struct failure *failure)
{
    char where[512] = "";
    if (failure->step < 0) {
        put_row(to, "step", _("step"), _("the end of the case"));
        return;
    }
    if (one->file && failure->line > 0)
        snprintf(where, sizeof where, "%s:%d", one->file, failure->line);
    html_print(to,
               "<div class=\"row step\"><dt>%s %d</dt><dd class=\"text\"><code>%s</code> "
               "<small>%s</small></dd></div>\n",
               _("step"), failure->step + 1, failure->step_text, where);
}

static void put_failure(FILE *to, const struct case_result *one, const struct failure *failure)
{
    const struct failure *last = failure > one->failures ? failure - 1 : NULL;
    char cost[128];
    if (!last || last->step != failure->step)
        put_step(to, one, failure);
    if (failure->cause && !(last && last->cause && strcmp(last->cause, failure->cause) == 0))
        put_row(to, "cause", _("then"), failure->cause);
    put_compared(to, failure);
    if (failure->is_limit)
        put_row(to, "note", _("note"), _("This verdict comes from a safety limit, not from a proof."));
    if (failure->cost > 0 && failure->cost < one->max_score) {
        snprintf(cost, sizeof cost, _("This costs %s points."), points_text(failure->cost).text);
        put_row(to, "note", _("note"), cost);
    }
}

static bool has_why(const struct case_result *one)
{
    for (size_t i = 0; i < one->wait_count; i++)
        if (one->waits[i].is_told && one->waits[i].text)
            return true;
    return one->deadlock != NULL;
}

static void put_why(FILE *to, const struct case_result *one)
{
    if (!has_why(one))
        return;
    html_print(to, "<div class=\"row why\"><dt>%s</dt><dd>", _("why"));
    if (one->deadlock)
        html_print(to, "<p class=\"deadlock text\">%s</p>", one->deadlock);
    for (size_t i = 0; i < one->wait_count; i++)
        if (one->waits[i].is_told && one->waits[i].text)
            html_print(to, "<p class=\"text\">%s</p>", one->waits[i].text);
    fputs("</dd></div>\n", to);
}

/* The failing step's own hint goes before the case's (CASES, section 3). */
static void put_advice(FILE *to, const struct case_result *one, const struct report_options *options)
{
    const char *hint =
        one->failure_count ? report_words(one->failures[one->failure_count - 1].hint, options) : NULL;
    put_row(to, "hint", _("hint"), hint ? hint : report_words(one->hint, options));
    if (one->see_count > 0) {
        html_print(to, "<div class=\"row see\"><dt>%s</dt><dd>", _("see"));
        for (size_t i = 0; i < one->see_count; i++)
            html_print(to, "<code>%s</code> ", one->see[i]);
        fputs("</dd></div>\n", to);
    }
    for (size_t i = 0; i < one->note_count; i++)
        put_row(to, "note", _("note"), one->notes[i]);
}

/* ---- who did what -------------------------------------------------------------------------------------------------------- */

static void put_process(FILE *to, const char *name, int pid, const char *program, const char *state,
                        const struct source_line *at)
{
    html_print(to, "<tr><th scope=\"row\">%s</th><td class=\"number\">", name);
    if (pid > 0)
        html_print(to, "%d", pid);
    html_print(to, "</td><td>%s</td><td class=\"text\">%s", program, state);
    struct line_text line = scene_line(at);
    if (*line.text && !(state && strstr(state, line.text)))
        html_place(to, at);
    fputs("</td></tr>\n", to);
}

static void put_actors(FILE *to, const struct case_result *one)
{
    if (one->actor_count == 0)
        return;
    html_print(
        to,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table "
        "class=\"actors\"><thead><tr>"
        "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
        "</tr></thead><tbody>\n",
        _("Who was there"), _("WHO"), _("PID"), _("PROGRAM"), _("NOW"));
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (scene_is_idle(one, i))
            continue;
        if (actor->process_count == 0)
            put_process(to, actor->name, actor->pid, actor->program, actor->state, &actor->at);
        for (size_t k = 0; k < actor->process_count; k++)
            put_process(to, actor->name, actor->processes[k].pid, actor->processes[k].program,
                        actor->processes[k].state, &actor->processes[k].at);
    }
    fputs("</tbody></table></div>\n", to);
}

static void put_event(FILE *to, const struct case_result *one, size_t index, size_t number)
{
    const struct result_event *event = &one->events[index];
    bool is_bad = scene_is_waiting(event) || event->error;
    const char *kind = event->is_injected ? "injected" : is_bad ? "bad" : "";
    if (event->skipped > 0) {
        cleanup_free char *skipped = scene_skipped(event);
        html_print(to, "<tr class=\"skipped\"><td colspan=\"4\">%s</td></tr>\n", skipped);
    }
    const char *name =
        event->actor >= 0 && (size_t)event->actor < one->actor_count ? one->actors[event->actor].name : "";
    html_print(to, "<tr class=\"%s\" id=\"case-%zu-call-%zu\"", kind, number, index);
    if (event->at.file && event->at.line > 0)
        html_print(to, " data-file=\"%s\" data-line=\"%d\"", event->at.file, event->at.line);
    html_print(to, "><th scope=\"row\">%s</th><td class=\"number\">%d</td><td><code>%s</code></td><td>", name,
               event->pid, event->text);
    html_place(to, &event->at);
    fputs("</td></tr>\n", to);
}

static void put_events(FILE *to, const struct case_result *one, size_t number)
{
    if (one->event_count == 0)
        return;
    html_print(
        to,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table "
        "class=\"calls\"><thead><tr>"
        "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
        "</tr></thead><tbody>\n",
        _("What they did, in order of time"), _("WHO"), _("PID"), _("CALLS"), _("LINE"));
    for (size_t i = 0; i < one->event_count; i++)
        put_event(to, one, i, number);
    fputs("</tbody></table></div>\n", to);
}

static void put_left(FILE *to, const struct case_result *one)
{
    if (one->left_count == 0)
        return;
    html_print(to, "<h4>%s</h4><ul class=\"left\">\n", _("Left behind"));
    for (size_t i = 0; i < one->left_count; i++) {
        const struct result_left *left = &one->left[i];
        html_print(to, "<li class=\"text\">%s <b>%s</b>", left->kind, left->name);
        if (left->about)
            html_print(to, " (%s)", left->about);
        if (left->made_by) {
            char made[1024];
            snprintf(made, sizeof made, _(", made by %s"), left->made_by);
            html_print(to, "%s", made);
        }
        html_place(to, &left->at);
        fputs("</li>\n", to);
    }
    fputs("</ul>\n", to);
}

void html_finding(FILE *to, const struct result_finding *finding, const char *where)
{
    const char *severity = finding->severity ? finding->severity : "note";
    html_print(to, "<li class=\"finding %s\"><b>%s</b> <code>%s</code>", severity, _(severity),
               finding->rule);
    html_place(to, &finding->at);
    html_print(to, " <small>%s</small><p class=\"text\">%s</p>", where, finding->text);
    if (finding->call)
        html_print(to, "<p><code>%s</code></p>", finding->call);
    if (finding->other)
        html_print(to, "<p><code>%s</code></p>", finding->other);
    html_print(to, "<p><small>%s (%s)</small></p></li>\n", finding->law, finding->see);
}

static void put_findings(FILE *to, const struct case_result *one)
{
    if (one->finding_count == 0)
        return;
    html_print(to, "<h4>%s</h4><ul class=\"findings\">\n", _("Found beside it"));
    for (size_t i = 0; i < one->finding_count; i++)
        html_finding(to, &one->findings[i], NULL);
    fputs("</ul>\n", to);
}

/* ---- the case ------------------------------------------------------------------------------------------------------------- */

static void put_points(FILE *to, const struct case_result *one)
{
    char points[128];
    if (html_is_run(one))
        return;
    if (one->verdict == BROKEN || one->verdict == SKIPPED)
        snprintf(points, sizeof points, _("not judged: %s points"), points_text(one->max_score).text);
    else
        snprintf(points, sizeof points, _("%s of %s points"), points_text(one->score).text,
                 points_text(one->max_score).text);
    html_print(to, "<span class=\"points\">%s</span>", points);
}

void html_case(FILE *to, const struct case_result *one, size_t number, bool is_open,
               const struct report_options *options)
{
    const char *run = one->verdict == PASSED ? _("no error was found") : _("errors were found");
    const char *word = html_is_run(one) ? run : report_verdict(one->verdict);
    bool is_lost = one->verdict == PASSED && one->score < one->max_score;
    html_print(to, "<details class=\"case %s\"", is_lost ? "lost" : verdict_word(one->verdict));
    fputs(is_open ? " open=\"open\"><summary>" : "><summary>", to);
    html_print(to, "<span class=\"verdict\">%s</span> <code class=\"id\">%s</code> ", word, one->id);
    put_points(to, one);
    html_print(to, " <span class=\"title\">%s</span></summary>\n<div class=\"body\" id=\"case-%zu\">\n",
               report_words(one->title, options), number);
    fputs("<dl>\n", to);
    if (one->failure_count == 0 || one->verdict == BROKEN)
        put_row(to, "reason", _("reason"), one->reason);
    for (size_t i = 0; i < one->failure_count; i++)
        put_failure(to, one, &one->failures[i]);
    put_why(to, one);
    if (one->failure_count > 0 || one->verdict != PASSED || html_is_run(one))
        put_advice(to, one, options);
    fputs("</dl>\n", to);
    if (one->failure_count > 0 || html_is_run(one)) {
        html_sequence(to, one, number);
        put_actors(to, one);
        put_events(to, one, number);
        put_left(to, one);
    }
    put_findings(to, one);
    fputs("</div></details>\n", to);
}
