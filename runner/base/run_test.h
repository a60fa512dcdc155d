/* For tests only: how each program of tests ends. */
#ifndef IPCGRADE_BASE_RUN_TEST_H
#define IPCGRADE_BASE_RUN_TEST_H

#include <check.h>
#include <stdlib.h>

#include "base/places_test.h"

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
