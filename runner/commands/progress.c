/* The line of progress; see progress.h. */
#include "commands/progress.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80, BAR = 20 };

int terminal_width(int fd)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    long wanted = columns ? strtol(columns, NULL, 10) : 0;
    return wanted > 0 && wanted < INT_MAX ? (int)wanted : USUAL_WIDTH;
}

void progress_begin(struct progress *progress, size_t planned)
{
    const char *term = getenv("TERM");
    *progress = (struct progress){.planned = planned};
    progress->is_shown = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
    progress->width = terminal_width(STDERR_FILENO);
}

void progress_show(const struct progress *progress, const char *what)
{
    char line[512], bar[BAR + 1];
    if (!progress->is_shown)
        return;
    size_t full = progress->planned ? progress->done * BAR / progress->planned : 0;
    memset(bar, '-', BAR);
    memset(bar, '=', full < BAR ? full : BAR);
    bar[BAR] = '\0';
    int len = snprintf(line, sizeof line, "[%s] %zu/%zu  %s", bar, progress->done, progress->planned, what);
    int room = progress->width - 1 < (int)sizeof line - 1 ? progress->width - 1 : (int)sizeof line - 1;
    fprintf(stderr, "\r%.*s\033[K", len < room ? len : room, line);
    fflush(stderr);
}

void progress_end(const struct progress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
