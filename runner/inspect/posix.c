/* POSIX message queues: look, make, remove. A queue has a name in a space of its own, whether or not that is mounted anywhere; so it is found by
 * mq_open(3), and what it is by its descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum {
    USUAL_MESSAGES = 10,
    USUAL_SIZE = 8192,
    PERMISSIONS = 0777
}; /* mq_overview(7), msg_default and msgsize_default */

/* One that may not be opened shows what its name shows, and nothing of what is in it. */
static bool queue_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    struct mq_attr attributes;
    struct stat status;
    cleanup_fd int queue = mq_open(which->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (queue < 0 && errno == EACCES) {
        state->is_closed = true;
        return path_look(which, state, err);
    }
    if (queue < 0)
        return errno == ENOENT || errno == EINVAL ||
               err_sys(err, "look at the message queue %s", which->path);
    if (fstat(queue, &status) < 0 || mq_getattr(queue, &attributes) < 0)
        return err_sys(err, "look at the message queue %s", which->path);
    state->is_there = true;
    state->id = (struct object_id){OBJECT_MQ, status.st_dev, status.st_ino};
    state->mode = status.st_mode & PERMISSIONS;
    state->owner = status.st_uid;
    state->count = (uint64_t)attributes.mq_curmsgs;
    state->capacity = (uint64_t)attributes.mq_maxmsg;
    state->message_size = (uint64_t)attributes.mq_msgsize;
    return true;
}

static bool give(int queue, const struct object_state *state, mode_t mode, struct object_id *id,
                 struct err *err)
{
    struct stat status;
    if (!owner_is_ours(state->owner) && fchown(queue, state->owner, state->owner) < 0)
        return err_sys(err, "give a message queue to user %d", (int)state->owner);
    if (fchmod(queue, mode) < 0 || fstat(queue, &status) < 0)
        return err_sys(err, "set the mode of a message queue");
    *id = (struct object_id){OBJECT_MQ, status.st_dev, status.st_ino};
    return true;
}

static bool queue_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                       struct object_id *id, struct err *err)
{
    struct mq_attr attributes = {
        .mq_maxmsg = state->capacity ? (long)state->capacity : USUAL_MESSAGES,
        .mq_msgsize = state->message_size ? (long)state->message_size : USUAL_SIZE,
    };
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC;
    cleanup_fd int queue = mq_open(which->path, flags, 0600, &attributes);
    if (queue < 0)
        return err_sys(err, "make the message queue %s", which->path);
    id->kind = OBJECT_MQ;
    for (size_t i = 0; i < state->message_count; i++) {
        const struct object_message *message = &state->messages[i];
        if (mq_send(queue, message->text ? message->text : "", message->len, (unsigned)message->type) < 0)
            return err_sys(err, "put message %zu into the queue %s", i + 1, which->path);
    }
    return give(queue, state, mode, id, err);
}

static bool queue_remove(const struct identity_of *which, struct err *err)
{
    return mq_unlink(which->path) == 0 || err_sys(err, "remove the message queue %s", which->path);
}

const struct object_ways post_ways = {OBJECT_MQ, queue_look, queue_make, queue_remove};
