/* Is something on its way between internet sockets?
 *
 * What goes through a pipe or a UNIX socket is at the other end when the call that sent it returns. A packet over the loopback device is put on a queue of
 * the processor, which a soft interrupt takes it from: mostly at once, on a busy machine a little later. And TCP waits for time where nobody can see
 * it: small pieces are kept back until the one before is acknowledged, which the other side may put off for 40 ms. So that nobody can run is no proof yet that
 * nothing will happen. The kernel tells both: how long the queues are (softnet_stat), and which connections wait for an acknowledgement (net/tcp, the retransmission
 * timer). That timer is armed as long as something was sent and not acknowledged, and the acknowledgement always comes within moments, unless packets were
 * dropped: then it is told how often they were sent again, and time alone decides how it goes on.
 *
 * Sources: proc(5), "/proc/net/tcp"; the kernel's Documentation/networking/proc_net_tcp.rst; net/core/net-procfs.c.
 */
#include "trace/tracer.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { QUEUE_COLUMN = 11, PROCESSOR_COLUMN = 12, COLUMNS = 15 };
enum { TIMER_RESEND = 1, TIMER_PROBE = 4 }; /* of the column `tr` */

static FILE *open_net(struct tracer *tracer, const char *file)
{
    char path[32];
    snprintf(path, sizeof path, "net/%s", file);
    return procfs_open_of_any(tracer, path);
}

/* A task sends on the processor that it runs on, and all tracees run where we do; so while we look, no soft interrupt is in the middle of it. */
static bool are_queues_empty(struct tracer *tracer)
{
    char line[256];
    cpu_set_t ours;
    cleanup_file FILE *file = open_net(tracer, "softnet_stat");
    CPU_ZERO(&ours);
    sched_getaffinity(0, sizeof ours, &ours);
    while (procfs_next_line(tracer, file, line, sizeof line)) {
        unsigned long columns[COLUMNS] = {0};
        char *at = line, *end;
        int count = 0;
        for (; count < COLUMNS; count++, at = end) {
            columns[count] = strtoul(at, &end, 16);
            if (end == at)
                break;
        }
        bool is_ours = count <= PROCESSOR_COLUMN || CPU_ISSET(columns[PROCESSOR_COLUMN], &ours);
        if (is_ours && columns[QUEUE_COLUMN] > 0)
            return false;
    }
    return true;
}

/* One of a tracee, or of a process that is gone: the port tells. Others may be there where the network is everybody's. */
static bool is_of_scene(const struct tracer *tracer, unsigned local, unsigned remote, unsigned long inode)
{
    for (size_t i = 0; i < tracer->socket_count; i++) {
        const struct known_socket *known = &tracer->sockets[i];
        const struct object_id *name = known->own.kind != OBJECT_NONE ? &known->own : &known->peer;
        if (known->kind != OBJECT_TCP)
            continue;
        if ((inode != 0 && known->number == inode) ||
            (name->kind == OBJECT_TCP && (name->number == local || name->number == remote)))
            return true;
    }
    return false;
}

static enum internet look_at(const struct tracer *tracer, const char *line)
{
    unsigned local, remote, timer, resent;
    unsigned long inode;
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %*x %*x:%*x %x:%*x %x %*u %*u %lu", &local, &remote,
               &timer, &resent, &inode) != 5 ||
        (timer != TIMER_RESEND && timer != TIMER_PROBE) || !is_of_scene(tracer, local, remote, inode))
        return INTERNET_STILL;
    return timer == TIMER_RESEND && resent == 0 ? INTERNET_MOVES : INTERNET_WAITS;
}

static enum internet look_at_all(struct tracer *tracer, const char *file)
{
    enum internet most = INTERNET_STILL;
    char line[512];
    cleanup_file FILE *list = open_net(tracer, file);
    while (most != INTERNET_MOVES && procfs_next_line(tracer, list, line, sizeof line)) {
        enum internet one = look_at(tracer, line);
        most = one > most ? one : most;
    }
    return most;
}

enum internet internet_look(struct tracer *tracer)
{
    if (!tracer->has_internet || tracer->task_count == 0)
        return INTERNET_STILL;
    if (!are_queues_empty(tracer))
        return INTERNET_MOVES;
    enum internet four = look_at_all(tracer, "tcp");
    enum internet six = four == INTERNET_MOVES ? four : look_at_all(tracer, "tcp6");
    return six > four ? six : four;
}
