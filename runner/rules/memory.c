/* map-beyond-end, use-after-detach, write-to-read-only: how a process has died that touched shared memory which was not there for it. The kernel says which address that
 * was; what the process has attached and mapped, and from whom it has inherited that, the log says.
 */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "trace/source.h"

static void beyond_end(struct study *study, const struct ledger *ledger);
static void after_detach_end(struct study *study, const struct ledger *ledger);
static void read_only_end(struct study *study, const struct ledger *ledger);

const struct rule rule_map_beyond_end = {
    .id = "map-beyond-end",
    .severity = SEVERITY_ERROR,
    .law = "An object is given its size before anybody touches what is mapped of it.",
    .see = "mmap(2) (SIGBUS), ftruncate(2), shm_open(3)",
    .silent =
        "Whoever has not died of SIGBUS within a shared mapping; a warning for SIGSEGV shortly behind its "
        "end.",
    .end = beyond_end,
};

const struct rule rule_use_after_detach = {
    .id = "use-after-detach",
    .severity = SEVERITY_ERROR,
    .law = "Nobody touches shared memory that he has detached or unmapped.",
    .see = "shmdt(2), munmap(2)",
    .silent = "Whoever has not died of SIGSEGV within what he had detached.",
    .end = after_detach_end,
};

const struct rule rule_write_to_read_only = {
    .id = "write-to-read-only",
    .severity = SEVERITY_ERROR,
    .law = "Nobody writes to shared memory that is attached or mapped for reading only.",
    .see = "shmat(2) (SHM_RDONLY), mmap(2) (PROT_READ)",
    .silent = "Whoever has not died of SIGSEGV within such memory.",
    .end = read_only_end,
};

/* ---- what lies where ----------------------------------------------------------------------------------------------------- */

static bool attaches(const struct event *event)
{
    return (is_deed(event, "shmat") || is_call(event, "mmap")) && has_succeeded(event);
}

static bool covers(const struct study *study, const struct event *attach, uint64_t address)
{
    uint64_t start = (uint64_t)attach->call.result;
    uint64_t size = is_deed(attach, "shmat") ? segment_size(study, &attach->object)
                                             : (uint64_t)attach->call.value[PARAM_SIZE];
    return address >= start && address - start < size;
}

/* On the pages behind its end, where nothing need be. */
static bool ends_before(const struct study *study, const struct event *attach, uint64_t address)
{
    enum { NEAR = 1 << 16 };
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = (uint64_t)attach->call.result;
    uint64_t size = is_deed(attach, "shmat") ? segment_size(study, &attach->object)
                                             : (uint64_t)attach->call.value[PARAM_SIZE];
    uint64_t end = start + (size + page - 1) / page * page;
    return size > 0 && address >= end && address - end < NEAR;
}

static bool is_own_or_inherited(const struct study *study, const struct event *event, int process)
{
    while (process >= 0 && process != event->process)
        process = tracer_process(study_tracer(study), (size_t)process)->parent;
    return process >= 0;
}

/* The last that was attached or mapped at the address by the program that the process executes: with another one all is gone. */
static const struct event *attachment(const struct study *study, int process, uint64_t address,
                                      bool (*fits)(const struct study *, const struct event *, uint64_t))
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (!event->call.row || !is_own_or_inherited(study, event, process))
            continue;
        if (is_deed(event, "exec") && has_succeeded(event))
            return NULL;
        if (attaches(event) && fits(study, event, address))
            return event;
    }
    return NULL;
}

static const struct event *detachment_of(const struct study *study, int process, const struct event *attach)
{
    for (size_t i = (size_t)attach->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool detaches = event->call.row && event->process == process && has_succeeded(event) &&
                        (is_call(event, "shmdt") || is_call(event, "munmap"));
        if (detaches && event->call.arg[0] == (uint64_t)attach->call.result)
            return event;
    }
    return NULL;
}

struct death { /* of one process, in memory that the log knows */
    const struct process *process;
    const struct event *attach, *detach; /* detach: NULL when it was attached still */
    bool is_behind;                      /* it was not within, but shortly behind the end */
    char where[320];                     /* " at file.c:12", or "" */
};

static bool is_death(struct study *study, size_t index, int signal, struct death *death)
{
    const struct process *process = tracer_process(study_tracer(study), index);
    struct source_at at;
    bool has_died = process->is_dead && process->counts && (process->wait_status & 0x7f) == signal &&
                    process->crash && process->crash->call.arg[1] == (uint64_t)signal;
    if (!has_died)
        return false;
    *death = (struct death){.process = process};
    death->attach = attachment(study, process->index, process->crash->call.arg[0], covers);
    if (!death->attach) {
        death->attach = attachment(study, process->index, process->crash->call.arg[0], ends_before);
        death->is_behind = true;
    }
    if (!death->attach)
        return false;
    death->detach = detachment_of(study, process->index, death->attach);
    if (source_find(study_tracer(study), process->crash, NULL, &at))
        snprintf(death->where, sizeof death->where, " at %s:%d", at.file, at.line);
    return true;
}

/* ---- the rules ----------------------------------------------------------------------------------------------------------- */

static void beyond_end(struct study *study, const struct ledger *ledger)
{
    struct death death;
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++)
        if (is_death(study, i, SIGSEGV, &death) && death.is_behind && !death.detach)
            finding_add(study, &rule_map_beyond_end, SEVERITY_WARNING,
                        &(struct place){.process = death.process->index, .event = death.attach},
                        "SIGSEGV has killed [%s %d], which probably ran over the end of this memory%s",
                        death.process->program, (int)death.process->pid, death.where);
        else if (is_death(study, i, SIGBUS, &death) && !death.is_behind)
            finding_add(
                study, &rule_map_beyond_end, SEVERITY_ERROR,
                &(struct place){.process = death.process->index, .event = death.attach},
                "SIGBUS has killed [%s %d], which touched byte %llu of what is mapped%s: the object "
                "is not as large",
                death.process->program, (int)death.process->pid,
                (unsigned long long)(death.process->crash->call.arg[0] - (uint64_t)death.attach->call.result),
                death.where);
}

static bool is_read_only(const struct event *attach)
{
    return is_deed(attach, "shmat") ? (attach->call.value[PARAM_FLAGS] & SHM_RDONLY) != 0
                                    : (attach->call.value[PARAM_PROT] & PROT_WRITE) == 0;
}

/* Where it was neither detached by a call that was seen nor is for reading only, it was unmapped after having been inherited: such a munmap() is in no log. */
static void after_detach_end(struct study *study, const struct ledger *ledger)
{
    struct death death;
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        if (!is_death(study, i, SIGSEGV, &death) || death.is_behind ||
            (!death.detach && is_read_only(death.attach)))
            continue;
        const struct event *event = death.detach ? death.detach : death.attach;
        finding_add(
            study, &rule_use_after_detach, SEVERITY_ERROR,
            &(struct place){death.process->index, event, death.attach, "attached by"},
            "SIGSEGV has killed [%s %d], which touched the memory%s after it had detached or unmapped it",
            death.process->program, (int)death.process->pid, death.where);
    }
}

static void read_only_end(struct study *study, const struct ledger *ledger)
{
    struct death death;
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++)
        if (is_death(study, i, SIGSEGV, &death) && !death.detach && !death.is_behind &&
            is_read_only(death.attach))
            finding_add(study, &rule_write_to_read_only, SEVERITY_ERROR,
                        &(struct place){.process = death.process->index, .event = death.attach},
                        "SIGSEGV has killed [%s %d], which wrote%s to memory that it has for reading only",
                        death.process->program, (int)death.process->pid, death.where);
}
