/* What came of an order: replies made by hand against deeds (CASES, sections 6 and 7). Giving orders needs a tracer: the plays test it. */
#include "judge/orders.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/run_test.h"
#include "judge/by_hand.h"

static struct by_hand hand;
static struct deed deed;
static struct param_value params[2];
static struct bytes seen;

/* A puppet that was ordered the deed and has replied. */
static struct actor *replied(const char *word)
{
    by_hand(&hand);
    deed = (struct deed){.row = vocabulary_deed(word), .params = params};
    hand.actors[0].order = &deed;
    hand.actors[0].is_ready = true;
    bytes_clear(&seen);
    return &hand.actors[0];
}

static void ask(const char *param, struct value value)
{
    params[deed.count++] = (struct param_value){deed_param(deed.row, param), value};
}

static void got(struct actor *actor, char *data, size_t len)
{
    actor->got = data;
    actor->reply.got_len = actor->reply.total = len;
    actor->reply.result = (int64_t)len;
}

static enum outcome outcome(const struct actor *actor)
{
    bytes_clear(&seen);
    return order_outcome(&hand.stage, actor, &deed, &seen);
}

static void tear_down(void)
{
    bytes_free(&seen);
}

START_TEST(nothing_ordered_yet)
{
    struct actor *actor = replied("open");
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    actor->order = NULL;
    ck_assert_int_eq(outcome(actor), OUTCOME_WAITING);
}
END_TEST

START_TEST(it_failed)
{
    struct actor *actor = replied("open");
    actor->reply.result = -1;
    actor->reply.error = ENXIO;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "ENXIO"));
    deed.errors = (const int[]){ENOENT, ENXIO};
    deed.error_count = 2;
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    actor->reply.error = EACCES;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    actor->reply.error = 0;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER); /* it was to fail */
    ck_assert_uint_gt(seen.len, 0);
}
END_TEST

static const int ours[] = {EMFILE, ENFILE, ENOMEM, ENOSPC, EBADF};

START_TEST(our_own_want)
{
    struct actor *actor = replied("msgget");
    actor->reply.result = -1;
    actor->reply.error = ours[_i];
    ck_assert_int_eq(outcome(actor), OUTCOME_BROKEN);
    deed.errors = &ours[_i]; /* the case has arranged it */
    deed.error_count = 1;
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
}
END_TEST

START_TEST(a_stream_that_the_student_closed)
{
    struct actor *actor = replied("read");
    deed.first = (struct target){.kind = TARGET_KIND, .object = OBJECT_STDIN};
    actor->reply.result = -1;
    actor->reply.error = EBADF;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    actor->reply.error = ENOMEM;
    ck_assert_int_eq(outcome(actor), OUTCOME_BROKEN);
}
END_TEST

START_TEST(an_order_that_made_no_sense)
{
    struct actor *actor = replied("read");
    strcpy(actor->reply.trouble, "no descriptor is called 'r'");
    actor->reply.result = -1;
    ck_assert_int_eq(outcome(actor), OUTCOME_BROKEN);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "'r'"));
}
END_TEST

START_TEST(bytes_of_a_stream)
{
    struct actor *actor = replied("read");
    char hello[] = "hello", zero[] = "hello\0";
    ask("gives", (struct value){.kind = VALUE_TEXT, .pattern = EXACT(BYTES("hello"))});
    got(actor, hello, 5);
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    got(actor, hello, 4);
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "\"hell\""));
    got(actor, zero, 6); /* streams are exact */
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    got(actor, NULL, 0);
    actor->reply.met_eof = true;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
}
END_TEST

START_TEST(until_end_of_file)
{
    struct actor *actor = replied("read");
    char hello[] = "hello";
    ask("until", (struct value){.bits = 1});
    got(actor, hello, 5);
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    actor->reply.met_eof = true;
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    ask("gives", (struct value){.kind = VALUE_TEXT, .pattern = EXACT(BYTES(""))});
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    got(actor, NULL, 0);
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
}
END_TEST

START_TEST(more_than_was_kept)
{
    struct actor *actor = replied("read");
    char kept[] = "hello";
    ask("gives", (struct value){.kind = VALUE_TEXT, .pattern = EXACT(BYTES("hello"))});
    got(actor, kept, 5);
    actor->reply.total = 5000000; /* the rest was read and counted only */
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "5000000"));
}
END_TEST

START_TEST(a_message)
{
    struct actor *actor = replied("msgrcv");
    char hello[] = "hello\0\0";
    const struct message two = {
        .has_type = true, .type = ONLY(2), .has_text = true, .text = EXACT(BYTES("hello"))};
    ask("gives", (struct value){.kind = VALUE_MESSAGE, .message = two});
    actor->reply.type = 2;
    got(actor, hello, 5);
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    got(actor, hello, 6); /* one NUL at the end counts as none */
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    got(actor, hello, 7); /* more is rubbish */
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    got(actor, hello, 5);
    actor->reply.type = 3;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "3"));
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "hello"));
    params[0].value.message.has_type = false; /* what is not written is not asked */
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
}
END_TEST

START_TEST(what_it_gave)
{
    struct actor *actor = replied("semctl");
    deed.has_returns = true;
    deed.returns = ONLY(1);
    actor->reply.result = 1;
    ck_assert_int_eq(outcome(actor), OUTCOME_DONE);
    actor->reply.result = 0;
    ck_assert_int_eq(outcome(actor), OUTCOME_OTHER);
    ck_assert_ptr_nonnull(strstr(bytes_text(&seen), "0"));
    ck_assert_int_eq(order_outcome(&hand.stage, actor, &deed, NULL),
                     OUTCOME_OTHER); /* nobody wants the words */
}
END_TEST

START_TEST(what_is_removed)
{
    (void)replied("msgctl");
    deed.first = (struct target){.kind = TARGET_NAME, .name = Q};
    ask("cmd", (struct value){.bits = IPC_STAT});
    order_note_removal(&hand.stage, &deed);
    ck_assert(!hand.things[Q].was_removed);
    params[0].value.bits = IPC_RMID;
    deed.errors = ours;
    deed.error_count = 1; /* it was to fail */
    order_note_removal(&hand.stage, &deed);
    ck_assert(!hand.things[Q].was_removed);
    deed.error_count = 0;
    order_note_removal(&hand.stage, &deed);
    ck_assert(hand.things[Q].was_removed);
    ck_assert(!hand.things[BOX].was_removed);
}
END_TEST

START_TEST(a_name_that_goes)
{
    (void)replied("unlink");
    deed.first = (struct target){.kind = TARGET_NAME, .name = BOX};
    order_note_removal(&hand.stage, &deed);
    ck_assert(hand.things[BOX].was_removed);
    (void)replied("rename");
    deed.first = (struct target){.kind = TARGET_NAME, .name = BOX};
    ask("to", (struct value){.object = Q});
    order_note_removal(&hand.stage, &deed);
    ck_assert(hand.things[BOX].was_removed);
    (void)replied("chmod");
    deed.first = (struct target){.kind = TARGET_NAME, .name = BOX};
    order_note_removal(&hand.stage, &deed);
    ck_assert(!hand.things[BOX].was_removed);
}
END_TEST

static TCase *all_tests(void)
{
    TCase *tests = tcase_create("orders");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, nothing_ordered_yet);
    tcase_add_test(tests, it_failed);
    tcase_add_loop_test(tests, our_own_want, 0, LENGTH(ours));
    tcase_add_test(tests, a_stream_that_the_student_closed);
    tcase_add_test(tests, an_order_that_made_no_sense);
    tcase_add_test(tests, bytes_of_a_stream);
    tcase_add_test(tests, until_end_of_file);
    tcase_add_test(tests, more_than_was_kept);
    tcase_add_test(tests, a_message);
    tcase_add_test(tests, what_it_gave);
    tcase_add_test(tests, what_is_removed);
    tcase_add_test(tests, a_name_that_goes);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("orders");
    suite_add_tcase(suite, all_tests());
    return run_suite(suite);
}
