/* Sockets under the tracer: which object a socket is, and waiting calls on sockets. What is on its way between them is socket_way_test.c. */
#include "trace/socket_rig.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>

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
    const char *path = tracer_socket_path(rig.tracer, &bound, 0);
    ck_assert_int_eq(bound.kind, OBJECT_UNIX);
    ck_assert_uint_eq(bound.device, 0);
    ck_assert_str_eq(strrchr(path, '/'), "/door");
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "connect", 1)->object));
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "write", 0)->object));
    /* also when the file is gone */
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "read", 0)->object));
    ck_assert_int_eq(refused->call.error, ENOENT);
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &refused->object, 0), '/'), "/post");
    /* what stands in the file system is another object: the one that is removed */
    ck_assert_int_eq(file->made[0].kind, OBJECT_UNIX);
    ck_assert(object_same(&file->made[0], &rig_event(&rig, NULL, "unlink", 0)->object));
    rig_close(&rig);
}
END_TEST

/* Bound under another name, linked, renamed; who connects comes by any of the names, and by what leads a process to itself. */
static void put_in_place(void)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = "own"},
                       link_of_it = {.sun_family = AF_UNIX, .sun_path = "/proc/self/cwd/post"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), one = socket(AF_UNIX, SOCK_STREAM, 0),
        two = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)bind(listener, (struct sockaddr *)&own, sizeof own);
    (void)listen(listener, 2);
    (void)link("own", "post");
    (void)rename("own", "door");
    (void)connect(one, (const struct sockaddr *)&door, sizeof door);
    (void)connect(two, (struct sockaddr *)&link_of_it, sizeof link_of_it);
    (void)!write(accept(listener, NULL, NULL), "x", 1);
    unlink("post");
    (void)bind(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&post, sizeof post);
}

START_TEST(a_socket_is_what_all_its_names_say)
{
    struct rig rig = {0};
    static const char *const names[] = {"/door", "/post", "/own"};
    start(&rig, put_in_place);
    rig_finish(&rig);
    const struct object_id bound = rig_event(&rig, NULL, "bind", 0)->object,
                           another = rig_event(&rig, NULL, "bind", 1)->object;
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "connect", 0)->object));
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "connect", 1)->object));
    ck_assert(object_same(&bound, &rig_event(&rig, NULL, "write", 0)->object));
    ck_assert_str_eq(rig_event(&rig, NULL, "write", 0)->object_name, "door");
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &bound, i), '/'), names[i]);
    ck_assert_str_eq(tracer_socket_path(rig.tracer, &bound, 3), "");
    ck_assert(!object_same(&bound, &another));
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
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &sent->object, 0), '/'), "/post");
    ck_assert_str_eq(strrchr(tracer_socket_path(rig.tracer, &sent->into, 0), '/'), "/door");
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

int main(void)
{
    Suite *suite = suite_create("trace: sockets");
    TCase *tests = tcase_create("sockets");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_loop_test(tests, blocked_is_proved, 0, sizeof waiting / sizeof *waiting);
    tcase_add_test(tests, both_ends_of_a_connection);
    tcase_add_test(tests, a_path_is_one_object);
    tcase_add_test(tests, a_socket_is_what_all_its_names_say);
    tcase_add_test(tests, a_datagram_socket_has_the_name_of_whom_it_speaks_to);
    tcase_add_test(tests, a_socket_that_is_passed_stays_what_it_is);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
