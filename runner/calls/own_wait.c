/* The kernel's places; see own_wait.h. */
#include "calls/own_wait.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { ANY_CALL = -1 };

/* How a name begins: what the compiler has put behind it, or into which of its callers it has put the function, differs. */
static const struct {
    const char *place;
    long call;
} rows[] = {
    {"wait_for_vfork_done", ANY_CALL}, /* of Linux 6.18 in kernel_clone, before 5.10 in _do_fork */
    {"kernel_clone", ANY_CALL},
    {"_do_fork", ANY_CALL},
    /* Until all processors have passed a point of rest. */
    {"synchronize_rcu", ANY_CALL},
    {"synchronize_srcu", ANY_CALL},
    {"__synchronize_srcu", ANY_CALL},
    {"__wait_rcu_gp", ANY_CALL},
    /* File systems wait for work that writes, but none of them in these calls: the last descriptor of inotify or fanotify; processors give back pages. */
    {"__flush_work", SYS_close},
    {"__flush_work", SYS_close_range},
    {"__flush_work", SYS_dup2},
    {"__flush_work", SYS_dup3},
    {"__flush_work", SYS_fcntl},
    {"__flush_work", SYS_madvise},
    /* Behind somebody who holds the pipe or FIFO (trace/held_pipe.c): in no other way do these sleep in state D. */
    {"anon_pipe_", ANY_CALL},
    {"pipe_", ANY_CALL},
    {"fifo_open", ANY_CALL},
    {"splice_", ANY_CALL},
    {"do_splice", ANY_CALL},
    /* F_ADD_SEALS, until nobody uses a page of the memory any more. */
    {"memfd_", SYS_fcntl},
};

bool own_wait_is(const char *place, const char *syscall)
{
    long call = isdigit((unsigned char)syscall[0]) ? strtol(syscall, NULL, 10) : ANY_CALL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(place, rows[i].place, strlen(rows[i].place)) == 0 &&
            (rows[i].call == ANY_CALL || rows[i].call == call))
            return true;
    return false;
}
