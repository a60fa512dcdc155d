/* The agent's deeds on System V objects: each once with success and once with a failure. */
#include <sched.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "agent/drive.h"
#include "base/run_test.h"

enum { MISSING = 0x7e577e57 };

static char agent_path[PATH_MAX];
static struct driven agent;
static int key;

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return;
    fputs(text, file);
    fclose(file);
}

static void map_itself(const char *path, unsigned id)
{
    char line[64];
    snprintf(line, sizeof line, "%u %u 1\n", id, id);
    write_text(path, line);
}

/* Who has no rights gets them in a user namespace, where he stays himself: IPC_SET refuses an owner that is not mapped. */
static void leave_machine(void)
{
    unsigned user = getuid(), group = getgid();
    if (unshare(CLONE_NEWIPC) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWIPC) != 0)
        return;
    map_itself("/proc/self/uid_map", user);
    write_text("/proc/self/setgroups", "deny");
    map_itself("/proc/self/gid_map", group);
}

/* In an IPC namespace of its own where that can be had: what a failing test leaves goes with it. */
static void set_up(void)
{
    drive_agent_path(agent_path);
    leave_machine();
    key = 0x49000000 | (getpid() & 0xffffff);
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    drive_stop(&agent);
    msgctl(msgget(key, 0), IPC_RMID, NULL);
    semctl(semget(key, 0, 0), 0, IPC_RMID);
    shmctl(shmget(key, 0, 0), IPC_RMID, NULL);
}

static struct order on_key(const char *word, enum object_kind kind)
{
    struct order order = drive_order(word);
    order.object = ORDER_KEY;
    order.kind = kind;
    order.key = key;
    return order;
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

/* The same order for an object that is not there. */
static void check_missing(struct order order)
{
    order.key = MISSING;
    DRIVE_FAILS(perform(order), ENOENT);
}

static struct order control(const char *word, enum object_kind kind, int cmd)
{
    struct order order = on_key(word, kind);
    drive_set(&order, PARAM_CMD, cmd);
    return order;
}

static struct order making(const char *word, enum object_kind kind)
{
    struct order order = on_key(word, kind);
    drive_set(&order, PARAM_FLAGS, IPC_CREAT | IPC_EXCL);
    drive_set(&order, PARAM_MODE, 0640);
    return order;
}

/* ---- message queues ---------------------------------------------------------------------------------------------------- */

static int make_queue(void)
{
    struct reply reply = perform(making("msgget", OBJECT_QUEUE));
    DRIVE_SUCCEEDS(reply, msgget(key, 0));
    return (int)reply.result;
}

static struct order sending(long type)
{
    struct order order = on_key("msgsnd", OBJECT_QUEUE);
    drive_set(&order, PARAM_TYPE, type);
    return order;
}

static void check_receives(struct order order, long type, const char *text)
{
    char got[64];
    struct reply reply = perform(order);
    DRIVE_SUCCEEDS(reply, (int64_t)strlen(text));
    ck_assert_int_eq(reply.type, type);
    ck_assert_uint_eq(reply.got_len, strlen(text));
    ck_assert_uint_eq(reply.total, strlen(text));
    drive_got(&agent, got, reply.got_len);
    ck_assert_mem_eq(got, text, reply.got_len);
}

START_TEST(making_queues)
{
    struct msqid_ds about = {0};
    int id = make_queue();
    ck_assert_int_eq(msgctl(id, IPC_STAT, &about), 0);
    ck_assert_int_eq(about.msg_perm.mode & 0777, 0640);
    DRIVE_FAILS(perform(making("msgget", OBJECT_QUEUE)), EEXIST);
    struct order find = on_key("msgget", OBJECT_QUEUE);
    DRIVE_SUCCEEDS(perform(find), id);
    check_missing(find);
}
END_TEST

START_TEST(messages)
{
    int id = make_queue();
    struct order receive = on_key("msgrcv", OBJECT_QUEUE);
    DRIVE_SUCCEEDS(drive(&agent, sending(3), "three", 5), 0);
    DRIVE_SUCCEEDS(drive(&agent, sending(2), "two", 3), 0);
    DRIVE_SUCCEEDS(drive(&agent, sending(1), "", 0), 0);
    check_receives(receive, 3, "three");
    receive.object = ORDER_ID; /* as of a queue made with IPC_PRIVATE */
    receive.id = id;
    drive_set(&receive, PARAM_TYPE, -2);
    check_receives(receive, 1, "");
    check_receives(receive, 2, "two");
    drive_set(&receive, PARAM_FLAGS, IPC_NOWAIT);
    DRIVE_FAILS(perform(receive), ENOMSG);
    DRIVE_FAILS(drive(&agent, sending(0), "x", 1), EINVAL);
    check_missing(sending(1));
    check_missing(on_key("msgrcv", OBJECT_QUEUE));
}
END_TEST

START_TEST(a_message_that_is_too_long)
{
    make_queue();
    struct order receive = on_key("msgrcv", OBJECT_QUEUE);
    DRIVE_SUCCEEDS(drive(&agent, sending(1), "hello", 5), 0);
    drive_set(&receive, PARAM_SIZE, 4);
    DRIVE_FAILS(perform(receive), E2BIG);
    drive_set(&receive, PARAM_FLAGS, MSG_NOERROR);
    check_receives(receive, 1, "hell");
}
END_TEST

START_TEST(controlling_queues)
{
    struct msqid_ds about = {0};
    int id = make_queue();
    struct order set = control("msgctl", OBJECT_QUEUE, IPC_SET);
    drive_set(&set, PARAM_CAPACITY, 100);
    DRIVE_SUCCEEDS(perform(set), 0);
    ck_assert_int_eq(msgctl(id, IPC_STAT, &about), 0);
    ck_assert_uint_eq(about.msg_qbytes, 100);
    ck_assert_int_eq(about.msg_perm.mode & 0777, 0640); /* what is not written stays */
    drive_set(&set, PARAM_MODE, 0600);
    DRIVE_SUCCEEDS(perform(set), 0);
    ck_assert_int_eq(msgctl(id, IPC_STAT, &about), 0);
    ck_assert_int_eq(about.msg_perm.mode & 0777, 0600);
    DRIVE_SUCCEEDS(perform(control("msgctl", OBJECT_QUEUE, IPC_STAT)), 0);
    DRIVE_SUCCEEDS(perform(control("msgctl", OBJECT_QUEUE, IPC_RMID)), 0);
    ck_assert_int_eq(msgctl(id, IPC_STAT, &about), -1);
    DRIVE_FAILS(perform(control("msgctl", OBJECT_QUEUE, IPC_RMID)), ENOENT);
}
END_TEST

/* ---- semaphores ---------------------------------------------------------------------------------------------------------- */

static int make_set(int count)
{
    struct order make = making("semget", OBJECT_SEMAPHORES);
    drive_set(&make, PARAM_NSEMS, count);
    struct reply reply = perform(make);
    DRIVE_SUCCEEDS(reply, semget(key, 0, 0));
    DRIVE_FAILS(perform(make), EEXIST);
    return (int)reply.result;
}

START_TEST(controlling_semaphores)
{
    struct order get = control("semctl", OBJECT_SEMAPHORES, GETVAL),
                 set = control("semctl", OBJECT_SEMAPHORES, SETVAL);
    struct order all = control("semctl", OBJECT_SEMAPHORES, SETALL);
    int id = make_set(3);
    drive_set(&set, PARAM_NUM, 1);
    drive_set(&set, PARAM_VALUE, 7);
    DRIVE_SUCCEEDS(perform(set), 0);
    drive_set(&get, PARAM_NUM, 1);
    DRIVE_SUCCEEDS(perform(get), 7);
    drive_set(&get, PARAM_NUM, 3);
    DRIVE_FAILS(perform(get), EINVAL);
    drive_set(&set, PARAM_VALUE, -1);
    DRIVE_FAILS(perform(set), ERANGE);
    all.values[0] = 4;
    all.values[1] = 5;
    all.values[2] = 6;
    all.value_count = 3;
    DRIVE_SUCCEEDS(perform(all), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(semctl(id, i, GETVAL), 4 + i);
    DRIVE_SUCCEEDS(perform(control("semctl", OBJECT_SEMAPHORES, GETALL)), 0);
    all.value_count = 2; /* a list that is too short: the rest is nothing, not rubbish */
    DRIVE_SUCCEEDS(perform(all), 0);
    ck_assert_int_eq(semctl(id, 2, GETVAL), 0);
    check_missing(get);
}
END_TEST

START_TEST(a_large_set)
{
    enum { LARGE = 5000 }; /* more values than an order has */
    int id = make_set(LARGE);
    DRIVE_SUCCEEDS(perform(control("semctl", OBJECT_SEMAPHORES, GETALL)), 0);
    struct order all = control("semctl", OBJECT_SEMAPHORES, SETALL);
    all.values[0] = 1;
    all.value_count = 1;
    DRIVE_SUCCEEDS(perform(all), 0);
    ck_assert_int_eq(semctl(id, 0, GETVAL), 1);
    ck_assert_int_eq(semctl(id, LARGE - 1, GETVAL), 0);
}
END_TEST

START_TEST(modes_and_removal_of_semaphores)
{
    struct semid_ds about = {0};
    union {
        struct semid_ds *buf;
    } argument = {&about};
    int id = make_set(1);
    struct order set = control("semctl", OBJECT_SEMAPHORES, IPC_SET);
    drive_set(&set, PARAM_MODE, 0604);
    DRIVE_SUCCEEDS(perform(set), 0);
    ck_assert_int_eq(semctl(id, 0, IPC_STAT, argument), 0);
    ck_assert_int_eq(about.sem_perm.mode & 0777, 0604);
    DRIVE_SUCCEEDS(perform(control("semctl", OBJECT_SEMAPHORES, IPC_RMID)), 0);
    check_missing(on_key("semget", OBJECT_SEMAPHORES));
}
END_TEST

START_TEST(operations)
{
    int id = make_set(2);
    struct order op = on_key("semop", OBJECT_SEMAPHORES);
    drive_set(&op, PARAM_FLAGS, IPC_NOWAIT);
    DRIVE_FAILS(perform(op), EAGAIN); /* usually -1 on the first */
    drive_set(&op, PARAM_NUM, 1);
    drive_set(&op, PARAM_OP, 2);
    DRIVE_SUCCEEDS(perform(op), 0);
    ck_assert_int_eq(semctl(id, 1, GETVAL), 2);
    op = on_key("semop", OBJECT_SEMAPHORES);
    op.ops[0].num = 0, op.ops[0].op = 3;
    op.ops[1].num = 1, op.ops[1].op = -1;
    op.op_count = 2;
    DRIVE_SUCCEEDS(perform(op), 0);
    ck_assert_int_eq(semctl(id, 0, GETVAL), 3);
    ck_assert_int_eq(semctl(id, 1, GETVAL), 1);
    op.ops[1].op = -2, op.ops[1].flags = IPC_NOWAIT;
    DRIVE_FAILS(perform(op), EAGAIN); /* all or nothing */
    ck_assert_int_eq(semctl(id, 0, GETVAL), 3);
    check_missing(op);
}
END_TEST

/* ---- shared memory --------------------------------------------------------------------------------------------------------- */

static int make_segment(void)
{
    struct order make = making("shmget", OBJECT_SEGMENT);
    drive_set(&make, PARAM_SIZE, 100);
    struct reply reply = perform(make);
    DRIVE_SUCCEEDS(reply, shmget(key, 0, 0));
    DRIVE_FAILS(perform(make), EEXIST);
    return (int)reply.result;
}

static struct order attaching(const char *as)
{
    struct order order = on_key("shmat", OBJECT_SEGMENT);
    snprintf(order.as[0], sizeof order.as[0], "%s", as);
    return order;
}

static struct order poking(const char *end, int64_t at)
{
    struct order order = drive_on_end("poke", end);
    drive_set(&order, PARAM_AT, at);
    return order;
}

START_TEST(segments)
{
    struct shmid_ds about = {0};
    int id = make_segment();
    DRIVE_SUCCEEDS(perform(attaching("m")), 0);
    DRIVE_SUCCEEDS(drive(&agent, poking("m", 0), "hello", 5), 0);
    DRIVE_SUCCEEDS(drive(&agent, poking("m", 95), "world", 5), 0);
    const char *here = shmat(id, NULL, SHM_RDONLY);
    ck_assert_mem_eq(here, "hello", 5);
    ck_assert_mem_eq(here + 95, "world", 5);
    ck_assert_int_eq(shmdt(here), 0);
    drive_check_trouble(drive(&agent, poking("m", 96), "world", 5), "'m'");
    drive_check_trouble(drive(&agent, poking("m", -1), "x", 1), "'m'");
    drive_check_trouble(drive(&agent, poking("n", 0), "x", 1), "'n'");
    DRIVE_SUCCEEDS(perform(drive_on_end("shmdt", "m")), 0);
    ck_assert_int_eq(shmctl(id, IPC_STAT, &about), 0);
    ck_assert_int_eq(about.shm_nattch, 0);
    drive_check_trouble(perform(drive_on_end("shmdt", "m")), "'m'");
    check_missing(attaching("m"));
    check_missing(on_key("shmget", OBJECT_SEGMENT));
}
END_TEST

START_TEST(controlling_segments)
{
    struct shmid_ds about = {0};
    int id = make_segment();
    struct order set = control("shmctl", OBJECT_SEGMENT, IPC_SET);
    drive_set(&set, PARAM_MODE, 0600);
    DRIVE_SUCCEEDS(perform(set), 0);
    ck_assert_int_eq(shmctl(id, IPC_STAT, &about), 0);
    ck_assert_int_eq(about.shm_perm.mode & 0777, 0600);
    DRIVE_SUCCEEDS(perform(control("shmctl", OBJECT_SEGMENT, IPC_RMID)), 0);
    DRIVE_FAILS(perform(control("shmctl", OBJECT_SEGMENT, IPC_RMID)), ENOENT);
}
END_TEST

START_TEST(a_name_for_the_newer_attachment)
{
    int id = make_segment();
    DRIVE_SUCCEEDS(perform(attaching("m")), 0);
    DRIVE_SUCCEEDS(perform(control("shmctl", OBJECT_SEGMENT, IPC_RMID)),
                   0); /* lives on while it is attached */
    int newer = make_segment();
    ck_assert_int_ne(newer, id);
    DRIVE_SUCCEEDS(perform(attaching("m")), 0);
    DRIVE_SUCCEEDS(drive(&agent, poking("m", 0), "new", 3), 0);
    const char *here = shmat(newer, NULL, SHM_RDONLY);
    ck_assert_mem_eq(here, "new", 3);
    ck_assert_int_eq(shmdt(here), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sysv");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, making_queues);
    tcase_add_test(tests, messages);
    tcase_add_test(tests, a_message_that_is_too_long);
    tcase_add_test(tests, controlling_queues);
    tcase_add_test(tests, controlling_semaphores);
    tcase_add_test(tests, a_large_set);
    tcase_add_test(tests, modes_and_removal_of_semaphores);
    tcase_add_test(tests, operations);
    tcase_add_test(tests, segments);
    tcase_add_test(tests, controlling_segments);
    tcase_add_test(tests, a_name_for_the_newer_attachment);
    Suite *suite = suite_create("sysv");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
