/* For tests only: how each program of tests ends. */
#ifndef IPCGRADE_BASE_RUN_TEST_H
#define IPCGRADE_BASE_RUN_TEST_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/places_test.h"

/* AddressSanitizer has its own malloc and does not want another before it, asks /proc, keeps bytes beside each, and takes terabytes of addresses. */
#ifdef __SANITIZE_ADDRESS__
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

/* What cannot be tried here passes as far as Check knows; it has no other word. So that nobody takes it for tried, it is told on standard output, and to tools/check.sh, which counts it. */
static inline void test_skipped(const char *test, const char *wanted)
{
    const char *path = getenv("IPCGRADE_SKIPPED");
    FILE *list = path && *path ? fopen(path, "ae") : NULL;
    printf("skipped: %s (%s)\n", test, wanted);
    fflush(stdout);
    if (!list)
        return;
    fprintf(list, "%s (%s)\n", test, wanted);
    fclose(list);
}

/* Whether system call `number` of the kernel is not to be had here: Valgrind hands on none that it does not know, such as pidfd_open(2) and openat2(2). Only for calls to which these
 * arguments do nothing. */
static inline bool call_is_missing(long number)
{
    return syscall(number, -1, NULL, NULL, 0L) < 0 && errno == ENOSYS;
}

/* Run `suite`, which is freed, as CK_VERBOSITY says, and leave no temporary folder behind. Returns what main() does. */
static inline int run_suite(Suite *suite)
{
    places_guard();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    places_end();
    return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
