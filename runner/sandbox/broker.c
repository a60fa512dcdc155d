/* Making objects for others; see broker.h. */
#include "sandbox/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/broker_files.h"
#include "sandbox/broker_objects.h"
#include "sandbox/wire.h"

/* What a build may ask: it would cost it nothing, and init its time. Then it is told that there are no such calls. */
enum { MOST_QUESTIONS = 20000, ROOM = 512 };

int broker_invite(struct broker *broker)
{
    int ends[2];
    size_t place = 0;
    while (place < BROKER_LINES && broker->lines[place].fd)
        place++;
    if (place == BROKER_LINES || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    broker->lines[place] = (struct broker_line){.fd = ends[0]};
    return ends[1];
}

bool broker_hand_over(int end, int listener, struct err *err)
{
    const struct wire_head head = {.kind = WIRE_DONE};
    bool is_sent = wire_send(end, &head, NULL, &listener, 1, err);
    close(listener);
    return is_sent;
}

void broker_wait(const struct broker *broker, struct pollfd *waits)
{
    for (size_t i = 0; i < BROKER_LINES; i++)
        waits[i] = (struct pollfd){.fd = broker->lines[i].fd ? broker->lines[i].fd : -1, .events = POLLIN};
}

static void hang_up(struct broker_line *line)
{
    close(line->fd);
    *line = (struct broker_line){0};
}

/* Where it has none to give, its end is closed. */
static void take_listener(struct broker_line *line)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    bool is_there = wire_receive(line->fd, &got, 0, NULL) && got.fds[0] >= 0;
    hang_up(line);
    if (is_there)
        *line = (struct broker_line){.fd = steal_fd(&got.fds[0]), .is_listener = true};
}

/* Files have no limit on questions: a build that compiles asks about as many. */
static long make(struct broker *broker, struct broker_line *line, const struct broker_question *asked,
                 bool *is_left)
{
    if (broker_makes_file(asked))
        return broker_make_file(broker, asked, is_left);
    return line->asked++ < MOST_QUESTIONS ? broker_make(broker, asked) : -ENOSYS;
}

/* Who asked may have been killed meanwhile: then there is nobody to answer. */
static void answer_one(struct broker *broker, struct broker_line *line)
{
    union {
        struct seccomp_notif notif;
        char room[ROOM]; /* a later kernel may tell more */
    } question = {.room = {0}};
    union {
        struct seccomp_notif_resp resp;
        char room[ROOM];
    } reply = {.room = {0}};
    if (ioctl(line->fd, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
        return;
    const struct broker_question asked = {line->fd, &question.notif};
    bool is_left = false; /* to the kernel */
    long result = make(broker, line, &asked, &is_left);
    reply.resp.id = question.notif.id;
    reply.resp.error = result < 0 ? (int)result : 0;
    reply.resp.val = result < 0 ? 0 : result;
    reply.resp.flags = is_left ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    ioctl(line->fd, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

void broker_answer(struct broker *broker, const struct pollfd *waits)
{
    for (size_t i = 0; i < BROKER_LINES; i++) {
        struct broker_line *line = &broker->lines[i];
        if (waits[i].fd < 0 || !waits[i].revents)
            continue;
        if (!line->is_listener)
            take_listener(line);
        else if (waits[i].revents & POLLIN)
            answer_one(broker, line);
        else
            hang_up(line); /* nobody is left who could ask */
    }
}

void broker_end(struct broker *broker)
{
    for (size_t i = 0; i < BROKER_LINES; i++)
        if (broker->lines[i].fd)
            hang_up(&broker->lines[i]);
    broker_remove_all(broker);
    broker_remove_files(broker);
}
