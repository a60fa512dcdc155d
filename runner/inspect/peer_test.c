/* Sockets of our own, found by their inodes: who is at the other end, what has not been read, and who waits to be accepted. */
#include "inspect/inspect.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/run_test.h"

static uint64_t inode_of(int fd)
{
    struct stat info;
    ck_assert_int_eq(fstat(fd, &info), 0);
    return info.st_ino;
}

static struct socket_facts look(enum object_kind kind, int fd)
{
    struct socket_facts facts;
    struct err err = {0};
    ck_assert_msg(inspect_socket(&inspector_here, kind, inode_of(fd), &facts, &err), "%s", err.text);
    ck_assert(facts.is_there);
    return facts;
}

/* Each is the other's other end, and what one sends the other has not read. */
static void check_pair(enum object_kind kind, int a, int b)
{
    ck_assert_uint_eq(look(kind, a).peer, inode_of(b));
    ck_assert_uint_eq(look(kind, b).peer, inode_of(a));
    ck_assert_int_eq(send(a, "seven", 5, 0), 5);
    ck_assert_uint_ge(look(kind, b).unread, 5); /* of datagrams more than their bytes may count */
    ck_assert_uint_eq(look(kind, a).unread, 0);
    ck_assert(!look(kind, a).is_listening);
}

START_TEST(pairs)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, types[_i], 0, ends), 0);
    check_pair(OBJECT_PIPE, ends[0], ends[1]);
}
END_TEST

START_TEST(connections_that_wait)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t len = sizeof(sa_family_t); /* the kernel chooses an abstract name */
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, len), 0);
    ck_assert_int_eq(listen(listener, 3), 0);
    len = sizeof name;
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&name, &len), 0);
    ck_assert_uint_eq(look(OBJECT_UNIX, listener).waiting, 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&name, len), 0);
    const struct socket_facts facts = look(OBJECT_UNIX, listener);
    ck_assert(facts.is_listening);
    ck_assert_uint_eq(facts.waiting, 1);
    ck_assert_uint_eq(facts.backlog, 3);
    ck_assert_uint_eq(look(OBJECT_UNIX, client).peer, 0); /* nobody has accepted it */
    int server = accept(listener, NULL, NULL);
    check_pair(OBJECT_UNIX, client, server);
}
END_TEST

static int bound(int type, struct sockaddr_in *name)
{
    socklen_t len = sizeof *name;
    int fd = socket(AF_INET, type, 0);
    *name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)name, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)name, &len), 0);
    return fd;
}

START_TEST(over_tcp)
{
    struct sockaddr_in name;
    int listener = bound(SOCK_STREAM, &name), client = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(listen(listener, 3), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&name, sizeof name), 0);
    int server = accept(listener, NULL, NULL);
    ck_assert(look(OBJECT_TCP, listener).is_listening);
    ck_assert_uint_eq(look(OBJECT_TCP, listener).waiting, 0);
    ck_assert_uint_eq(look(OBJECT_TCP, client).peer, inode_of(server));
    ck_assert_uint_eq(look(OBJECT_TCP, server).peer, inode_of(client));
}
END_TEST

/* An IPv4 client of a server that listens to IPv6. */
START_TEST(over_both_families)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    int listener = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, len) != 0)
        return; /* a machine without IPv6 */
    ck_assert_int_eq(listen(listener, 3), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&name, &len), 0);
    to.sin_port = name.sin6_port;
    ck_assert_int_eq(connect(client, (struct sockaddr *)&to, sizeof to), 0);
    int server = accept(listener, NULL, NULL);
    ck_assert_uint_eq(look(OBJECT_TCP, client).peer, inode_of(server));
    ck_assert_uint_eq(look(OBJECT_TCP, server).peer, inode_of(client));
}
END_TEST

START_TEST(over_udp)
{
    struct sockaddr_in a_name, b_name;
    int a = bound(SOCK_DGRAM, &a_name), b = bound(SOCK_DGRAM, &b_name);
    ck_assert_uint_eq(look(OBJECT_UDP, a).peer, 0);
    ck_assert_int_eq(connect(a, (struct sockaddr *)&b_name, sizeof b_name), 0);
    ck_assert_int_eq(connect(b, (struct sockaddr *)&a_name, sizeof a_name), 0);
    ck_assert_uint_eq(look(OBJECT_UDP, a).peer, inode_of(b));
}
END_TEST

START_TEST(of_nobody)
{
    static const enum object_kind kinds[] = {OBJECT_UNIX, OBJECT_TCP, OBJECT_UDP, OBJECT_FILE};
    struct socket_facts facts;
    struct err err = {0};
    int file = open("/", O_PATH | O_CLOEXEC);
    ck_assert(inspect_socket(&inspector_here, kinds[_i], inode_of(file), &facts, &err));
    ck_assert(!facts.is_there);
    close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inspect: other ends");
    TCase *tests = tcase_create("sockets");
    tcase_add_loop_test(tests, pairs, 0, 3);
    tcase_add_test(tests, connections_that_wait);
    tcase_add_test(tests, over_tcp);
    tcase_add_test(tests, over_both_families);
    tcase_add_test(tests, over_udp);
    tcase_add_loop_test(tests, of_nobody, 0, 4);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
