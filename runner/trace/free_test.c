/* Whoever is traced ends with the tracer, those included whom it has not seen yet. */
#include "base/cleanup.h"
#include "base/pids.h"
#include "trace/rig.h"

#include <pthread.h>
#include <sched.h>

enum { REPETITIONS = 20 };

static void *nothing(void *unused)
{
    return unused;
}

static void makes_a_thread(struct rig_shared *shared)
{
    pthread_t thread;
    (void)shared;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0)
        pthread_join(thread, NULL);
}

static struct ruling holds_once(void *context, struct task *task, const struct event *event)
{
    struct task **held = context;
    if (*held || !call_is(&event->call, "clone"))
        return (struct ruling){RULING_GO, 0, 0};
    *held = task;
    return (struct ruling){RULING_HOLD, 0, 0};
}

/* So many of the process's tasks stand where the kernel waits for the tracer. */
static size_t stopped_tasks(pid_t pid)
{
    char path[64], line[256];
    size_t count = 0;
    cleanup_pids struct pids tasks = pids_of_tasks(pid);
    for (pid_t tid; (tid = pids_next(&tasks));) {
        snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
        cleanup_file FILE *file = fopen(path, "re");
        const char *behind = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
        count += behind && behind[2] == 't';
    }
    return count;
}

/* On one processor who runs only when nobody else does comes to his next stop, and to his way out, when the tracer waits for somebody: then it has looked for those that it does not know. */
static void stay_on_one_processor(void)
{
    cpu_set_t allowed, one;
    int cpu = 0;
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
}

/* It makes the call that it was held before: this is one status, its entry. */
static void let_go(struct rig *rig, struct task *held)
{
    tracer_release(rig->tracer, held);
    while (tracer_pump(rig->tracer) == 0)
        continue;
}

/* Did the thread come behind the tracer's last look? */
static bool is_unseen(const struct rig *rig, pid_t pid)
{
    while (tracer_task_count(rig->tracer) == 1 &&
           stopped_tasks(pid) < 2) /* the time limit of the test ends it */
        continue;
    return tracer_task_count(rig->tracer) == 1;
}

START_TEST(a_thread_that_nobody_has_seen)
{
    int unseen = 0;
    stay_on_one_processor();
    for (int i = 0; i < REPETITIONS; i++) {
        struct task *held = NULL;
        struct rig rig = {.config.hooks = {.context = &held, .entry = holds_once}};
        rig_open(&rig);
        const struct process *process = rig_start(&rig, makes_a_thread);
        ck_assert_int_eq(sched_setscheduler(process->pid, SCHED_IDLE, &(struct sched_param){0}), 0);
        ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
        ck_assert_ptr_nonnull(held);
        let_go(&rig, held);
        unseen += is_unseen(&rig, process->pid);
        rig_close(&rig);
        ck_assert_int_eq(waitpid(-1, NULL, __WALL | WNOHANG), -1);
        ck_assert_int_eq(errno, ECHILD);
    }
    ck_assert_int_gt(unseen, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: the end of a tracer");
    TCase *tests = tcase_create("free");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_thread_that_nobody_has_seen);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
