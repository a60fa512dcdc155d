/* What may still be on its way between sockets when nobody runs, waits with a time limit, and sends that are shortened. */
#include "trace/socket_rig.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>

/* ---- on the way -------------------------------------------------------------------------------------------------------- */

enum { PIECES = 6, ALL_PIECES = 2 * PIECES };

/* The second piece waits for the acknowledgement of the first, which the other side puts off: 40 ms in which nobody runs. */
static void small_pieces(struct rig_shared *shared)
{
    int listener = tcp_listener(1);
    if (fork() == 0) {
        int fd = accept(listener, NULL, NULL), got = 0;
        char all[ALL_PIECES];
        while (got < (int)sizeof all) {
            int one = (int)read(fd, all + got, sizeof all - (size_t)got);
            got += one;
            shared->number[0] = got;
            if (got == 2)
                (void)!write(fd, "x", 1); /* from now on it hopes to send its acknowledgements along */
        }
        pause();
    }
    int fd = tcp_client();
    (void)!write(fd, "ab", 2);
    (void)!read(fd, &c, 1);
    for (int i = 1; i < PIECES; i++)
        (void)!write(fd, "cd", 2);
    pause();
}

START_TEST(pieces_that_wait_for_each_other)
{
    struct rig rig = {0};
    rig_open(&rig);
    rig_start(&rig, small_pieces);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[0], ALL_PIECES);
    rig_close(&rig);
}
END_TEST

/* A request that the kernel drops and sends again after a second: the turn is over, but nobody may say that it can never get through. */
static void into_a_full_queue(void)
{
    tcp_listener(0);
    for (int i = 0; i < 4; i++)
        tcp_client();
}

START_TEST(a_connection_that_is_tried_again)
{
    struct rig rig = {0};
    const struct process *process = start(&rig, into_a_full_queue);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    ck_assert_str_eq(tracer_main_task(rig.tracer, process)->now->call.row->name, "connect");
    rig_close(&rig);
}
END_TEST

static void with_patience(void)
{
    struct timeval limit = {60, 0};
    int fd = udp_receiver();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)recv(fd, &c, 1, 0);
}

static void with_patience_taken_back(void)
{
    struct timeval limit = {60, 0}, none = {0, 0};
    int fd = udp_receiver(), copy = dup(fd);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(copy, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    (void)recv(fd, &c, 1, 0);
}

static void with_patience_to_send(void)
{
    struct timeval limit = {60, 0};
    int fd = udp_receiver();
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    (void)recv(fd, &c, 1, 0);
}

START_TEST(limits_of_a_socket)
{
    static const struct {
        void (*program)(void);
        enum scene scene;
    } rows[] = {{with_patience, SCENE_TURN_OVER},
                {with_patience_taken_back, SCENE_AT_REST},
                {with_patience_to_send, SCENE_AT_REST}};
    struct rig rig = {0};
    start(&rig, rows[_i].program);
    ck_assert_int_eq(rig_turn(&rig), rows[_i].scene);
    rig_close(&rig);
}
END_TEST

static struct ruling shortens(void *context, struct task *task, const struct event *event)
{
    (void)context, (void)task;
    bool is_meant = event->call.deed && strcmp(event->call.deed->word, "write") == 0;
    return is_meant ? (struct ruling){.kind = RULING_SHORTEN, .bytes = 1} : (struct ruling){0};
}

static void sends(struct rig_shared *shared)
{
    int ends[2];
    struct iovec piece = {(char[]){"hello"}, 5};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    shared->number[0] = (int)send(ends[0], "hello", 5, MSG_NOSIGNAL);
    shared->number[1] = (int)sendmsg(ends[0], &message, MSG_NOSIGNAL);
    close(ends[1]);
    shared->number[2] = (int)sendmsg(ends[0], &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/* The third argument of sendmsg is no count: its flags stay what they are, so that nobody is killed by SIGPIPE. */
START_TEST(short_sends)
{
    struct rig rig = {.config.hooks.entry = shortens};
    rig_open(&rig);
    rig_start(&rig, sends);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(rig.shared->number[1], 1);
    ck_assert_int_eq(rig.shared->number[2], EPIPE);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: sockets, on the way");
    TCase *tests = tcase_create("sockets");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_test(tests, pieces_that_wait_for_each_other);
    tcase_add_test(tests, a_connection_that_is_tried_again);
    tcase_add_loop_test(tests, limits_of_a_socket, 0, 3);
    tcase_add_test(tests, short_sends);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
