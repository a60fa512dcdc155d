/* The agent: the executable behind every puppet and stand-in.
 *
 * It does one deed at a time, each time the tracer has put an order into its mailbox, and otherwise stands stopped at the marker call, where no signal but SIGKILL
 * reaches it. Linked statically, so that nothing but the deeds makes system calls. Without a tracer it is of no use and says so.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/deeds.h"

long agent_result(struct agent *agent, long result)
{
    agent->box->reply.result = result;
    agent->box->reply.error = result == -1 ? errno : 0;
    return result;
}

void agent_trouble(struct agent *agent, const char *what, const char *name)
{
    struct reply *reply = &agent->box->reply;
    reply->result = -1;
    snprintf(reply->trouble, sizeof reply->trouble, "%s '%s'", what, name);
}

int agent_fd(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    if (order->object == ORDER_STREAM)
        return order->fd;
    const struct end *end = ends_find(&agent->ends, order->end);
    if (end && end->fd >= 0)
        return end->fd;
    agent_trouble(agent, "no descriptor is called", order->end);
    return -1;
}

struct end *agent_mapping(struct agent *agent)
{
    struct end *end = ends_find(&agent->ends, agent->box->order.end);
    if (end && end->address)
        return end;
    agent_trouble(agent, "nothing attached is called", agent->box->order.end);
    return NULL;
}

void agent_keep_as(struct agent *agent, const char *name, int fd)
{
    if (fd < 0)
        return;
    struct end *end = ends_add(&agent->ends, name);
    if (end)
        end->fd = fd;
    else
        agent_trouble(agent, "too many descriptors; no place for", name);
}

void agent_keep_fd(struct agent *agent, int which, int fd)
{
    agent_keep_as(agent, agent->box->order.as[which], fd);
}

static const struct agent_deed *find_deed(const char *word)
{
    // clang-format off
    static const struct agent_deed *const tables[] = {
        agent_stream_deeds,
        agent_process_deeds,
        agent_sysv_deeds,
        agent_posix_deeds,
        agent_semaphore_deeds,
        agent_lock_deeds,
        agent_socket_deeds,
    };
    // clang-format on
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct agent_deed *deed = tables[i]; deed->word; deed++)
            if (strcmp(deed->word, word) == 0)
                return deed;
    return NULL;
}

static void perform(struct agent *agent)
{
    const struct agent_deed *deed = find_deed(agent->box->order.deed);
    memset(&agent->box->reply, 0, sizeof agent->box->reply);
    if (deed)
        deed->perform(agent);
    else
        agent_trouble(agent, "an agent cannot", agent->box->order.deed);
}

int main(int argc, char **argv)
{
    static struct mailbox box; /* two MiB that no file needs to hold: each play copies ours */
    static struct agent agent;
    (void)argc;
    box.magic = AGENT_MAGIC;
    box.size = sizeof box;
    agent.box = &box;
    for (size_t i = 0; i < AGENT_ENDS; i++)
        ends_forget(&agent.ends.items[i]);
    signal(SIGPIPE, SIG_IGN); /* EPIPE is the answer that a case can ask for */
    for (;;) {
        syscall(AGENT_MARKER, &box);
        if (!box.order.deed[0])
            break;
        perform(&agent);
        box.order.deed[0] = '\0';
    }
    fprintf(stderr, "%s: this program is run by ipcgrade only\n", argv[0] ? argv[0] : "agent");
    return 127;
}
