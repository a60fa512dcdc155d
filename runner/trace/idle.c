/* Idling: a task that polls.
 *
 * The last calls of each task are kept as fingerprints: which call, on what, with what result. A task idles when, since the turn began, its
 * last calls are two equal rounds (the same p calls twice, for some p), and no call of the round changed an object. That alone would also be true of a
 * program that sleeps twice before it acts, or that asks the same thing twice in passing; so a round must hold a look and a sleep, or there must be
 * many more rounds: those of a program that does not sleep cost nothing to wait for.
 *
 * What changes nothing: calls that failed; looks (poll, wait, IPC_STAT, GETVAL, a signal 0); finding an object that was there before; reading at end
 * of file or in a plain file; opening and closing; semaphore operations of which the whole round takes back what it did (a lock that is taken
 * only to look); locks on files, which are the same after each equal round.
 */
#include "trace/tracer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

enum idle_sort {
    IDLE_CHANGES, /* an object is not what it was */
    IDLE_LOOKS,   /* it has looked at something, and changed nothing */
    IDLE_WAITS,   /* a sleep or a yield: it has not even looked */
    IDLE_TAKES,   /* a semaphore operation: harmless if the round gives back what it takes */
};

enum { ROUNDS = 2, MANY_ROUNDS = 12, LONGEST_ROUND = 20 };

static uint64_t mix(uint64_t print, uint64_t value)
{
    print ^= value + 0x9e3779b97f4a7c15ULL + (print << 6) + (print >> 2);
    return print * 0xff51afd7ed558ccdULL;
}

static uint64_t mix_bytes(uint64_t print, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        print = (print ^ (unsigned char)data[i]) * 0x100000001b3ULL;
    return print;
}

/* Who tries again and again to connect makes a new socket each time; only its name tells whether it is the same round. */
static bool is_fresh_socket(const struct object_id *id)
{
    return id->kind >= OBJECT_TCP && id->kind <= OBJECT_UNIX_DGRAM && id->device != 0;
}

/* How long it sleeps is left out: a poller that waits longer each time still polls. */
static uint64_t fingerprint(const struct event *event)
{
    const struct call *call = &event->call;
    uint64_t print = mix((uint64_t)(uintptr_t)call->row, (uint64_t)call->result);
    print = mix(print, (uint64_t)(unsigned)call->fd);
    if (!is_fresh_socket(&event->object))
        print = mix(print, event->object.number ^ event->object.device);
    if (!(call->row->traits & CALL_SLEEPS))
        for (int i = 0; i < PARAM_COUNT; i++)
            if (call_knows(call, (enum param)i))
                print = mix(print, (uint64_t)call->value[i] + (uint64_t)i);
    print = mix_bytes(print, call->path, strnlen(call->path, sizeof call->path));
    print = mix_bytes(print, (const char *)call->ops, (size_t)call->op_count * sizeof *call->ops);
    return mix_bytes(print, bytes_text(&call->data), call->data.len);
}

static bool is_looking_command(const struct call *call)
{
    static const int commands[] = {IPC_STAT, IPC_INFO, MSG_STAT, SEM_STAT, SHM_STAT,
                                   GETVAL,   GETALL,   GETPID,   GETNCNT,  GETZCNT};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (call_knows(call, PARAM_CMD) && call->value[PARAM_CMD] == commands[i])
            return true;
    return false;
}

static bool is_word(const struct call *call, const char *word)
{
    return call->deed && strcmp(call->deed->word, word) == 0;
}

static bool is_one_of(const struct call *call, const char *const *words)
{
    while (*words && !is_word(call, *words))
        words++;
    return *words != NULL;
}

/* Reading takes nothing away from it. */
static bool is_plain(const struct object_id *id)
{
    return id->kind == OBJECT_FILE || id->kind == OBJECT_SHM;
}

/* Of a call that went well and is not marked as a look in its row. */
static enum idle_sort sort_of_success(const struct event *event)
{
    static const char *const opening[] = {"open", "shm_open", "mq_open", NULL}, *const passing[] = {
                                                                                    "close",  "shmat",
                                                                                    "shmdt",  "mmap",
                                                                                    "munmap", "ftok",
                                                                                    NULL};
    const struct call *call = &event->call;
    size_t len = strlen(call->row->name);
    if (len > 3 && strcmp(call->row->name + len - 3, "ctl") == 0 && call->has_ipc)
        return is_looking_command(call) ? IDLE_LOOKS : IDLE_CHANGES;
    if (len > 3 && strcmp(call->row->name + len - 3, "get") == 0 && call->has_ipc)
        return call->ipc_key == IPC_PRIVATE ? IDLE_CHANGES : IDLE_LOOKS;
    if (is_word(call, "semop"))
        return IDLE_TAKES;
    if (is_word(call, "read"))
        return call->result == 0 || is_plain(&event->object) ? IDLE_LOOKS : IDLE_CHANGES;
    if (is_one_of(call, opening))
        return call->value[PARAM_FLAGS] & (O_TRUNC | O_EXCL) ? IDLE_CHANGES : IDLE_LOOKS;
    if (is_one_of(call, passing))
        return IDLE_LOOKS;
    if (is_word(call, "lock") || is_word(call, "flock"))
        return IDLE_LOOKS; /* the last one counts: after equal rounds the same is locked */
    if (is_word(call, "kill"))
        return call->value[PARAM_SIG] == 0 ? IDLE_LOOKS : IDLE_CHANGES;
    return IDLE_CHANGES;
}

static enum idle_sort sort_of(const struct event *event)
{
    const struct call *call = &event->call;
    if (call->row->traits & CALL_SLEEPS || strcmp(call->row->name, "sched_yield") == 0 ||
        call->wait == WAIT_TIME)
        return IDLE_WAITS;
    if (is_word(call, "wait"))
        return call->error == 0 && call_knows(call, PARAM_VALUE) ? IDLE_CHANGES : IDLE_LOOKS;
    if (call->error != 0 || call->row->traits & CALL_QUIET)
        return IDLE_LOOKS;
    return sort_of_success(event);
}

/* What an operation takes from or gives to which semaphore, as one number whose sum over a round is 0 when all was given back. */
static int64_t taken(const struct event *event)
{
    int64_t sum = 0;
    for (int i = 0; i < event->call.op_count; i++)
        sum += event->call.ops[i].op * (int64_t)(mix(event->object.number, event->call.ops[i].num) >> 24);
    return sum;
}

static struct idle_entry *entry_back(struct idle *idle, unsigned back)
{
    return &idle->ring[(idle->count - back) % IDLE_RING];
}

/* What this turn has seen of the task, begun anew when another turn has begun. */
static struct idle *of_turn(struct tracee *tracee)
{
    if (!tracee->idle)
        tracee->idle = calloc(1, sizeof *tracee->idle);
    struct idle *idle = tracee->idle;
    if (idle && idle->turn != tracee->tracer->turn)
        *idle = (struct idle){.turn = tracee->tracer->turn};
    return idle;
}

void idle_note(struct tracee *tracee, const struct event *event)
{
    struct idle *idle = of_turn(tracee);
    if (!idle)
        return;
    enum idle_sort sort = sort_of(event);
    struct idle_entry *entry = &idle->ring[idle->count % IDLE_RING];
    *entry = (struct idle_entry){.row = event->call.row,
                                 .print = fingerprint(event),
                                 .sort = (uint8_t)sort,
                                 .taken = sort == IDLE_TAKES ? taken(event) : 0};
    idle->has_slept |= sort == IDLE_WAITS || event->call.wait == WAIT_LIMITED;
    idle->looks += sort == IDLE_LOOKS;
    idle->count++;
    if (idle->period > 0 && !(idle->count > idle->period &&
                              entry_back(idle, 1)->print == entry_back(idle, 1 + idle->period)->print))
        idle->period = 0;
}

static bool repeats(struct idle *idle, unsigned period, unsigned rounds)
{
    if (idle->count < period * rounds || period * rounds > IDLE_RING)
        return false;
    for (unsigned i = 1; i <= period * (rounds - 1); i++)
        if (entry_back(idle, i)->print != entry_back(idle, i + period)->print)
            return false;
    return true;
}

/* Does a round of the last `period` calls leave everything as it was? Does it look at something, and sleep between looks? */
static bool is_harmless(struct idle *idle, unsigned period, bool *is_poll)
{
    int64_t sum = 0;
    bool looks = false, sleeps = false;
    for (unsigned i = 1; i <= period; i++) {
        const struct idle_entry *entry = entry_back(idle, i);
        if (entry->sort == IDLE_CHANGES)
            return false;
        looks |= entry->sort == IDLE_LOOKS || entry->sort == IDLE_TAKES;
        sleeps |= entry->sort == IDLE_WAITS;
        sum += entry->taken;
    }
    *is_poll = looks && sleeps;
    return sum == 0;
}

bool idle_holds(struct tracee *tracee)
{
    struct idle *idle = of_turn(tracee);
    if (!idle || idle->count < ROUNDS || !tracee->pub.process->has_entered)
        return false;
    for (unsigned period = 1; idle->period == 0 && period <= LONGEST_ROUND; period++) {
        bool is_poll = false;
        if (!repeats(idle, period, ROUNDS) || !is_harmless(idle, period, &is_poll))
            continue;
        if (is_poll || repeats(idle, period, MANY_ROUNDS)) {
            idle->period = period;
            idle->excused = idle->looks;
        }
    }
    return idle->period > 0;
}

bool idle_is_known(const struct tracee *tracee)
{
    return tracee->idle && tracee->idle->turn == tracee->tracer->turn && tracee->idle->period > 0;
}

bool idle_expects(const struct tracee *tracee, const struct call_row *row)
{
    return idle_is_known(tracee) && entry_back(tracee->idle, tracee->idle->period)->row == row;
}

bool idle_repeats(struct tracee *tracee, const struct event *event)
{
    struct idle *idle = of_turn(tracee);
    return idle && idle->period > 0 && fingerprint(event) == entry_back(idle, idle->period)->print;
}
