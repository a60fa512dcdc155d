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

static void show_line(const struct progress *progress, const char *line, size_t most)
{
    size_t len = strlen(line), room = progress->width > 1 ? (size_t)progress->width - 1 : 0;
    room = room < most ? room : most;
    fprintf(stderr, "\r%.*s\033[K", (int)(len < room ? len : room), line);
    fflush(stderr);
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
    snprintf(line, sizeof line, "[%s] %zu/%zu  %s", bar, progress->done, progress->planned, what);
    show_line(progress, line, sizeof line - 1);
}

void progress_say(const struct progress *progress, const char *what)
{
    if (progress->is_shown)
        show_line(progress, what, strlen(what));
}

void progress_end(const struct progress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
