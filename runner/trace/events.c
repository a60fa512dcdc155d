/* The event log, in chunks so that an event never moves, and the reading of a tracee's memory for its decoders.
 *
 * A call that is not to be logged (over the budget; one more round of a task that idles) is kept in its task's one scratch event.
 */
#include "trace/tracer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

bool memory_read(void *context, uint64_t address, void *to, size_t len)
{
    const struct tracee *tracee = context;
    struct iovec local = {to, len},
                 remote = {(void *)(uintptr_t)address, len}; // NOLINT(performance-no-int-to-ptr)
    return process_vm_readv(tracee->pub.tid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

bool memory_write(const struct tracee *tracee, uint64_t address, const void *from, size_t len)
{
    struct iovec local = {(void *)(uintptr_t)from, len}, remote = {(void *)(uintptr_t)address, len}; // NOLINT
    return process_vm_writev(tracee->pub.tid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static struct event *slot(struct tracer *tracer, size_t number)
{
    size_t chunk = number / EVENTS_PER_CHUNK;
    if (chunk == tracer->chunk_count) {
        if (!tasks_grow(&tracer->chunks, chunk + 1, &tracer->chunk_room, sizeof(void *)))
            return NULL;
        tracer->chunks[chunk] = calloc(EVENTS_PER_CHUNK, sizeof **tracer->chunks);
        if (!tracer->chunks[chunk])
            return NULL;
        tracer->chunk_count++;
    }
    return &tracer->chunks[chunk][number % EVENTS_PER_CHUNK];
}

static void begin(struct tracer *tracer, struct tracee *tracee, struct event *event)
{
    *event = (struct event){
        .number = tracer->event_count,
        .time_ns = now_ns(),
        .process = tracee->pub.process->index,
        .actor = tracee->pub.process->actor,
        .tid = tracee->pub.tid,
        .counts = tracee->pub.process->counts &&
                  (tracee->pub.process->has_entered || tracer->config.hooks.is_system),
    };
    call_init(&event->call);
    event->call.memory = (struct memory){memory_read, tracee};
    bool is_full = tracer->config.all_data_kept > 0 && tracer->data_count >= tracer->config.all_data_kept;
    if (tracer->config.data_kept > 0 && (!is_full || tracee->pub.process->is_agent))
        event->call.data_wanted = tracer->config.data_kept;
}

void events_decode(struct tracer *tracer, struct event *event)
{
    struct call *call = &event->call;
    size_t before = call->data.len;
    call->row->decode(call);
    if (event->number == EVENT_NOT_LOGGED)
        return;
    tracer->data_count += call->data.len - before;
    if (call->data_wanted < tracer->config.data_kept && call->data_len > call->data.len)
        tracer->has_dropped = true;
}

struct event *events_scratch(struct tracer *tracer, struct tracee *tracee, struct event **scratch)
{
    if (!*scratch)
        *scratch = calloc(1, sizeof **scratch);
    else {
        call_free(&(*scratch)->call);
        stack_release(*scratch);
        unwritten_release(*scratch);
    }
    if (*scratch) {
        begin(tracer, tracee, *scratch);
        (*scratch)->number = EVENT_NOT_LOGGED;
    }
    return *scratch;
}

struct event *events_new(struct tracer *tracer, struct tracee *tracee)
{
    struct event *event = slot(tracer, tracer->event_count);
    if (!event) {
        tracer_set_trouble(tracer, "the event log is out of memory");
        return events_scratch(tracer, tracee, &tracee->scratch);
    }
    begin(tracer, tracee, event);
    tracer->event_count++;
    return event;
}

struct event *events_promote(struct tracer *tracer, struct event **scratch)
{
    struct event *from = *scratch, *event = slot(tracer, tracer->event_count);
    if (!event)
        return from;
    *event = *from;
    event->number = tracer->event_count++;
    memset(from, 0, sizeof *from); /* what it owned is the copy's now */
    return event;
}

size_t tracer_event_count(const struct tracer *tracer)
{
    return tracer->event_count;
}

const struct event *tracer_event(const struct tracer *tracer, size_t number)
{
    if (number >= tracer->event_count)
        return NULL;
    return &tracer->chunks[number / EVENTS_PER_CHUNK][number % EVENTS_PER_CHUNK];
}

bool tracer_dropped_detail(const struct tracer *tracer)
{
    return tracer->has_dropped;
}

void events_free(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->event_count; i++) {
        struct event *event = &tracer->chunks[i / EVENTS_PER_CHUNK][i % EVENTS_PER_CHUNK];
        call_free(&event->call);
        stack_release(event);
        unwritten_release(event);
    }
    for (size_t i = 0; i < tracer->chunk_count; i++)
        free(tracer->chunks[i]);
    free(tracer->chunks);
}
