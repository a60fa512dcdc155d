/* Who could end a wait for a message queue, of System V or POSIX.
 *
 * What lies in a System V queue is asked of the kernel; a POSIX queue shows how much it holds through a duplicate of the waiting task's own descriptor (pidfd_getfd(2)).
 * Whoever has sent or received before may do so again, but nothing says that he will: he is only probable.
 */
#include <mqueue.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"

static void ask_state(const struct search *search, struct wait *wait)
{
    struct err err = {0};
    struct identity_of which = {.kind = OBJECT_QUEUE, .id = (int)wait->object.number, .is_private = true};
    if (search->inspector)
        wait->has_state =
            inspect_state(search->inspector, &which, &wait->state, &err) && wait->state.is_there;
}

void helpers_of_msgrcv(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_MESSAGE;
    ask_state(search, wait);
    helpers_add_users(search, wait, "msgsnd", false);
}

void helpers_of_msgsnd(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_QUEUE;
    ask_state(search, wait);
    helpers_add_users(search, wait, "msgrcv", false);
}

/* ---- POSIX --------------------------------------------------------------------------------------------------------------- */

static void measure(struct wait *wait)
{
    struct mq_attr attributes;
    cleanup_fd int own = task_borrow(wait->task, wait->event->call.fd);
    if (own < 0 || mq_getattr(own, &attributes) != 0)
        return;
    wait->has_amount = true;
    wait->amount = (int)attributes.mq_curmsgs;
    wait->room = (int)attributes.mq_maxmsg;
}

void helpers_of_mq_receive(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_MESSAGE;
    measure(wait);
    helpers_add_users(search, wait, "mq_send", false);
}

void helpers_of_mq_send(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_QUEUE;
    measure(wait);
    helpers_add_users(search, wait, "mq_receive", false);
}
