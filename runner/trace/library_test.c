/* The probe and what the tracer makes of its markers: fixtures/programs/probed is executed with and without. */
#include "trace/rig.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

struct trap {
    const char *call;
    struct ruling ruling;
    int left;
    bool after;
    struct task *held;
    int entries, exits;
};

struct bench {
    struct rig rig;
    struct trap trap;
    char probe[PATH_MAX], program[PATH_MAX], name[64];
    struct process *process;
};

static struct ruling trap_entry(void *context, struct task *task, const struct event *event)
{
    struct trap *trap = context;
    if (!trap->call || strcmp(event->call.row->name, trap->call) != 0)
        return (struct ruling){RULING_GO, 0, 0};
    trap->entries++;
    if (trap->left <= 0 || trap->after)
        return (struct ruling){RULING_GO, 0, 0};
    trap->left--;
    trap->held = task;
    return trap->ruling;
}

static bool trap_exit(void *context, struct task *task, const struct event *event)
{
    struct trap *trap = context;
    if (!trap->call || strcmp(event->call.row->name, trap->call) != 0)
        return false;
    trap->exits++;
    if (!trap->after || trap->left-- <= 0)
        return false;
    trap->held = task;
    return true;
}

static void set_paths(struct bench *bench)
{
    const char *build = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    char path[PATH_MAX + 64], whole[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(build, whole));
    snprintf(path, sizeof path, "%s/ipcgrade-probe.so", whole);
    ck_assert_ptr_nonnull(realpath(path, bench->probe));
    snprintf(path, sizeof path, "%s/fixtures/programs/probed", whole);
    ck_assert_ptr_nonnull(realpath(path, bench->program));
    snprintf(bench->name, sizeof bench->name, "/probed-%d", (int)getpid());
    setenv("PROBE", bench->probe, 1);
}

static void begin(struct bench *bench, const char *what, const struct trap *trap)
{
    *bench = (struct bench){.trap = trap ? *trap : (struct trap){0}};
    set_paths(bench);
    bench->rig.config = (struct tracer_config){
        .hooks = {.context = &bench->trap,
                  .entry = trap_entry,
                  .exit = trap_exit,
                  .image = rig_counts,
                  .preloads = rig_preloads},
        .probe_path = bench->probe,
        .probe_file = bench->probe,
        .wants_stacks = true,
    };
    rig_open(&bench->rig);
    char *const argv[] = {bench->program, (char *)(uintptr_t)what, bench->name, NULL}; // NOLINT
    unsetenv("LD_PRELOAD");
    for (int fd = 3; fd < 1024; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    bench->process = rig_execute(&bench->rig, argv);
}

static void end(struct bench *bench)
{
    rig_finish(&bench->rig);
    ck_assert_msg(bench->process->is_dead && bench->process->wait_status == 0, "status %#x (line %d)",
                  (unsigned)bench->process->wait_status, WEXITSTATUS(bench->process->wait_status) - 1);
}

static const struct event *event_of(struct bench *bench, const char *name, int nth)
{
    const struct event *event = rig_event(&bench->rig, NULL, name, nth);
    ck_assert_msg(event != NULL, "there is no %s number %d", name, nth);
    return event;
}

static void check_event(struct bench *bench, const char *name, int nth, int error)
{
    const struct event *event = event_of(bench, name, nth);
    ck_assert_msg(event->call.is_done && event->call.error == error, "%s number %d: error %d", name, nth,
                  event->call.error);
    ck_assert(event->counts);
}

START_TEST(calls_are_seen_with_what_they_gave)
{
    struct bench bench;
    begin(&bench, "calls", NULL);
    end(&bench);
    ck_assert(bench.process->has_probe && !bench.process->is_static);
    static const struct {
        const char *name;
        int nth, error;
    } rows[] = {
        {"sem_open", 0, 0},
        {"sem_open", 1, EEXIST},
        {"sem_wait", 0, 0},
        {"sem_trywait", 0, EAGAIN},
        {"sem_timedwait", 0, ETIMEDOUT},
        {"sem_clockwait", 0, EINVAL},
        {"sem_post", 0, 0},
        {"sem_close", 0, 0},
        {"sem_unlink", 0, 0},
        {"sem_unlink", 1, ENOENT},
        {"sem_post", 1, EOVERFLOW},
        {"sem_init", 0, 0},
        {"sem_destroy", 0, 0},
        {"popen", 0, 0},
        {"popen", 1, EINVAL},
        {"pclose", 0, 0},
        {"ftok", 0, 0},
        {"ftok", 1, ENOENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_event(&bench, rows[i].name, rows[i].nth, rows[i].error);
    const struct event *open = event_of(&bench, "sem_open", 0), *init = event_of(&bench, "sem_init", 0);
    ck_assert_int_eq(open->object.kind, OBJECT_SEM);
    ck_assert(object_same(&open->object, &event_of(&bench, "sem_wait", 0)->object));
    ck_assert_str_eq(event_of(&bench, "sem_post", 0)->object_name, bench.name);
    ck_assert_int_eq(open->call.value[PARAM_MODE], 0640);
    ck_assert_int_eq(init->call.value[PARAM_VALUE], INT_MAX);
    ck_assert_int_eq(event_of(&bench, "pclose", 0)->call.result, 3 << 8);
    ck_assert_str_eq(event_of(&bench, "pclose", 0)->call.path2, "echo hello; exit 3");
    ck_assert(event_of(&bench, "pipe2", 0)->is_inner && !event_of(&bench, "execve", 0)->is_inner);
    rig_close(&bench.rig);
}
END_TEST

static const char *const quiet[] = {"calls", "environment", "threads", "processes"};

START_TEST(nothing_can_be_noticed)
{
    struct bench bench;
    begin(&bench, quiet[_i], NULL);
    end(&bench);
    ck_assert(bench.process->has_probe);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_program_that_it_becomes_is_seen_too)
{
    struct bench bench;
    begin(&bench, "again", NULL);
    end(&bench);
    check_event(&bench, "sem_post", 0, 0);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_hundred_threads_lose_no_call)
{
    struct bench bench;
    begin(&bench, "threads", NULL);
    end(&bench);
    check_event(&bench, "sem_wait", 1999, 0);
    check_event(&bench, "sem_post", 1999, 0);
    ck_assert_ptr_null(rig_event(&bench.rig, NULL, "sem_post", 2000));
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_forged_marker_is_not_believed)
{
    struct bench bench;
    begin(&bench, "forger", NULL);
    end(&bench);
    ck_assert_ptr_null(rig_event(&bench.rig, NULL, "sem_post", 0));
    ck_assert_ptr_nonnull(rig_event(&bench.rig, NULL, "sem_init", 0));
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_static_program_is_known_as_one)
{
    struct bench bench;
    char agent[PATH_MAX];
    begin(&bench, "post", NULL);
    end(&bench);
    snprintf(agent, sizeof agent, "%.*s/ipcgrade-agent", (int)(strrchr(bench.probe, '/') - bench.probe),
             bench.probe);
    char *const argv[] = {agent, NULL};
    struct process *process = rig_execute(&bench.rig, argv);
    rig_finish(&bench.rig);
    ck_assert(process->is_static && !process->has_probe);
    rig_close(&bench.rig);
}
END_TEST

static struct task *blocked(struct bench *bench)
{
    ck_assert_int_eq(rig_turn(&bench->rig), SCENE_AT_REST);
    struct task *task = tracer_main_task(bench->rig.tracer, bench->process);
    ck_assert_ptr_nonnull(task);
    ck_assert_int_eq(task->state, TASK_BLOCKED);
    return task;
}

START_TEST(a_wait_is_proved_and_ended_by_a_handler_that_posts)
{
    struct bench bench;
    struct object_id id;
    begin(&bench, "handler", NULL);
    struct task *task = blocked(&bench);
    ck_assert_str_eq(task->now->call.row->name, "futex");
    ck_assert(task->now->is_inner);
    ck_assert_str_eq(task_library(task)->call.row->name, "sem_wait");
    ck_assert(task_futex_object(task, &id) && object_same(&id, &task_library(task)->object));
    kill(bench.process->pid, SIGUSR1);
    end(&bench);
    check_event(&bench, "sem_wait", 0, 0);
    check_event(&bench, "sem_post", 0, 0);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(an_interrupted_wait_gives_eintr)
{
    struct bench bench;
    begin(&bench, "interrupted", NULL);
    ck_assert_str_eq(task_library(blocked(&bench))->call.row->name, "sem_wait");
    kill(bench.process->pid, SIGUSR1);
    end(&bench);
    check_event(&bench, "sem_wait", 0, EINTR);
    check_event(&bench, "sem_trywait", 0, 0);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_wait_that_was_left_is_not_the_one_that_it_is_in)
{
    struct bench bench;
    begin(&bench, "left", NULL);
    ck_assert_ptr_nonnull(task_library(blocked(&bench)));
    kill(bench.process->pid, SIGUSR1);
    struct task *task = blocked(&bench);
    ck_assert_str_eq(task->now->call.row->name, "read");
    ck_assert_ptr_null(task_library(task));
    ck_assert(!task->now->is_inner);
    check_event(&bench, "sem_post", 0, 0);
    ck_assert(!event_of(&bench, "sem_wait", 0)->call.is_done);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(two_names_and_two_mappings_are_one_object)
{
    struct bench bench;
    begin(&bench, "names", NULL);
    blocked(&bench);
    const struct object_id *id = &event_of(&bench, "sem_open", 0)->object;
    ck_assert_int_eq(id->kind, OBJECT_SEM);
    ck_assert(object_same(id, &event_of(&bench, "sem_open", 1)->object));
    ck_assert(object_same(id, &event_of(&bench, "sem_post", 0)->object));
    for (int i = 0; i < 3; i++) /* the last two are unlinked, one is in the child */
        ck_assert(object_same(id, &event_of(&bench, "sem_wait", i)->object));
    rig_close(&bench.rig);
}
END_TEST

START_TEST(pclose_waits_for_its_command)
{
    struct bench bench;
    begin(&bench, "command", NULL);
    struct task *task = blocked(&bench);
    ck_assert_str_eq(task->now->call.row->name, "wait4");
    ck_assert_str_eq(task_library(task)->call.row->name, "pclose");
    rig_close(&bench.rig);
}
END_TEST

START_TEST(held_before_nothing_has_happened)
{
    struct bench bench;
    const struct trap trap = {.call = "sem_wait", .ruling = {RULING_HOLD, 0, 0}, .left = 1};
    begin(&bench, "interrupted", &trap);
    ck_assert_int_eq(rig_turn(&bench.rig), SCENE_AT_REST);
    ck_assert_ptr_nonnull(bench.trap.held);
    ck_assert_int_eq(bench.trap.held->state, TASK_HELD);
    ck_assert_str_eq(bench.trap.held->now->call.row->name, "sem_wait");
    kill(bench.process->pid,
         SIGUSR1); /* handled first: the handler posts, the wait then takes it and is not interrupted */
    ck_assert_int_eq(rig_turn(&bench.rig), SCENE_AT_REST);
    tracer_release(bench.rig.tracer, bench.trap.held);
    rig_finish(&bench.rig);
    ck_assert_int_eq(bench.trap.entries, 1);
    ck_assert_int_eq(bench.trap.exits, 1);
    check_event(&bench, "sem_wait", 0, 0);
    ck_assert_ptr_null(rig_event(&bench.rig, NULL, "sem_wait", 1));
    rig_close(&bench.rig);
}
END_TEST

START_TEST(held_after_it_has_happened)
{
    struct bench bench;
    const struct trap trap = {.call = "sem_post", .left = 1, .after = true};
    begin(&bench, "post", &trap);
    ck_assert_int_eq(rig_turn(&bench.rig), SCENE_AT_REST);
    ck_assert_ptr_nonnull(bench.trap.held);
    ck_assert(bench.trap.held->is_held_after && bench.trap.held->now->call.is_done);
    tracer_release(bench.rig.tracer, bench.trap.held);
    end(&bench);
    rig_close(&bench.rig);
}
END_TEST

START_TEST(a_fault_is_given_by_the_probe)
{
    struct bench bench;
    const struct trap trap = {.call = "sem_open", .ruling = {RULING_FAIL, EMFILE, 0}, .left = 1};
    begin(&bench, "calls", &trap);
    rig_finish(&bench.rig);
    ck_assert_int_ne(bench.process->wait_status, 0);
    check_event(&bench, "sem_open", 0, EMFILE);
    ck_assert(event_of(&bench, "sem_open", 0)->is_injected);
    rig_close(&bench.rig);
}
END_TEST

/* The program that is executed is the same by all names. */
START_TEST(whoever_executes_itself_keeps_it)
{
    static const char *const names[] = {"as self", "as thread", "as number", "as descriptor", "as device"};
    struct bench bench;
    begin(&bench, names[_i], NULL);
    end(&bench);
    ck_assert(bench.process->has_probe);
    check_event(&bench, "sem_post", 0, 0);
    rig_close(&bench.rig);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("library calls");
    TCase *tests = tcase_create("probe");
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, calls_are_seen_with_what_they_gave);
    tcase_add_loop_test(tests, nothing_can_be_noticed, 0, sizeof quiet / sizeof *quiet);
    tcase_add_test(tests, a_program_that_it_becomes_is_seen_too);
    tcase_add_test(tests, a_hundred_threads_lose_no_call);
    tcase_add_test(tests, a_forged_marker_is_not_believed);
    tcase_add_test(tests, a_static_program_is_known_as_one);
    tcase_add_test(tests, a_wait_is_proved_and_ended_by_a_handler_that_posts);
    tcase_add_test(tests, an_interrupted_wait_gives_eintr);
    tcase_add_test(tests, a_wait_that_was_left_is_not_the_one_that_it_is_in);
    tcase_add_test(tests, two_names_and_two_mappings_are_one_object);
    tcase_add_test(tests, pclose_waits_for_its_command);
    tcase_add_loop_test(tests, whoever_executes_itself_keeps_it, 0, 5);
    tcase_add_test(tests, held_before_nothing_has_happened);
    tcase_add_test(tests, held_after_it_has_happened);
    tcase_add_test(tests, a_fault_is_given_by_the_probe);
    return suite;
}

int main(void)
{
    return rig_run_suite(make_suite());
}
