/* What has been saved in a folder. inotify(7) says when to look; what has changed is known from the files' contents. So a burst of events (an editor that writes
 * aside and renames, a checkout) is one change, and an event without any (a build in the folder, a file saved as it was) is none.
 *
 * Looked at is what a build would be given (sandbox/build.h: no links, no compiled files, not .git), but for what editors keep for themselves: swap files, backups, locks.
 *
 * Layer: commands. Sources: inotify(7), fts(3).
 */
#ifndef IPCGRADE_COMMANDS_SAVES_H
#define IPCGRADE_COMMANDS_SAVES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct saves;

/* Begin; what is there now is no change. */
bool saves_new(struct saves **saves, const char *folder, struct err *err);
void saves_free(struct saves *saves); /* safe on NULL */

/* Readable when it is worth to look; poll(2). */
int saves_fd(const struct saves *saves);

/* Look; blocks never. False: the folder cannot be read any more. */
struct saved {
    bool is_new; /* something has changed since the last look */
    const char *const *
        paths; /* what differs from how it was when it was last settled, below the folder, sorted: changed, new, or gone.
                               * Owned by `saves` until the next look */
    size_t count;
};
bool saves_look(struct saves *saves, struct saved *saved, struct err *err);

/* How it was at the last look is what later changes are told against. */
void saves_settle(struct saves *saves);

#endif
