/* The sequence diagram; see html_sequence.h.
 *
 * It is drawn here and not by the script, so that it is there without one, on paper, too. The script only zooms, folds lanes and shows what belongs to a call; it finds its way by the
 * classes and data- attributes. Calls that are left out take a row of their own. Under the last call a line marks the moment of the failure, with the state of each process
 * and, where they wait for each other, who waits for whom.
 */
#include "report/html_sequence.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/html_sequence_private.h"
#include "report/html_text.h"
#include "report/page.h"
#include "report/scene.h"

/* ---- lanes --------------------------------------------------------------------------------------------------------------- */

int sequence_lane(const struct sequence *sequence, int actor, int pid)
{
    for (int i = 0; i < sequence->count; i++)
        if (sequence->lanes[i].actor == actor && sequence->lanes[i].pid == pid)
            return i;
    return -1;
}

int sequence_lane_of_pid(const struct sequence *sequence, int pid)
{
    for (int i = 0; pid > 0 && i < sequence->count; i++)
        if (sequence->lanes[i].pid == pid)
            return i;
    return -1;
}

static void lane_add(struct sequence *sequence, struct lane lane)
{
    if (lane.pid <= 0 || sequence_lane(sequence, lane.actor, lane.pid) >= 0)
        return;
    if (sequence->count == MOST_LANES)
        sequence->is_too_wide = true;
    else
        sequence->lanes[sequence->count++] = lane;
}

static void find_lanes(struct sequence *sequence)
{
    const struct case_result *one = sequence->one;
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (actor->process_count == 0 && !scene_is_idle(one, i))
            lane_add(sequence, (struct lane){(int)i, actor->pid, actor->program, actor->state});
        for (size_t k = 0; k < actor->process_count; k++) {
            const struct result_process *process = &actor->processes[k];
            lane_add(sequence, (struct lane){(int)i, process->pid, process->program, process->state});
        }
    }
    for (size_t i = 0; i < one->event_count; i++) /* of a process that executes a stand-in by now */
        lane_add(sequence, (struct lane){.actor = one->events[i].actor, .pid = one->events[i].pid});
}

int sequence_x(const struct sequence *sequence, int lane)
{
    return MARGIN + lane * sequence->lane + BOX;
}

const char *sequence_name(const struct sequence *sequence, int lane)
{
    int actor = sequence->lanes[lane].actor;
    bool is_one = actor >= 0 && (size_t)actor < sequence->one->actor_count;
    return is_one ? sequence->one->actors[actor].name : "";
}

/* Where the text of a call begins, and so many letters further on. */
int sequence_text_x(const struct sequence *sequence, int lane, int columns)
{
    return sequence_x(sequence, lane) + BOX + 5 + columns * LETTER / 4;
}

/* Lanes are as wide as what is told in them, as far as the page has room. */
static void find_widths(struct sequence *sequence)
{
    int columns = 0, most = (PAGE - 2 * MARGIN) / (sequence->count ? sequence->count : 1);
    for (size_t i = 0; i < sequence->one->event_count; i++) {
        cleanup_free char *safe = html_safe(sequence->one->events[i].text);
        int own = page_columns(safe);
        columns = own > columns ? own : columns;
    }
    int around = sequence_text_x(sequence, 0, 0) - MARGIN + BOX, wanted = around + columns * LETTER / 4;
    most = most < LANE_MOST ? most : LANE_MOST;
    wanted = wanted < most ? wanted : most;
    sequence->lane = wanted > LANE_LEAST ? wanted : LANE_LEAST;
    sequence->columns = (sequence->lane - around) * 4 / LETTER;
}

/* ---- places -------------------------------------------------------------------------------------------------------------- */

static bool find_places(struct sequence *sequence)
{
    int y = HEAD + GAP;
    sequence->y = calloc(sequence->one->event_count + 1, sizeof *sequence->y);
    for (size_t i = 0; sequence->y && i < sequence->one->event_count; i++) {
        y += sequence->one->events[i].skipped > 0 ? GAP : 0;
        sequence->y[i] = y;
        y += ROW;
    }
    sequence->foot = y;
    return sequence->y != NULL;
}

/* As much as fits, on one line; the whole stands in the title and in the table. Caller frees. */
char *sequence_shortened(const char *text, int columns)
{
    char *safe = html_safe(text);
    size_t len = strcspn(safe, "\n");
    bool is_cut = safe[len] != '\0';
    for (safe[len] = '\0'; len > 0 && page_columns(safe) > columns; is_cut = true) {
        do
            len--;
        while (len > 0 && ((unsigned char)safe[len] & 0xc0) == 0x80);
        safe[len] = '\0';
    }
    char *cut = NULL;
    if (!is_cut || asprintf(&cut, "%s..", safe) < 0)
        return safe;
    free(safe);
    return cut;
}

/* ---- drawing ------------------------------------------------------------------------------------------------------------- */

void sequence_put_text(const struct sequence *sequence, int x, int y, const char *kind, const char *text)
{
    html_print(sequence->to, "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>", x, y, kind, text);
}

static void put_heads(const struct sequence *sequence)
{
    for (int i = 0; i < sequence->count; i++) {
        const struct lane *lane = &sequence->lanes[i];
        cleanup_free char *program = sequence_shortened(lane->program, sequence->columns - 10);
        char pid[32];
        snprintf(pid, sizeof pid, " pid %d", lane->pid);
        html_print(sequence->to,
                   "<g class=\"lane\" data-lane=\"%d\"><title>%s %s%s</title><rect x=\"%d\" y=\"4\" "
                   "width=\"%d\" height=\"%d\" rx=\"4\"/>",
                   i, sequence_name(sequence, i), lane->program, pid, sequence_x(sequence, i) - BOX,
                   sequence->lane - BOX, HEAD - BOX);
        sequence_put_text(sequence, sequence_x(sequence, i), 21, "name", sequence_name(sequence, i));
        html_print(sequence->to, "<text x=\"%d\" y=\"38\">%s%s</text></g>\n", sequence_x(sequence, i),
                   program, pid);
    }
}

/* A child's line begins where it was made. */
static int line_begin(const struct sequence *sequence, int lane)
{
    for (size_t i = 0; i < sequence->one->event_count; i++)
        if (sequence->one->events[i].call && strstr(sequence->one->events[i].call, "kill") == NULL &&
            sequence_lane_of_pid(sequence, sequence->one->events[i].other_pid) == lane)
            return sequence->y[i] - ABOVE;
    return HEAD - BOX + 4;
}

static void put_lines(const struct sequence *sequence)
{
    for (int i = 0; i < sequence->count; i++)
        html_print(sequence->to, "<path class=\"life\" data-lane=\"%d\" d=\"M%d %d V%d\"/>\n", i,
                   sequence_x(sequence, i), line_begin(sequence, i), sequence->foot);
}

/* From where the call began to where it took effect, or to the end. */
static void put_wait(const struct sequence *sequence, const struct result_event *event, int lane, int y)
{
    bool is_known = event->began > 0 && event->began <= sequence->one->event_count;
    int begin = is_known ? sequence->y[event->began - 1] - ROW / 3 : y;
    int end = scene_is_waiting(event) ? sequence->foot : y;
    if (end > begin)
        html_print(sequence->to,
                   "<rect class=\"wait%s\" data-lane=\"%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                   scene_is_waiting(event) ? " bad" : "", lane, sequence_x(sequence, lane) - BAR / 2, begin,
                   BAR, end - begin);
}

static const char *kind_of(const struct result_event *event)
{
    if (event->is_injected)
        return "injected";
    return scene_is_waiting(event) || event->error ? "bad" : "good";
}

static void put_call(const struct sequence *sequence, size_t index)
{
    const struct result_event *event = &sequence->one->events[index];
    int lane = sequence_lane(sequence, event->actor, event->pid), y = sequence->y[index];
    struct line_text line = scene_line(&event->at);
    cleanup_free char *text = sequence_shortened(event->text, sequence->columns);
    if (event->skipped > 0) {
        cleanup_free char *skipped = scene_skipped(event);
        sequence_put_text(sequence, sequence_text_x(sequence, 0, 0), y - GAP, "skip", skipped);
    }
    if (lane < 0)
        return;
    put_wait(sequence, event, lane, y);
    html_print(
        sequence->to,
        "<a class=\"call %s\" data-lane=\"%d\" href=\"#case-%zu-call-%zu\"><title>%s pid %d: %s %s</title>"
        "<rect class=\"hit\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/><circle cx=\"%d\" "
        "cy=\"%d\" r=\"5\"/>",
        kind_of(event), lane, sequence->number, index, sequence_name(sequence, lane), event->pid, event->text,
        line.text, sequence_x(sequence, lane) - BOX, y - 15, sequence->lane - BOX, ROW - 4,
        sequence_x(sequence, lane), y);
    sequence_put_text(sequence, sequence_text_x(sequence, lane, 0), y, "code", text);
    sequence_put_text(sequence, sequence_text_x(sequence, lane, 0), y + 15, "where", line.text);
    fputs("</a>\n", sequence->to);
}

/* ---- the foot ------------------------------------------------------------------------------------------------------------ */

static void put_states(const struct sequence *sequence)
{
    const struct case_result *one = sequence->one;
    const struct failure *last = one->failure_count ? &one->failures[one->failure_count - 1] : NULL;
    char moment[128];
    if (last && last->step >= 0)
        snprintf(moment, sizeof moment, _("step %d fails here"), last->step + 1);
    else
        snprintf(moment, sizeof moment, "%s", one->title[0] ? _("the end of the case") : _("the end"));
    html_print(sequence->to, "<path class=\"moment\" d=\"M%d %d H%d\"/>", MARGIN, sequence->foot,
               MARGIN + sequence->count * sequence->lane);
    sequence_put_text(sequence, MARGIN, sequence->foot + 16, "moment", moment);
    for (int i = 0; i < sequence->count; i++) {
        cleanup_free char *state = sequence_shortened(sequence->lanes[i].state, sequence->columns + 2);
        html_print(sequence->to, "<g class=\"state\" data-lane=\"%d\"><title>%s pid %d: %s</title>", i,
                   sequence_name(sequence, i), sequence->lanes[i].pid, sequence->lanes[i].state);
        sequence_put_text(sequence, sequence_x(sequence, i) - BOX, sequence->foot + 36, "", state);
        fputs("</g>\n", sequence->to);
    }
}

static int put_leftovers(const struct sequence *sequence, int y)
{
    const struct case_result *one = sequence->one;
    for (size_t i = 0; i < one->left_count; i++) {
        cleanup_bytes struct bytes text = {0};
        bytes_print(&text, _("left behind: %s %s"), one->left[i].kind ? one->left[i].kind : "",
                    one->left[i].name ? one->left[i].name : "");
        cleanup_free char *label = sequence_shortened(bytes_text(&text), sequence->columns * sequence->count);
        sequence_put_text(sequence, MARGIN, y + (int)i * GAP, "left", label);
    }
    return y + (int)one->left_count * GAP;
}

static int circle_lines(const struct case_result *one)
{
    int lines = 0;
    for (size_t i = 0; i < one->wait_count; i++)
        lines += one->waits[i].is_in_cycle ? (int)one->waits[i].helper_count : 0;
    return lines;
}

static void put_all(const struct sequence *sequence)
{
    int height =
        sequence->foot + 48 + GAP * (circle_lines(sequence->one) + (int)sequence->one->left_count + 1);
    int width = 2 * MARGIN + sequence->count * sequence->lane;
    html_print(sequence->to,
               "<figure class=\"sequence\"><figcaption>%s</figcaption>\n<div class=\"drawing\"><svg "
               "xmlns=\"http://www.w3.org/2000/svg\" "
               "role=\"group\" aria-label=\"%s\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">"
               "<defs><marker id=\"head-%zu\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
               "markerHeight=\"7\" "
               "orient=\"auto-start-reverse\"><path class=\"tip\" d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n",
               _("Time goes down; each column is a process. The table below tells the same."),
               _("Sequence diagram; the table below tells the same"), width, height, width, height,
               sequence->number);
    put_lines(sequence);
    put_heads(sequence);
    for (size_t i = 0; i < sequence->one->event_count; i++) {
        sequence_put_reach(sequence, i);
        sequence_put_carried(sequence, i);
    }
    for (size_t i = 0; i < sequence->one->event_count; i++)
        put_call(sequence, i); /* above the arrows: words stay legible */
    put_states(sequence);
    put_leftovers(sequence, sequence->foot + 36 + GAP * (sequence_put_circle(sequence) + 1));
    fputs("</svg></div></figure>\n", sequence->to);
}

void html_sequence(FILE *to, const struct case_result *one, size_t number)
{
    struct sequence sequence = {.to = to, .one = one, .number = number};
    find_lanes(&sequence);
    find_widths(&sequence);
    if (one->event_count > 0 && sequence.count > 0 && !sequence.is_too_wide && find_places(&sequence))
        put_all(&sequence);
    free(sequence.y);
}
