/* The machine's part in a bad end; see blame.h. */
#include "judge/blame.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "judge/stage.h"
#include "judge/tell.h"
#include "sandbox/doctor.h"

/* A hard limit that the runner was given itself holds for what it starts, too. What the case promises, in the limit's own unit; -1: nothing. */
struct promise {
    __rlimit_resource_t resource;
    const char *name; /* as ulimit(1) is asked for it */
    long wanted;
    rlim_t unit, part; /* what we have left of it to the case; 0: all */
};

/* No case says how many signals may wait in a queue, or how much memory may be locked: it is what any usual machine grants. A sandbox may have no more than a part of the signals
 * (sandbox/account.c). */
enum { USUAL_STACK_MIB = 8, USUAL_SIGNALS = 1024, USUAL_LOCKED_KIB = 64 };

static bool falls_short(const struct promise *promise, struct bytes *why)
{
    struct rlimit limit;
    if (promise->wanted < 0 || getrlimit(promise->resource, &limit) < 0)
        return false;
    rlim_t wanted = (rlim_t)promise->wanted * promise->unit;
    if (promise->part > 0 && promise->part < limit.rlim_max)
        limit.rlim_max = promise->part;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted)
        return false;
    bytes_print(why,
                _("the case may have failed by a limit of this machine: %s is %llu here, and the case "
                  "promises %llu (ulimit -H)"),
                promise->name, (unsigned long long)limit.rlim_max, (unsigned long long)wanted);
    return true;
}

/* A queue that is given could not be made. Where the case names none, it was a descriptor of our own that was not to be had. */
static bool had_no_queue(const struct stage *stage)
{
    return stage->trouble.number == EMFILE && scenario_names_queue(stage->scenario);
}

/* Somebody of the case has asked for bytes of queues that were not there, by no limit of his own. */
static bool was_refused_queue(const struct stage *stage)
{
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        bool is_open = event->call.deed && strcmp(event->call.deed->word, "mq_open") == 0;
        if (is_open && !event->is_injected && !event->is_own_limit && event->call.error == EMFILE)
            return true;
    }
    return false;
}

/* The bytes of queues that the case promises, and what it has of them (play.h). Where none were missed nothing is promised. */
static struct promise queue_promise(const struct stage *stage)
{
    long said = stage->limits.msgqueue_bytes, wanted = said < 0 ? SANDBOX_QUEUE_BYTES : said;
    bool is_missed = had_no_queue(stage) || was_refused_queue(stage);
    return (struct promise){RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE", is_missed ? wanted : -1, 1,
                            stage->request->queue_bytes};
}

/* Its neighbours have what it lacks: then another play tells, which has none. */
static bool was_crowded(const struct stage *stage)
{
    cleanup_bytes struct bytes unused = {0};
    const struct promise queues = queue_promise(stage);
    return stage->request->has_neighbours && falls_short(&queues, &unused);
}

/* Any program can ask for more queues than there are, to have failed by them; so that counts only where the case is about queues. */
static bool had_few_queues(const struct stage *stage, struct bytes *why)
{
    const struct promise queues = queue_promise(stage);
    return scenario_names_queue(stage->scenario) && falls_short(&queues, why);
}

static bool was_given_less(const struct stage *stage, struct bytes *why)
{
    const struct limits *limits = &stage->limits;
    const struct promise promises[] = {
        {RLIMIT_CPU, "RLIMIT_CPU", limits->cpu_seconds, 1, 0},
        {RLIMIT_AS, "RLIMIT_AS", limits->memory_mib, 1 << 20, 0},
        {RLIMIT_DATA, "RLIMIT_DATA", limits->memory_mib, 1 << 20, 0},
        {RLIMIT_FSIZE, "RLIMIT_FSIZE", limits->file_kib, 1024, 0},
        {RLIMIT_NOFILE, "RLIMIT_NOFILE", limits->nofile, 1, 0},
        {RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING", USUAL_SIGNALS, 1, 0},
        {RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", USUAL_LOCKED_KIB, 1024, 0},
        {RLIMIT_STACK, "RLIMIT_STACK", USUAL_STACK_MIB, 1 << 20, 0},
    };
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (falls_short(&promises[i], why))
            return true;
    return had_few_queues(stage, why);
}

/* The number of processes of a case is limited by the tracer alone, so that the kernel refuses one is never the case's doing, but where a program has lowered a limit itself; nor is a
 * full table of open files. What a library is said to have been refused, the program itself may have said (probe/mark.h); a refusal of the kernel's stands in the log, too. */
static bool is_want_of_room(const struct event *event)
{
    if (event->is_injected || event->is_own_limit || event->call.row->traits & CALL_LIBRARY)
        return false;
    if (event->call.error == ENFILE)
        return true;
    bool is_new = event->call.deed && (strcmp(event->call.deed->word, "fork") == 0 ||
                                       strcmp(event->call.deed->word, "exec") == 0);
    return is_new && (event->call.error == EAGAIN || event->call.error == ENOMEM);
}

/* These errors say nothing of the file that is to be executed (execve(2)). EIO does: its interpreter may lie behind its end. */
static bool is_of_the_machine(int exec_error)
{
    static const int errors[] = {EAGAIN, EMFILE, ENFILE, ENOMEM};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i] == exec_error)
            return true;
    return false;
}

static bool tell_no_room(struct bytes *why, const char *call, int error)
{
    bytes_print(why, _("this machine had no room for the case: %s failed with %s"), call,
                strerrorname_np(error));
    return true;
}

static bool had_no_room(const struct stage *stage, struct bytes *why)
{
    for (size_t i = 0; i < stage->actor_count; i++)
        if (is_of_the_machine(stage->actors[i].exec_error))
            return tell_no_room(why, "execve", stage->actors[i].exec_error);
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (is_want_of_room(event))
            return tell_no_room(why, event->call.row->name, event->call.error);
    }
    return false;
}

static void set_verdict(struct stage *stage, enum verdict verdict, const char *why)
{
    case_result_free(stage->result); /* nothing of what was held against the program */
    tell_case(stage->request, stage->result);
    stage->result->verdict = verdict;
    result_set(&stage->result->reason, why);
}

/* Somebody of the case has sent a signal, or tried to. */
static bool anybody_killed(const struct stage *stage)
{
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++)
        if (tracer_process(stage->tracer, i)->has_killed)
            return true;
    return false;
}

/* Of SIGKILL the call is seen: no descriptor sends it (filter.c). Any other signal comes of a descriptor if somebody has seen to that (F_SETSIG, F_SETOWN), and no call is seen then. But
 * a fault is ours, as nothing of the submission's runs there yet. */
static bool was_ended_by_the_machine(const struct stage *stage, const struct process *process)
{
    const int status = process->wait_status;
    if (!WIFSIGNALED(status))
        return true;
    bool is_fault = process->crash && process->crash->call.arg[2] == (uint64_t)WTERMSIG(status);
    return is_fault || (WTERMSIG(status) == SIGKILL && !anybody_killed(stage));
}

bool blame_killed_ours(const struct stage *stage)
{
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++)
        if (tracer_process(stage->tracer, i)->has_signalled)
            return true;
    return false;
}

/* What ends before it has executed anything is still a copy of the runner; nothing of the submission's has run in it. That it was killed may be another process's doing, or the kernel's, which
 * could not load what was handed in: where the machine was too small for that, the error of the call says so (had_no_room). */
static bool was_never_executed(const struct stage *stage, struct bytes *why)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct actor *actor = &stage->actors[i];
        const struct process *main = stage_main(stage, actor);
        bool is_ours = main && main->is_dead && !main->program[0] && !actor->exec_error &&
                       main->lost.error == 0 && was_ended_by_the_machine(stage, main);
        if (!is_ours)
            continue;
        if (WIFEXITED(main->wait_status))
            bytes_print(why, _("the process of %s ended before it was executed (status %d)"), actor->word,
                        WEXITSTATUS(main->wait_status));
        else
            bytes_print(why, _("the process of %s was killed before it was executed (SIG%s)"), actor->word,
                        sigabbrev_np(WTERMSIG(main->wait_status)));
        return true;
    }
    return false;
}

/* Who waits for a time of day comes too early then, or never. */
static bool was_clock_set(const struct stage *stage, struct bytes *why)
{
    if (!clock_was_set(stage->clock_watch))
        return false;
    bytes_print(why, "%s", _("somebody set this machine's clock while the case was played"));
    return true;
}

/* Who has no namespace of users has not the rights of its root either: what somebody else has closed is closed to the grader, too (CAP_IPC_OWNER). What the student has closed is opened
 * (inspect/closed.c). */
static bool was_not_let_look(const struct stage *stage)
{
    return stage->is_shut_out && (sandbox_lacks(stage->sandbox) & LACKS_USER_NS);
}

static bool is_lost(const struct case_result *result)
{
    return result->verdict == BROKEN || result->failure_count > 0;
}

void blame_machine(struct stage *stage)
{
    cleanup_bytes struct bytes why = {0};
    bool is_broken = stage->result->verdict == BROKEN, has_played = !is_broken || stage->is_shut_out;
    if (!is_lost(stage->result))
        return;
    if (!doctor_can_trace())
        set_verdict(stage, SKIPPED,
                    _("this machine does not allow a process to be traced (ipcgrade doctor)"));
    else if (is_broken && was_not_let_look(stage))
        set_verdict(
            stage, SKIPPED,
            _("this machine does not let the grader look at what its owner has closed (user namespaces, "
              "or CAP_IPC_OWNER, are needed)"));
    else if (!is_broken &&
             (was_never_executed(stage, &why) || had_no_room(stage, &why) || was_clock_set(stage, &why)))
        set_verdict(stage, BROKEN, bytes_text(&why));
    else if ((!is_broken || had_no_queue(stage)) && was_crowded(stage))
        stage->result->is_crowded = true;
    else if ((!is_broken || had_no_queue(stage)) && was_given_less(stage, &why))
        set_verdict(stage, SKIPPED, bytes_text(&why));
    stage->result->is_taken_back = stage->result->verdict == SKIPPED && has_played;
}
