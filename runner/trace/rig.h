/* For the tests of this room only: a tracer and little programs that are written as functions of the test.
 *
 * A program is forked, waits until it is seized, loads the filter and runs; nothing is executed unless it executes something itself. Its calls count
 * from the beginning. What it wants to tell the test goes into `rig->shared`, which is mapped in both.
 */
#ifndef IPCGRADE_TRACE_RIG_H
#define IPCGRADE_TRACE_RIG_H

#include <check.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "trace/trace.h"

struct rig_shared {
    volatile int number[16];
    char text[256];
};

struct rig {
    struct tracer *tracer;
    struct tracer_config config;
    struct sock_filter *filter;
    size_t length;
    struct rig_shared *shared;
};

typedef void rig_program(struct rig_shared *shared);

static inline void rig_open(struct rig *rig)
{
    struct err err = {0};
    ck_assert_msg(tracer_new(&rig->tracer, &rig->config, &err), "%s", err.text);
    ck_assert_msg(tracer_filter(&rig->filter, &rig->length, &err), "%s", err.text);
    rig->shared = mmap(NULL, sizeof *rig->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(rig->shared, MAP_FAILED);
}

static inline void rig_close(struct rig *rig)
{
    ck_assert_msg(!tracer_trouble(rig->tracer), "%s", tracer_trouble(rig->tracer));
    tracer_free(rig->tracer);
    free(rig->filter);
    munmap(rig->shared, sizeof *rig->shared);
}

static inline void rig_load_filter(const struct rig *rig)
{
    struct sock_fprog program = {(unsigned short)rig->length, rig->filter};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGTERM, SIG_DFL); /* Check has handlers of its own */
    signal(SIGINT, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(99);
}

static inline struct process *rig_seize(struct rig *rig, pid_t pid, int go)
{
    struct err err = {0};
    struct process *process = NULL;
    ck_assert_msg(tracer_seize(rig->tracer, pid, 0, &process, &err), "%s", err.text);
    process->counts = process->has_entered = true;
    ck_assert_int_eq(write(go, "", 1), 1);
    close(go);
    return process;
}

static inline struct process *rig_start(struct rig *rig, rig_program *program)
{
    int go[2];
    char word;
    ck_assert_int_eq(pipe(go), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        setpgid(0, 0);
        close(go[1]);
        if (read(go[0], &word, 1) != 1)
            _exit(98);
        close(go[0]);
        rig_load_filter(rig);
        program(rig->shared);
        _exit(0);
    }
    close(go[0]);
    return rig_seize(rig, pid, go[1]);
}

static inline struct process *rig_execute(struct rig *rig, char *const argv[])
{
    int go[2];
    char word;
    ck_assert_int_eq(pipe(go), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        if (read(go[0], &word, 1) != 1)
            _exit(98);
        close(go[0]);
        rig_load_filter(rig);
        execv(argv[0], argv);
        _exit(97);
    }
    close(go[0]);
    return rig_seize(rig, pid, go[1]);
}

/* Go on until nobody goes on by himself; returns how the scene stands then. */
static inline enum scene rig_turn(struct rig *rig)
{
    struct pollfd wait = {.fd = tracer_poll_fd(rig->tracer), .events = POLLIN};
    for (;;) {
        if (tracer_pump(rig->tracer) > 0)
            continue;
        ck_assert_msg(!tracer_trouble(rig->tracer), "%s", tracer_trouble(rig->tracer));
        enum scene scene = scene_prove(rig->tracer);
        if (scene == SCENE_TURN_OVER || scene == SCENE_AT_REST)
            return scene;
        if (scene == SCENE_UNPROVED)
            sched_yield();
        else
            poll(&wait, 1, -1);
    }
}

/* Go on until everybody is dead. */
static inline void rig_finish(struct rig *rig)
{
    struct pollfd wait = {.fd = tracer_poll_fd(rig->tracer), .events = POLLIN};
    while (tracer_task_count(rig->tracer) > 0)
        if (tracer_pump(rig->tracer) == 0 && tracer_task_count(rig->tracer) > 0)
            poll(&wait, 1, -1);
}

/* The nth (from 0) event of that call of a process (NULL: any). NULL: there is none. */
static inline const struct event *rig_event(struct rig *rig, const struct process *process, const char *name,
                                            int nth)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++) {
        const struct event *event = tracer_event(rig->tracer, i);
        if (event->call.row && strcmp(event->call.row->name, name) == 0 &&
            (!process || event->process == process->index) && nth-- == 0)
            return event;
    }
    return NULL;
}

static inline int rig_run_suite(Suite *suite)
{
    return run_suite(suite);
}

/* ---- hooks that most of those need who look at whole programs --------------------------------------------------------------- */

static inline bool rig_preloads(void *context, struct process *process, const char *path)
{
    (void)context, (void)process, (void)path;
    return true;
}

static inline void rig_counts(void *context, struct process *process)
{
    (void)context;
    process->counts = true;
}

/* "P0" is the first process: a name that is the same in every run. */
static inline void rig_number(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "P%d", process->index);
}

#endif
