/* Any command under the tracer, with one line for each call; see run.h.
 *
 * run_start.c starts commands, run_lines.c tells what they do, run_end.c ends what does not end by itself. Here is the loop between them: take in what has
 * happened, and when nothing has, prove whether anybody can go on.
 */
#include "trace/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "trace/ledger.h"
#include "trace/run_private.h"
#include "trace/trace.h"

enum {
    STACKS_KEPT = 20000,  /* 40 MiB */
    EVENTS_KEPT = 120000, /* 200 MiB */
    PUMPS_BETWEEN = 64,   /* rounds of a busy scene after which we listen to signals, too */
    CROWD = 32,           /* tasks */
};

struct pace {       /* of proofs */
    bool may_wait;  /* something has happened since it was last known whether anybody goes on */
    bool is_quiet;  /* nothing has, for a moment */
    size_t handled; /* statuses since the last proof */
};

static size_t with_count(const struct run *run)
{
    size_t count = 0;
    while (run->options->with && run->options->with[count])
        count++;
    return count;
}

/* What runs stands and waits: the next part is started. */
static bool start_next(struct run *run, struct err *err)
{
    char *argv[] = {"sh", "-c", run->options->with[run->with_begun++], NULL};
    struct process *process = NULL;
    cleanup_fd int report = -1; /* sh(1) is there; what it cannot do it says itself */
    tracer_begin_turn(run->tracer);
    return start_command(run, argv, &process, &report, err);
}

static bool has_next(const struct run *run)
{
    bool is_to_go_on = run->requests == 0 && !run->was_interrupted && run->main->program[0] != '\0';
    return is_to_go_on && run->with_begun < with_count(run);
}

static bool nobody_goes_on(struct run *run, enum scene scene, struct err *err)
{
    lines_of_waiting(run);
    if (has_next(run))
        return start_next(run, err);
    if (run->options->stands && run->ending == ENDING_NOT)
        run->options->stands(run->options->context, run->tracer, scene);
    if (end_is_due(run, scene))
        end_all(run);
    return true;
}

/* A proof looks at every task. In a crowd, where statuses come one by one, it is put off until there were many or none comes for a moment: that changes how soon a line is told, never
 * which. */
static bool is_put_off(const struct run *run, size_t handled, bool is_quiet)
{
    return !is_quiet && tracer_task_count(run->tracer) > CROWD &&
           handled < tracer_task_count(run->tracer) / 4;
}

/* Nothing has happened since the last look: what now? False: *err. `wait` is how long to wait for the next status, NULL: until it comes. */
static bool look(struct run *run, struct pace *pace, const struct timespec **wait, struct err *err)
{
    static const struct timespec soon = {.tv_nsec = 50000}, moment = {.tv_nsec = 1000000};
    *wait = NULL;
    if (!pace->may_wait)
        return true;
    if (is_put_off(run, pace->handled, pace->is_quiet)) {
        *wait = &moment;
        return true;
    }
    enum scene scene = scene_prove(run->tracer);
    pace->handled = 0;
    pace->may_wait = scene == SCENE_UNPROVED;
    *wait = pace->may_wait ? &soon : NULL;
    bool is_still = scene == SCENE_TURN_OVER || scene == SCENE_AT_REST;
    return !is_still || nobody_goes_on(run, scene, err);
}

static bool is_over(const struct run *run)
{
    return tracer_trouble(run->tracer) || (tracer_task_count(run->tracer) == 0 && !has_next(run));
}

static bool follow(struct run *run, int requests, struct err *err)
{
    struct pollfd from[] = {{.fd = tracer_poll_fd(run->tracer), .events = POLLIN},
                            {.fd = requests, .events = POLLIN}};
    struct pace pace = {0};
    for (unsigned round = 0; !is_over(run); round++) {
        const struct timespec *wait;
        size_t handled = tracer_pump(run->tracer);
        pace.handled += handled;
        pace.may_wait |= handled > 0;
        if (handled == 0 || round % PUMPS_BETWEEN == 0)
            pace.may_wait |= end_on_signal(run, requests);
        if (tracer_task_count(run->tracer) == 0 && has_next(run) && !start_next(run, err))
            return false; /* one fills a queue, the next one empties it */
        if (handled > 0 || is_over(run))
            continue;
        if (!look(run, &pace, &wait, err))
            return false;
        int count = ppoll(from, 2, wait, NULL);
        if (count < 0 && errno != EINTR)
            return err_sys(err, "wait for the command");
        pace.is_quiet = count == 0;
    }
    const char *trouble = tracer_trouble(run->tracer);
    return !trouble || err_set(err, "%s", trouble);
}

static bool has_executed(int report, const char *program, struct err *err)
{
    int error = 0;
    if (read(report, &error, sizeof error) != sizeof error)
        return true;
    errno = error;
    return err_sys(err, "execute %s", program);
}

/* Of those that end_all() sends. */
static bool is_ending_signal(int status)
{
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return signal == SIGKILL || signal == SIGINT || signal == SIGTERM;
}

static bool run_traced(struct run *run, int requests, char *const argv[], struct err *err)
{
    cleanup_ledger struct ledger ledger = {0};
    cleanup_fd int report = -1;
    if (!tracer_filter(&run->filter, &run->filter_length, err) || !ledger_begin(&ledger, err) ||
        !start_command(run, argv, &run->main, &report, err) || !follow(run, requests, err) ||
        !has_executed(report, argv[0], err))
        return false;
    run->result->wait_status = run->main->wait_status;
    run->result->lost = run->main->lost;
    run->result->was_killed_by_us = run->result->was_ended && is_ending_signal(run->main->wait_status);
    run->result->processes = tracer_process_count(run->tracer);
    run->result->is_cut = tracer_dropped_detail(run->tracer);
    run->result->left = run->options->is_quiet ? ledger_count(&ledger, run->tracer)
                                               : ledger_tell(&ledger, run->tracer, run->options->to);
    if (run->options->ended)
        run->options->ended(run->options->context, run->tracer, &ledger, run->result);
    fflush(run->options->to);
    return true;
}

bool trace_run(char *const argv[], const struct trace_run_options *options, struct trace_run_result *result,
               struct err *err)
{
    struct run run = {.options = options, .result = result};
    struct tracer_config config = {
        .hooks = lines_hooks(&run),
        .probe_path = options->probe,
        .probe_file = options->probe,
        .wants_stacks = options->wants_source,
        .is_not_graded = true,
        .stacks_kept = STACKS_KEPT,
        .events_kept = EVENTS_KEPT,
    };
    sigset_t taken;
    *result = (struct trace_run_result){0};
    sigprocmask(SIG_BLOCK, NULL, &run.mask);
    signal(SIGCHLD, run.on_child = signal(SIGCHLD, SIG_DFL));
    cleanup_fd int requests = end_listen(&taken);
    bool is_done = requests < 0
                       ? err_sys(err, "listen to signals")
                       : tracer_new(&run.tracer, &config, err) && run_traced(&run, requests, argv, err);
    tracer_free(run.tracer);
    if (!options->is_last)
        sigprocmask(SIG_SETMASK, &run.mask, NULL);
    free(run.filter);
    free(run.system);
    free(run.lines);
    return is_done;
}
