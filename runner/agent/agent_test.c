/* The agent itself: its mailbox, its end, names, and orders that make no sense. */
#include "agent/drive.h"
#include "agent/ends.h"
#include "base/run_test.h"

static char agent_path[PATH_MAX];
static struct driven agent;

static void set_up(void)
{
    drive_agent_path(agent_path);
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    drive_stop(&agent);
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

START_TEST(the_mailbox_is_the_runners)
{
    uint32_t head[2];
    drive_memory(&agent, 0, head, sizeof head, false);
    ck_assert_uint_eq(head[0], AGENT_MAGIC);
    ck_assert_uint_eq(head[1], sizeof(struct mailbox));
}
END_TEST

START_TEST(without_a_tracer)
{
    int status, out[2];
    char said[200] = "";
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDERR_FILENO);
        execl(agent_path, "screen", (char *)NULL);
        _exit(126);
    }
    close(out[1]);
    ck_assert_int_gt(read(out[0], said, sizeof said - 1), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 127);
    ck_assert_ptr_nonnull(strstr(said, "ipcgrade"));
    close(out[0]);
}
END_TEST

/* Whatever the vocabulary lets a puppet do, its agent has a deed for. */
START_TEST(every_deed_of_the_vocabulary)
{
    int count = 0;
    for (const struct mechanism *const *mechanism = vocabulary; *mechanism; mechanism++)
        for (const struct deed_row *row = (*mechanism)->deeds; row && row->word; row++) {
            if (!(row->uses & DEED_DONE) || strcmp(row->word, "exit") == 0)
                continue;
            struct order order = drive_order(row->word);
            order.object = row->first == FIRST_END ? ORDER_END : ORDER_KEY;
            order.key = 0x7e577e57;
            strcpy(order.path, "/nowhere/at/all");
            strcpy(order.path2, "/nowhere/at/all");
            order.pid = agent.pid;
            struct reply reply = perform(order);
            ck_assert_msg(!strstr(reply.trouble, row->word), "%s", reply.trouble);
            count++;
        }
    ck_assert_int_ge(count, 24);
}
END_TEST

START_TEST(orders_that_make_no_sense)
{
    struct order order = drive_order("read");
    strcpy(order.deed, "dance");
    drive_check_trouble(perform(order), "'dance'");
    static const char *const words[] = {"read", "write", "close", "dup", "truncate"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        drive_check_trouble(perform(drive_on_end(words[i], "r")), "'r'");
    drive_check_trouble(perform(drive_on_end("read", "")), "''");
    /* and it is none the worse */
    struct reply reply = perform(drive_pair("pipe", "r", "w"));
    DRIVE_SUCCEEDS(reply, 0);
    ck_assert_str_eq(reply.trouble, "");
}
END_TEST

START_TEST(a_reply_has_nothing_of_the_last)
{
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
    DRIVE_SUCCEEDS(drive(&agent, drive_on_end("write", "w"), "hello", 5), 5);
    DRIVE_SUCCEEDS(perform(drive_on_end("read", "r")), 5);
    DRIVE_SUCCEEDS(perform(drive_on_end("close", "w")), 0);
    struct reply reply = perform(drive_on_end("read", "r"));
    DRIVE_SUCCEEDS(reply, 0);
    ck_assert_uint_eq(reply.got_len, 0);
    ck_assert_uint_eq(reply.total, 0);
    ck_assert_int_eq(reply.met_eof, 1);
    reply = perform(drive_pair("pipe", "r", "w"));
    ck_assert_int_eq(reply.met_eof, 0);
}
END_TEST

START_TEST(a_name_means_the_newer_thing)
{
    char got = 0;
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "old", "w")), 0);
    DRIVE_SUCCEEDS(drive(&agent, drive_on_end("write", "w"), "x", 1), 1);
    DRIVE_SUCCEEDS(perform(drive_on_end("read", "old")), 1);
    drive_got(&agent, &got, 1);
    ck_assert_int_eq(got, 'x');
    DRIVE_SUCCEEDS(perform(drive_on_end("close", "w")), 0);
    drive_check_trouble(perform(drive_on_end("close", "w")), "'w'"); /* the older one has no name any more */
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r2", "w")), 0);       /* a name that was closed is free */
    DRIVE_SUCCEEDS(drive(&agent, drive_on_end("write", "w"), "y", 1), 1);
}
END_TEST

START_TEST(too_many_names)
{
    struct order dup = drive_on_end("dup", "w");
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
    for (int i = 2; i < AGENT_ENDS; i++) {
        snprintf(dup.as[0], sizeof dup.as[0], "n%d", i);
        DRIVE_SUCCEEDS(perform(dup), 3 + i);
    }
    strcpy(dup.as[0], "last");
    struct reply reply = perform(dup);
    ck_assert_ptr_nonnull(strstr(reply.trouble, "'last'"));
    strcpy(dup.as[0], "n2");
    reply = perform(dup);
    ck_assert_str_eq(reply.trouble, "");
}
END_TEST

START_TEST(signals)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    struct order order = drive_order("kill");
    order.object = ORDER_PID;
    order.pid = child;
    drive_set(&order, PARAM_SIG, SIGUSR1); /* Check has handlers for others */
    DRIVE_SUCCEEDS(perform(order), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    DRIVE_FAILS(perform(order), ESRCH);
    drive_set(&order, PARAM_SIG, 1000);
    order.pid = agent.pid;
    DRIVE_FAILS(perform(order), EINVAL);
}
END_TEST

START_TEST(its_end)
{
    struct order order = drive_order("exit");
    drive_set(&order, PARAM_STATUS, 7);
    drive_give(&agent, &order, NULL, 0);
    ck_assert(!drive_to_call(&agent, AGENT_MARKER));
    ck_assert(WIFEXITED(agent.wait_status) && WEXITSTATUS(agent.wait_status) == 7);
}
END_TEST

START_TEST(let_go_without_an_order)
{
    ck_assert(!drive_to_call(&agent, AGENT_MARKER));
    ck_assert(WIFEXITED(agent.wait_status) && WEXITSTATUS(agent.wait_status) == 127);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("agent");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_mailbox_is_the_runners);
    tcase_add_test(tests, without_a_tracer);
    tcase_add_test(tests, every_deed_of_the_vocabulary);
    tcase_add_test(tests, orders_that_make_no_sense);
    tcase_add_test(tests, a_reply_has_nothing_of_the_last);
    tcase_add_test(tests, a_name_means_the_newer_thing);
    tcase_add_test(tests, too_many_names);
    tcase_add_test(tests, signals);
    tcase_add_test(tests, its_end);
    tcase_add_test(tests, let_go_without_an_order);
    Suite *suite = suite_create("agent");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
