/* Orders to agents and their replies. */
#include "trace/rig.h"

#include <sys/syscall.h>

#include "agent/order.h"

static struct mailbox mailbox; /* of the toy agent: zeroed pages, the same in parent and child */

static void toy_agent(struct rig_shared *shared)
{
    mailbox.magic = AGENT_MAGIC;
    mailbox.size = sizeof mailbox;
    while (syscall(AGENT_MARKER, &mailbox) == 0 && strcmp(mailbox.order.deed, "end") != 0) {
        shared->number[0]++;
        mailbox.reply =
            (struct reply){.result = mailbox.order.value[PARAM_SIZE] * 2, .got_len = mailbox.order.data_len};
        for (size_t i = 0; i < mailbox.order.data_len; i++)
            mailbox.got[i] = mailbox.data[mailbox.order.data_len - 1 - i];
    }
}

static void note_ready(void *context, struct task *agent)
{
    *(struct task **)context = agent;
}

static void lying_agent(struct rig_shared *shared)
{
    (void)shared;
    mailbox.magic = AGENT_MAGIC;
    mailbox.size = sizeof mailbox;
    memset(mailbox.got, 'g', sizeof mailbox.got);
    while (syscall(AGENT_MARKER, &mailbox) == 0) {
        mailbox.reply = (struct reply){.got_len = UINT64_MAX - 7, .total = 3, .fd_count = UINT32_MAX};
        memset(mailbox.reply.trouble, 't', sizeof mailbox.reply.trouble);
    }
}

START_TEST(orders_and_replies)
{
    struct task *ready = NULL;
    struct err err = {0};
    struct rig rig = {.config.hooks = {.context = &ready, .ready = note_ready}};
    rig_open(&rig);
    struct process *process = rig_start(&rig, toy_agent);
    process->is_agent = true; /* in earnest: by its executable */
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_ptr_nonnull(ready);
    ck_assert(ready->is_ready);
    ck_assert_int_eq(ready->state, TASK_HELD);
    struct order order = {.deed = "double", .data_len = 3};
    order.value[PARAM_SIZE] = 21;
    struct task *agent = ready;
    ready = NULL;
    ck_assert_msg(tracer_order(rig.tracer, agent, &order, "abc", &err), "%s", err.text);
    ck_assert(!agent->is_ready);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_ptr_eq(ready, agent);
    struct reply reply;
    char *bytes = NULL;
    ck_assert_msg(tracer_reply(rig.tracer, agent, &reply, &bytes, &err), "%s", err.text);
    ck_assert_int_eq(reply.result, 42);
    ck_assert_str_eq(bytes, "cba");
    free(bytes);
    strcpy(order.deed, "end");
    ck_assert(tracer_order(rig.tracer, agent, &order, NULL, &err));
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_uint_eq(tracer_event_count(rig.tracer), 1); /* exit_group; markers are no calls */
    rig_close(&rig);
}
END_TEST

static void claims_to_be_an_agent(struct rig_shared *shared)
{
    shared->number[0] = syscall(AGENT_MARKER, &mailbox) == -1 ? errno : 0;
}

START_TEST(marker_of_a_stranger_means_nothing)
{
    struct task *ready = NULL;
    struct rig rig = {.config.hooks = {.context = &ready, .ready = note_ready}};
    rig_open(&rig);
    rig_start(&rig, claims_to_be_an_agent);
    rig_finish(&rig);
    ck_assert_ptr_null(ready);
    ck_assert_int_eq(rig.shared->number[0], ENOSYS);
    rig_close(&rig);
}
END_TEST

/* A student's program may have written into a stand-in: lengths that no buffer has, a text without an end. */
START_TEST(a_reply_that_lies_is_cut)
{
    struct task *ready = NULL;
    struct err err = {0};
    struct rig rig = {.config.hooks = {.context = &ready, .ready = note_ready}};
    const struct order order = {.deed = "read"};
    struct reply reply;
    char *bytes = NULL;
    rig_open(&rig);
    struct process *process = rig_start(&rig, lying_agent);
    process->is_agent = true;
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_msg(tracer_order(rig.tracer, ready, &order, NULL, &err), "%s", err.text);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_msg(tracer_reply(rig.tracer, ready, &reply, &bytes, &err), "%s", err.text);
    ck_assert_uint_eq(reply.got_len, AGENT_DATA);
    ck_assert_uint_eq(strlen(bytes), AGENT_DATA);
    ck_assert_uint_ge(reply.total, reply.got_len);
    ck_assert_uint_eq(strnlen(reply.trouble, sizeof reply.trouble), sizeof reply.trouble - 1);
    free(bytes);
    kill(process->pid, SIGKILL);
    rig_finish(&rig);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: orders");
    TCase *tests = tcase_create("orders");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, orders_and_replies);
    tcase_add_test(tests, a_reply_that_lies_is_cut);
    tcase_add_test(tests, marker_of_a_stranger_means_nothing);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
