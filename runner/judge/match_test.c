/* Calls made by hand against deeds: what is written is asked, what is not written is not (CASES, section 7). */
#include "judge/match.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/run_test.h"
#include "judge/by_hand.h"
#include "trace/tracer.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

static bool done(const struct deed *asked, const struct event *seen)
{
    return match_done(&hand.stage, asked, seen);
}

static bool opened(int64_t flags, int64_t seen)
{
    struct event open = a_call("open");
    call_set(&open.call, PARAM_FLAGS, seen);
    const struct deed asked = a_deed("open", PARAMS(with_bits("open", "flags", flags)));
    return done(&asked, &open);
}

START_TEST(flags_are_at_least)
{
    ck_assert(opened(O_NONBLOCK, O_NONBLOCK));
    ck_assert(opened(O_NONBLOCK, O_NONBLOCK | O_CLOEXEC));
    ck_assert(opened(O_NONBLOCK, O_NONBLOCK | O_WRONLY)); /* the mode is not asked */
    ck_assert(!opened(O_NONBLOCK | O_CLOEXEC, O_NONBLOCK));
    ck_assert(!opened(O_NONBLOCK, 0));
    ck_assert(opened(O_CREAT | O_EXCL | O_WRONLY, O_WRONLY | O_CREAT | O_EXCL | O_TRUNC));
    ck_assert(!opened(O_CREAT | O_EXCL | O_WRONLY, O_WRONLY | O_CREAT));
}
END_TEST

START_TEST(access_modes_are_numbers)
{
    ck_assert(opened(O_WRONLY, O_WRONLY | O_CLOEXEC));
    ck_assert(!opened(O_WRONLY, O_RDONLY));
    ck_assert(!opened(O_WRONLY, O_RDWR)); /* of a FIFO: does not wait for a reader */
    ck_assert(opened(O_RDWR, O_RDWR));
    ck_assert(!opened(O_RDWR, O_WRONLY));
    ck_assert(opened(O_RDONLY, O_RDONLY | O_CLOEXEC));
    ck_assert(!opened(O_RDONLY, O_WRONLY));
    ck_assert(!opened(O_RDONLY, O_RDWR));
}
END_TEST

START_TEST(success_or_one_of_the_errors)
{
    struct event open = a_call("open");
    struct deed asked = a_deed("open", NULL, 0);
    ck_assert(done(&asked, &open));
    open.call.result = -ENXIO;
    open.call.error = ENXIO;
    ck_assert(!done(&asked, &open)); /* success is meant unless an error is written */
    asked.errors = (const int[]){ENOENT, ENXIO};
    asked.error_count = 2;
    ck_assert(done(&asked, &open));
    open.call.error = EACCES;
    ck_assert(!done(&asked, &open));
    open.call.error = 0;
    open.call.result = 3;
    ck_assert(!done(&asked, &open));
}
END_TEST

START_TEST(a_call_that_a_handler_ended)
{
    struct event receive = a_call("msgrcv");
    receive.signal = SIGUSR1;
    receive.call.error = EINTR;
    receive.call.result = -EINTR;
    struct deed asked = a_deed("msgrcv", NULL, 0);
    ck_assert(!done(&asked, &receive));
    asked.errors = (const int[]){EINTR};
    asked.error_count = 1;
    ck_assert(done(&asked, &receive));
}
END_TEST

START_TEST(what_has_not_ended_is_only_begun)
{
    struct event open = a_call("open");
    open.call.is_done = false;
    const struct deed asked = a_deed("open", NULL, 0), other = a_deed("read", NULL, 0);
    ck_assert(match_begun(&hand.stage, &asked, &open));
    ck_assert(!done(&asked, &open));
    ck_assert(!match_begun(&hand.stage, &other, &open));
    open.call.deed = NULL; /* traced, but of no family: poll */
    ck_assert(!match_begun(&hand.stage, &asked, &open));
}
END_TEST

START_TEST(results)
{
    struct event receive = a_call("msgrcv");
    receive.call.result = 5;
    struct deed asked = a_deed("msgrcv", NULL, 0);
    asked.has_returns = true;
    asked.returns = ONE_OF(NUMBER(5), NUMBER(6));
    ck_assert(done(&asked, &receive));
    receive.call.result = 0;
    ck_assert(!done(&asked, &receive));
}
END_TEST

START_TEST(words_and_modes_are_the_same)
{
    struct event control = a_call("msgctl");
    const struct deed remove = a_deed("msgctl", PARAMS(with_bits("msgctl", "cmd", IPC_RMID)));
    call_set(&control.call, PARAM_CMD, IPC_RMID);
    ck_assert(done(&remove, &control));
    call_set(&control.call, PARAM_CMD, IPC_STAT);
    ck_assert(!done(&remove, &control));
    struct event make = a_call("mkfifo");
    const struct deed private = a_deed("mkfifo", PARAMS(with_bits("mkfifo", "mode", 0600)));
    call_set(&make.call, PARAM_MODE, 0600);
    ck_assert(done(&private, &make));
    call_set(&make.call, PARAM_MODE, 0666);
    ck_assert(!done(&private, &make));
}
END_TEST

START_TEST(streams_are_not_judged_by_their_calls)
{
    struct event write = a_call("write");
    give_data(&write, "hel", 3);
    const struct param_value text = {param_of("write", "text"), {.pattern = EXACT(BYTES("hello"))}};
    const struct deed asked = a_deed("write", &text, 1),
                      read = a_deed("read", PARAMS(with_bits("read", "until", 1)));
    struct event some = a_call("read");
    ck_assert(done(&asked, &write)); /* by all bytes together, elsewhere */
    ck_assert(done(&read, &some));
    call_free(&write.call);
}
END_TEST

START_TEST(arguments_of_exec)
{
    struct event exec = a_call("exec");
    give_data(&exec, "tr\0a-z\0A-Z\0", 11);
    const struct param_value args = {param_of("exec", "args"), {.texts = TEXTS(PLAIN("a-z"), PLAIN("A-Z"))}};
    const struct param_value fewer = {param_of("exec", "args"), {.texts = TEXTS(PLAIN("a-z"))}};
    const struct param_value more = {param_of("exec", "args"),
                                     {.texts = TEXTS(PLAIN("a-z"), PLAIN("A-Z"), PLAIN(""))}};
    const struct param_value others = {param_of("exec", "args"),
                                       {.texts = TEXTS(PLAIN("a-z"), PLAIN("0-9"))}};
    const struct param_value none = {param_of("exec", "args"), {.count = 0}};
    const struct deed right = a_deed("exec", &args, 1), few = a_deed("exec", &fewer, 1),
                      many = a_deed("exec", &more, 1);
    const struct deed wrong = a_deed("exec", &others, 1), bare = a_deed("exec", &none, 1);
    ck_assert(done(&right, &exec));
    ck_assert(!done(&few, &exec));
    ck_assert(!done(&many, &exec));
    ck_assert(!done(&wrong, &exec));
    ck_assert(!done(&bare, &exec));
    exec.call.data.len = 3;
    ck_assert(done(&bare, &exec));
    call_free(&exec.call);
}
END_TEST

START_TEST(the_kind_of_object)
{
    struct event read = a_call("read");
    struct deed asked = a_deed("read", NULL, 0);
    asked.first = (struct target){.kind = TARGET_KIND, .object = OBJECT_PIPE};
    ck_assert(!done(&asked, &read)); /* it led to nothing */
    read.object = (struct object_id){OBJECT_PIPE, 9, 100};
    ck_assert(done(&asked, &read));
    asked.first.object = OBJECT_FIFO;
    ck_assert(!done(&asked, &read));
}
END_TEST

START_TEST(the_runners_streams)
{
    /* A student's program whose streams are pipes: they are its standard streams, wherever duplicated to, and no pipes of its own. */
    struct actor *student = &hand.actors[0];
    student->role = ROLE_STUDENT;
    student->spawned =
        (struct spawned){.pid = 10, .stdin_id = {9, 1}, .stdout_id = {9, 2}, .stderr_id = {9, 3}};
    struct event write = a_call("write");
    write.object = (struct object_id){OBJECT_PIPE, 9, 2};
    struct deed asked = a_deed("write", NULL, 0);
    asked.first = (struct target){.kind = TARGET_KIND, .object = OBJECT_STDOUT};
    ck_assert(done(&asked, &write));
    ck_assert_int_eq(match_stream_of(&hand.stage, &write.object), OBJECT_STDOUT);
    asked.first.object = OBJECT_STDERR;
    ck_assert(!done(&asked, &write));
    asked.first.object = OBJECT_PIPE;
    ck_assert(!done(&asked, &write));
    write.object.number = 4; /* a pipe that it made */
    ck_assert(done(&asked, &write));
    ck_assert_int_eq(match_stream_of(&hand.stage, &write.object), OBJECT_NONE);
}
END_TEST

START_TEST(one_terminal_is_two_streams)
{
    struct actor *student = &hand.actors[0];
    student->role = ROLE_STUDENT;
    student->spawned =
        (struct spawned){.pid = 10, .stdin_id = {9, 1}, .stdout_id = {9, 1}, .stderr_id = {9, 3}};
    struct event write = a_call("write");
    write.object = (struct object_id){OBJECT_OTHER, 9, 1};
    struct deed asked = a_deed("write", NULL, 0);
    asked.first = (struct target){.kind = TARGET_KIND, .object = OBJECT_STDOUT};
    ck_assert(done(&asked, &write));
    asked.first.object = OBJECT_STDERR;
    ck_assert(!done(&asked, &write));
}
END_TEST

START_TEST(a_declared_object)
{
    struct deed asked = a_deed("msgsnd", NULL, 0);
    asked.first = (struct target){.kind = TARGET_NAME, .name = Q};
    struct event send = a_call("msgsnd");
    send.object = (struct object_id){OBJECT_QUEUE, 0, 77}; /* as it was given */
    ck_assert(done(&asked, &send));
    struct event get = a_call("msgget");
    asked.row = vocabulary_deed("msgget");
    get.call.ipc_key = 0x1234; /* before there is an identifier, the key tells */
    ck_assert(done(&asked, &get));
    get.call.ipc_key = 0x1235;
    ck_assert(!done(&asked, &get));
}
END_TEST

START_TEST(a_signal_to_a_group_may_be_meant)
{
    struct event kill = a_call("kill");
    struct deed asked = a_deed("kill", PARAMS(with_bits("kill", "sig", SIGTERM)));
    asked.first = (struct target){.kind = TARGET_WHO, .who = {.name = PEER}};
    call_set(&kill.call, PARAM_ID, 0);
    call_set(&kill.call, PARAM_SIG, SIGTERM);
    ck_assert(done(&asked, &kill));
    call_set(&kill.call, PARAM_SIG, SIGINT);
    ck_assert(!done(&asked, &kill));
}
END_TEST

START_TEST(who_is_blocked)
{
    struct event open = a_call("open");
    open.call.is_done = false;
    static struct tracee tracee; /* a task is the beginning of one, and is looked at as such */
    struct task *task = &tracee.pub;
    *task = (struct task){.state = TASK_RUNNING, .now = &open};
    const struct deed asked = a_deed("open", NULL, 0), other = a_deed("msgrcv", NULL, 0);
    ck_assert(!match_blocked(&hand.stage, &asked, task)); /* running is not blocked */
    task->state = TASK_IDLING;
    ck_assert(!match_blocked(&hand.stage, NULL, task));
    task->state = TASK_BLOCKED;
    ck_assert(match_blocked(&hand.stage, &asked, task));
    ck_assert(match_blocked(&hand.stage, NULL, task)); /* any */
    ck_assert(!match_blocked(&hand.stage, &other, task));
    task->now = NULL;
    ck_assert(!match_blocked(&hand.stage, NULL, task));
}
END_TEST

static TCase *all_tests(void)
{
    TCase *tests = tcase_create("match");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, flags_are_at_least);
    tcase_add_test(tests, access_modes_are_numbers);
    tcase_add_test(tests, success_or_one_of_the_errors);
    tcase_add_test(tests, a_call_that_a_handler_ended);
    tcase_add_test(tests, what_has_not_ended_is_only_begun);
    tcase_add_test(tests, results);
    tcase_add_test(tests, words_and_modes_are_the_same);
    tcase_add_test(tests, streams_are_not_judged_by_their_calls);
    tcase_add_test(tests, arguments_of_exec);
    tcase_add_test(tests, the_kind_of_object);
    tcase_add_test(tests, the_runners_streams);
    tcase_add_test(tests, one_terminal_is_two_streams);
    tcase_add_test(tests, a_declared_object);
    tcase_add_test(tests, a_signal_to_a_group_may_be_meant);
    tcase_add_test(tests, who_is_blocked);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("match");
    suite_add_tcase(suite, all_tests());
    return run_suite(suite);
}
