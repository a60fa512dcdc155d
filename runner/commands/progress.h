/* One line on a terminal that says how far the run is, and goes away at its end.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_PROGRESS_H
#define IPCGRADE_COMMANDS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    bool is_shown;
    int width;
    size_t done, planned;
};

/* Shown on standard error where that is a terminal that can go back to the beginning of a line. */
void progress_begin(struct progress *progress, size_t planned);

/* Show `what` (an id, a phrase); may be called as often as wanted. */
void progress_show(const struct progress *progress, const char *what);

/* Show `what` alone. */
void progress_say(const struct progress *progress, const char *what);

void progress_end(const struct progress *progress);

/* Columns of the terminal behind a descriptor, or of the variable COLUMNS, or 80. */
int terminal_width(int fd);

#endif
