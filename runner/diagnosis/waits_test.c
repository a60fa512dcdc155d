/* The wait-for graph of programs over pipes and FIFOs whose knot is known: the right waits, the right helpers, the right cycle; and of programs that only wait, no cycle. */
#include "diagnosis/standing.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- pipes --------------------------------------------------------------------------------------------------------------- */

static int ends[2], back[2];
static char byte;

static void reads_own_pipe(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || dup2(ends[1], 77) != 77)
        _exit(1);
    close(ends[1]);
    (void)!read(ends[0], &byte, 1);
}

START_TEST(own_write_end)
{
    struct scene_of scene;
    stand(&scene, reads_own_pipe);
    const struct wait *wait = wait_of(&scene, 0);
    const struct helper *self = helper_of(wait, HELP_WRITE_END, 0);
    ck_assert_int_eq(wait->wait_for, WAIT_FOR_BYTES);
    ck_assert(wait->has_amount && wait->amount == 0);
    ck_assert_int_eq(self->fd, 77);
    ck_assert_str_eq(self->origin->call.row->name, "dup2");
    ck_assert_uint_eq(wait->helper_count, 1);
    ck_assert_uint_eq(scene.waits.cycle_count, 1);
    says(&scene, wait, "WAITS FOR ITSELF");
    says(&scene, wait, "as descriptor 77 (dup2() at ");
    leave(&scene);
}
END_TEST

/* The child reads to the end of a pipe whose write end it has itself, inherited; the parent waits for the child. */
static void child_keeps_end(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        while (read(ends[0], &byte, 1) > 0)
            continue;
        _exit(0);
    }
    close(ends[0]);
    close(ends[1]);
    wait(NULL);
}

START_TEST(inherited_write_end)
{
    struct scene_of scene;
    stand(&scene, child_keeps_end);
    const struct wait *child = wait_of(&scene, 1), *parent = wait_of(&scene, 0);
    const struct helper *self = helper_of(child, HELP_WRITE_END, 1);
    ck_assert_int_eq(self->origin->process, 0);
    ck_assert_str_eq(self->origin->call.row->name, "pipe2");
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_CHILD);
    ck_assert_int_ge(helper_of(parent, HELP_CHILD, 1)->wait, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 1);
    says(&scene, child, "inherited over fork(); pipe() at ");
    says(&scene, parent, "this child lives: P1, which waits itself in read() at ");
    leave(&scene);
}
END_TEST

/* Each waits for the other to write first. */
static void both_read_first(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    close(is_child ? ends[1] : back[1]);
    close(is_child ? back[0] : ends[0]);
    (void)!read(is_child ? ends[0] : back[0], &byte, 1);
}

START_TEST(two_pipes)
{
    struct scene_of scene;
    stand(&scene, both_read_first);
    helper_of(wait_of(&scene, 0), HELP_WRITE_END, 1);
    helper_of(wait_of(&scene, 1), HELP_WRITE_END, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(!scene.waits.is_cycle_probable);
    ck_assert(wait_of(&scene, 0)->is_doomed && wait_of(&scene, 1)->is_doomed);
    knot_says(&scene, "Deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.");
    leave(&scene);
}
END_TEST

static void fill(int fd)
{
    static char block[4096];
    for (;;)
        if (write(fd, block, sizeof block) < 0)
            _exit(1);
}

static void both_write(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    close(is_child ? ends[1] : back[1]);
    close(is_child ? back[0] : ends[0]);
    fill(is_child ? back[1] : ends[1]);
}

START_TEST(both_pipes_full)
{
    struct scene_of scene;
    stand(&scene, both_write);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_ROOM);
    ck_assert_int_eq(parent->amount, parent->room);
    helper_of(parent, HELP_READ_END, 1);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    says(&scene, parent, " It is full: 65536 bytes lie in it, and it holds 65536.");
    says(&scene, parent, "the read end is open in P1, as descriptor ");
    leave(&scene);
}
END_TEST

/* A reader whose writer only waits for a signal: nobody waits for the reader. */
static void writer_pauses(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        pause();
    }
    close(ends[1]);
    (void)!read(ends[0], &byte, 1);
}

START_TEST(no_knot)
{
    struct scene_of scene;
    stand(&scene, writer_pauses);
    helper_of(wait_of(&scene, 0), HELP_WRITE_END, 1);
    ck_assert_int_eq(wait_of(&scene, 1)->wait_for, WAIT_FOR_SIGNAL);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    ck_assert(!wait_of(&scene, 0)->is_doomed && !wait_of(&scene, 1)->is_doomed);
    knot_says(&scene, "");
    leave(&scene);
}
END_TEST

/* The parent waits for either child. One of them waits for the parent, the other for a signal: that may end it yet, and nothing is a deadlock. */
static void one_child_pauses(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[1]);
        (void)!read(ends[0], &byte, 1);
        _exit(0);
    }
    if (fork() == 0) {
        close(ends[1]);
        pause();
        _exit(0);
    }
    wait(NULL);
}

START_TEST(somebody_could_end_it)
{
    struct scene_of scene;
    stand(&scene, one_child_pauses);
    helper_of(wait_of(&scene, 0), HELP_CHILD, 1);
    helper_of(wait_of(&scene, 0), HELP_CHILD, 2);
    ck_assert(!wait_of(&scene, 0)->is_doomed && !wait_of(&scene, 1)->is_doomed);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    leave(&scene);
}
END_TEST

static bool is_alone;

/* A child can wait for its parent only through something that the parent holds: another pipe, whose write end is the parent's. */
static void wait_for_parent(void)
{
    close(back[1]);
    (void)!read(back[0], &byte, 1);
}

/* It polls a pipe whose writer waits for it, and a terminal of whom nobody knows: no deadlock. */
static void polls_the_world(struct rig_shared *shared)
{
    (void)shared;
    int world = posix_openpt(O_RDWR | O_NOCTTY);
    if (world < 0 || pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        close(world);
        wait_for_parent();
    }
    close(ends[1]);
    close(back[0]);
    struct pollfd watched[] = {{ends[0], POLLIN, 0}, {world, POLLIN, 0}};
    poll(watched, is_alone ? 1 : 2, -1);
}

START_TEST(what_is_open_to_the_world)
{
    struct scene_of scene;
    is_alone = _i == 0;
    stand(&scene, polls_the_world);
    ck_assert_int_eq(wait_of(&scene, 0)->is_doomed, is_alone);
    ck_assert_uint_eq(scene.waits.cycle_count, is_alone ? 2 : 0);
    leave(&scene);
}
END_TEST

/* ---- FIFOs --------------------------------------------------------------------------------------------------------------- */

static char directory[] = "/tmp/ipcgrade-waits-XXXXXX";

static void opens_in_other_order(struct rig_shared *shared)
{
    (void)shared;
    if (chdir(directory) != 0 || mkfifo("there", 0600) != 0 || mkfifo("back", 0600) != 0)
        _exit(1);
    (void)!open(fork() == 0 ? "back" : "there", O_WRONLY);
}

START_TEST(fifo_order)
{
    struct scene_of scene;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    stand(&scene, opens_in_other_order);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_READER);
    ck_assert(helper_of(parent, HELP_PARTY, 1)->is_probable);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(scene.waits.is_cycle_probable);
    says(&scene, parent, "for somebody who opens FIFO there for reading.");
    knot_says(&scene, "Probably a deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.");
    leave(&scene);
}
END_TEST

static void waits_alone(struct rig_shared *shared)
{
    (void)shared;
    if (chdir(directory) != 0 || mkfifo("alone", 0600) != 0)
        _exit(1);
    if (fork() == 0)
        (void)!open("alone", O_RDONLY);
    wait(NULL);
}

/* The parent waits for the child; nobody knows who should open the FIFO, so nothing is guessed. */
START_TEST(fifo_alone)
{
    struct scene_of scene;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    stand(&scene, waits_alone);
    ck_assert_uint_eq(wait_of(&scene, 1)->helper_count, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    leave(&scene);
}
END_TEST

/* ---- history ------------------------------------------------------------------------------------------------------------- */

static void does_all_sorts(struct rig_shared *shared)
{
    (void)shared;
    if (pipe2(ends, O_CLOEXEC) != 0 || dup2(ends[0], 50) != 50 || fcntl(ends[1], F_DUPFD, 60) != 60)
        _exit(1);
    fcntl(50, F_SETFD, FD_CLOEXEC);
    close(ends[0]);
    close_range(60, 70, 0);
    execl("/bin/sleep", "sleep", "100000", NULL);
}

START_TEST(history_of_one)
{
    struct scene_of scene = {0};
    size_t count;
    rig_open(&scene.rig);
    scene.main = rig_start(&scene.rig, does_all_sorts);
    while (!rig_event(&scene.rig, scene.main, "execve", 0))
        tracer_pump(scene.rig.tracer);
    struct history *history = history_new(scene.rig.tracer);
    for (size_t i = 0; i < tracer_event_count(scene.rig.tracer); i++) {
        const struct event *event = tracer_event(scene.rig.tracer, i);
        if (strcmp(event->call.row->name, "execve") == 0) {
            const struct descriptor *copy = history_find(history, 0, 50);
            ck_assert_ptr_nonnull(copy);
            ck_assert(copy->is_cloexec && copy->ends == END_READ);
            ck_assert_ptr_null(history_find(history, 0, 60));
            history_table(history, 0, &count);
            ck_assert_uint_eq(count, 2); /* the copy and the write end */
        }
        history_play(history, event);
    }
    history_free(history);
    scene.history = NULL;
    leave(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis: waits for ends");
    TCase *tests = tcase_create("waits");
    tcase_add_test(tests, own_write_end);
    tcase_add_test(tests, inherited_write_end);
    tcase_add_test(tests, two_pipes);
    tcase_add_test(tests, both_pipes_full);
    tcase_add_test(tests, no_knot);
    tcase_add_test(tests, somebody_could_end_it);
    tcase_add_loop_test(tests, what_is_open_to_the_world, 0, 2);
    tcase_add_test(tests, fifo_order);
    tcase_add_test(tests, fifo_alone);
    tcase_add_test(tests, history_of_one);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
