/* Deeds on POSIX shared memory and message queues. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/deeds.h"

/* ---- shared memory ----------------------------------------------------------------------------------------------------- */

static void do_shm_open(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    agent_keep_fd(agent, 0,
                  (int)agent_result(agent, shm_open(order->path, (int)agent_value(agent, PARAM_FLAGS),
                                                    (mode_t)agent_value(agent, PARAM_MODE))));
}

static void do_shm_unlink(struct agent *agent)
{
    agent_result(agent, shm_unlink(agent->box->order.path));
}

static void keep_mapping(struct agent *agent, char *address, size_t size)
{
    struct end *end = ends_add(&agent->ends, agent->box->order.as[0]);
    if (!end)
        return agent_trouble(agent, "too many names; no place for", agent->box->order.as[0]);
    end->address = address;
    end->size = size;
}

static void map(struct agent *agent, int fd)
{
    struct stat status;
    if (agent_result(agent, fstat(fd, &status)) < 0)
        return;
    size_t size = (size_t)status.st_size;
    void *address = mmap(NULL, size, (int)agent_value(agent, PARAM_PROT), MAP_SHARED, fd, 0);
    bool is_mapped = address != MAP_FAILED;
    agent_result(agent, is_mapped ? 0 : -1);
    if (is_mapped)
        keep_mapping(agent, address, size);
}

/* By the puppet's name for a descriptor, or by the object: then it is opened for as long as that takes. */
static void do_mmap(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    bool is_object = order->object == ORDER_PATH;
    int access = agent_value(agent, PARAM_PROT) & PROT_WRITE ? O_RDWR : O_RDONLY;
    int fd = is_object ? (int)agent_result(agent, shm_open(order->path, access, 0)) : agent_fd(agent);
    if (fd < 0)
        return;
    map(agent, fd);
    if (is_object)
        close(fd);
}

static void do_munmap(struct agent *agent)
{
    struct end *end = agent_mapping(agent);
    if (!end)
        return;
    agent_result(agent, munmap(end->address, end->size));
    ends_forget(end);
}

/* ---- message queues ---------------------------------------------------------------------------------------------------- */

static void do_mq_open(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    struct mq_attr attributes = {.mq_maxmsg = (long)agent_value(agent, PARAM_MAXMSG),
                                 .mq_msgsize = (long)agent_value(agent, PARAM_MSGSIZE)};
    agent_keep_fd(agent, 0,
                  (int)agent_result(agent, mq_open(order->path, (int)agent_value(agent, PARAM_FLAGS),
                                                   (mode_t)agent_value(agent, PARAM_MODE), &attributes)));
}

static void do_mq_unlink(struct agent *agent)
{
    agent_result(agent, mq_unlink(agent->box->order.path));
}

/* The queue of a deed: by the puppet's name for it, or by its own; then it is opened for as long as the deed takes. Where the case demands a failure,
 * EAGAIN is one, so nothing waits. */
static int open_queue(struct agent *agent, int access)
{
    const struct order *order = &agent->box->order;
    if (order->object != ORDER_PATH)
        return agent_fd(agent);
    return (int)agent_result(agent, mq_open(order->path, access | (order->wants_error ? O_NONBLOCK : 0)));
}

static void close_queue(struct agent *agent, int queue)
{
    if (agent->box->order.object == ORDER_PATH)
        close(queue);
}

static void do_mq_send(struct agent *agent)
{
    int queue = open_queue(agent, O_WRONLY);
    if (queue < 0)
        return;
    agent_result(agent, mq_send(queue, agent->box->data, (size_t)agent->box->order.data_len,
                                (unsigned)agent_value(agent, PARAM_PRIO)));
    close_queue(agent, queue);
}

static void receive(struct agent *agent, int queue)
{
    struct reply *reply = &agent->box->reply;
    struct mq_attr attributes;
    unsigned priority = 0;
    if (agent_result(agent, mq_getattr(queue, &attributes)) < 0)
        return;
    if (attributes.mq_msgsize > AGENT_DATA)
        return agent_trouble(agent, "too large messages for", "a puppet");
    long got =
        agent_result(agent, mq_receive(queue, agent->box->got, (size_t)attributes.mq_msgsize, &priority));
    if (got < 0)
        return;
    reply->type = priority;
    reply->got_len = reply->total = (uint64_t)got;
}

static void do_mq_receive(struct agent *agent)
{
    int queue = open_queue(agent, O_RDONLY);
    if (queue < 0)
        return;
    receive(agent, queue);
    close_queue(agent, queue);
}

const struct agent_deed agent_posix_deeds[] = {
    {"shm_open", do_shm_open}, {"shm_unlink", do_shm_unlink}, {"mmap", do_mmap},
    {"munmap", do_munmap},     {"mq_open", do_mq_open},       {"mq_unlink", do_mq_unlink},
    {"mq_send", do_mq_send},   {"mq_receive", do_mq_receive}, {0},
};
