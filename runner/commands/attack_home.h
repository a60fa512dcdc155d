/* For the test of the attacks only: what whoever grades holds and watches beside a run. A service of the machine that no submission may reach, and how much a run has used.
 */
#ifndef IPCGRADE_COMMANDS_ATTACK_HOME_H
#define IPCGRADE_COMMANDS_ATTACK_HOME_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/run_test.h"
#include "commands/attacks.h"

enum { ATTACK_MEMORY_TIMES = IS_SANITIZED ? 4 : 1 };

/* That there is no way out shows only where somebody would be reached: a machine without a network has none anyway. */
struct attack_home {
    int stream, datagram;
};

static inline bool home_binds(int fd, struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    return fd >= 0 && bind(fd, (struct sockaddr *)at, len) == 0 &&
           getsockname(fd, (struct sockaddr *)at, &len) == 0;
}

/* On the loopback of the machine. Its port is told to the attack: in folder.h as PORT, to a script as $PORT. */
static inline bool home_opens(struct attack_home *home)
{
    char port[16];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    home->stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    home->datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_open = home_binds(home->stream, &at) && listen(home->stream, 8) == 0;
    is_open = is_open && home_binds(home->datagram, &at);
    snprintf(port, sizeof port, "%d", ntohs(at.sin_port));
    return is_open && setenv("PORT", port, 1) == 0;
}

static inline void check_home(const struct attack_home *home, struct bytes *wrong)
{
    char byte;
    if (accept4(home->stream, NULL, NULL, SOCK_CLOEXEC) >= 0)
        bytes_print(wrong, "\n  a service of the machine was reached");
    if (recv(home->datagram, &byte, 1, 0) >= 0)
        bytes_print(wrong, "\n  a datagram has come out");
    close(home->stream);
    close(home->datagram);
}

/* No process of the run was larger, the worker that remembers all calls among them; and no report is longer. */
static inline void check_room(const struct attack *attack, struct bytes *wrong)
{
    struct rusage used = {0};
    struct stat report = {0};
    long mib = strtol(attack->memory, NULL, 10) * ATTACK_MEMORY_TIMES, kib = strtol(attack->report, NULL, 10);
    if (mib > 0 && getrusage(RUSAGE_CHILDREN, &used) == 0 && used.ru_maxrss > mib * 1024)
        bytes_print(wrong, "\n  a process had %ld MiB", used.ru_maxrss / 1024);
    if (kib > 0 && stat("out.json", &report) == 0 && report.st_size > kib * 1024)
        bytes_print(wrong, "\n  the report has %ld KiB", (long)report.st_size / 1024);
}

#endif
