/* What the streams of the C library (stdio) still hold of a process: text that was given to printf() and the like, and that no write has carried to its descriptor yet.
 *
 * Some moments are worth a look, and an event keeps what was there: a fork copies the text, so that both processes may write it; executing another program and _exit() lose it; when a
 * lock is given back it is too late for what the lock was for. Where all
 * wait, such text may be what another one waits for.
 *
 * Only streams of the GNU C library are known, whose list begins at the symbol `_IO_list_all`; of other libraries nothing is found.
 *
 * Layer: trace.
 * Sources: setvbuf(3), fork(2), _exit(2); glibc's <bits/types/struct_FILE.h>.
 */
#ifndef IPCGRADE_TRACE_UNWRITTEN_H
#define IPCGRADE_TRACE_UNWRITTEN_H

#include <stddef.h>
#include <stdint.h>

struct event;
struct task;

enum { UNWRITTEN_SHOWN = 40, UNWRITTEN_MOST = 8 };

struct unwritten {              /* of one stream */
    int fd;                     /* its descriptor */
    uint64_t address;           /* of the text in the process */
    size_t len;                 /* bytes */
    uint64_t sum;               /* of all the text: equal texts have equal sums */
    char text[UNWRITTEN_SHOWN]; /* how it begins, `shown` bytes of it */
    size_t shown;
};

struct unwritten_list {
    struct unwritten items[UNWRITTEN_MOST];
    size_t count;
};

/* What the process of a task that does not run now holds; returns how many streams. */
size_t unwritten_find(const struct task *task, struct unwritten_list *list);

#endif
