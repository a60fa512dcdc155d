/* Deeds on System V message queues, semaphore sets and shared memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "agent/deeds.h"

union semun { /* semctl(2): the caller defines it */
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

/* The identifier that the order is about. Without one the deed has failed with the errno of the look-up. */
static int identifier(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    if (order->object == ORDER_ID)
        return order->id;
    int id = order->kind == OBJECT_QUEUE        ? msgget(order->key, 0)
             : order->kind == OBJECT_SEMAPHORES ? semget(order->key, 0, 0)
                                                : shmget(order->key, 0, 0);
    return (int)agent_result(agent, id);
}

static int get_flags(const struct agent *agent)
{
    return (int)(agent_value(agent, PARAM_FLAGS) | agent_value(agent, PARAM_MODE));
}

static void do_msgget(struct agent *agent)
{
    agent_result(agent, msgget(agent->box->order.key, get_flags(agent)));
}

static void do_msgctl(struct agent *agent)
{
    int id = identifier(agent), cmd = (int)agent_value(agent, PARAM_CMD);
    struct msqid_ds about;
    if (id < 0)
        return;
    if (cmd == IPC_SET) {
        if (agent_result(agent, msgctl(id, IPC_STAT, &about)) < 0)
            return;
        if (agent_is_written(agent, PARAM_MODE))
            about.msg_perm.mode = (unsigned short)agent_value(agent, PARAM_MODE);
        if (agent_is_written(agent, PARAM_CAPACITY))
            about.msg_qbytes = (msglen_t)agent_value(agent, PARAM_CAPACITY);
    }
    agent_result(agent, msgctl(id, cmd, &about));
}

struct message {
    long type;
    char text[];
};

static void do_msgsnd(struct agent *agent)
{
    size_t len = agent->box->order.data_len;
    int id = identifier(agent);
    if (id < 0)
        return;
    struct message *message = malloc(sizeof *message + len);
    if (!message)
        return agent_trouble(agent, "no memory for", "a message");
    message->type = (long)agent_value(agent, PARAM_TYPE);
    memcpy(message->text, agent->box->data, len);
    agent_result(agent, msgsnd(id, message, len, (int)agent_value(agent, PARAM_FLAGS)));
    free(message);
}

static void do_msgrcv(struct agent *agent)
{
    size_t size = (size_t)agent_value(agent, PARAM_SIZE);
    int id = identifier(agent);
    if (id < 0)
        return;
    size = size < AGENT_DATA ? size : AGENT_DATA;
    struct message *message = malloc(sizeof *message + size);
    if (!message)
        return agent_trouble(agent, "no memory for", "a message");
    long got = agent_result(agent, msgrcv(id, message, size, (long)agent_value(agent, PARAM_TYPE),
                                          (int)agent_value(agent, PARAM_FLAGS)));
    if (got >= 0) {
        struct reply *reply = &agent->box->reply;
        reply->type = message->type;
        reply->got_len = reply->total = (uint64_t)got;
        memcpy(agent->box->got, message->text, (size_t)got);
    }
    free(message);
}

static void do_semget(struct agent *agent)
{
    agent_result(agent,
                 semget(agent->box->order.key, (int)agent_value(agent, PARAM_NSEMS), get_flags(agent)));
}

static void do_semctl(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    int id = identifier(agent), cmd = (int)agent_value(agent, PARAM_CMD);
    static unsigned short
        values[1 << 16]; /* as many as a set can have: GETALL gives all, and SETALL takes all */
    struct semid_ds about;
    union semun argument = {.buf = &about};
    if (id < 0)
        return;
    if (cmd == SETVAL)
        argument.val = (int)agent_value(agent, PARAM_VALUE);
    if (cmd == SETALL || cmd == GETALL)
        argument.array = values;
    memset(values, 0, sizeof values);
    for (uint32_t i = 0; cmd == SETALL && i < order->value_count; i++)
        values[i] = (unsigned short)order->values[i];
    if (cmd == IPC_SET) {
        if (agent_result(agent, semctl(id, 0, IPC_STAT, argument)) < 0)
            return;
        about.sem_perm.mode = (unsigned short)agent_value(agent, PARAM_MODE);
    }
    agent_result(agent, semctl(id, (int)agent_value(agent, PARAM_NUM), cmd, argument));
}

static void do_semop(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    struct sembuf ops[AGENT_OPS] = {{
        .sem_num = (unsigned short)agent_value(agent, PARAM_NUM),
        .sem_op = (short)agent_value(agent, PARAM_OP),
        .sem_flg = (short)agent_value(agent, PARAM_FLAGS),
    }};
    int id = identifier(agent);
    if (id < 0)
        return;
    for (uint32_t i = 0; i < order->op_count; i++)
        ops[i] = (struct sembuf){(unsigned short)order->ops[i].num, (short)order->ops[i].op,
                                 (short)order->ops[i].flags};
    agent_result(agent, semop(id, ops, order->op_count ? order->op_count : 1));
}

static void do_shmget(struct agent *agent)
{
    agent_result(agent,
                 shmget(agent->box->order.key, (size_t)agent_value(agent, PARAM_SIZE), get_flags(agent)));
}

static void do_shmat(struct agent *agent)
{
    int id = identifier(agent);
    struct shmid_ds about;
    if (id < 0)
        return;
    char *address = shmat(id, NULL, (int)agent_value(agent, PARAM_FLAGS));
    bool is_attached = (intptr_t)address != -1;
    agent_result(agent, is_attached ? 0 : -1);
    if (!is_attached)
        return;
    struct end *end = ends_add(&agent->ends, agent->box->order.as[0]);
    if (!end)
        return agent_trouble(agent, "too many names; no place for", agent->box->order.as[0]);
    end->address = address;
    end->size = shmctl(id, IPC_STAT, &about) == 0 ? about.shm_segsz : 0;
}

static void do_shmdt(struct agent *agent)
{
    struct end *end = agent_mapping(agent);
    if (!end)
        return;
    agent_result(agent, shmdt(end->address));
    ends_forget(end);
}

static void do_shmctl(struct agent *agent)
{
    int id = identifier(agent), cmd = (int)agent_value(agent, PARAM_CMD);
    struct shmid_ds about;
    if (id < 0)
        return;
    if (cmd == IPC_SET) {
        if (agent_result(agent, shmctl(id, IPC_STAT, &about)) < 0)
            return;
        about.shm_perm.mode = (unsigned short)agent_value(agent, PARAM_MODE);
    }
    agent_result(agent, shmctl(id, cmd, &about));
}

static void do_poke(struct agent *agent)
{
    size_t at = (size_t)agent_value(agent, PARAM_AT), len = agent->box->order.data_len;
    struct end *end = agent_mapping(agent);
    if (!end)
        return;
    if (at > end->size || len > end->size - at)
        return agent_trouble(agent, "the bytes do not fit into", end->name);
    memcpy(end->address + at, agent->box->data, len);
    agent->box->reply.result = 0;
}

const struct agent_deed agent_sysv_deeds[] = {
    {"msgget", do_msgget},
    {"msgctl", do_msgctl},
    {"msgsnd", do_msgsnd},
    {"msgrcv", do_msgrcv},
    {"semget", do_semget},
    {"semctl", do_semctl},
    {"semop", do_semop},
    {"shmget", do_shmget},
    {"shmat", do_shmat},
    {"shmdt", do_shmdt},
    {"shmctl", do_shmctl},
    {"poke", do_poke},
    {0},
};
