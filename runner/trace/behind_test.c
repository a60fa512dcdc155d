/* What a descriptor leads to while somebody waits there: its number is closed, a terminal has something on its way, a table is shared. */
#include "trace/wakes.h"

/* ---- a number that is closed while somebody waits for what it led to --------------------------------------------------- */

static int timer;

static void *reads_timer(void *unused)
{
    uint64_t count;
    (void)!read(timer, &count, sizeof count);
    return unused;
}

static void *polls_timer(void *unused)
{
    struct pollfd both[2] = {{in_pipe(), POLLIN, 0}, {timer, POLLIN, 0}};
    poll(both, 2, -1);
    return unused;
}

static void *(*thread_of)(void *);

static void closes_timer_of_a_thread(struct rig_shared *shared)
{
    pthread_t thread;
    timer = timer_in(thread_of == polls_timer ? LONG_SECONDS : 0);
    pthread_create(&thread, NULL, thread_of, NULL);
    (void)!read(shared->number[GO], &c, 1);
    close(timer);
    pause();
}

START_TEST(closed_while_waited_for)
{
    struct rig rig = {0};
    int go[2];
    ck_assert_int_eq(pipe(go), 0);
    thread_of = _i ? polls_timer : reads_timer;
    rig_open(&rig);
    rig.shared->number[GO] = go[0];
    rig_start(&rig, closes_timer_of_a_thread);
    ck_assert_int_eq(rig_turn(&rig), _i ? SCENE_TURN_OVER : SCENE_AT_REST);
    ck_assert_int_eq(write(go[1], "", 1), 1);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    close(go[0]);
    close(go[1]);
    rig_close(&rig);
}
END_TEST

/* ---- what is on its way through a terminal ------------------------------------------------------------------------------ */

enum { LINES = 1000 };

/* Each line comes back twice: echoed, and answered. */
static void answer_lines(int slave)
{
    char line[64];
    ssize_t len;
    while ((len = read(slave, line, sizeof line)) > 0 && line[0] != 'q') {
        line[0] = 'a';
        (void)!write(slave, line, (size_t)len);
    }
    _exit(0);
}

static void talks_over_terminal(struct rig_shared *shared)
{
    enum { BACK = 2 * (sizeof "line\r\n" - 1) };
    char line[64];
    int master, slave = open_terminal(&master);
    if (fork() == 0)
        answer_lines(slave);
    for (int i = 0; i < LINES; i++) {
        (void)!write(master, "line\n", 5);
        for (ssize_t got = 0, len; got < BACK; got += len)
            if ((len = read(master, line, sizeof line)) <= 0)
                _exit(1);
        shared->number[SHOWN]++;
    }
    (void)!write(master, "q\n", 2);
    wait(NULL);
}

START_TEST(through_a_terminal)
{
    struct rig rig = {0};
    rig_open(&rig);
    struct process *process = rig_start(&rig, talks_over_terminal);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[SHOWN], LINES);
    ck_assert(process->is_dead);
    ck_assert_int_eq(process->wait_status, 0);
    rig_close(&rig);
}
END_TEST

/* ---- descriptors that two processes share -------------------------------------------------------------------------------- */

static int shared_number;

static long clone_with_files(void)
{
    return syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
}

static void read_where_the_parent_put_another(void)
{
    (void)!read(shared_number, &c, 0); /* so far it is what was there before */
    kill(getpid(), SIGSTOP);
    (void)!read(shared_number, &c, 1);
    _exit(0);
}

static void puts_another(struct rig_shared *shared)
{
    handle(SIGUSR1);
    shared_number = in_pipe();
    long child = clone_with_files();
    if (child == 0 && shared->number[IS_GRANDCHILD] && (child = clone_with_files()) != 0)
        waitpid((pid_t)child, NULL, 0);
    if (child == 0)
        read_where_the_parent_put_another();
    pause();
    dup2(shared->number[DECOY], shared_number);
    pause();
}

START_TEST(a_shared_table_is_not_remembered)
{
    struct rig rig = {0};
    struct object_id decoy;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    rig_open(&rig);
    rig.shared->number[IS_GRANDCHILD] = _i;
    rig.shared->number[DECOY] = ends[0];
    struct process *parent = rig_start(&rig, puts_another);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(kill(parent->pid, SIGUSR1), 0);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    struct process *reader = tracer_process(rig.tracer, _i ? 2 : 1);
    ck_assert_int_eq(kill(reader->pid, SIGCONT), 0);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const struct task *task = tracer_main_task(rig.tracer, reader);
    ck_assert_str_eq(task->now->call.row->name, "read");
    ck_assert(process_object(parent, ends[0], &decoy));
    ck_assert(object_same(&task->now->object, &decoy));
    close(ends[0]);
    close(ends[1]);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: behind descriptors");
    TCase *tests = tcase_create("descriptors");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, closed_while_waited_for, 0, 2);
    tcase_add_test(tests, through_a_terminal);
    tcase_add_loop_test(tests, a_shared_table_is_not_remembered, 0, 2);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
