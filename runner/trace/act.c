/* What the owner of a tracer does to tasks: letting go who is held, orders to agents and their replies, turns. */
#include "trace/tracer.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

void tracer_release(struct tracer *tracer, struct task *task)
{
    struct tracee *tracee = (struct tracee *)task;
    (void)tracer;
    if (tracee->phase != PHASE_HELD)
        return;
    tracee->phase = PHASE_CODE;
    /* Held before: its call comes again, as the same event (again.c). Held after: the call is over. */
    tracee->pub.now = NULL;
    tracee->pub.is_held_after = false;
    resume(tracee, 0);
}

void tracer_begin_turn(struct tracer *tracer)
{
    tracer->turn++;
}

static bool write_memory(const struct tracee *tracee, uint64_t address, const void *from, size_t len)
{
    struct iovec local = {(void *)(uintptr_t)from, len}, remote = {(void *)(uintptr_t)address, len}; // NOLINT
    return len == 0 || process_vm_writev(tracee->pub.tid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static bool check_mailbox(struct tracee *tracee, struct err *err)
{
    uint32_t head[2];
    if (tracee->phase != PHASE_READY)
        return err_set(err, "the agent is not waiting for orders");
    if (!memory_read(tracee, tracee->mailbox, head, sizeof head))
        return err_sys(err, "read the agent's mailbox");
    if (head[0] != AGENT_MAGIC || head[1] != sizeof(struct mailbox))
        return err_set(err, "the agent's mailbox is of another version");
    return true;
}

bool tracer_order(struct tracer *tracer, struct task *agent, const struct order *order, const void *data,
                  struct err *err)
{
    struct tracee *tracee = (struct tracee *)agent;
    (void)tracer;
    if (!check_mailbox(tracee, err))
        return false;
    if (order->data_len > AGENT_DATA)
        return err_set(err, "an order with %llu bytes of data is too long",
                       (unsigned long long)order->data_len);
    if (!write_memory(tracee, tracee->mailbox + offsetof(struct mailbox, order), order, sizeof *order) ||
        (data &&
         !write_memory(tracee, tracee->mailbox + offsetof(struct mailbox, data), data, order->data_len)))
        return err_sys(err, "write into the agent's mailbox");
    tracee->pub.is_ready = false;
    registers_void_call(tracee, 0);
    tracee->phase = PHASE_CODE;
    resume(tracee, 0);
    return true;
}

/* A stand-in has the user and the files of a student's programs, so its memory is theirs to spoil; what it says of itself is cut to what can be. */
static void make_sane(struct reply *reply)
{
    if (reply->got_len > AGENT_DATA)
        reply->got_len = AGENT_DATA;
    if (reply->total < reply->got_len)
        reply->total = reply->got_len;
    reply->trouble[sizeof reply->trouble - 1] = '\0';
}

bool tracer_reply(struct tracer *tracer, struct task *agent, struct reply *reply, char **got, struct err *err)
{
    struct tracee *tracee = (struct tracee *)agent;
    (void)tracer;
    if (!check_mailbox(tracee, err))
        return false;
    if (!memory_read(tracee, tracee->mailbox + offsetof(struct mailbox, reply), reply, sizeof *reply))
        return err_sys(err, "read the agent's reply");
    make_sane(reply);
    if (!got)
        return true;
    size_t len = reply->got_len;
    char *bytes = malloc(len + 1);
    if (!bytes)
        return err_set(err, "read the agent's reply: out of memory");
    bytes[len] = '\0';
    if (len > 0 && !memory_read(tracee, tracee->mailbox + offsetof(struct mailbox, got), bytes, len)) {
        free(bytes);
        return err_sys(err, "read what the agent got");
    }
    *got = bytes;
    return true;
}
