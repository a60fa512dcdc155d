/* Calls made by hand against deeds: what is written is asked, what is not written is not (CASES, section 7). */
#include "judge/match.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "judge/by_hand.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

/* The deed of that word, on anything, with the parameters. */
#define PARAMS(...)                                                                                          \
    (const struct param_value[]){__VA_ARGS__}, LENGTH((const struct param_value[]){__VA_ARGS__})

static struct deed deed(const char *word, const struct param_value *params, size_t count)
{
    return (struct deed){
        .row = vocabulary_deed(word), .first = {.kind = TARGET_ANY}, .params = params, .count = count};
}

static const struct param_row *row(const char *word, const char *param)
{
    return deed_param(vocabulary_deed(word), param);
}

static struct param_value bits(const char *word, const char *param, int64_t value)
{
    return (struct param_value){row(word, param), {.bits = value}};
}

static struct param_value in(const char *word, const char *param, struct range range)
{
    return (struct param_value){row(word, param), {.range = range}};
}

/* A successful call of the family of the word. */
static struct event event(const char *word)
{
    struct event made = {0};
    call_init(&made.call);
    made.call.deed = vocabulary_deed(word);
    made.call.row = made.call.deed->calls;
    made.call.is_done = true;
    return made;
}

static void give_data(struct event *to, const char *data, size_t len)
{
    ck_assert(bytes_add(&to->call.data, data, len, len));
    to->call.data_len = len;
}

static bool done(const struct deed *asked, const struct event *seen)
{
    return match_done(&hand.stage, asked, seen);
}

static bool opened(int64_t flags, int64_t seen)
{
    struct event open = event("open");
    call_set(&open.call, PARAM_FLAGS, seen);
    const struct deed asked = deed("open", PARAMS(bits("open", "flags", flags)));
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
    struct event open = event("open");
    struct deed asked = deed("open", NULL, 0);
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
    struct event receive = event("msgrcv");
    receive.signal = SIGUSR1;
    receive.call.error = EINTR;
    receive.call.result = -EINTR;
    struct deed asked = deed("msgrcv", NULL, 0);
    ck_assert(!done(&asked, &receive));
    asked.errors = (const int[]){EINTR};
    asked.error_count = 1;
    ck_assert(done(&asked, &receive));
}
END_TEST

START_TEST(what_has_not_ended_is_only_begun)
{
    struct event open = event("open");
    open.call.is_done = false;
    const struct deed asked = deed("open", NULL, 0), other = deed("read", NULL, 0);
    ck_assert(match_begun(&hand.stage, &asked, &open));
    ck_assert(!done(&asked, &open));
    ck_assert(!match_begun(&hand.stage, &other, &open));
    open.call.deed = NULL; /* traced, but of no family: poll */
    ck_assert(!match_begun(&hand.stage, &asked, &open));
}
END_TEST

START_TEST(results)
{
    struct event receive = event("msgrcv");
    receive.call.result = 5;
    struct deed asked = deed("msgrcv", NULL, 0);
    asked.has_returns = true;
    asked.returns = ONE_OF(NUMBER(5), NUMBER(6));
    ck_assert(done(&asked, &receive));
    receive.call.result = 0;
    ck_assert(!done(&asked, &receive));
}
END_TEST

START_TEST(numbers_may_be_a_range)
{
    struct event send = event("msgsnd");
    const struct deed asked = deed("msgsnd", PARAMS(in("msgsnd", "type", ONE_OF(NUMBER(2), NUMBER(9)))));
    ck_assert(!done(&asked, &send)); /* the decoder could not read it */
    call_set(&send.call, PARAM_TYPE, 9);
    ck_assert(done(&asked, &send));
    call_set(&send.call, PARAM_TYPE, 3);
    ck_assert(!done(&asked, &send));
    const struct range large = {.has_min = true, .min = NUMBER(100)};
    struct event receive = event("msgrcv");
    const struct deed room = deed("msgrcv", PARAMS(in("msgrcv", "size", large)));
    call_set(&receive.call, PARAM_SIZE, 100);
    ck_assert(done(&room, &receive));
    call_set(&receive.call, PARAM_SIZE, 99);
    ck_assert(!done(&room, &receive));
}
END_TEST

START_TEST(words_and_modes_are_the_same)
{
    struct event control = event("msgctl");
    const struct deed remove = deed("msgctl", PARAMS(bits("msgctl", "cmd", IPC_RMID)));
    call_set(&control.call, PARAM_CMD, IPC_RMID);
    ck_assert(done(&remove, &control));
    call_set(&control.call, PARAM_CMD, IPC_STAT);
    ck_assert(!done(&remove, &control));
    struct event make = event("mkfifo");
    const struct deed private = deed("mkfifo", PARAMS(bits("mkfifo", "mode", 0600)));
    call_set(&make.call, PARAM_MODE, 0600);
    ck_assert(done(&private, &make));
    call_set(&make.call, PARAM_MODE, 0666);
    ck_assert(!done(&private, &make));
}
END_TEST

static struct param_value gives(struct message message)
{
    return (struct param_value){row("msgrcv", "gives"), {.kind = VALUE_MESSAGE, .message = message}};
}

START_TEST(a_message_that_came)
{
    struct event receive = event("msgrcv");
    call_set(&receive.call, PARAM_TYPE, -9); /* asked for: the lowest up to 9 */
    call_set(&receive.call, PARAM_GIVES, 2); /* came */
    give_data(&receive, "hello\0", 6);
    const struct message two = {.has_type = true, .type = ONLY(2)},
                         nine = {.has_type = true, .type = ONLY(-9)};
    const struct message hello = {.has_text = true, .text = EXACT(BYTES("hello"))};
    const struct message bye = {.has_text = true, .text = EXACT(BYTES("bye"))};
    const struct deed by_type = deed("msgrcv", PARAMS(gives(two))),
                      by_request = deed("msgrcv", PARAMS(gives(nine)));
    const struct deed by_text = deed("msgrcv", PARAMS(gives(hello))),
                      by_other = deed("msgrcv", PARAMS(gives(bye)));
    ck_assert(done(&by_type, &receive));
    ck_assert(!done(&by_request, &receive));
    ck_assert(done(&by_text, &receive)); /* one NUL at the end counts as none */
    ck_assert(!done(&by_other, &receive));
    const struct deed asked = deed("msgrcv", PARAMS(in("msgrcv", "type", ONLY(-9)), gives(two)));
    ck_assert(done(&asked, &receive)); /* `type` is what was asked for */
    receive.call.is_done = false;
    ck_assert(match_begun(&hand.stage, &by_other, &receive)); /* what it gives is not known yet */
    call_free(&receive.call);
}
END_TEST

START_TEST(the_text_that_is_sent)
{
    struct event send = event("msgsnd");
    give_data(&send, "hello\0\0", 7);
    const struct param_value text = {row("msgsnd", "text"), {.pattern = EXACT(BYTES("hello"))}};
    const struct deed asked = deed("msgsnd", &text, 1);
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

START_TEST(streams_are_not_judged_by_their_calls)
{
    struct event write = event("write");
    give_data(&write, "hel", 3);
    const struct param_value text = {row("write", "text"), {.pattern = EXACT(BYTES("hello"))}};
    const struct deed asked = deed("write", &text, 1), read = deed("read", PARAMS(bits("read", "until", 1)));
    struct event some = event("read");
    ck_assert(done(&asked, &write)); /* by all bytes together, elsewhere */
    ck_assert(done(&read, &some));
    call_free(&write.call);
}
END_TEST

static struct event operations(const struct call_op *ops, int count)
{
    struct event made = event("semop");
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
    const struct deed second = deed("semop", PARAMS(in("semop", "num", ONLY(1)), in("semop", "op", ONLY(2))));
    const struct deed mixed = deed("semop", PARAMS(in("semop", "num", ONLY(0)), in("semop", "op", ONLY(2))));
    const struct deed undone =
        deed("semop", PARAMS(in("semop", "num", ONLY(1)), bits("semop", "flags", SEM_UNDO)));
    const struct deed none =
        deed("semop", PARAMS(in("semop", "num", ONLY(0)), bits("semop", "flags", SEM_UNDO)));
    const struct deed any = deed("semop", NULL, 0);
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
    const struct param_value ops = {row("semop", "ops"), {.ops = want, .count = 2}};
    const struct deed asked = deed("semop", &ops, 1);
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

START_TEST(arguments_of_exec)
{
    struct event exec = event("exec");
    give_data(&exec, "tr\0a-z\0A-Z\0", 11);
    const struct param_value args = {row("exec", "args"), {.texts = TEXTS(PLAIN("a-z"), PLAIN("A-Z"))}};
    const struct param_value fewer = {row("exec", "args"), {.texts = TEXTS(PLAIN("a-z"))}};
    const struct param_value more = {row("exec", "args"),
                                     {.texts = TEXTS(PLAIN("a-z"), PLAIN("A-Z"), PLAIN(""))}};
    const struct param_value others = {row("exec", "args"), {.texts = TEXTS(PLAIN("a-z"), PLAIN("0-9"))}};
    const struct param_value none = {row("exec", "args"), {.count = 0}};
    const struct deed right = deed("exec", &args, 1), few = deed("exec", &fewer, 1),
                      many = deed("exec", &more, 1);
    const struct deed wrong = deed("exec", &others, 1), bare = deed("exec", &none, 1);
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
    struct event read = event("read");
    struct deed asked = deed("read", NULL, 0);
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
    struct event write = event("write");
    write.object = (struct object_id){OBJECT_PIPE, 9, 2};
    struct deed asked = deed("write", NULL, 0);
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
    struct event write = event("write");
    write.object = (struct object_id){OBJECT_OTHER, 9, 1};
    struct deed asked = deed("write", NULL, 0);
    asked.first = (struct target){.kind = TARGET_KIND, .object = OBJECT_STDOUT};
    ck_assert(done(&asked, &write));
    asked.first.object = OBJECT_STDERR;
    ck_assert(!done(&asked, &write));
}
END_TEST

START_TEST(a_declared_object)
{
    struct deed asked = deed("msgsnd", NULL, 0);
    asked.first = (struct target){.kind = TARGET_NAME, .name = Q};
    struct event send = event("msgsnd");
    send.object = (struct object_id){OBJECT_QUEUE, 0, 77}; /* as it was given */
    ck_assert(done(&asked, &send));
    struct event get = event("msgget");
    asked.row = vocabulary_deed("msgget");
    get.call.ipc_key = 0x1234; /* before there is an identifier, the key tells */
    ck_assert(done(&asked, &get));
    get.call.ipc_key = 0x1235;
    ck_assert(!done(&asked, &get));
}
END_TEST

START_TEST(a_signal_to_a_group_may_be_meant)
{
    struct event kill = event("kill");
    struct deed asked = deed("kill", PARAMS(bits("kill", "sig", SIGTERM)));
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
    struct event open = event("open");
    open.call.is_done = false;
    struct task task = {.state = TASK_RUNNING, .now = &open};
    const struct deed asked = deed("open", NULL, 0), other = deed("msgrcv", NULL, 0);
    ck_assert(!match_blocked(&hand.stage, &asked, &task)); /* running is not blocked */
    task.state = TASK_IDLING;
    ck_assert(!match_blocked(&hand.stage, NULL, &task));
    task.state = TASK_BLOCKED;
    ck_assert(match_blocked(&hand.stage, &asked, &task));
    ck_assert(match_blocked(&hand.stage, NULL, &task)); /* any */
    ck_assert(!match_blocked(&hand.stage, &other, &task));
    task.now = NULL;
    ck_assert(!match_blocked(&hand.stage, NULL, &task));
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
    tcase_add_test(tests, numbers_may_be_a_range);
    tcase_add_test(tests, words_and_modes_are_the_same);
    tcase_add_test(tests, a_message_that_came);
    tcase_add_test(tests, the_text_that_is_sent);
    tcase_add_test(tests, streams_are_not_judged_by_their_calls);
    tcase_add_test(tests, one_of_several_operations);
    tcase_add_test(tests, the_list_of_operations);
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
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
