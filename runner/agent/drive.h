/* For the tests of this room: an agent that is driven with the least that ptrace(2) needs, apart from the tracer room.
 *
 * Whatever goes wrong here fails the test (check.h). One agent per test.
 */
#ifndef IPCGRADE_AGENT_DRIVE_H
#define IPCGRADE_AGENT_DRIVE_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h> /* behind sys/ptrace.h, which it would clash with otherwise */

#include "agent/order.h"
#include "calls/vocabulary.h"

struct driven {
    pid_t pid;
    uint64_t box;    /* address of its mailbox, known at its first marker */
    int wait_status; /* when it has ended */
    bool has_ended;
};

static inline void drive_agent_path(char path[PATH_MAX])
{
    const char *build = getenv("IPCGRADE_BUILD");
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/ipcgrade-agent", build ? build : "build");
    ck_assert_msg(realpath(name, path) != NULL, "%s is not built", name);
}

/* Directly below /tmp; the test's teardown removes what it has made there. */
static inline void drive_directory(char *template)
{
    ck_assert_ptr_nonnull(mkdtemp(template));
    ck_assert_int_eq(chdir(template), 0);
    umask(0);
}

static inline void drive_memory(const struct driven *driven, uint64_t offset, void *data, size_t len,
                                bool is_write)
{
    struct iovec here = {data, len}, there = {NULL, len};
    uintptr_t address = driven->box + offset;
    memcpy(&there.iov_base, &address, sizeof address);
    ssize_t moved = is_write ? process_vm_writev(driven->pid, &here, 1, &there, 1, 0)
                             : process_vm_readv(driven->pid, &here, 1, &there, 1, 0);
    ck_assert_int_eq(moved, (ssize_t)len);
}

/* Go on to the entry of the system call `number`, or to the end (false). */
static inline bool drive_to_call(struct driven *driven, uint64_t number)
{
    struct __ptrace_syscall_info info;
    int status;
    while (!driven->has_ended) {
        ck_assert_int_eq(ptrace(PTRACE_SYSCALL, driven->pid, NULL, NULL), 0);
        ck_assert_int_eq(waitpid(driven->pid, &status, 0), driven->pid);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            driven->has_ended = true;
            driven->wait_status = status;
            return false;
        }
        if (WSTOPSIG(status) != (SIGTRAP | 0x80))
            continue; /* the stop behind execve; nobody sends signals here */
        ck_assert_int_gt(ptrace(PTRACE_GET_SYSCALL_INFO, driven->pid, sizeof info, &info), 0);
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != number)
            continue;
        if (number == AGENT_MARKER)
            driven->box = info.entry.args[0];
        return true;
    }
    return false;
}

/* Start an agent; it stands at its marker then. */
static inline void drive_start(struct driven *driven, const char *agent_path)
{
    int go[2];
    *driven = (struct driven){0};
    ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
    driven->pid = fork();
    ck_assert_int_ge(driven->pid, 0);
    if (driven->pid == 0) {
        char byte;
        close(go[1]);
        bool may_go = read(go[0], &byte, 1) == 1;
        close_range(3, ~0U, 0); /* so that its first own descriptor is 3 */
        if (may_go)
            execl(agent_path, "agent", (char *)NULL);
        _exit(126);
    }
    close(go[0]);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, driven->pid, NULL, options), 0);
    ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, driven->pid, NULL, NULL), 0);
    ck_assert_int_eq(waitpid(driven->pid, &(int){0}, 0), driven->pid);
    ck_assert_int_eq(write(go[1], "", 1), 1);
    close(go[1]);
    ck_assert(drive_to_call(driven, AGENT_MARKER));
}

static inline void drive_stop(struct driven *driven)
{
    if (driven->has_ended || driven->pid <= 0)
        return;
    kill(driven->pid, SIGKILL);
    waitpid(driven->pid, &(int){0}, 0);
    driven->has_ended = true;
}

/* An order for that deed with the vocabulary's usual values. */
static inline struct order drive_order(const char *word)
{
    const struct deed_row *row = vocabulary_deed(word);
    struct order order = {.id = -1, .fd = -1};
    ck_assert_ptr_nonnull(row);
    snprintf(order.deed, sizeof order.deed, "%s", word);
    for (const struct param_row *param = row->params; param && param->word; param++)
        order.value[param->param] = param->usual;
    return order;
}

static inline void drive_set(struct order *order, enum param param, int64_t value)
{
    order->value[param] = value;
    order->known |= 1ULL << param;
}

/* Write the order into the mailbox of an agent at its marker, without letting it go. */
static inline void drive_give(struct driven *driven, struct order *order, const char *data, size_t len)
{
    order->data_len = len;
    if (len > 0)
        drive_memory(driven, offsetof(struct mailbox, data), (void *)data, len, true);
    drive_memory(driven, offsetof(struct mailbox, order), order, sizeof *order, true);
}

/* Go on to the next marker and read the reply. */
static inline struct reply drive_reply(struct driven *driven)
{
    struct reply reply = {0};
    ck_assert_msg(drive_to_call(driven, AGENT_MARKER), "the agent has ended");
    drive_memory(driven, offsetof(struct mailbox, reply), &reply, sizeof reply, false);
    return reply;
}

static inline struct reply drive(struct driven *driven, struct order order, const char *data, size_t len)
{
    drive_give(driven, &order, data, len);
    return drive_reply(driven);
}

/* The first bytes of what the last order got. */
static inline void drive_got(struct driven *driven, void *to, size_t len)
{
    drive_memory(driven, offsetof(struct mailbox, got), to, len, false);
}

static inline struct order drive_on_path(const char *word, const char *path)
{
    struct order order = drive_order(word);
    order.object = ORDER_PATH;
    snprintf(order.path, sizeof order.path, "%s", path);
    return order;
}

static inline struct order drive_on_end(const char *word, const char *end)
{
    struct order order = drive_order(word);
    order.object = ORDER_END;
    snprintf(order.end, sizeof order.end, "%s", end);
    return order;
}

static inline struct order drive_pair(const char *word, const char *one, const char *other)
{
    struct order order = drive_order(word);
    snprintf(order.as[0], sizeof order.as[0], "%s", one);
    snprintf(order.as[1], sizeof order.as[1], "%s", other);
    return order;
}

/* The call succeeded, with this result; or failed in this way. */
static inline void drive_check(struct reply reply, int64_t result, int error)
{
    ck_assert_str_eq(reply.trouble, "");
    ck_assert_int_eq(reply.error, error);
    ck_assert_int_eq(reply.result, error ? -1 : result);
}

#define DRIVE_SUCCEEDS(reply, result) drive_check(reply, result, 0)
#define DRIVE_FAILS(reply, error) drive_check(reply, -1, error)

/* The order itself made no sense; the text names what. */
static inline void drive_check_trouble(struct reply reply, const char *what)
{
    ck_assert_int_eq(reply.result, -1);
    ck_assert_int_eq(reply.error, 0);
    ck_assert_msg(strstr(reply.trouble, what) != NULL, "'%s' does not name %s", reply.trouble, what);
}

#endif
