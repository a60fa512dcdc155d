/* Processes and signals: fork, exec, wait, exit, kill, and the calls that wait for a signal or for time. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>

#include "calls/decode.h"

static const struct param_row exec_params[] = {
    {"args", PARAM_ARGS, VALUE_TEXTS, NULL, 0, "the arguments after the program's name"},
    {0},
};
static const struct param_row kill_params[] = {
    {"sig", PARAM_SIG, VALUE_SIGNAL, NULL, 0, "the signal"},
    {0},
};

static const int fork_faults[] = {EAGAIN, ENOMEM, 0};
static const int exec_faults[] = {ENOMEM, 0};

static const struct call_row fork_calls[] = {
    {"fork", decode_fork, CALL_BY_EXIT},
    {"vfork", decode_fork, CALL_BY_EXIT},
    {"clone", decode_clone, CALL_BY_EXIT},
    {"clone3", decode_nothing, CALL_BY_EXIT},
    {0},
};
static const struct call_row exec_calls[] = {
    {"execve", decode_execve, 0}, {"execveat", decode_execveat, 0}, {0}};
static const struct call_row wait_calls[] = {
    {"wait4", decode_wait4, CALL_WAITS | CALL_BY_EXIT | CALL_QUIET},
    {"waitid", decode_waitid, CALL_WAITS | CALL_BY_EXIT | CALL_QUIET},
    {0},
};
static const struct call_row kill_calls[] = {
    {"kill", decode_kill, 0},
    {"tkill", decode_kill, 0},
    {"tgkill", decode_tgkill, 0},
    {"rt_sigqueueinfo", decode_kill, 0},
    {"rt_tgsigqueueinfo", decode_tgkill, 0},
    {"pidfd_send_signal", decode_pidfd_send_signal, 0},
    {0},
};
static const struct call_row exit_calls[] = {{"exit_group", decode_exit, 0}, {0}};
static const struct call_row sigsuspend_calls[] = {
    {"rt_sigsuspend", decode_sigsuspend, CALL_WAITS},
    {"pause", decode_sigsuspend, CALL_WAITS},
    {"rt_sigtimedwait", decode_sigtimedwait, CALL_WAITS | CALL_BY_EXIT},
    {0},
};
static const struct call_row sleep_calls[] = {
    {"nanosleep", decode_nanosleep, CALL_SLEEPS | CALL_QUIET},
    {"clock_nanosleep", decode_clock_nanosleep, CALL_SLEEPS | CALL_QUIET},
    {0},
};

/* Waits for several descriptors, timers, threads: traced, but no word of the language names them. */
static const struct call_row other_calls[] = {
    {"poll", decode_poll, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"ppoll", decode_ppoll, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"select", decode_select, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"pselect6", decode_pselect, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"epoll_wait", decode_epoll_wait, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"epoll_pwait", decode_epoll_wait, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"epoll_pwait2", decode_epoll_pwait2, CALL_WAITS | CALL_QUIET | CALL_BY_EXIT},
    {"epoll_ctl", decode_epoll_ctl, 0},
    {"epoll_create1", decode_makes_fd, CALL_BY_EXIT},
    {"epoll_create", decode_makes_fd, CALL_BY_EXIT},
    {"eventfd2", decode_makes_fd, CALL_BY_EXIT},
    {"eventfd", decode_makes_fd, CALL_BY_EXIT},
    {"signalfd4", decode_makes_fd, CALL_BY_EXIT},
    {"signalfd", decode_makes_fd, CALL_BY_EXIT},
    {"memfd_create", decode_makes_fd, CALL_BY_EXIT},
    {"timerfd_create", decode_makes_fd, CALL_BY_EXIT},
    {"timerfd_settime", decode_timerfd_settime, 0},
    {"alarm", decode_alarm, 0},
    {"setitimer", decode_setitimer, 0},
    {"timer_create", decode_timer_create, CALL_BY_EXIT},
    {"timer_settime", decode_timer_settime, 0},
    {"timer_delete", decode_timer_delete, 0},
    {"futex", decode_futex, CALL_WAITS | CALL_BY_EXIT},
    {"futex_waitv", decode_futex_waitv, CALL_WAITS},
    {"sched_yield", decode_nothing, CALL_QUIET},
    {"setsid", decode_nothing, 0},
    {0},
};

static const struct deed_row deeds[] = {
    {"fork", FIRST_ANY, DEED_LOOKED, NULL, fork_calls, fork_faults, false, 0,
     "Makes a process (fork, vfork, clone, posix_spawn).", "makes a process", "making a process"},
    {"exec", FIRST_FILE, DEED_LOOKED, exec_params, exec_calls, exec_faults, false, 0,
     "Executes a program (the exec functions, posix_spawn, system).", "executes %s", "executing %s"},
    {"wait", FIRST_ANY, DEED_LOOKED | DEED_BLOCKS, NULL, wait_calls, NULL, false, 0,
     "Waits for a child (wait, waitpid, waitid).", "waits for a child", "waiting for a child"},
    {"kill", FIRST_WHO, DEED_DONE | DEED_LOOKED, kill_params, kill_calls, NULL, false, 0,
     "Sends a signal (kill, tgkill, sigqueue, raise).", "sends a signal to %s", "sending a signal to %s"},
    {"exit", FIRST_STATUS, DEED_DONE, NULL, exit_calls, NULL, false, 0, "Ends with this status.", "ends",
     "ending"},
    {"sigsuspend", FIRST_ANY, DEED_LOOKED | DEED_BLOCKS, NULL, sigsuspend_calls, NULL, false, 0,
     "Waits for a signal (pause, sigsuspend, sigwait, ppoll, pselect, reading a signalfd).",
     "waits for a signal", "waiting for a signal"},
    {"sleep", FIRST_ANY, DEED_LOOKED, NULL, sleep_calls, NULL, false, 0,
     "Waits for time (sleep, usleep, nanosleep).", "sleeps", "sleeping"},
    {0},
};

const struct mechanism mechanism_process = {"Processes and signals", NULL, deeds, other_calls};
