/* What went from whom to whom; see carried.h.
 *
 * Semaphores hold nothing that could be recognised. But a semop that was proved to be blocked, and has then succeeded, was let through by a change that came after the proof; where there was
 * only one that could, it was this one. Of POSIX semaphores not all changes are seen (a static program, memory), so nothing is claimed; nor where an end of a
 * process may have undone something.
 *
 * What was given stands in line for each object. A message is taken whole, by whoever asks for its kind, so it is found by what is in it; a stream is taken from the front. Where the
 * bytes are not those that were given (some were not seen, or several connections share a name), nothing is claimed.
 */
#include "judge/carried.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>

enum { LOOKED_AT = 4096 }; /* of what stands in line, for one call: past that nothing is claimed */

struct gift {
    const struct event *event;
    size_t taken; /* bytes of it */
};

struct line { /* of all objects, in order of giving */
    struct gift *gifts;
    size_t count, first; /* those before `first` are used up */
};

static bool is_one_of(const struct event *event, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(event->call.deed->word, *words) == 0)
            return true;
    return false;
}

static bool is_message(const struct event *event)
{
    return is_one_of(event, (const char *const[]){"msgsnd", "msgrcv", "mq_send", "mq_receive", NULL});
}

static bool has_moved(const struct event *event)
{
    return event->call.is_done && event->call.error == 0 && event->call.result >= 0 &&
           event->object.kind != OBJECT_NONE && (event->call.data_len > 0 || is_message(event));
}

static bool gives(const struct event *event)
{
    static const char *const words[] = {"write", "msgsnd", "mq_send", "send", "sendto", "sendmsg", NULL};
    return has_moved(event) && event->object.kind != OBJECT_FILE && is_one_of(event, words);
}

static bool takes(const struct event *event)
{
    static const char *const words[] = {"read", "msgrcv", "mq_receive", "recv", "recvfrom", "recvmsg", NULL};
    return has_moved(event) && is_one_of(event, words);
}

static bool is_same_object(const struct event *a, const struct event *b)
{
    return a->object.kind == b->object.kind && a->object.device == b->object.device &&
           a->object.number == b->object.number;
}

static bool is_socket(const struct event *event)
{
    return is_one_of(event,
                     (const char *const[]){"send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg", NULL});
}

/* As far as both are known. */
static bool holds(const struct gift *gift, const struct event *taking)
{
    const struct call *given = &gift->event->call, *taken = &taking->call;
    if (is_message(taking))
        return given->data_len == taken->data_len && given->data.len == taken->data.len &&
               memcmp(bytes_text(&given->data), bytes_text(&taken->data), taken->data.len) == 0;
    if (gift->taken >= given->data.len)
        return gift->taken > 0; /* its beginning was right, and the rest is not kept */
    size_t known = given->data.len - gift->taken;
    known = known < taken->data.len ? known : taken->data.len;
    return known > 0 && memcmp(given->data.data + gift->taken, taken->data.data, known) == 0;
}

/* Both ends of a connection are one object: nobody takes there what he gave himself. */
static bool may_go(const struct gift *gift, const struct event *taking)
{
    bool is_own = gift->event->process == taking->process && gift->event->tid == taking->tid;
    return gift->event->call.data_len >= gift->taken && is_same_object(gift->event, taking) &&
           !(is_own && (is_socket(gift->event) || is_socket(taking)));
}

static bool is_used_up(const struct gift *gift)
{
    return gift->taken > gift->event->call.data_len ||
           (gift->taken > 0 && gift->taken == gift->event->call.data_len);
}

/* The gifts in line that make up what was taken; returns the first of them. */
static size_t take(struct line *line, const struct event *taking)
{
    size_t giver = CARRIED_BY_NOBODY, rest = taking->call.data_len;
    for (size_t i = line->first; i < line->count && i < line->first + LOOKED_AT; i++) {
        struct gift *gift = &line->gifts[i];
        if (is_used_up(gift) || !may_go(gift, taking))
            continue;
        if (giver == CARRIED_BY_NOBODY && !holds(gift, taking)) {
            if (is_message(taking) || is_socket(taking))
                continue; /* another one's */
            return CARRIED_BY_NOBODY;
        }
        giver = giver == CARRIED_BY_NOBODY ? (size_t)gift->event->number : giver;
        size_t part = gift->event->call.data_len - gift->taken;
        part = part < rest ? part : rest;
        gift->taken += part;
        rest -= part;
        if (is_message(taking))
            gift->taken = gift->event->call.data_len + 1; /* also an empty one */
        if (rest == 0 || is_message(taking))
            break;
    }
    while (line->first < line->count && is_used_up(&line->gifts[line->first]))
        line->first++;
    return giver;
}

/* ---- semaphores ---------------------------------------------------------------------------------------------------------- */

static bool is_semop(const struct event *event)
{
    return event->call.deed && strcmp(event->call.deed->word, "semop") == 0;
}

static bool sets_values(const struct event *event)
{
    int64_t command = call_knows(&event->call, PARAM_CMD) ? event->call.value[PARAM_CMD] : -1;
    return strcmp(event->call.row->name, "semctl") == 0 && (command == SETVAL || command == SETALL);
}

/* It lets through what waits, if it is carried out. */
static bool helps(const struct event *event, const struct event *waiting)
{
    if (event == waiting || !is_same_object(event, waiting) || (event->call.is_done && event->call.error))
        return false;
    for (int i = 0; i < event->call.op_count; i++)
        for (int k = 0; k < waiting->call.op_count; k++) {
            const struct call_op *change = &event->call.ops[i], *wanted = &waiting->call.ops[k];
            if (change->num == wanted->num && (wanted->op < 0 ? change->op > 0 : change->op < 0))
                return true;
        }
    return sets_values(event);
}

/* What ends of processes give back is in no log. */
static bool may_be_undone(const struct event *event, const struct event *waiting)
{
    for (int i = 0; is_same_object(event, waiting) && i < event->call.op_count; i++)
        if (event->call.ops[i].flags & SEM_UNDO)
            return true;
    return false;
}

/* The number of the next event of the same task: until then the call may have lasted. */
static size_t end_of(const struct tracer *tracer, const struct event *event)
{
    size_t count = tracer_event_count(tracer), end = (size_t)event->number + 1;
    while (end < count && tracer_event(tracer, end)->tid != event->tid)
        end++;
    return end;
}

static size_t let_through_by(const struct tracer *tracer, const struct event *waiting)
{
    size_t count = tracer_event_count(tracer), end = end_of(tracer, waiting), helper = CARRIED_BY_NOBODY;
    if (tracer_dropped_detail(tracer))
        return CARRIED_BY_NOBODY;
    for (size_t i = 0; i < count; i++) {
        const struct event *event = tracer_event(tracer, i);
        if (may_be_undone(event, waiting))
            return CARRIED_BY_NOBODY;
        bool is_within = i < end && (i >= waiting->blocked_at || end_of(tracer, event) > waiting->blocked_at);
        if (!is_within || !helps(event, waiting))
            continue;
        if (helper != CARRIED_BY_NOBODY || event->is_cut) /* who was killed may have done it, or not */
            return CARRIED_BY_NOBODY;
        helper = event->call.is_done ? i : helper;
    }
    return helper;
}

void carried_find(const struct tracer *tracer, const size_t *order, size_t count, size_t *givers)
{
    struct line line = {.gifts = calloc(count + 1, sizeof *line.gifts)};
    if (!line.gifts)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct event *event = tracer_event(tracer, order[i]);
        givers[order[i]] = CARRIED_BY_NOBODY;
        if (gives(event))
            line.gifts[line.count++] = (struct gift){event, 0};
        else if (takes(event))
            givers[order[i]] = take(&line, event);
        else if (is_semop(event) && event->blocked_at > 0 && event->call.is_done && !event->call.error)
            givers[order[i]] = let_through_by(tracer, event);
    }
    free(line.gifts);
}
