/* The waits for POSIX semaphores of a program with the probe: what for, and who could end them. */
#include "trace/rig.h"

#include <limits.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"

static const struct row {
    const char *words[16]; /* for fixtures/programs/does */
    size_t process;        /* whose wait is told */
    const char *texts[3];
} rows[] = {
    {{"seminit", "0", "semwait"}, 0, {"P0 waits in sem_wait() until somebody posts the unnamed semaphore."}},
    {{"seminit", "1", "semwait", "fork", "semwait", "done", "pause"},
     1,
     {"P1 waits in sem_wait()",
      "- P0 has taken it and not given it back (sem_wait()), which waits itself in pause()"}},
    {{"seminit", "0", "fork", "sempost", "done", "wait", "fork", "semwait", "semwait", "done", "wait"},
     2,
     {"until somebody posts the unnamed semaphore."}},
    {{"pclose", "kill -STOP $$"}, 0, {"for its child"}},
};

START_TEST(wait_for_semaphore)
{
    char build[PATH_MAX], probe[PATH_MAX + 32], program[PATH_MAX + 64], *argv[18] = {program};
    const char *folder = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    cleanup_bytes struct bytes text = {0};
    struct waits waits;
    ck_assert_ptr_nonnull(realpath(folder, build));
    snprintf(probe, sizeof probe, "%s/ipcgrade-probe.so", build);
    snprintf(program, sizeof program, "%s/fixtures/programs/does", build);
    for (int i = 0; i < 16 && rows[_i].words[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)rows[_i].words[i]; // NOLINT
    struct rig rig = {.config = {.hooks = {.image = rig_counts, .preloads = rig_preloads},
                                 .probe_path = probe,
                                 .probe_file = probe,
                                 .wants_stacks = true}};
    rig_open(&rig);
    rig_execute(&rig, argv);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    struct history *history = history_new(rig.tracer);
    history_play_all(history);
    waits_find(&waits, rig.tracer, history, NULL);
    const struct wait *wait = waits_of(&waits, tracer_process(rig.tracer, rows[_i].process));
    ck_assert_ptr_nonnull(wait);
    const struct teller teller = {rig.tracer, "/no/root", rig_number, NULL};
    wait_text(&waits, wait, &teller, &text);
    for (int i = 0; i < 3 && rows[_i].texts[i]; i++)
        ck_assert_msg(strstr(bytes_text(&text), rows[_i].texts[i]) != NULL, "'%s' is not in: %s",
                      rows[_i].texts[i], bytes_text(&text));
    waits_free(&waits);
    history_free(history);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("waits for POSIX semaphores");
    TCase *tests = tcase_create("waits");
    tcase_add_loop_test(tests, wait_for_semaphore, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
