/* Who computes between equal calls is no poller: his turn stays open, and he does not go round and round. */
#include "trace/rig.h"

#include <time.h>

enum { ROUNDS = 40, SHARE_NS = 10000000, LONG_SHARE_NS = 100000000 };

/* So much processor time, on however slow a machine. */
static void compute(long ns)
{
    struct timespec began, now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while ((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec - began.tv_nsec < ns);
}

static void computes_between_calls(struct rig_shared *shared)
{
    for (; shared->number[0] < ROUNDS; shared->number[0]++) {
        kill(getpid(), 0);
        compute(SHARE_NS);
    }
}

START_TEST(computing_between_equal_calls)
{
    struct rig rig = {0};
    rig_open(&rig);
    const struct process *process = rig_start(&rig, computes_between_calls);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(process->is_dead);
    ck_assert_int_eq(rig.shared->number[0], ROUNDS);
    rig_close(&rig);
}
END_TEST

/* First he asks so often that it looks like polling. */
static void computes_after_calls(struct rig_shared *shared)
{
    for (int i = 0; i < ROUNDS; i++)
        kill(getpid(), 0);
    compute(SHARE_NS);
    shared->number[0] = 1;
    compute(LONG_SHARE_NS);
    pause();
}

START_TEST(computing_after_equal_calls)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, computes_after_calls);
    while (rig.shared->number[0] == 0)
        tracer_pump(rig.tracer);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
    ck_assert_uint_eq(scene_spinning_ns(rig.tracer, NULL), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: computing");
    TCase *tests = tcase_create("computing");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, computing_between_equal_calls);
    tcase_add_test(tests, computing_after_equal_calls);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
