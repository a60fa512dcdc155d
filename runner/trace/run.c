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
    STACKS_KEPT = 20000, /* 40 MiB */
    PUMPS_BETWEEN = 64,  /* rounds of a busy scene after which we listen to signals, too */
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

static bool follow(struct run *run, int requests, struct err *err)
{
    struct pollfd wait[] = {{.fd = tracer_poll_fd(run->tracer), .events = POLLIN},
                            {.fd = requests, .events = POLLIN}};
    /* How soon the proof is tried again changes how soon a line is told, never which. */
    const struct timespec soon = {.tv_nsec = 50000};
    bool may_wait = false; /* something has happened since the waiting calls were told */
    for (unsigned round = 0; !tracer_trouble(run->tracer); round++) {
        bool is_anybody_there = tracer_task_count(run->tracer) > 0;
        if (!is_anybody_there && !has_next(run))
            break;
        if (!is_anybody_there && !start_next(run, err)) /* one fills a queue, the next one empties it */
            return false;
        bool has_happened = tracer_pump(run->tracer) > 0;
        may_wait = may_wait || has_happened;
        if (!has_happened || round % PUMPS_BETWEEN == 0)
            may_wait = end_on_signal(run, requests) || may_wait;
        if (has_happened)
            continue;
        enum scene scene = may_wait ? scene_prove(run->tracer) : SCENE_MOVING;
        bool is_still = scene == SCENE_TURN_OVER || scene == SCENE_AT_REST;
        if (is_still && !nobody_goes_on(run, scene, err))
            return false;
        bool is_unproved = scene == SCENE_UNPROVED;
        may_wait = may_wait && is_unproved;
        if (ppoll(wait, 2, is_unproved ? &soon : NULL, NULL) < 0 && errno != EINTR)
            return err_sys(err, "wait for the command");
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

static bool run_traced(struct run *run, int requests, char *const argv[], struct err *err)
{
    cleanup_ledger struct ledger ledger = {0};
    cleanup_fd int report = -1;
    if (!tracer_filter(&run->filter, &run->filter_length, err) || !ledger_begin(&ledger, err) ||
        !start_command(run, argv, &run->main, &report, err) || !follow(run, requests, err) ||
        !has_executed(report, argv[0], err))
        return false;
    run->result->wait_status = run->main->wait_status;
    run->result->was_killed_by_us = run->main->is_group_killed_by_us && WIFSIGNALED(run->main->wait_status);
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
        .stacks_kept = STACKS_KEPT,
    };
    sigset_t taken;
    *result = (struct trace_run_result){0};
    sigprocmask(SIG_BLOCK, NULL, &run.mask);
    cleanup_fd int requests = end_listen(&taken);
    bool is_done = requests < 0
                       ? err_sys(err, "listen to signals")
                       : tracer_new(&run.tracer, &config, err) && run_traced(&run, requests, argv, err);
    tracer_free(run.tracer);
    sigprocmask(SIG_SETMASK, &run.mask, NULL);
    free(run.filter);
    free(run.system);
    return is_done;
}
