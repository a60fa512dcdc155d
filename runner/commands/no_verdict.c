/* See no_verdict.h. */
#include "commands/no_verdict.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"

void no_verdict_text(const struct pool_end *end, const struct err *err, char *to, size_t room)
{
    if (end->is_held)
        snprintf(to, room, "%s",
                 _("a program of the submission held a pipe for ever (splice or sendfile): whoever "
                   "touches that waits, and no signal ends it"));
    else if (end->is_late)
        snprintf(to, room, "the worker gave no verdict within %d seconds", POOL_SECONDS);
    else if (end->is_too_long)
        snprintf(to, room, "the worker sent more than %d MiB", POOL_TEXT >> 20);
    else if (end->error)
        snprintf(to, room, "what the worker sent could not be read: %s", strerror(end->error));
    else if (WIFSIGNALED(end->status))
        snprintf(to, room, "the worker was killed by SIG%s before it gave a verdict",
                 sigabbrev_np(WTERMSIG(end->status)));
    else if (WEXITSTATUS(end->status) == POOL_NO_TEXT)
        snprintf(to, room, "the worker had no memory to say its verdict");
    else
        snprintf(to, room, "the worker ended with status %d and sent no verdict%s%s",
                 WEXITSTATUS(end->status), end->text.len ? ": " : "", end->text.len ? err->text : "");
}
