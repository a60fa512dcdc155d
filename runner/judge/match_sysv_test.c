/* System V calls made by hand against deeds; the rest is in match_test.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "base/run_test.h"
#include "judge/by_hand.h"
#include "judge/match.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

static bool done(const struct deed *asked, const struct event *seen)
{
    return match_done(&hand.stage, asked, seen);
}

START_TEST(numbers_may_be_a_range)
{
    struct event send = a_call("msgsnd");
    const struct deed asked =
        a_deed("msgsnd", PARAMS(with_range("msgsnd", "type", ONE_OF(NUMBER(2), NUMBER(9)))));
    ck_assert(!done(&asked, &send)); /* the decoder could not read it */
    call_set(&send.call, PARAM_TYPE, 9);
    ck_assert(done(&asked, &send));
    call_set(&send.call, PARAM_TYPE, 3);
    ck_assert(!done(&asked, &send));
    const struct range large = {.has_min = true, .min = NUMBER(100)};
    struct event receive = a_call("msgrcv");
    const struct deed room = a_deed("msgrcv", PARAMS(with_range("msgrcv", "size", large)));
    call_set(&receive.call, PARAM_SIZE, 100);
    ck_assert(done(&room, &receive));
    call_set(&receive.call, PARAM_SIZE, 99);
    ck_assert(!done(&room, &receive));
}
END_TEST

static struct param_value gives(struct message message)
{
    return (struct param_value){param_of("msgrcv", "gives"), {.kind = VALUE_MESSAGE, .message = message}};
}

START_TEST(a_message_that_came)
{
    struct event receive = a_call("msgrcv");
    call_set(&receive.call, PARAM_TYPE, -9); /* asked for: the lowest up to 9 */
    call_set(&receive.call, PARAM_GIVES, 2); /* came */
    give_data(&receive, "hello\0", 6);
    const struct message two = {.has_type = true, .type = ONLY(2)},
                         nine = {.has_type = true, .type = ONLY(-9)};
    const struct message hello = {.has_text = true, .text = EXACT(BYTES("hello"))};
    const struct message bye = {.has_text = true, .text = EXACT(BYTES("bye"))};
    const struct deed by_type = a_deed("msgrcv", PARAMS(gives(two))),
                      by_request = a_deed("msgrcv", PARAMS(gives(nine)));
    const struct deed by_text = a_deed("msgrcv", PARAMS(gives(hello))),
                      by_other = a_deed("msgrcv", PARAMS(gives(bye)));
    ck_assert(done(&by_type, &receive));
    ck_assert(!done(&by_request, &receive));
    ck_assert(done(&by_text, &receive)); /* one NUL at the end counts as none */
    ck_assert(!done(&by_other, &receive));
    const struct deed asked = a_deed("msgrcv", PARAMS(with_range("msgrcv", "type", ONLY(-9)), gives(two)));
    ck_assert(done(&asked, &receive)); /* `type` is what was asked for */
    receive.call.is_done = false;
    ck_assert(match_begun(&hand.stage, &by_other, &receive)); /* what it gives is not known yet */
    call_free(&receive.call);
}
END_TEST

START_TEST(the_text_that_is_sent)
{
    struct event send = a_call("msgsnd");
    give_data(&send, "hello\0\0", 7);
    const struct param_value text = {param_of("msgsnd", "text"), {.pattern = EXACT(BYTES("hello"))}};
    const struct deed asked = a_deed("msgsnd", &text, 1);
    ck_assert(!done(&asked, &send)); /* a second NUL is rubbish */
    send.call.data.len = 6;
    ck_assert(done(&asked, &send));
    send.call.data.len = 5;
    ck_assert(done(&asked, &send));
    send.call.data.len = 4;
    ck_assert(!done(&asked, &send));
    call_free(&send.call);
}
END_TEST

static struct event operations(const struct call_op *ops, int count)
{
    struct event made = a_call("semop");
    memcpy(made.call.ops, ops, (size_t)count * sizeof *ops);
    made.call.op_count = count;
    /* as the decoder does: of the first */
    call_set(&made.call, PARAM_NUM, ops[0].num);
    call_set(&made.call, PARAM_OP, ops[0].op);
    call_set(&made.call, PARAM_FLAGS, ops[0].flags);
    return made;
}

START_TEST(one_of_several_operations)
{
    const struct event both = operations((const struct call_op[]){{0, -1, 0}, {1, 2, SEM_UNDO}}, 2);
    const struct deed second =
        a_deed("semop", PARAMS(with_range("semop", "num", ONLY(1)), with_range("semop", "op", ONLY(2))));
    const struct deed mixed =
        a_deed("semop", PARAMS(with_range("semop", "num", ONLY(0)), with_range("semop", "op", ONLY(2))));
    const struct deed undone =
        a_deed("semop", PARAMS(with_range("semop", "num", ONLY(1)), with_bits("semop", "flags", SEM_UNDO)));
    const struct deed none =
        a_deed("semop", PARAMS(with_range("semop", "num", ONLY(0)), with_bits("semop", "flags", SEM_UNDO)));
    const struct deed any = a_deed("semop", NULL, 0);
    ck_assert(done(&second, &both));
    ck_assert(!done(&mixed, &both)); /* no operation is both */
    ck_assert(done(&undone, &both));
    ck_assert(!done(&none, &both));
    ck_assert(done(&any, &both));
}
END_TEST

START_TEST(the_list_of_operations)
{
    const struct op want[] = {{NUMBER(0), NUMBER(0), 0}, {NUMBER(0), NUMBER(1), SEM_UNDO}};
    const struct param_value ops = {param_of("semop", "ops"), {.ops = want, .count = 2}};
    const struct deed asked = a_deed("semop", &ops, 1);
    const struct event same =
        operations((const struct call_op[]){{0, 0, 0}, {0, 1, SEM_UNDO | IPC_NOWAIT}}, 2);
    const struct event no_undo = operations((const struct call_op[]){{0, 0, 0}, {0, 1, 0}}, 2);
    const struct event other = operations((const struct call_op[]){{0, 0, 0}, {1, 1, SEM_UNDO}}, 2);
    const struct event more = operations((const struct call_op[]){{0, 0, 0}, {0, 1, SEM_UNDO}, {1, 1, 0}}, 3);
    const struct event one = operations((const struct call_op[]){{0, 0, 0}}, 1);
    ck_assert(done(&asked, &same));
    ck_assert(!done(&asked, &no_undo));
    ck_assert(!done(&asked, &other));
    ck_assert(!done(&asked, &more));
    ck_assert(!done(&asked, &one));
}
END_TEST

static TCase *all_tests(void)
{
    TCase *tests = tcase_create("match_sysv");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, numbers_may_be_a_range);
    tcase_add_test(tests, a_message_that_came);
    tcase_add_test(tests, the_text_that_is_sent);
    tcase_add_test(tests, one_of_several_operations);
    tcase_add_test(tests, the_list_of_operations);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("match_sysv");
    suite_add_tcase(suite, all_tests());
    return run_suite(suite);
}
