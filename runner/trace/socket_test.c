/* Sockets under the tracer: which object a socket is, waiting calls on sockets, and what may still be on its way when nobody runs. */
#include "trace/rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

static char directory[] = "/tmp/ipcgrade-socket-XXXXXX";
static char c;
static uint16_t port; /* of the test; free when it began */

static struct sockaddr_in at_port(void)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static const struct sockaddr_un door = {.sun_family = AF_UNIX, .sun_path = "door"},
                                post = {.sun_family = AF_UNIX, .sun_path = "post"};

static int new_tcp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return fd;
}

static int tcp_listener(int backlog)
{
    struct sockaddr_in here = at_port();
    int fd = new_tcp();
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, backlog) != 0)
        _exit(90);
    return fd;
}

static int tcp_client(void)
{
    struct sockaddr_in there = at_port();
    int fd = new_tcp();
    if (connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
        _exit(91);
    return fd;
}

static int udp_receiver(void)
{
    struct sockaddr_in here = at_port();
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        _exit(92);
    return fd;
}

static int unix_listener(int backlog)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (const struct sockaddr *)&door, sizeof door) != 0 || listen(fd, backlog) != 0)
        _exit(93);
    return fd;
}

/* ---- programs that wait ------------------------------------------------------------------------------------------------ */

static void in_accept(void)
{
    (void)accept(tcp_listener(1), NULL, NULL);
}

static void in_accept4(void)
{
    (void)accept4(unix_listener(1), NULL, NULL, SOCK_CLOEXEC);
}

/* One may wait in a queue of length 0; the next has to wait itself. */
static void in_connect(void)
{
    unix_listener(0);
    for (int i = 0; i < 2; i++)
        (void)connect(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&door, sizeof door);
}

static void in_recv(void)
{
    tcp_listener(1);
    (void)recv(tcp_client(), &c, 1, 0);
}

static void in_recvfrom(void)
{
    (void)recvfrom(udp_receiver(), &c, 1, 0, NULL, NULL);
}

static void in_recvmsg(void)
{
    struct iovec piece = {&c, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    (void)bind(fd, (const struct sockaddr *)&post, sizeof post);
    (void)recvmsg(fd, &message, 0);
}

static void in_send(void)
{
    static char block[1 << 20];
    unix_listener(1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)connect(fd, (const struct sockaddr *)&door, sizeof door);
    for (;;)
        (void)send(fd, block, sizeof block, 0);
}

/* A receiver that does not read: its queue holds so many datagrams. */
static void in_sendto(void)
{
    int to = socket(AF_UNIX, SOCK_DGRAM, 0), from = socket(AF_UNIX, SOCK_DGRAM, 0);
    (void)bind(to, (const struct sockaddr *)&post, sizeof post);
    for (;;)
        (void)sendto(from, &c, 1, 0, (const struct sockaddr *)&post, sizeof post);
}

static void in_poll(void)
{
    struct pollfd both[2] = {{tcp_listener(1), POLLIN, 0}, {udp_receiver(), POLLIN, 0}};
    poll(both, 2, -1);
}

static void in_select(void)
{
    fd_set set;
    int fd = tcp_listener(1);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    select(fd + 1, &set, NULL, NULL, NULL);
}

static void in_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, unix_listener(1), &event);
    epoll_wait(epoll, &event, 1, -1);
}

static const struct waiting {
    const char *call;
    void (*program)(void);
} waiting[] = {
    {"accept", in_accept},     {"accept4", in_accept4}, {"connect", in_connect},  {"recvfrom", in_recv},
    {"recvfrom", in_recvfrom}, {"recvmsg", in_recvmsg}, {"sendto", in_send},      {"sendto", in_sendto},
    {"poll", in_poll},         {"pselect6", in_select}, {"epoll_wait", in_epoll},
};

static void (*program)(void); /* for the forked program */

static void runs(struct rig_shared *shared)
{
    (void)shared;
    program();
}

static struct process *start(struct rig *rig, void (*what)(void))
{
    program = what;
    rig_open(rig);
    return rig_start(rig, runs);
}

static void enter_directory(void)
{
    struct sockaddr_in free_one = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof free_one;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&free_one, sizeof free_one), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&free_one, &len), 0);
    port = ntohs(free_one.sin_port);
    close(fd);
}

static void leave_directory(void)
{
    unlink("door");
    unlink("post");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

START_TEST(blocked_is_proved)
{
    struct rig rig = {0};
    const struct process *process = start(&rig, waiting[_i].program);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const struct task *task = tracer_main_task(rig.tracer, process);
    ck_assert_ptr_nonnull(task);
    ck_assert_int_eq(task->state, TASK_BLOCKED);
    ck_assert_str_eq(task->now->call.row->name, waiting[_i].call);
    rig_close(&rig);
}
END_TEST

/* ---- which object ------------------------------------------------------------------------------------------------------ */

static bool is_port(const struct object_id *id, enum object_kind kind)
{
    return id->kind == kind && id->device == 0 && id->number == port;
}

static void both_ends(void)
{
    int listener = tcp_listener(1);
    if (fork() == 0) {
        int fd = tcp_client();
        (void)!write(fd, "hello", 5);
        (void)!read(fd, &c, 1);
        _exit(0);
    }
    int fd = accept(listener, NULL, NULL);
    (void)!read(fd, &c, 1);
    close(fd);
    wait(NULL);
}

START_TEST(both_ends_of_a_connection)
{
    static const char *const calls[] = {"bind", "listen", "accept", "connect", "read", "write", "close"};
    struct rig rig = {0};
    start(&rig, both_ends);
    rig_finish(&rig);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const struct event *event = rig_event(&rig, NULL, calls[i], 0);
        ck_assert_msg(event && is_port(&event->object, OBJECT_TCP), "%s", calls[i]);
    }
    const struct event *made = rig_event(&rig, NULL, "accept", 0);
    char name[32];
    snprintf(name, sizeof name, "port %d", port);
    ck_assert(is_port(&made->made[0], OBJECT_TCP));
    ck_assert_str_eq(made->object_name, name);
    const struct event *fresh = rig_event(&rig, NULL, "socket", 0);
    ck_assert_int_eq(fresh->object.kind, OBJECT_TCP);
    ck_assert_uint_ne(fresh->object.device, 0);
    ck_assert_str_eq(fresh->object_name, "TCP socket");
    rig_close(&rig);
}
END_TEST

static void by_path(void)
{
    int listener = unix_listener(1), to = socket(AF_UNIX, SOCK_STREAM, 0),
        nobody = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un same = {.sun_family = AF_UNIX, .sun_path = "./door"};
    (void)connect(nobody, (const struct sockaddr *)&post, sizeof post);
    (void)connect(to, (struct sockaddr *)&same, sizeof same);
    (void)!write(accept(listener, NULL, NULL), "x", 1);
    unlink("door");
    (void)!read(to, &c, 1);
}

START_TEST(a_path_is_one_object)
{
    struct rig rig = {0};
    start(&rig, by_path);
    rig_finish(&rig);
    const struct object_id bound = rig_event(&rig, NULL, "bind", 0)->object;
    const struct event *file = rig_event(&rig, NULL, "bind", 0),
                       *refused = rig_event(&rig, NULL, "connect", 0);
    const char *path = tracer_socket_path(rig.tracer, &bound);
    ck_assert_int_eq(bound.kind, OBJECT_UNIX);
    ck_assert_uint_eq(bound.device, 0);
    ck_assert_str_eq(strrchr(path, '/'), "/door");
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "connect", 1)->object));
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "write", 0)->object));
    /* also when the file is gone */
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "read", 0)->object));
    ck_assert_int_eq(refused->call.error, ENOENT);
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &refused->object), '/'), "/post");
    /* what stands in the file system is another object: the one that is removed */
    ck_assert_int_eq(file->made[0].kind, OBJECT_UNIX);
    ck_assert(object_same(&file->made[0], &rig_event(&rig, NULL, "unlink", 0)->object));
    rig_close(&rig);
}
END_TEST

static void datagrams(void)
{
    struct sockaddr_in there = at_port();
    int receiver = udp_receiver(), sender = socket(AF_INET, SOCK_DGRAM, 0),
        bound = socket(AF_UNIX, SOCK_DGRAM, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0);
    (void)sendto(sender, "x", 1, 0, (struct sockaddr *)&there, sizeof there);
    (void)recv(receiver, &c, 1, 0);
    (void)recv(sender, &c, 1, MSG_DONTWAIT);
    (void)bind(bound, (const struct sockaddr *)&door, sizeof door);
    (void)bind(other, (const struct sockaddr *)&post, sizeof post);
    (void)sendto(other, "x", 1, 0, (const struct sockaddr *)&door, sizeof door);
}

START_TEST(a_datagram_socket_has_the_name_of_whom_it_speaks_to)
{
    struct rig rig = {0};
    start(&rig, datagrams);
    rig_finish(&rig);
    ck_assert(is_port(&rig_event(&rig, NULL, "sendto", 0)->object, OBJECT_UDP));
    ck_assert(is_port(&rig_event(&rig, NULL, "recvfrom", 0)->object, OBJECT_UDP));
    ck_assert(is_port(&rig_event(&rig, NULL, "recvfrom", 1)->object, OBJECT_UDP));
    /* one that has a name itself has two */
    const struct event *sent = rig_event(&rig, NULL, "sendto", 1);
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &sent->object), '/'), "/post");
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &sent->into), '/'), "/door");
    rig_close(&rig);
}
END_TEST

static void passes(void)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    int ends[2], listener = tcp_listener(1), fd = tcp_client();
    struct iovec byte = {&c, 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    (void)listener;
    *part = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(part), &fd, sizeof fd);
    (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) {
        close(fd);
        (void)recvmsg(ends[0], &message, 0);
        memcpy(&fd, CMSG_DATA(part), sizeof fd); /* it stands where it stood */
        (void)!write(fd, "x", 1);
        _exit(0);
    }
    (void)sendmsg(ends[1], &message, 0);
    wait(NULL);
}

START_TEST(a_socket_that_is_passed_stays_what_it_is)
{
    struct rig rig = {0};
    start(&rig, passes);
    rig_finish(&rig);
    ck_assert(is_port(&rig_event(&rig, NULL, "write", 0)->object, OBJECT_TCP));
    ck_assert_int_eq(rig_event(&rig, NULL, "sendmsg", 0)->call.value[PARAM_FDS], 1);
    ck_assert_int_eq(rig_event(&rig, NULL, "recvmsg", 0)->call.value[PARAM_FDS], 1);
    ck_assert_int_eq(rig_event(&rig, NULL, "sendmsg", 0)->object.kind, OBJECT_PIPE); /* the socket pair */
    rig_close(&rig);
}
END_TEST

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
}

/* The third argument of sendmsg is no count: its flags stay what they are. */
START_TEST(short_sends)
{
    struct rig rig = {.config.hooks.entry = shortens};
    rig_open(&rig);
    rig_start(&rig, sends);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(rig.shared->number[1], 5);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: sockets");
    TCase *tests = tcase_create("sockets");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_loop_test(tests, blocked_is_proved, 0, sizeof waiting / sizeof *waiting);
    tcase_add_test(tests, both_ends_of_a_connection);
    tcase_add_test(tests, a_path_is_one_object);
    tcase_add_test(tests, a_datagram_socket_has_the_name_of_whom_it_speaks_to);
    tcase_add_test(tests, a_socket_that_is_passed_stays_what_it_is);
    tcase_add_test(tests, pieces_that_wait_for_each_other);
    tcase_add_test(tests, a_connection_that_is_tried_again);
    tcase_add_loop_test(tests, limits_of_a_socket, 0, 3);
    tcase_add_test(tests, short_sends);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
