/* Inside the calls room: how the arguments of each call read. Rows in text_rows.c, their printing in call_text.c. */
#ifndef IPCGRADE_CALLS_TEXT_ROWS_H
#define IPCGRADE_CALLS_TEXT_ROWS_H

#include "calls/call.h"
#include "calls/vocabulary.h"

/* Letters of a pattern:
 *   d number   u unsigned   x hexadecimal (addresses)   f descriptor   D directory descriptor   p path   P second path
 *   b data     o octal mode (only when it was decoded)  F flags of the row's table             C command of the row's table
 *   k key      s signal     y message (its data and type) O semaphore operations               w poll's descriptors
 *   t nanoseconds as seconds  2 both new descriptors    A arguments of exec                     S status that wait gave
 *   G flags and mode in one   l the lock of fcntl       . passed over
 *   n name below /dev/shm     H flags of shm_open        r protection   i priority that came   e sigevent
 *   N what an address stands for (the second path, as it is)
 *   a a socket address (none: passed over)              m family of addresses
 */
struct text_row {
    const char *name;
    const char *pattern;
    const struct word_row *words;
    bool is_open; /* no flag means O_RDONLY */
};

extern const struct word_row text_families[]; /* of addresses */

/* The row of a call, or NULL. */
const struct text_row *text_row_find(const char *name);

/* How the call reads: by its own row or, where glibc makes a function of another name with it (fork is clone, semop is semtimedop without a time
 * limit), by that one's. NULL: there is none. */
const struct text_row *text_row_of(const struct call *call);

#endif
