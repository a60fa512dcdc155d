/* The arrows of the sequence diagram: what was carried, who was made or signalled, who waits for whom in a circle. An arrow crosses no word, as far as it can: it begins behind the text of
 * a call, and what it says stands where nobody else has a text.
 */
#include "report/html_sequence_private.h"

#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/html_text.h"
#include "report/page.h"
#include "report/scene.h"

/* Around its own lane when both ends are in one. */
static void put_arrow(const struct sequence *sequence, const char *kind, int from, int to, const int line[4],
                      const char *text)
{
    html_print(sequence->to,
               "<g class=\"arrow %s\" role=\"img\" data-from=\"%d\" data-to=\"%d\"><title>%s (%s pid %d → %s "
               "pid %d)</title>",
               kind, from, to, text, sequence_name(sequence, from), sequence->lanes[from].pid,
               sequence_name(sequence, to), sequence->lanes[to].pid);
    if (from == to)
        html_print(sequence->to, "<path d=\"M%d %d h-18 V%d h16\" marker-end=\"url(#head-%zu)\"/>",
                   line[0] - 2, line[1], line[3], sequence->number);
    else
        html_print(sequence->to, "<path d=\"M%d %d L%d %d\" marker-end=\"url(#head-%zu)\"/>", line[0],
                   line[1], line[2], line[3], sequence->number);
    fputs("</g>\n", sequence->to);
}

/* From one lane to another, where no text stands. */
static void put_level(const struct sequence *sequence, const char *kind, int from, int to, int y,
                      const char *text)
{
    int side = from < to ? BOX : -BOX;
    const int line[] = {sequence_x(sequence, from) + (from == to ? 0 : side), y,
                        sequence_x(sequence, to) - side, from == to ? y + LOOP : y};
    put_arrow(sequence, kind, from, to, line, text);
}

/* Behind the text of a call, so that an arrow to or from the right crosses no word of it. */
static int behind_text(const struct sequence *sequence, const struct result_event *event, int lane)
{
    cleanup_free char *text = sequence_shortened(event->text, sequence->columns);
    return sequence_text_x(sequence, lane, page_columns(text)) + 4;
}

static void carried_text(const struct result_event *giver, const struct result_event *event,
                         struct bytes *text)
{
    const char *call = event->call ? event->call : "";
    if (strcmp(call, "semop") == 0 || strcmp(call, "semtimedop") == 0)
        bytes_print(text, _("%s let it through"), giver->call ? giver->call : "?");
    else
        bytes_print(text, _("%zu bytes through %s"), event->bytes, event->object ? event->object : "?");
}

/* Where nobody else has a text: left of the arrow's right-hand end, on the side that the arrow does not come from; in its own lane behind the line of the source. */
static void put_label(const struct sequence *sequence, const struct result_event *giver, int from, int to,
                      const int line[4], const char *text)
{
    struct line_text source = scene_line(&giver->at);
    cleanup_free char *label = sequence_shortened(text, sequence->columns - 2);
    int x = from == to  ? sequence_text_x(sequence, to, page_columns(source.text) + 2)
            : from < to ? line[2] - 8
                        : line[0] - 8;
    int y = from == to ? line[1] + 15 : from < to ? line[3] + 14 : line[1] - 7;
    html_print(sequence->to,
               "<text x=\"%d\" y=\"%d\" class=\"label\" aria-hidden=\"true\" data-from=\"%d\" data-to=\"%d\" "
               "text-anchor=\"%s\">%s</text>\n",
               x, y, from, to, from == to ? "start" : "end", label);
}

/* From the giver's text, or left of it, to the taker's. */
void sequence_put_carried(const struct sequence *sequence, size_t index)
{
    const struct result_event *event = &sequence->one->events[index];
    if (event->giver == 0 || event->giver > sequence->one->event_count)
        return;
    const struct result_event *giver = &sequence->one->events[event->giver - 1];
    cleanup_bytes struct bytes text = {0};
    int from = sequence_lane(sequence, giver->actor, giver->pid),
        to = sequence_lane(sequence, event->actor, event->pid);
    if (from < 0 || to < 0)
        return;
    carried_text(giver, event, &text);
    int line[] = {sequence_x(sequence, from), sequence->y[event->giver - 1], sequence_x(sequence, to),
                  sequence->y[index]};
    int right = from < to ? 2 : 0;
    if (from != to) {
        line[right] -= BOX;
        line[2 - right] = behind_text(sequence, right ? giver : event, right ? from : to);
    }
    put_arrow(sequence, "carried", from, to, line, bytes_text(&text));
    put_label(sequence, giver, from, to, line, bytes_text(&text));
}

/* To a child, or to whom a signal was sent. */
void sequence_put_reach(const struct sequence *sequence, size_t index)
{
    const struct result_event *event = &sequence->one->events[index];
    int from = sequence_lane(sequence, event->actor, event->pid),
        to = sequence_lane_of_pid(sequence, event->other_pid);
    bool is_signal = event->call && strcmp(event->call, "kill") == 0;
    if (from < 0 || to < 0 || from == to)
        return;
    put_level(sequence, is_signal ? "signal" : "fork", from, to, sequence->y[index] - ABOVE, event->text);
}

/* ---- the circle ----------------------------------------------------------------------------------------------------- */

int sequence_put_circle(const struct sequence *sequence)
{
    const struct case_result *one = sequence->one;
    int lines = 0;
    for (size_t i = 0; i < one->wait_count; i++) {
        const struct result_wait *wait = &one->waits[i];
        for (size_t k = 0; wait->is_in_cycle && k < wait->helper_count; k++) {
            const struct result_helper *helper = &wait->helpers[k];
            int from = sequence_lane_of_pid(sequence, wait->pid),
                to = sequence_lane_of_pid(sequence, helper->pid);
            bool is_in = helper->wait > 0 && (size_t)helper->wait <= one->wait_count &&
                         one->waits[helper->wait - 1].is_in_cycle;
            int y = sequence->foot + 36 + GAP * (lines + 1);
            if (!is_in || from < 0 || to < 0)
                continue;
            cleanup_bytes struct bytes text = {0};
            bytes_print(&text, helper->is_probable ? _("%s: probably waits for %s") : _("%s: waits for %s"),
                        wait->call, helper->who);
            int left = sequence_x(sequence, from < to ? from : to) + BOX + 6;
            int room = (MARGIN + sequence->count * sequence->lane - left) * 4 / LETTER;
            cleanup_free char *label = sequence_shortened(bytes_text(&text), room - 2);
            put_level(sequence, "circle", from, to, y, bytes_text(&text));
            sequence_put_text(sequence, left, y - 4, "circle", label);
            lines++;
        }
    }
    return lines;
}
