/* map-beyond-end: memory that is mapped and not there. */
#include "rules/facts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void beyond_end(struct study *study, const struct ledger *ledger);

const struct rule rule_map_beyond_end = {
    .id = "map-beyond-end",
    .severity = SEVERITY_ERROR,
    .law = "An object is given its size before anybody touches what is mapped of it.",
    .see = "mmap(2) (SIGBUS), ftruncate(2), shm_open(3)",
    .silent = "Programs that no SIGBUS has killed; objects whose size is not known from the log.",
    .end = beyond_end,
};

/* The size that the object had at the end, as far as the scene has given it one: by its last ftruncate(), or none since it was made. */
static bool size_of(const struct study *study, const struct event *map, int64_t *size)
{
    bool is_known = false;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !has_succeeded(event))
            continue;
        bool is_here = object_same(&event->object, &map->object);
        int64_t flags = event->call.value[PARAM_FLAGS];
        bool is_new = (is_deed(event, "shm_open") || is_deed(event, "open")) && (flags & O_CREAT) &&
                      (flags & (O_EXCL | O_TRUNC)) && object_same(&event->made[0], &map->object);
        if (is_new || (is_here && is_deed(event, "truncate"))) {
            *size = is_new ? 0 : event->call.value[PARAM_SIZE];
            is_known = true;
        } else if (is_here && (is_deed(event, "write"))) {
            is_known = false; /* it has grown, nobody knows how far */
        }
    }
    return is_known;
}

static bool is_inherited(const struct study *study, const struct event *map, int process)
{
    while (process >= 0 && process != map->process)
        process = tracer_process(study_tracer(study), (size_t)process)->parent;
    return process >= 0;
}

static void beyond_end_of(struct study *study, const struct process *process)
{
    int64_t page = sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *map = tracer_event(study_tracer(study), i);
        int64_t size;
        if (!map->call.row || !is_call(map, "mmap") || !has_succeeded(map) ||
            !is_inherited(study, map, process->index) || !size_of(study, map, &size))
            continue;
        if (map->call.value[PARAM_SIZE] > (size + page - 1) / page * page)
            finding_add(study, &rule_map_beyond_end, SEVERITY_ERROR,
                        &(struct place){.process = process->index, .event = map},
                        "SIGBUS has killed [%s %d]: %lld bytes are mapped, and the object has %lld",
                        process->program, (int)process->pid, (long long)map->call.value[PARAM_SIZE],
                        (long long)size);
    }
}

static void beyond_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        if (process->is_dead && process->counts && (process->wait_status & 0x7f) == SIGBUS)
            beyond_end_of(study, process);
    }
}
