/* Messages that do not come through whole. What comes through is tested with the sandbox. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"
#include "sandbox/wire.h"

enum { LONG = 4 << 20, SOON_MS = 10000 };

static int ends[2];

static void set_up(void)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static void tear_down(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* The buffer is full before the message is at its end. Whatever is sent next must not be taken for the rest. */
START_TEST(half_a_message_has_no_rest)
{
    cleanup_free char *data = calloc(1, LONG);
    cleanup_message struct wire_message got = WIRE_EMPTY;
    const struct wire_head head = {.kind = WIRE_DONE, .len = LONG}, next = {.kind = WIRE_FAILED};
    struct err err = {0};
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_RDWR | O_NONBLOCK), 0);
    ck_assert(!wire_send(ends[0], &head, data, NULL, 0, &err));
    ck_assert_int_eq(err.number, EAGAIN);
    ck_assert(!wire_send(ends[0], &next, NULL, NULL, 0, &err));
    ck_assert_int_eq(err.number, EPIPE);
    ck_assert(!wire_receive(ends[1], &got, SOON_MS, &err));
    ck_assert_int_eq(err.number, EPIPE);
}
END_TEST

START_TEST(another_packet_is_not_the_rest)
{
    char packet[sizeof(struct wire_head) + (64 << 10)] = {0};
    cleanup_message struct wire_message got = WIRE_EMPTY;
    const struct wire_head head = {.kind = WIRE_DONE, .len = LONG};
    struct err err = {0};
    memcpy(packet, &head, sizeof head);
    ck_assert_int_eq(send(ends[0], packet, sizeof packet, 0), sizeof packet);
    ck_assert_int_eq(send(ends[0], &head, sizeof head, 0), sizeof head);
    ck_assert(!wire_receive(ends[1], &got, SOON_MS, &err));
    ck_assert_str_eq(err.text, "a message in the sandbox is malformed");
}
END_TEST

/* The other side has ended without reading all: that is told first, and once. */
START_TEST(the_last_word_is_behind_the_reset)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    const struct wire_head order = {.kind = WIRE_PING}, last = {.kind = WIRE_FAILED, .number = ENOMEM};
    struct err err = {0};
    ck_assert(wire_send(ends[0], &order, NULL, NULL, 0, &err));
    ck_assert(wire_send(ends[1], &last, NULL, NULL, 0, &err));
    close(ends[1]);
    ends[1] = -1;
    ck_assert_msg(wire_receive(ends[0], &got, SOON_MS, &err), "%s", err.text);
    ck_assert_int_eq(got.head.number, ENOMEM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tests = tcase_create("wire");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, half_a_message_has_no_rest);
    tcase_add_test(tests, another_packet_is_not_the_rest);
    tcase_add_test(tests, the_last_word_is_behind_the_reset);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
