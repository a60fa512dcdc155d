/* Deeds on streams, FIFOs, pipes, descriptors and names in the file system. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/deeds.h"

static void do_open(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    int flags = (int)agent_value(agent, PARAM_FLAGS) | O_CLOEXEC;
    agent_keep_fd(agent, 0,
                  (int)agent_result(agent, open(order->path, flags, (mode_t)agent_value(agent, PARAM_MODE))));
}

/* A descriptor opened with O_NONBLOCK (the safe way to open a FIFO) is waited for all the same, unless EAGAIN is what the case wants. */
static bool waits_for(struct agent *agent, int fd, short what)
{
    if (errno != EAGAIN || agent->box->order.wants_error)
        return false;
    return poll(&(struct pollfd){.fd = fd, .events = what}, 1, -1) == 1;
}

/* One read into what room is left; what no longer fits is read and counted. */
static ssize_t read_some(struct agent *agent, int fd)
{
    const struct order *order = &agent->box->order;
    struct reply *reply = &agent->box->reply;
    char over[4096];
    size_t room = AGENT_DATA - reply->got_len, most = room > 0 ? room : sizeof over;
    /* What a case did not ask for yet stays in the stream, for its next step. */
    if (!order->until_eof && order->want_len > reply->total && order->want_len - reply->total < most)
        most = order->want_len - reply->total;
    for (;;) {
        ssize_t got = read(fd, room > 0 ? agent->box->got + reply->got_len : over, most);
        if (got < 0 && waits_for(agent, fd, POLLIN))
            continue;
        if (got > 0) {
            reply->total += (uint64_t)got;
            reply->got_len += room > 0 ? (uint64_t)got : 0;
        }
        return got;
    }
}

static void do_read(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    struct reply *reply = &agent->box->reply;
    int fd = agent_fd(agent);
    if (fd < 0)
        return;
    if (agent_sends_messages(agent, fd)) {
        agent_receive(agent, fd);
        return;
    }
    for (;;) {
        ssize_t got = read_some(agent, fd);
        agent_result(agent, got < 0 ? -1 : (long)reply->total);
        reply->met_eof = got == 0;
        if (got <= 0)
            return;
        if (!order->until_eof && reply->total >= order->want_len)
            return;
    }
}

static void do_write(struct agent *agent)
{
    size_t done = 0, len = agent->box->order.data_len;
    int fd = agent_fd(agent);
    if (fd < 0)
        return;
    if (agent_sends_messages(agent, fd)) {
        agent_send(agent, fd);
        return;
    }
    do {
        ssize_t put = write(fd, agent->box->data + done, len - done);
        if (put < 0 && waits_for(agent, fd, POLLOUT))
            continue;
        if (agent_result(agent, put) < 0)
            return;
        done += (size_t)put;
    } while (done < len);
    agent->box->reply.result = (int64_t)done;
}

static void do_close(struct agent *agent)
{
    struct end *end = ends_find(&agent->ends, agent->box->order.end);
    int fd = agent_fd(agent);
    if (fd < 0)
        return;
    if (agent_is_written(agent, PARAM_HOW)) {
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    agent_result(agent, close(fd));
    if (end)
        ends_forget(end);
}

static void do_dup(struct agent *agent)
{
    int fd = agent_fd(agent), onto = (int)agent_value(agent, PARAM_ONTO);
    if (fd < 0)
        return;
    agent_keep_fd(agent, 0,
                  (int)agent_result(agent, onto >= 0 ? dup2(fd, onto) : fcntl(fd, F_DUPFD_CLOEXEC, 0)));
}

static void keep_pair(struct agent *agent, int result, const int *pair)
{
    if (agent_result(agent, result) < 0)
        return;
    agent_keep_fd(agent, 0, pair[0]);
    agent_keep_fd(agent, 1, pair[1]);
}

static void do_pipe(struct agent *agent)
{
    int pair[2] = {-1, -1};
    int result = pipe2(pair, O_CLOEXEC);
    keep_pair(agent, result, pair);
}

static void do_socketpair(struct agent *agent)
{
    int pair[2] = {-1, -1};
    int result = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    keep_pair(agent, result, pair);
}

static void do_mkfifo(struct agent *agent)
{
    agent_result(agent, mkfifo(agent->box->order.path, (mode_t)agent_value(agent, PARAM_MODE)));
}

static void do_unlink(struct agent *agent)
{
    agent_result(agent, remove(agent->box->order.path));
}

static void do_rename(struct agent *agent)
{
    agent_result(agent, rename(agent->box->order.path, agent->box->order.path2));
}

static void do_chmod(struct agent *agent)
{
    agent_result(agent, chmod(agent->box->order.path, (mode_t)agent_value(agent, PARAM_MODE)));
}

static void do_truncate(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    off_t size = (off_t)agent_value(agent, PARAM_SIZE);
    bool is_memory = order->object == ORDER_PATH && order->kind == OBJECT_SHM;
    if (order->object == ORDER_PATH && !is_memory) {
        agent_result(agent, truncate(order->path, size));
        return;
    }
    int fd = is_memory ? (int)agent_result(agent, shm_open(order->path, O_RDWR, 0)) : agent_fd(agent);
    if (fd >= 0)
        agent_result(agent, ftruncate(fd, size));
    if (is_memory && fd >= 0)
        close(fd);
}

const struct agent_deed agent_stream_deeds[] = {
    {"open", do_open},
    {"read", do_read},
    {"write", do_write},
    {"close", do_close},
    {"dup", do_dup},
    {"pipe", do_pipe},
    {"socketpair", do_socketpair},
    {"mkfifo", do_mkfifo},
    {"unlink", do_unlink},
    {"rename", do_rename},
    {"chmod", do_chmod},
    {"truncate", do_truncate},
    {0},
};
