/* Deeds on POSIX semaphores. What was opened is kept by name; a deed on an object opens it for itself. */
#include <fcntl.h>
#include <semaphore.h>
#include <stddef.h>

#include "agent/deeds.h"

static void do_sem_open(struct agent *agent)
{
    sem_t *sem = sem_open(agent->box->order.path, (int)agent_value(agent, PARAM_FLAGS),
                          (mode_t)agent_value(agent, PARAM_MODE), (unsigned)agent_value(agent, PARAM_VALUE));
    agent_result(agent, sem == SEM_FAILED ? -1 : 0);
    if (sem == SEM_FAILED)
        return;
    struct end *end = ends_add(&agent->ends, agent->box->order.as[0]);
    if (!end)
        return agent_trouble(agent, "too many names; no place for", agent->box->order.as[0]);
    end->address = (char *)sem;
}

static void do_sem_close(struct agent *agent)
{
    struct end *end = ends_find(&agent->ends, agent->box->order.end);
    if (!end || !end->address)
        return agent_trouble(agent, "no semaphore is called", agent->box->order.end);
    agent_result(agent, sem_close((sem_t *)(void *)end->address));
    ends_forget(end);
}

static void do_sem_unlink(struct agent *agent)
{
    agent_result(agent, sem_unlink(agent->box->order.path));
}

/* By an own name, or by the object's: then it is opened for this one deed. */
static void perform_on(struct agent *agent, int (*deed)(sem_t *))
{
    const struct order *order = &agent->box->order;
    if (order->object == ORDER_END) {
        const struct end *end = ends_find(&agent->ends, order->end);
        if (!end || !end->address)
            return agent_trouble(agent, "no semaphore is called", order->end);
        agent_result(agent, deed((sem_t *)(void *)end->address));
        return;
    }
    sem_t *sem = sem_open(order->path, 0);
    if (sem == SEM_FAILED) {
        agent_result(agent, -1);
        return;
    }
    agent_result(agent, deed(sem));
    sem_close(sem);
}

static void do_sem_wait(struct agent *agent)
{
    perform_on(agent, sem_wait);
}

static void do_sem_trywait(struct agent *agent)
{
    perform_on(agent, sem_trywait);
}

static void do_sem_post(struct agent *agent)
{
    perform_on(agent, sem_post);
}

const struct agent_deed agent_semaphore_deeds[] = {
    {"sem_open", do_sem_open},
    {"sem_close", do_sem_close},
    {"sem_unlink", do_sem_unlink},
    {"sem_wait", do_sem_wait},
    {"sem_post", do_sem_post},
    {"sem_trywait", do_sem_trywait},
    {0},
};
