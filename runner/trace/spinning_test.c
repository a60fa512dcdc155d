/* What a poller that never sleeps has asked counts only while nobody else goes on: on a slow machine he may wait for the other with good reason. */
#include "trace/rig.h"
#include "trace/tracer.h"

enum { DOOR };

static const uint64_t span = 2000; /* questions */

static void polls_child(struct rig_shared *shared)
{
    pid_t child = fork();
    while (child == 0 && !shared->number[DOOR]) {
    }
    if (child == 0)
        pause();
    while (waitpid(child, NULL, WNOHANG) == 0) {
    }
}

/* Returns the poller, known to poll, while the child works. */
static struct tracee *begin(struct rig *rig)
{
    rig_open(rig);
    struct tracee *poller = (struct tracee *)tracer_main_task(rig->tracer, rig_start(rig, polls_child));
    while (!idle_is_known(poller)) {
        tracer_pump(rig->tracer);
        (void)scene_prove(rig->tracer);
    }
    ck_assert_int_eq(scene_prove(rig->tracer), SCENE_MOVING);
    return poller;
}

static void poll_for(const struct rig *rig, const struct tracee *poller, uint64_t looks)
{
    const uint64_t began = poller->idle->looks;
    while (poller->idle->looks - began < looks)
        tracer_pump(rig->tracer);
}

/* However long the other takes. */
START_TEST(polling_beside_one_who_works_is_no_spinning)
{
    enum { TIMES = 4 };
    struct rig rig = {0};
    const struct tracee *poller = begin(&rig);
    for (int i = 0; i < TIMES; i++) {
        poll_for(&rig, poller, span);
        ck_assert_uint_ge(scene_spinning(rig.tracer, NULL), span);
        ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
        ck_assert_uint_lt(scene_spinning(rig.tracer, NULL), span);
    }
    rig_close(&rig);
}
END_TEST

/* The child has gone on since the last proof, so what the poller asked since counts for nothing, though nobody goes on now. What it asks from then on does. */
START_TEST(polling_between_two_proofs_is_no_spinning_if_another_worked)
{
    struct rig rig = {0};
    const struct tracee *poller = begin(&rig);
    rig.shared->number[DOOR] = 1;
    poll_for(&rig, poller, 2 * span);
    while (scene_prove(rig.tracer) != SCENE_TURN_OVER)
        tracer_pump(rig.tracer);
    ck_assert_uint_lt(scene_spinning(rig.tracer, NULL), span);
    poll_for(&rig, poller, span);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_TURN_OVER);
    ck_assert_uint_ge(scene_spinning(rig.tracer, NULL), span);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    enum { SECONDS = 60 };
    Suite *suite = suite_create("trace: spinning");
    TCase *tests = tcase_create("spinning");
    tcase_set_timeout(tests, SECONDS);
    tcase_add_test(tests, polling_beside_one_who_works_is_no_spinning);
    tcase_add_test(tests, polling_between_two_proofs_is_no_spinning_if_another_worked);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
