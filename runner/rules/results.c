/* unchecked-failure, eintr-ignored, short-io-ignored: results that a program has not looked at. */
#include "base/text.h"
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>

/* ---- unchecked-failure --------------------------------------------------------------------------------------------------- */

static void failure_event(struct study *study, const struct event *event);
static void failure_end(struct study *study, const struct ledger *ledger);

const struct rule rule_unchecked_failure = {
    .id = "unchecked-failure",
    .severity = SEVERITY_ERROR,
    .law = "The result of a call that failed is not used.",
    .see = "errno(3), and the return value of each call",
    .silent =
        "close(-1), which does no harm; removing or detaching -1 by who tells of the failure; a descriptor "
        "or identifier of -1 when no call that gives one has failed before in the process or the one that "
        "it was forked from.",
    .event = failure_event,
    .end = failure_end,
};

/* The last call of the process, or of those it was forked from, that should have given a descriptor, an identifier, a key or a process and has failed. */
static const struct event *failed_maker(const struct study *study, const struct event *use,
                                        bool (*makes)(const struct event *))
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = (size_t)use->number; i > 0; i--) {
        const struct event *event = tracer_event(tracer, i - 1);
        if (!event->call.row || !event->counts || !makes(event) || !event->call.is_done)
            continue;
        for (int who = use->process; who >= 0; who = tracer_process(tracer, (size_t)who)->parent)
            if (event->process == who)
                return event->call.error ? event : NULL;
    }
    return NULL;
}

static bool makes_descriptor(const struct event *event)
{
    static const char *const makers[] = {"open",    "openat", "openat2", "creat", "socket",  "accept",
                                         "accept4", "pipe",   "pipe2",   "dup",   "mq_open", "socketpair"};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (is_call(event, makers[i]))
            return true;
    return false;
}

static bool makes_process(const struct event *event)
{
    return is_deed(event, "fork");
}

static bool makes_attachment(const struct event *event)
{
    return is_deed(event, "shmat");
}

struct use {
    const char *what;
    bool (*makes)(const struct event *);
};

/* What -1 is it that the call was given? */
static struct use used_failure(const struct event *event)
{
    const struct call *call = &event->call;
    uint64_t first = is_call(event, "mmap") ? call->arg[4] : call->arg[0];
    bool is_minus_one = first == (uint64_t)-1 || (uint32_t)first == (uint32_t)-1;
    if (!is_minus_one || !call->is_done || call->error == 0)
        return (struct use){0};
    if (call->error == EBADF && call->fd == -1 && call->deed && !is_deed(event, "close"))
        return (struct use){N_("a descriptor"), makes_descriptor};
    if (call->has_ipc && call->error == EINVAL && !makes_identifier(event))
        return (struct use){N_("an identifier"), makes_identifier};
    if (is_call(event, "shmdt") && call->error == EINVAL)
        return (struct use){N_("an address"), makes_attachment};
    return (struct use){0};
}

static bool is_kill_of_all(const struct event *event)
{
    return is_call(event, "kill") && (int)event->call.arg[0] == -1;
}

/* What sem_open() gives when it fails is a null pointer (SEM_FAILED): the process dies of it within the function, so this has no result. */
static bool is_semaphore_nowhere(const struct event *event)
{
    bool is_use = is_deed(event, "sem_wait") || is_deed(event, "sem_post") || is_deed(event, "sem_trywait") ||
                  is_call(event, "sem_close");
    return is_use && event->call.arg[0] == 0;
}

static bool makes_semaphore(const struct event *event)
{
    return is_deed(event, "sem_open");
}

/* The clearing up at the end that takes all there is, and meets -1 for what could not be made: the kernel says no, and nothing is lost. */
static bool is_clearing_up(const struct study *study, const struct event *event, const struct event *maker)
{
    bool is_removal = event->call.has_ipc && call_knows(&event->call, PARAM_CMD) &&
                      event->call.value[PARAM_CMD] == IPC_RMID;
    return (is_removal || is_call(event, "shmdt")) && is_failure_told(study, maker);
}

static void failure_event(struct study *study, const struct event *event)
{
    failed_step_event(study, event);
    struct use use = used_failure(event);
    if (is_semaphore_nowhere(event))
        use = (struct use){N_("a semaphore (SEM_FAILED)"), makes_semaphore};
    if (is_kill_of_all(event))
        use = (struct use){N_("a process number (kill(-1) means every process)"), makes_process};
    const struct event *maker = use.makes ? failed_maker(study, event, use.makes) : NULL;
    if (maker && !is_clearing_up(study, event, maker))
        finding_add(study, &rule_unchecked_failure, SEVERITY_ERROR,
                    &(struct place){event->process, event, maker, "that is the result of"},
                    "it uses as %s what a call has given that failed (%s)", _(use.what),
                    errno_name(maker->call.error));
}

/* Where a structure would lie whose address is -1 (shmat, MAP_FAILED): its members are a little above, which begins with 0 again. Those of one at a null pointer lie there, too, but
 * at addresses that are multiples of their size. */
static bool is_near_minus_one(uint64_t address)
{
    enum { LARGE_STRUCTURE = 1 << 16 };
    return address + 1 < LARGE_STRUCTURE && address % sizeof(int) != 0;
}

static bool makes_memory(const struct event *event)
{
    return is_deed(event, "shmat") || is_call(event, "mmap");
}

/* Who has died of touching what a shmat() or mmap() that failed has given. */
static void failure_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        const struct event end = {.number = tracer_event_count(study_tracer(study)), .process = (int)i};
        bool has_died = process->is_dead && process->crash && process->crash->call.arg[1] == SIGSEGV &&
                        (process->wait_status & 0x7f) == SIGSEGV;
        const struct event *maker = has_died && is_near_minus_one(process->crash->call.arg[0])
                                        ? failed_maker(study, &end, makes_memory)
                                        : NULL;
        if (maker)
            finding_add(study, &rule_unchecked_failure, SEVERITY_ERROR,
                        &(struct place){.process = process->index, .event = maker},
                        "SIGSEGV has killed [%s %d]: it touched memory at the address that this call has "
                        "given, which is -1 since it failed (%s)",
                        process->program, (int)process->pid, errno_name(maker->call.error));
    }
}

/* ---- eintr-ignored ------------------------------------------------------------------------------------------------------- */

static void eintr_event(struct study *study, const struct event *event);

const struct rule rule_eintr_ignored = {
    .id = "eintr-ignored",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "A call that a signal has interrupted (EINTR) is made again, or the program ends because of it.",
    .see = "signal(7), \"Interruption of system calls\"",
    .silent = "sleep and calls with a time limit; calls that wait for several things (poll, select), which "
              "are looked at again anyway; a process whose next call ends it or tells of the error; one that "
              "comes to the call again before it does anything else to the object.",
    .event = eintr_event,
};

static bool tells_or_ends(const struct event *event, int error)
{
    return !event || is_deed(event, "exit") || says_failure(event, error);
}

/* The same family of calls; of a semaphore also the same operation, since giving follows taking. */
static bool is_the_same_again(const struct event *event, const struct event *next)
{
    bool has_ops = event->call.op_count > 0 && next->call.op_count > 0;
    return next->call.deed == event->call.deed &&
           (!has_ops || (event->call.ops[0].num == next->call.ops[0].num &&
                         event->call.ops[0].op == next->call.ops[0].op));
}

/* Something else is done to the object that the interrupted call was about, as if that were done. To control, close or remove it may be the way out. */
static bool is_further_use(const struct event *event, const struct event *next)
{
    bool is_way_out = is_deed(next, "close") || is_deed(next, "unlink") || call_knows(&next->call, PARAM_CMD);
    return event->object.kind != OBJECT_NONE && object_same(&next->object, &event->object) && !is_way_out;
}

/* However much the handler, or what was put off until then, has to do in between. */
static bool is_made_again(const struct study *study, const struct event *event)
{
    bool is_wait = is_deed(event, "wait"); /* which has no object */
    for (const struct event *next = next_of_task(study, event); next; next = next_of_task(study, next))
        if (is_wait ? is_deed(next, "wait")
                    : event->object.kind != OBJECT_NONE && object_same(&next->object, &event->object))
            return is_the_same_again(event, next);
    return false;
}

static void eintr_event(struct study *study, const struct event *event)
{
    static const char *const words[] = {"read",   "write",      "open",    "wait",     "msgrcv",
                                        "msgsnd", "semop",      "accept",  "connect",  "lock",
                                        "flock",  "mq_receive", "mq_send", "sem_wait", NULL};
    if (!is_any_deed(event, words) || event->call.error != EINTR || event->call.wait == WAIT_LIMITED)
        return;
    /* What a handler does comes between: the first call after the handler is what counts; it is looked for among the next few. Who ends soon, but has gone on
     * before, has not ended because of it. */
    const struct event *next = event;
    bool has_gone_on = false;
    if (is_made_again(study, event))
        return;
    for (int i = 0; i < 8; i++) {
        next = next_of_task(study, next);
        if (has_gone_on && (!next || is_deed(next, "exit")))
            break;
        if (tells_or_ends(next, EINTR) || is_the_same_again(event, next))
            return;
        has_gone_on |= is_further_use(event, next);
    }
    finding_add(study, &rule_eintr_ignored, SEVERITY_WARNING,
                &(struct place){.process = event->process, .event = event},
                "a signal has interrupted it, and it goes on as if it had been done");
}

/* ---- short-io-ignored ---------------------------------------------------------------------------------------------------- */

static void short_event(struct study *study, const struct event *event);

const struct rule rule_short_io_ignored = {
    .id = "short-io-ignored",
    .is_of_code = true,
    .severity = SEVERITY_ERROR,
    .law = "What a write has not written is written again.",
    .see = "write(2), pipe(7)",
    .silent =
        "Writes that are continued, at once or later, by whomever, to the same object; a pipe that nobody "
        "reads; a process that tells of it on standard error, that was killed, or that has set itself "
        "a time limit (alarm) and gives up.",
    .event = short_event,
};

/* It begins with what was left: whoever writes it, by whichever call. Where the contents are not known, any writing may be that. */
static bool continues(const struct event *next, const struct event *event)
{
    const struct call *call = &event->call;
    const struct bytes *data = &next->call.data;
    size_t common = data->len < call->rest_len ? data->len : call->rest_len;
    if (is_call(next, "write") && next->call.arg[1] == call->arg[1] + (uint64_t)call->result)
        return true;
    return common == 0 ? next->call.data_len > 0 : memcmp(data->data, call->rest, common) == 0;
}

static bool has_set_a_limit(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (old->process == event->process && old->call.row &&
            (is_call(old, "alarm") || is_call(old, "setitimer")))
            return true;
    }
    return false;
}

/* Continued, told of, or given up. */
static bool is_seen_to(const struct study *study, const struct event *event)
{
    bool gives_up = has_set_a_limit(study, event);
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *next = tracer_event(study_tracer(study), i);
        if (!next->call.row || !is_deed(next, "write"))
            continue;
        bool is_there = object_same(&next->object, &event->object);
        if ((is_there && continues(next, event)) || (next->process == event->process && next->call.fd == 2))
            return true;
        gives_up &= !is_there;
    }
    return gives_up;
}

static void short_event(struct study *study, const struct event *event)
{
    const struct call *call = &event->call;
    bool is_plain = is_call(event, "write") || is_call(event, "sendto");
    if (!is_plain || !has_succeeded(event) || call->result >= (int64_t)call->arg[2] ||
        is_seen_to(study, event) || !is_read_to_end(study, event))
        return;
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    if (process->is_dead && (process->wait_status & 0x7f) == 0) /* who was killed may have been about to */
        finding_add(study, &rule_short_io_ignored, SEVERITY_ERROR,
                    &(struct place){.process = event->process, .event = event},
                    "only %lld of %llu bytes were written, and the rest never followed",
                    (long long)call->result, (unsigned long long)call->arg[2]);
}
