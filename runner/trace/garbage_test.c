/* What the kernel closes by itself, because nobody can reach it any more, has happened before rest is told. */
#include "trace/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/ancillary.h"
#include "trace/tracer.h"

enum { DEPTH = 7, TIMES = 10, HAS_READ = 0, NOBODY = 65534, FEW = 40 };

static char c;

static void send_two(int to, int one, int other)
{
    struct iovec byte = {&c, 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1};
    union ancillary control;
    ancillary_add(&message, &control, SCM_RIGHTS, (int[]){one, other}, 2 * sizeof(int));
    if (sendmsg(to, &message, 0) != 1)
        _exit(1);
}

/* Takes `held`: what gives back a descriptor which alone keeps the cycle from being garbage, and with it what it holds. */
static int in_cycle(int held)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        _exit(1);
    send_two(pair[1], pair[0], held);
    close(held);
    close(pair[1]);
    return pair[0];
}

static void read_end(struct rig_shared *shared, int fd)
{
    shared->number[HAS_READ] = read(fd, &c, 1) == 0;
    pause();
}

static void reads_from_a_cycle(struct rig_shared *shared)
{
    int ends[2];
    (void)!pipe(ends);
    close(in_cycle(ends[1]));
    read_end(shared, ends[0]);
}

static void reads_from_a_cycle_in_a_cycle(struct rig_shared *shared)
{
    int ends[2];
    (void)!pipe(ends);
    int held = ends[1];
    for (int i = 0; i < DEPTH; i++)
        held = in_cycle(held);
    close(held);
    read_end(shared, ends[0]);
}

/* Whoever has made it ends, and closes nothing himself. */
static void reads_what_a_child_has_left(struct rig_shared *shared)
{
    int ends[2];
    (void)!pipe(ends);
    if (fork() == 0) {
        in_cycle(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    read_end(shared, ends[0]);
}

/* Nobody has the descriptor, but it can still be received. */
static void reads_from_a_message(struct rig_shared *shared)
{
    int ends[2];
    (void)!pipe(ends);
    (void)in_cycle(ends[1]);
    read_end(shared, ends[0]);
}

static const struct {
    rig_program *program;
    bool is_closed;
} rows[] = {
    {reads_from_a_cycle, true},
    {reads_from_a_cycle_in_a_cycle, true},
    {reads_what_a_child_has_left, true},
    {reads_from_a_message, false},
};
enum { ROWS = sizeof rows / sizeof *rows };

START_TEST(garbage_is_closed_before_rest)
{
    struct rig rig = {0};
    rig_open(&rig);
    const struct process *process = rig_start(&rig, rows[_i % ROWS].program);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[HAS_READ], rows[_i % ROWS].is_closed);
    ck_assert_int_eq(tracer_main_task(rig.tracer, process)->state, TASK_BLOCKED);
    ck_assert(rig.tracer->garbage.is_gone);
    rig_close(&rig);
}
END_TEST

static int count_fds(void)
{
    enum { MOST = 100 };
    int count = 0;
    for (int fd = 0; fd < MOST; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Nothing has happened: it is known. Something has: it is looked at anew, and no descriptor of ours is left of that. */
START_TEST(it_is_looked_at_once)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, reads_from_a_cycle);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const size_t layers = rig.tracer->garbage.layers;
    const int before = count_fds();
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_AT_REST);
    ck_assert_uint_eq(rig.tracer->garbage.layers, layers);
    rig.tracer->garbage.layers = 0;
    rig.tracer->statuses++;
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_AT_REST);
    ck_assert_uint_eq(rig.tracer->garbage.layers, 1);
    ck_assert_int_eq(count_fds(), before);
    rig_close(&rig);
}
END_TEST

static void reads_pipe(struct rig_shared *shared)
{
    int ends[2];
    (void)!pipe(ends);
    read_end(shared, ends[0]);
}

START_TEST(who_sends_no_descriptor_waits_for_no_collector)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, reads_pipe);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(!rig.tracer->garbage.is_gone);
    rig_close(&rig);
}
END_TEST

static void limit_descriptors(rlim_t most)
{
    const struct rlimit limit = {most, most};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* As many as this user may have under way: one more than the limit is let through (unix(7), ETOOMANYREFS). */
static void sends_all(struct rig_shared *shared)
{
    int pair[2];
    (void)shared;
    (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    for (int i = 0; i <= FEW / 2; i++)
        send_two(pair[1], 0, 1);
    pause();
}

START_TEST(who_cannot_know_says_so)
{
    struct rig rig = {0};
    if (geteuid() != 0) {
        test_skipped("who_cannot_know_says_so", "root");
        return;
    }
    ck_assert(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else nobody may trace what we start */
    limit_descriptors(FEW);
    rig_open(&rig);
    rig_start(&rig, sends_all);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: garbage");
    TCase *tests = tcase_create("garbage");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, garbage_is_closed_before_rest, 0, ROWS * TIMES);
    tcase_add_test(tests, it_is_looked_at_once);
    tcase_add_test(tests, who_sends_no_descriptor_waits_for_no_collector);
    tcase_add_test(tests, who_cannot_know_says_so);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
