/* What ipcgrade was started with; see surroundings.h. */
#include "commands/surroundings.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* The lowest free number is taken, so each fills the first hole. The standard input is open for writing alone and the outputs for reading alone. */
void surroundings_fill_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) >= 0)
            continue;
        int flags = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        (void)!open("/dev/null", flags | O_CLOEXEC);
    }
}

void surroundings_set_signals(void)
{
    signal(SIGCHLD, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN);
}
