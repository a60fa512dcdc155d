/* The agent's sockets: names, connections, datagrams, descriptors that are passed. The test is the other side. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/drive.h"
#include "base/run_test.h"

static char agent_path[PATH_MAX], directory[] = "/tmp/ipcgrade-agent-XXXXXX";
static struct driven agent;
static uint16_t port;

static const struct sockaddr_un door = {.sun_family = AF_UNIX, .sun_path = "door"},
                                mine = {.sun_family = AF_UNIX, .sun_path = "mine"};

static struct sockaddr_in at_port(void)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void choose_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&any, &len), 0);
    port = ntohs(any.sin_port);
    close(fd);
}

static void set_up(void)
{
    drive_agent_path(agent_path);
    drive_directory(directory);
    choose_port();
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    drive_stop(&agent);
    unlink("door");
    unlink("mine");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

/* The deed on a port or on the path "door"; what comes of it is called `as`. */
static struct order on(const char *word, enum object_kind kind, const char *as)
{
    struct order order = drive_order(word);
    order.object = kind == OBJECT_TCP || kind == OBJECT_UDP ? ORDER_KEY : ORDER_PATH;
    order.kind = kind;
    order.key = port;
    strcpy(order.path, "door");
    snprintf(order.as[0], sizeof order.as[0], "%s", as);
    return order;
}

static struct order accepts(const char *end, const char *as)
{
    struct order order = drive_on_end("accept", end);
    snprintf(order.as[0], sizeof order.as[0], "%s", as);
    return order;
}

static struct order reads(const char *end, size_t len)
{
    struct order order = drive_on_end("read", end);
    order.want_len = len;
    return order;
}

static struct reply writes(const char *end, const char *text)
{
    return drive(&agent, drive_on_end("write", end), text, strlen(text));
}

static int connected(enum object_kind kind)
{
    struct sockaddr_in there = at_port();
    bool is_tcp = kind == OBJECT_TCP;
    int fd = socket(is_tcp ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    const struct sockaddr *to = is_tcp ? (struct sockaddr *)&there : (const struct sockaddr *)&door;
    ck_assert_int_eq(connect(fd, to, is_tcp ? sizeof there : sizeof door), 0);
    return fd;
}

static const enum object_kind stream_kinds[] = {OBJECT_TCP, OBJECT_UNIX};

START_TEST(a_server)
{
    char byte = 0;
    DRIVE_SUCCEEDS(perform(on("listen", stream_kinds[_i], "l")), 0);
    int fd = connected(stream_kinds[_i]);
    struct reply reply = perform(accepts("l", "s"));
    ck_assert_int_gt(reply.result, 2);
    ck_assert_int_eq(write(fd, "hello", 5), 5);
    DRIVE_SUCCEEDS(perform(reads("s", 2)), 2);
    DRIVE_SUCCEEDS(perform(reads("s", 3)), 3);
    DRIVE_SUCCEEDS(writes("s", "x"), 1);
    ck_assert_int_eq(read(fd, &byte, 1), 1);
    DRIVE_SUCCEEDS(perform(drive_on_end("shutdown", "s")), 0);
    ck_assert_int_eq(read(fd, &byte, 1), 0);
    DRIVE_FAILS(writes("s", "x"), EPIPE);
    close(fd);
    DRIVE_SUCCEEDS(perform(reads("s", 1)), 0);
}
END_TEST

START_TEST(a_client)
{
    struct sockaddr_in here = at_port();
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    DRIVE_FAILS(perform(on("connect", OBJECT_TCP, "s")), ECONNREFUSED);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&here, sizeof here), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    DRIVE_SUCCEEDS(perform(on("connect", OBJECT_TCP, "s")), 0);
    int fd = accept(listener, NULL, NULL);
    struct order reset = drive_on_end("close", "s");
    char byte;
    drive_set(&reset, PARAM_HOW, 1);
    DRIVE_SUCCEEDS(perform(reset), 0);
    ck_assert_int_eq(read(fd, &byte, 1), -1);
    ck_assert_int_eq(errno, ECONNRESET);
    DRIVE_FAILS(perform(on("listen", OBJECT_TCP, "l")), EADDRINUSE);
    close(listener);
    close(fd);
}
END_TEST

/* What failed leaves no descriptor: the next one has the same number. */
START_TEST(nothing_is_kept_of_a_failure)
{
    for (int i = 0; i < 3; i++)
        DRIVE_FAILS(perform(on("connect", OBJECT_UNIX, "s")), ENOENT);
    DRIVE_SUCCEEDS(perform(on("bind", OBJECT_UNIX_DGRAM, "d")), 0);
    DRIVE_FAILS(perform(on("bind", OBJECT_UNIX_DGRAM, "e")), EADDRINUSE);
    DRIVE_FAILS(perform(on("listen", OBJECT_UNIX, "e")), EADDRINUSE);
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
    struct order dup = drive_on_end("dup", "w");
    strcpy(dup.as[0], "x");
    DRIVE_SUCCEEDS(perform(dup), 6); /* 3: d, 4 and 5: the pipe */
}
END_TEST

START_TEST(datagrams_come_whole)
{
    struct sockaddr_in there = at_port();
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char got[8] = "";
    DRIVE_SUCCEEDS(perform(on("bind", OBJECT_UDP, "s")), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    ck_assert_int_eq(send(fd, "one", 3, 0), 3);
    ck_assert_int_eq(send(fd, "", 0, 0), 0);
    ck_assert_int_eq(send(fd, "three", 5, 0), 5);
    DRIVE_SUCCEEDS(perform(reads("s", 1)), 3); /* however much is wanted */
    struct reply reply = perform(reads("s", 5));
    DRIVE_SUCCEEDS(reply, 0);
    ck_assert_int_eq(reply.met_eof, 0);
    DRIVE_SUCCEEDS(perform(reads("s", 100)), 5);
    drive_got(&agent, got, 5);
    ck_assert_str_eq(got, "three");
    /* and the answer goes to whom it last heard from, also an empty one */
    DRIVE_SUCCEEDS(writes("s", ""), 0);
    ck_assert_int_eq(recv(fd, got, sizeof got, 0), 0);
    DRIVE_SUCCEEDS(writes("s", "four"), 4);
    ck_assert_int_eq(recv(fd, got, sizeof got, 0), 4);
    close(fd);
}
END_TEST

START_TEST(a_sender_with_and_without_an_address)
{
    struct sockaddr_un sender;
    socklen_t len = sizeof sender;
    char got[8];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&door, sizeof door), 0);
    DRIVE_SUCCEEDS(perform(on("connect", OBJECT_UNIX_DGRAM, "n")), 0);
    DRIVE_SUCCEEDS(writes("n", "x"), 1);
    ck_assert_int_eq(recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&sender, &len), 1);
    ck_assert_uint_eq(len, 0);
    struct order named = on("connect", OBJECT_UNIX_DGRAM, "s");
    drive_set(&named, PARAM_TO, 0);
    strcpy(named.path2, "mine");
    DRIVE_SUCCEEDS(perform(named), 0);
    DRIVE_SUCCEEDS(writes("s", "y"), 1);
    len = sizeof sender;
    ck_assert_int_eq(recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&sender, &len), 1);
    ck_assert_str_eq(sender.sun_path, mine.sun_path);
    ck_assert_int_eq(sendto(fd, "answer", 6, 0, (struct sockaddr *)&sender, len), 6);
    DRIVE_SUCCEEDS(perform(reads("s", 6)), 6);
    close(fd);
    DRIVE_FAILS(writes("s", "z"), ECONNREFUSED);
}
END_TEST

static struct order with_fds(struct order order, const char *one, const char *two)
{
    order.fd_count = two ? 2 : 1;
    snprintf(order.fds[0], sizeof order.fds[0], "%s", one);
    if (two)
        snprintf(order.fds[1], sizeof order.fds[1], "%s", two);
    return order;
}

START_TEST(descriptors_there_and_back)
{
    char byte = 0;
    DRIVE_SUCCEEDS(perform(drive_pair("socketpair", "a", "b")), 0);
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
    /* one zero byte travels with them where no text is given */
    DRIVE_SUCCEEDS(perform(with_fds(drive_on_end("write", "a"), "r", "w")), 0);
    struct reply reply = perform(with_fds(drive_on_end("read", "b"), "r2", "w2"));
    DRIVE_SUCCEEDS(reply, 1);
    ck_assert_uint_eq(reply.fd_count, 2);
    drive_got(&agent, &byte, 1);
    ck_assert_int_eq(byte, 0);
    DRIVE_SUCCEEDS(writes("w2", "x"), 1);
    DRIVE_SUCCEEDS(perform(reads("r", 1)), 1);
    /* with a text, and more than there are names for */
    struct order order = with_fds(drive_on_end("write", "a"), "r", "w");
    DRIVE_SUCCEEDS(drive(&agent, order, "hello", 5), 5);
    struct order one = with_fds(reads("b", 5), "r3", NULL);
    reply = perform(one);
    DRIVE_SUCCEEDS(reply, 5);
    ck_assert_uint_eq(reply.fd_count, 2);
    /* none came */
    DRIVE_SUCCEEDS(writes("a", "x"), 1);
    reply = perform(with_fds(drive_on_end("read", "b"), "r4", NULL));
    DRIVE_SUCCEEDS(reply, 1);
    ck_assert_uint_eq(reply.fd_count, 0);
    drive_check_trouble(perform(with_fds(drive_on_end("write", "a"), "nobody", NULL)), "'nobody'");
}
END_TEST

START_TEST(a_queue_that_is_full)
{
    struct order listens = on("listen", OBJECT_UNIX, "l");
    drive_set(&listens, PARAM_SIZE, 0);
    DRIVE_SUCCEEDS(perform(listens), 0);
    int fd = connected(OBJECT_UNIX), second = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(connect(second, (const struct sockaddr *)&door, sizeof door), -1);
    ck_assert_int_eq(errno, EAGAIN);
    close(second);
    close(fd);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sockets");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_server, 0, 2);
    tcase_add_test(tests, a_client);
    tcase_add_test(tests, nothing_is_kept_of_a_failure);
    tcase_add_test(tests, datagrams_come_whole);
    tcase_add_test(tests, a_sender_with_and_without_an_address);
    tcase_add_test(tests, descriptors_there_and_back);
    tcase_add_test(tests, a_queue_that_is_full);
    Suite *suite = suite_create("agent: sockets");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
