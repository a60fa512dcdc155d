/* Calls on sockets, decoded from raw arguments in our own memory, and their exact lines. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/run_test.h"
#include "calls/call.h"

static bool read_own(void *context, uint64_t address, void *to, size_t len)
{
    struct iovec local = {to, len},
                 remote = {(void *)(uintptr_t)address, len}; // NOLINT(performance-no-int-to-ptr)
    (void)context;
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static struct call call;

static void enter(const char *name, const uint64_t *arg)
{
    call_free(&call);
    call_init(&call);
    call.row = vocabulary_call(name, &call.deed);
    ck_assert_msg(call.row && call.row->decode, "%s", name);
    call.memory.read = read_own;
    memcpy(call.arg, arg, sizeof call.arg);
    call.row->decode(&call);
}

static void leave(int64_t result)
{
    call.result = result;
    call.error = result < 0 ? (int)-result : 0;
    call.is_done = true;
    if (call.row->traits & CALL_BY_EXIT)
        call.row->decode(&call);
}

static void reads(const char *expected)
{
    char *text = call_text(&call);
    ck_assert_str_eq(text, expected);
    free(text);
}

static void let_go(void)
{
    call_free(&call);
}

#define AT(thing) ((uint64_t)(uintptr_t)(thing))
#define ENTER(name, ...) enter(name, (const uint64_t[6]){__VA_ARGS__})

static const struct sockaddr_in port = {.sin_family = AF_INET};

static struct sockaddr_in at_port(uint16_t number)
{
    struct sockaddr_in address = port;
    address.sin_port = htons(number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

START_TEST(sockets)
{
    ENTER("socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    leave(3);
    ck_assert_int_eq(call.made[0], 3);
    reads("socket(AF_INET, SOCK_CLOEXEC|SOCK_STREAM, 0) = 3");
    ENTER("socket", AF_UNIX, SOCK_DGRAM, 0);
    leave(-EMFILE);
    reads("socket(AF_UNIX, SOCK_DGRAM, 0) = -1 EMFILE (Too many open files)");
    ENTER("socket", AF_UNIX, SOCK_SEQPACKET, 0);
    reads("socket(AF_UNIX, SOCK_SEQPACKET, 0) ...");
    ENTER("socket", 44, SOCK_RAW, 0);
    reads("socket(44, SOCK_RAW, 0) ...");
    ENTER("shutdown", 4, SHUT_WR);
    leave(0);
    reads("shutdown(4, SHUT_WR) = 0");
    ENTER("listen", 4, 7);
    leave(0);
    ck_assert_int_eq(call.value[PARAM_SIZE], 7);
    reads("listen(4, 7) = 0");
}
END_TEST

START_TEST(addresses)
{
    struct sockaddr_in four = at_port(5000);
    struct sockaddr_in6 six = {
        .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "box/door"};
    ENTER("bind", 3, AT(&four), sizeof four);
    leave(-EADDRINUSE);
    ck_assert_int_eq(call.port, 5000);
    reads("bind(3, 127.0.0.1:5000) = -1 EADDRINUSE (Address already in use)");
    ENTER("connect", 3, AT(&six), sizeof six);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    reads("connect(3, [::1]:80) ...");
    ENTER("connect", 3, AT(&local), sizeof local);
    ck_assert_str_eq(call.path, "box/door");
    reads("connect(3, \"box/door\") ...");
    /* as long as the length says, with no NUL behind it */
    ENTER("bind", 3, AT(&local), offsetof(struct sockaddr_un, sun_path) + 3);
    ck_assert_str_eq(call.path, "box");
    memcpy(local.sun_path, "\0door", 5);
    ENTER("bind", 3, AT(&local), offsetof(struct sockaddr_un, sun_path) + 5);
    ck_assert_str_eq(call.path, "@door");
    memset(local.sun_path, 'x', sizeof local.sun_path);
    ENTER("bind", 3, AT(&local), sizeof local);
    ck_assert_uint_eq(strlen(call.path), sizeof local.sun_path);
}
END_TEST

START_TEST(addresses_that_are_none)
{
    struct sockaddr_in four = at_port(5000);
    ENTER("connect", 3, 0, sizeof four);
    leave(-EFAULT);
    ck_assert_int_eq(call.family, 0);
    reads("connect(3) = -1 EFAULT (Bad address)");
    ENTER("connect", 3, 8, sizeof four);
    ck_assert_int_eq(call.family, 0);
    ENTER("connect", 3, AT(&four), 1);
    ck_assert_int_eq(call.family, 0);
    ENTER("connect", 3, AT(&four), (uint64_t)-1);
    ck_assert_int_eq(call.family == AF_INET || call.family == 0, 1);
    four.sin_family = AF_UNSPEC;
    ENTER("connect", 3, AT(&four), sizeof four);
    ck_assert_int_eq(call.port, 0);
}
END_TEST

START_TEST(connections_taken)
{
    ENTER("accept", 3, 0, 0);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    ck_assert_int_eq(call.made[0], -1);
    reads("accept(3) ...");
    leave(4);
    ck_assert_int_eq(call.made[0], 4);
    reads("accept(3) = 4");
    ENTER("accept4", 3, 0, 0, SOCK_NONBLOCK);
    leave(-EAGAIN);
    ck_assert_int_eq(call.made[0], -1);
}
END_TEST

START_TEST(datagrams)
{
    struct sockaddr_in four = at_port(53);
    ENTER("sendto", 3, AT("hi"), 2, 0, AT(&four), sizeof four);
    leave(2);
    ck_assert_int_eq(call.port, 53);
    reads("sendto(3, \"hi\", 2, 0, 127.0.0.1:53) = 2");
    ENTER("sendto", 3, AT("hi"), 2, MSG_NOSIGNAL);
    leave(2);
    reads("sendto(3, \"hi\", 2, MSG_NOSIGNAL) = 2");
    ENTER("sendto", 3, AT(""), 0, 0, AT(&four), sizeof four);
    leave(0);
    ck_assert_uint_eq(call.data_len, 0);
}
END_TEST

static int64_t passed_by(const char *name, struct msghdr *message, int64_t result)
{
    ENTER(name, 3, AT(message), 0);
    leave(result);
    return call_knows(&call, PARAM_FDS) ? call.value[PARAM_FDS] : -1;
}

START_TEST(descriptors_that_are_passed)
{
    union {
        char bytes[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    struct iovec byte = {(char[]){"x"}, 1};
    struct sockaddr_in four = at_port(9);
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    *part = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(2 * sizeof(int))};
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 2);
    ck_assert_int_eq(passed_by("recvmsg", &message, 1), 2);
    ck_assert_int_eq(passed_by("recvmsg", &message, -EAGAIN), -1);
    part->cmsg_len = CMSG_LEN(sizeof(int));
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 1);
    part->cmsg_type = SCM_CREDENTIALS;
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 0);
    part->cmsg_len = SIZE_MAX; /* its end would be its beginning */
    message.msg_controllen = SIZE_MAX;
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 0);
    part->cmsg_type =
        SCM_RIGHTS; /* more than a message may pass, several times: no sum of them is beyond its range */
    part->cmsg_len = SIZE_MAX - 15;
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 253);
    message.msg_controllen = sizeof control;
    part->cmsg_len = 0; /* nonsense ends the search */
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 0);
    message.msg_control = NULL;
    message.msg_controllen = 0;
    message.msg_name = &four;
    message.msg_namelen = sizeof four;
    ck_assert_int_eq(passed_by("sendmsg", &message, 1), 0);
    ck_assert_int_eq(call.port, 9);
}
END_TEST

START_TEST(limits)
{
    struct timeval limit = {1, 500000};
    ENTER("setsockopt", 3, SOL_SOCKET, SO_RCVTIMEO, AT(&limit), sizeof limit);
    leave(0);
    ck_assert_int_eq(call.value[PARAM_OP], SO_RCVTIMEO);
    ck_assert_int_eq(call.value[PARAM_LEN], 1500000000);
    reads("setsockopt(3, SO_RCVTIMEO) = 0");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sockets");
    tcase_add_checked_fixture(tests, NULL, let_go);
    tcase_add_test(tests, sockets);
    tcase_add_test(tests, addresses);
    tcase_add_test(tests, addresses_that_are_none);
    tcase_add_test(tests, connections_taken);
    tcase_add_test(tests, datagrams);
    tcase_add_test(tests, descriptors_that_are_passed);
    tcase_add_test(tests, limits);
    Suite *suite = suite_create("calls: sockets");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
