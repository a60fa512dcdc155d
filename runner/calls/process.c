/* Processes and signals: fork, exec, wait, exit, kill, and the calls that wait for a signal or for time. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>

static const struct param_row exec_params[] = {
    { "args", PARAM_ARGS, VALUE_TEXTS, NULL, 0, "the arguments after the program's name" },
    { 0 },
};
static const struct param_row kill_params[] = {
    { "sig", PARAM_SIG, VALUE_SIGNAL, NULL, 0, "the signal" },
    { 0 },
};

static const int fork_faults[] = { EAGAIN, ENOMEM, 0 };
static const int exec_faults[] = { ENOMEM, 0 };

static const struct call_row fork_calls[] = {
    { "fork", NULL, CALL_BY_EXIT }, { "vfork", NULL, CALL_BY_EXIT }, { "clone", NULL, CALL_BY_EXIT },
    { "clone3", NULL, CALL_BY_EXIT }, { 0 },
};
static const struct call_row exec_calls[] = { { "execve", NULL, 0 }, { "execveat", NULL, 0 }, { 0 } };
static const struct call_row wait_calls[] = {
    { "wait4", NULL, CALL_WAITS | CALL_BY_EXIT | CALL_QUIET }, { "waitid", NULL, CALL_WAITS | CALL_BY_EXIT | CALL_QUIET },
    { 0 },
};
static const struct call_row kill_calls[] = {
    { "kill", NULL, 0 },         { "tkill", NULL, 0 },           { "tgkill", NULL, 0 }, { "rt_sigqueueinfo", NULL, 0 },
    { "rt_tgsigqueueinfo", NULL, 0 }, { "pidfd_send_signal", NULL, 0 }, { 0 },
};
static const struct call_row exit_calls[] = { { "exit_group", NULL, 0 }, { 0 } };
static const struct call_row sigsuspend_calls[] = {
    { "rt_sigsuspend", NULL, CALL_WAITS }, { "pause", NULL, CALL_WAITS },
    { "rt_sigtimedwait", NULL, CALL_WAITS | CALL_BY_EXIT }, { 0 },
};
static const struct call_row sleep_calls[] = {
    { "nanosleep", NULL, CALL_SLEEPS | CALL_QUIET }, { "clock_nanosleep", NULL, CALL_SLEEPS | CALL_QUIET }, { 0 },
};

/* Waits for several descriptors, timers, threads: traced, but no word of the language names them. */
static const struct call_row other_calls[] = {
    { "poll", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },    { "ppoll", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },
    { "select", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },  { "pselect6", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },
    { "epoll_wait", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },
    { "epoll_pwait", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },
    { "epoll_pwait2", NULL, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT },
    { "epoll_ctl", NULL, 0 },        { "epoll_create1", NULL, CALL_BY_EXIT }, { "epoll_create", NULL, CALL_BY_EXIT },
    { "eventfd2", NULL, CALL_BY_EXIT }, { "eventfd", NULL, CALL_BY_EXIT },
    { "signalfd4", NULL, CALL_BY_EXIT }, { "signalfd", NULL, CALL_BY_EXIT }, { "memfd_create", NULL, CALL_BY_EXIT },
    { "timerfd_create", NULL, CALL_BY_EXIT }, { "timerfd_settime", NULL, 0 },
    { "alarm", NULL, 0 },            { "setitimer", NULL, 0 },   { "timer_create", NULL, CALL_BY_EXIT },
    { "timer_settime", NULL, 0 },    { "timer_delete", NULL, 0 },
    { "futex", NULL, CALL_WAITS | CALL_BY_EXIT }, { "futex_waitv", NULL, CALL_WAITS },
    { "sched_yield", NULL, CALL_QUIET }, { 0 },
};

static const struct deed_row deeds[] = {
    { "fork", FIRST_ANY, DEED_LOOKED, NULL, fork_calls, fork_faults, false, 0,
      "Makes a process (fork, vfork, clone, posix_spawn).", "makes a process", "making a process" },
    { "exec", FIRST_FILE, DEED_LOOKED, exec_params, exec_calls, exec_faults, false, 0,
      "Executes a program (the exec functions, posix_spawn, system).", "executes %s", "executing %s" },
    { "wait", FIRST_ANY, DEED_LOOKED | DEED_BLOCKS, NULL, wait_calls, NULL, false, 0,
      "Waits for a child (wait, waitpid, waitid).", "waits for a child", "waiting for a child" },
    { "kill", FIRST_WHO, DEED_DONE | DEED_LOOKED, kill_params, kill_calls, NULL, false, 0,
      "Sends a signal (kill, tgkill, sigqueue, raise).", "sends a signal to %s", "sending a signal to %s" },
    { "exit", FIRST_STATUS, DEED_DONE, NULL, exit_calls, NULL, false, 0, "Ends with this status.", "ends", "ending" },
    { "sigsuspend", FIRST_ANY, DEED_LOOKED | DEED_BLOCKS, NULL, sigsuspend_calls, NULL, false, 0,
      "Waits for a signal (pause, sigsuspend, sigwait, ppoll, pselect, reading a signalfd).", "waits for a signal",
      "waiting for a signal" },
    { "sleep", FIRST_ANY, DEED_LOOKED, NULL, sleep_calls, NULL, false, 0,
      "Waits for time (sleep, usleep, nanosleep).", "sleeps", "sleeping" },
    { 0 },
};

const struct mechanism mechanism_process = { "Processes and signals", NULL, deeds, other_calls };
