/* For the tests of this room only: a call decoded from raw arguments in our own memory, and the line that it makes. Nothing is traced. */
#ifndef IPCGRADE_CALLS_LINES_H
#define IPCGRADE_CALLS_LINES_H

#include "calls/call.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/run_test.h"

/* By the kernel, as from a tracee: what is not there is told, not felt. */
static inline bool read_own(void *context, uint64_t address, void *to, size_t len)
{
    struct iovec local = {to, len},
                 remote = {(void *)(uintptr_t)address, len}; // NOLINT(performance-no-int-to-ptr)
    (void)context;
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static struct call call;

static inline void enter(const char *name, const uint64_t *arg)
{
    call_free(&call);
    call_init(&call);
    call.row = vocabulary_call(name, &call.deed);
    ck_assert_msg(call.row && call.row->decode, "%s", name);
    call.memory.read = read_own;
    memcpy(call.arg, arg, sizeof call.arg);
    call.row->decode(&call);
}

/* What the last call of a test has read. */
static inline void let_go(void)
{
    call_free(&call);
}

static inline void leave(int64_t result)
{
    call.result = result;
    call.error = result < 0 ? (int)-result : 0;
    call.is_done = true;
    if (call.row->traits & CALL_BY_EXIT)
        call.row->decode(&call);
}

static inline void reads(const char *expected)
{
    char *text = call_text(&call);
    ck_assert_str_eq(text, expected);
    free(text);
}

#define AT(thing) ((uint64_t)(uintptr_t)(thing))
#define ENTER(name, ...) enter(name, (const uint64_t[6]){__VA_ARGS__})

static inline int run_lines(Suite *suite, TCase *tests)
{
    tcase_add_checked_fixture(tests, NULL, let_go);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

#endif
