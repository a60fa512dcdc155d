/* Who sleeps in a call that nobody follows, and what processor time is added up to. */
#include "base/cleanup.h"
#include "trace/parts.h"
#include "trace/rig.h"
#include "trace/tracer.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

static void in_pause(struct rig_shared *shared)
{
    shared->number[0] = 1;
    pause();
}

/* Until the only task is seen to sleep so. */
static void prove_unseen(struct rig *rig, struct task *task)
{
    while (!task->sleeps_unseen) {
        tracer_pump(rig->tracer);
        ck_assert_int_le(scene_prove(rig->tracer),
                         SCENE_UNPROVED); /* on its way there it may wait for a moment */
        ck_assert(!task->sleeps_unseen || task->state == TASK_RUNNING);
        sched_yield();
    }
}

/* With a filter that lets everything run free. */
START_TEST(asleep_in_a_call_that_is_not_traced)
{
    struct rig rig = {0};
    struct err err = {0};
    rig_open(&rig);
    free(rig.filter);
    ck_assert_msg(tracer_filter_untraced(&rig.filter, &rig.length, &err), "%s", err.text);
    rig_start(&rig, in_pause);
    prove_unseen(&rig, tracer_task(rig.tracer, 0));
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_ptr_null(tracer_task(rig.tracer, 0)->now);
    rig_close(&rig);
}
END_TEST

/* Before a program was executed it is ours that waits. */
START_TEST(asleep_before_it_has_begun)
{
    struct rig rig = {0};
    struct err err = {0};
    rig_open(&rig);
    free(rig.filter);
    ck_assert_msg(tracer_filter_untraced(&rig.filter, &rig.length, &err), "%s", err.text);
    rig_start(&rig, in_pause)->has_entered = false;
    for (int i = 0; i < 1000; i++) {
        scene_prove(rig.tracer);
        ck_assert(!tracer_task(rig.tracer, 0)->sleeps_unseen);
    }
    rig_close(&rig);
}
END_TEST

/* What lies in the way of the end of a connection is waited for by close(2), as long as it was told to. */
static void lingers(struct rig_shared *shared)
{
    static char block[1 << 16];
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    const struct linger linger = {1, shared->number[1]};
    struct linger seen = {-1, -1};
    socklen_t room = sizeof seen;
    int listening = socket(AF_INET, SOCK_STREAM, 0), own = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&name, len) != 0 || listen(listening, 1) != 0 ||
        getsockname(listening, (struct sockaddr *)&name, &len) != 0 ||
        connect(own, (struct sockaddr *)&name, len) != 0)
        return;
    while (send(own, block, sizeof block, MSG_DONTWAIT) > 0)
        continue;
    shared->number[0] = setsockopt(own, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0 &&
                        getsockopt(own, SOL_SOCKET, SO_LINGER, &seen, &room) == 0;
    shared->number[2] = seen.l_onoff;
    close(own);
    int error = 0;
    room = sizeof error;
    getsockopt(accept(listening, NULL, NULL), SOL_SOCKET, SO_ERROR, &error, &room);
    shared->number[3] = error == ECONNRESET;
}

START_TEST(asleep_in_a_call_that_is_not_known_to_wait)
{
    struct rig rig = {.config = {.is_not_graded = true}};
    rig_open(&rig);
    rig.shared->number[1] = 10000;
    rig_start(&rig, lingers);
    prove_unseen(&rig, tracer_task(rig.tracer, 0));
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_str_eq(tracer_task(rig.tracer, 0)->now->call.row->name, "close");
    rig_close(&rig);
}
END_TEST

/* A connection may be reset by it, and nobody waits. */
START_TEST(nobody_lingers_who_is_graded)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig.shared->number[1] = _i;
    rig_start(&rig, lingers);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(rig.shared->number[2], _i == 0);
    ck_assert_int_eq(rig.shared->number[3], _i == 0);
    rig_close(&rig);
}
END_TEST

/* A first thread that has ended has no descriptors any more, and the process has. */
static void wait_until_alone(void)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    while (!strstr(text, ") Z ")) {
        cleanup_fd int fd = open(path, O_RDONLY);
        if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
            return;
        sched_yield();
    }
}

static void *lingers_when_alone(void *shared)
{
    wait_until_alone();
    lingers(shared);
    return NULL;
}

static void lingers_without_its_first(struct rig_shared *shared)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, lingers_when_alone, shared) == 0)
        pthread_exit(NULL);
}

enum { OF_A_THREAD = O_EXCL };

static bool can_borrow_of_threads(void)
{
    cleanup_fd int known = (int)syscall(SYS_pidfd_open, getpid(), OF_A_THREAD);
    return known >= 0;
}

/* A kernel before 6.9: for us, and for whom we start. */
static void know_no_threads(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OF_A_THREAD, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

START_TEST(nobody_lingers_whose_first_thread_has_ended)
{
    struct rig rig = {0};
    if (!can_borrow_of_threads()) {
        test_skipped("the descriptors of a thread", "Linux 6.9");
        return;
    }
    rig_open(&rig);
    rig_start(&rig, lingers_without_its_first);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(rig.shared->number[3], 1);
    rig_close(&rig);
}
END_TEST

/* Nobody can set anything there, so nobody is told that he must not. */
START_TEST(nobody_lingers_though_nothing_can_be_borrowed)
{
    struct rig rig = {0};
    know_no_threads();
    rig_open(&rig);
    rig.shared->number[1] = 1;
    rig_start(&rig, lingers_without_its_first);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(rig.shared->number[2], 0);
    rig_close(&rig);
}
END_TEST

/* A reset is more than nothing. */
START_TEST(what_cannot_be_set_for_it_is_our_trouble)
{
    struct rig rig = {0};
    know_no_threads();
    rig_open(&rig);
    rig_start(&rig, lingers_without_its_first);
    rig_finish(&rig);
    ck_assert_ptr_nonnull(tracer_trouble(rig.tracer));
    tracer_free(rig.tracer);
}
END_TEST

static void *lingers_nowhere(void *argument)
{
    static const struct linger linger = {1, 1};
    struct rig_shared *shared = argument;
    wait_until_alone();
    const int none[] = {-1, 500, open("/dev/null", O_RDONLY)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (setsockopt(none[i], SOL_SOCKET, SO_LINGER, &linger, sizeof linger) != 0)
            shared->number[i] = errno;
    return NULL;
}

static void nowhere(struct rig_shared *shared)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, lingers_nowhere, shared) == 0)
        pthread_exit(NULL);
}

/* Whether it can be borrowed, or not. */
START_TEST(what_is_no_socket_is_told_so)
{
    struct rig rig = {0};
    if (_i > 0)
        know_no_threads();
    rig_open(&rig);
    rig_start(&rig, nowhere);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], EBADF);
    ck_assert_int_eq(rig.shared->number[1], EBADF);
    ck_assert_int_eq(rig.shared->number[2], ENOTSOCK);
    rig_close(&rig);
}
END_TEST

static void limit_descriptors(rlim_t most)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = most;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static struct ruling leave_us_none(void *context, struct task *task, const struct event *event)
{
    (void)context, (void)task;
    if (strcmp(event->call.row->name, "setsockopt") == 0)
        limit_descriptors(0);
    return (struct ruling){.kind = RULING_GO};
}

START_TEST(that_we_have_no_descriptor_left_is_our_trouble)
{
    struct rig rig = {.config.hooks.entry = leave_us_none};
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    rig_open(&rig);
    rig_start(&rig, lingers);
    while (!tracer_trouble(rig.tracer)) {
        ck_assert_uint_gt(tracer_task_count(rig.tracer), 0);
        tracer_pump(rig.tracer);
    }
    limit_descriptors(before.rlim_cur);
    ck_assert_ptr_nonnull(strstr(tracer_trouble(rig.tracer), "borrow"));
    tracer_free(rig.tracer);
}
END_TEST

static void *reads_nothing(void *unused)
{
    char byte;
    int ends[2];
    (void)!(pipe(ends) == 0 && read(ends[0], &byte, 1));
    return unused;
}

static void leader_has_gone(struct rig_shared *shared)
{
    pthread_t thread;
    shared->number[0] = pthread_create(&thread, NULL, reads_nothing, NULL) == 0;
    pthread_exit(NULL);
}

/* The tables of the network show nothing where they are asked of a thread that has ended. */
START_TEST(tables_are_read_of_whoever_is_there)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, leader_has_gone);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[0], 1);
    cleanup_file FILE *table = procfs_open_of_any(rig.tracer, "net/unix");
    ck_assert_ptr_nonnull(table);
    rig_close(&rig);
}
END_TEST

/* ---- processor time --------------------------------------------------------------------------------------------------- */

enum { MILLISECOND = 1000000, BURNT_MS = 50 };

static void *burn(void *unused)
{
    struct timespec used;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    while (used.tv_sec == 0 && used.tv_nsec < (long)BURNT_MS * MILLISECOND);
    return unused;
}

/* A thread that has ended, two children that were waited for, one that is killed, and itself: five. */
static void burns_by_many(struct rig_shared *shared)
{
    pthread_t thread;
    shared->number[0] = pthread_create(&thread, NULL, burn, NULL) == 0 && pthread_join(thread, NULL) == 0;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            burn(NULL);
            _exit(0);
        } else
            wait(NULL);
    if (fork() == 0) {
        burn(NULL);
        kill(getpid(), SIGKILL);
    }
    wait(NULL);
    burn(NULL);
}

START_TEST(processor_time_of_all_is_added_up)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, burns_by_many);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    uint64_t used = tracer_cpu_ns(rig.tracer) / MILLISECOND;
    ck_assert_uint_ge(used, 5UL * BURNT_MS);
    ck_assert_uint_lt(used, 10UL * BURNT_MS); /* nobody's twice */
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: unseen");
    TCase *tests = tcase_create("unseen");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, asleep_in_a_call_that_is_not_traced);
    tcase_add_test(tests, asleep_before_it_has_begun);
    tcase_add_test(tests, asleep_in_a_call_that_is_not_known_to_wait);
    tcase_add_loop_test(tests, nobody_lingers_who_is_graded, 0, 2);
    tcase_add_test(tests, nobody_lingers_whose_first_thread_has_ended);
    tcase_add_test(tests, nobody_lingers_though_nothing_can_be_borrowed);
    tcase_add_test(tests, what_cannot_be_set_for_it_is_our_trouble);
    tcase_add_loop_test(tests, what_is_no_socket_is_told_so, 0, 2);
    tcase_add_test(tests, that_we_have_no_descriptor_left_is_our_trouble);
    tcase_add_test(tests, tables_are_read_of_whoever_is_there);
    tcase_add_test(tests, processor_time_of_all_is_added_up);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
