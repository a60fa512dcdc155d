/* What programs make where nobody but init knows whose it is: told, or about to be told, and taken away when nobody asks any more. Init is this process itself. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"
#include "inspect/question.h"

enum { TASK = 71, OTHER_TASK = 72, KEY = 0x4712, OF_A_CROWD = 300 };

static struct inspect_made made;
static char name[64]; /* of POSIX objects: nobody else's */

static bool ask_ourselves(void *context, const void *question, size_t len, struct bytes *reply,
                          struct err *err)
{
    (void)err;
    inspect_answer(context, question, len, reply);
    return true;
}

static const struct inspector inspector = {.ask = ask_ourselves, .context = &made};

/* ---- each kind: how a program makes it, uses it, and looks for it ------------------------------------------------------------ */

static int make_queue(int key)
{
    return msgget(key, IPC_CREAT | 0); /* shut to everybody, its owner too */
}

static int make_set(int key)
{
    return semget(key, 1, IPC_CREAT | 0);
}

static int make_segment(int key)
{
    return shmget(key, 64, IPC_CREAT | 0);
}

static int make_memory(int key)
{
    (void)key;
    int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
    return fd < 0 ? -1 : close(fd);
}

static int make_post(int key)
{
    (void)key;
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
    return queue < 0 ? -1 : mq_close(queue);
}

static const struct row {
    enum object_kind kind;
    int (*make)(int key);
    int key;
} rows[] = {
    {OBJECT_QUEUE, make_queue, KEY},
    {OBJECT_SEMAPHORES, make_set, KEY},
    {OBJECT_SEGMENT, make_segment, KEY},
    {OBJECT_QUEUE, make_queue, IPC_PRIVATE},
    {OBJECT_SEMAPHORES, make_set, IPC_PRIVATE},
    {OBJECT_SEGMENT, make_segment, IPC_PRIVATE},
    {OBJECT_FILE, make_memory, KEY},
    {OBJECT_MQ, make_post, KEY},
};
enum { ROWS = sizeof rows / sizeof *rows, NAMED = 6 };

static struct identity_of identity(const struct row *row)
{
    struct identity_of which = {
        .kind = row->kind, .key = row->key, .id = -1, .is_private = row->key == IPC_PRIVATE};
    snprintf(which.path, sizeof which.path, "%s%s", row->kind == OBJECT_FILE ? "/dev/shm" : "", name);
    return which;
}

static void expect(const struct row *row, pid_t task, struct object_id *was)
{
    const struct identity_of which = identity(row);
    struct err err = {0};
    ck_assert_msg(inspect_expect(&inspector, &which, task, getpid(), was, &err), "%s", err.text);
}

/* What a tracer sees of what was made. */
static struct object_id seen(const struct row *row, int id)
{
    const struct identity_of which = identity(row);
    struct object_state state = {0};
    struct stat status;
    if (row->kind == OBJECT_FILE) {
        ck_assert_int_eq(stat(which.path, &status), 0);
        return (struct object_id){OBJECT_SHM, status.st_dev, status.st_ino};
    }
    if (row->kind == OBJECT_MQ) {
        ck_assert(ways_of_kind(OBJECT_MQ)->look(&which, &state, NULL) && state.is_there);
        return state.id;
    }
    return (struct object_id){.kind = row->kind, .number = (uint64_t)id};
}

static void settle(pid_t task, const struct object_id *id)
{
    struct err err = {0};
    ck_assert_msg(inspect_settle(&inspector, task, id, &err), "%s", err.text);
}

static void count_row(void *count, const struct table_row *row)
{
    (void)row;
    ++*(int *)count;
}

/* Of all objects that are there: they are ours alone (set_up). */
static int count_of_all(void)
{
    char path[128];
    int count = 0;
    table_each(OBJECT_ANY, count_row, &count, NULL);
    snprintf(path, sizeof path, "/dev/shm%s", name);
    count += access(path, F_OK) == 0;
    mqd_t queue = mq_open(name, O_RDONLY);
    if (queue >= 0)
        mq_close(queue);
    return count + (queue >= 0);
}

static void remove_row(void *unused, const struct table_row *row)
{
    const struct identity_of which = {.kind = row->found.id.kind, .id = (int)row->found.id.number};
    (void)unused;
    ways_of_kind(which.kind)->remove(&which, NULL);
}

static void set_up(void)
{
    snprintf(name, sizeof name, "/ipcgrade-expected-%d", (int)getpid());
}

static void tear_down(void)
{
    table_each(OBJECT_ANY, remove_row, NULL, NULL);
    shm_unlink(name);
    mq_unlink(name);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------------- */

START_TEST(what_is_told_is_taken_away)
{
    const struct row *row = &rows[_i];
    struct object_id was;
    expect(row, TASK, &was);
    ck_assert_int_eq(was.kind, OBJECT_NONE);
    int id = row->make(row->key);
    ck_assert_int_ge(id, 0);
    const struct object_id it = seen(row, id);
    settle(TASK, &it);
    ck_assert_int_eq(count_of_all(), 1);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 0);
}
END_TEST

/* Whoever would have told it was killed. */
START_TEST(what_is_expected_is_taken_away)
{
    const struct row *row = &rows[_i];
    struct object_id was;
    expect(row, TASK, &was);
    ck_assert_int_ge(row->make(row->key), 0);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 0);
}
END_TEST

/* It was there before, and the call, if it was made at all, has opened it. */
START_TEST(what_was_there_stays)
{
    const struct row *row = &rows[_i];
    struct object_id was;
    int id = row->make(row->key);
    ck_assert_int_ge(id, 0);
    const struct object_id it = seen(row, id);
    expect(row, TASK, &was);
    ck_assert(row->key == IPC_PRIVATE ? was.kind == OBJECT_NONE : object_same(&was, &it));
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 1);
}
END_TEST

START_TEST(what_was_not_made_stays)
{
    static const struct object_id nothing;
    const struct row *row = &rows[_i];
    struct object_id was;
    expect(row, TASK, &was);
    settle(TASK, &nothing);
    ck_assert_int_ge(row->make(row->key), 0); /* somebody else */
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 1);
}
END_TEST

/* An end that nobody saw is told at once: what comes later is nobody's whom we know. */
START_TEST(an_unseen_end)
{
    const struct row *row = &rows[_i];
    struct object_id was, found;
    struct err err = {0};
    expect(row, TASK, &was);
    int id = row->make(row->key);
    const struct object_id it = seen(row, id);
    ck_assert_msg(inspect_settle_unseen(&inspector, TASK, &found, &err), "%s", err.text);
    ck_assert(object_same(&found, &it));
    ck_assert(!inspect_settle_unseen(&inspector, TASK, &found, &err)); /* of whom nothing was said */
    int strangers = msgget(IPC_PRIVATE, 0600);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 1);
    ck_assert_int_eq(msgctl(strangers, IPC_RMID, NULL), 0);
}
END_TEST

/* One call cannot have made two; of two calls, three. */
START_TEST(more_than_calls_could_make_stay)
{
    const struct row *row = &rows[3 + _i];
    struct object_id was;
    for (int calls = 1; calls <= 2; calls++) {
        for (int i = 0; i < calls; i++)
            expect(row, TASK + i, &was);
        for (int i = 0; i <= calls; i++)
            ck_assert_int_ge(row->make(IPC_PRIVATE), 0);
        inspect_unmake(&made);
        ck_assert_int_eq(count_of_all(), calls + 1);
        table_each(OBJECT_ANY, remove_row, NULL, NULL);
        for (int i = 0; i < calls; i++)
            expect(row, TASK + i, &was);
        for (int i = 0; i < calls; i++)
            ck_assert_int_ge(row->make(IPC_PRIVATE), 0);
        inspect_unmake(&made);
        ck_assert_int_eq(count_of_all(), 0);
    }
}
END_TEST

/* Whoever has used it was told its number. */
START_TEST(what_is_used_stays)
{
    struct {
        long type;
        char text[1];
    } message = {1, "x"};
    struct sembuf up = {.sem_op = 1};
    struct object_id was;
    expect(&rows[3], TASK, &was);
    expect(&rows[4], OTHER_TASK, &was);
    ck_assert_int_eq(msgsnd(msgget(IPC_PRIVATE, 0600), &message, 1, 0), 0);
    ck_assert_int_eq(semop(semget(IPC_PRIVATE, 1, 0600), &up, 1), 0);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 2);
}
END_TEST

/* A segment of another process, whatever else speaks for it. */
START_TEST(what_another_process_made_stays)
{
    const struct row *row = &rows[2 + 3 * _i];
    const struct identity_of which = identity(row);
    struct object_id was;
    struct err err = {0};
    ck_assert(inspect_expect(&inspector, &which, TASK, getpid() + 1, &was, &err));
    ck_assert_int_ge(row->make(row->key), 0);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 1);
}
END_TEST

/* Among so many a new one is not looked for; what is told is taken away all the same. */
START_TEST(in_a_crowd)
{
    struct object_id was;
    for (int i = 0; i < OF_A_CROWD; i++)
        ck_assert_int_ge(semget(IPC_PRIVATE, 1, 0600), 0);
    expect(&rows[4], OTHER_TASK, &was);
    ck_assert_int_ge(semget(IPC_PRIVATE, 1, 0600), 0);
    expect(&rows[4], TASK, &was);
    const struct object_id it = {.kind = OBJECT_SEMAPHORES, .number = (uint64_t)semget(IPC_PRIVATE, 1, 0600)};
    settle(TASK, &it);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), OF_A_CROWD + 1);
}
END_TEST

/* sem_open() makes a file of another name, and links it; others rename. */
START_TEST(by_another_name)
{
    struct object_id was;
    char old[128], new[160];
    expect(&rows[NAMED], TASK, &was);
    ck_assert_int_eq(make_memory(0), 0);
    const struct object_id it = seen(&rows[NAMED], 0);
    settle(TASK, &it);
    snprintf(old, sizeof old, "/dev/shm%s", name);
    snprintf(new, sizeof new, "%s.sem", old);
    ck_assert_int_eq(link(old, new), 0);
    inspect_unmake(&made);
    ck_assert_int_lt(access(old, F_OK), 0);
    ck_assert_int_lt(access(new, F_OK), 0);
}
END_TEST

/* Another has its name, or its key, by the time. */
START_TEST(a_name_that_is_anothers_by_now)
{
    const struct row *row = &rows[_i];
    struct object_id was;
    if (row->key == IPC_PRIVATE)
        return;
    expect(row, TASK, &was);
    const struct object_id it = seen(row, row->make(row->key));
    settle(TASK, &it);
    shm_unlink(name);
    mq_unlink(name);
    table_each(OBJECT_ANY, remove_row, NULL, NULL);
    ck_assert_int_ge(row->make(row->key), 0);
    inspect_unmake(&made);
    ck_assert_int_eq(count_of_all(), 1);
}
END_TEST

/* A path that nobody knows, or a queue whose owner has shut it: what has that name now is not told from what is made. */
START_TEST(what_cannot_be_known)
{
    const struct identity_of nowhere = {.kind = OBJECT_FILE, .id = -1};
    struct object_id was = {0};
    struct err err = {0};
    ck_assert(inspect_expect(&inspector, &nowhere, TASK, getpid(), &was, &err));
    ck_assert_int_eq(was.kind, OBJECT_ANY);
    ck_assert(!inspect_expect(&inspector_here, &nowhere, TASK, getpid(), &was, &err)); /* nobody remembers */
    inspect_unmake(&made);
}
END_TEST

static bool is_written(const char *path, const char *text)
{
    cleanup_file FILE *file = fopen(path, "we");
    return file && fputs(text, file) >= 0 && fflush(file) == 0;
}

/* Nobody else's objects come and go. */
static bool is_alone(void)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1", geteuid(), geteuid());
    snprintf(groups, sizeof groups, "%u %u 1", getegid(), getegid());
    return unshare(CLONE_NEWIPC) == 0 ||
           (unshare(CLONE_NEWUSER | CLONE_NEWIPC) == 0 && is_written("/proc/self/uid_map", users) &&
            is_written("/proc/self/setgroups", "deny") && is_written("/proc/self/gid_map", groups));
}

int main(void)
{
    Suite *suite = suite_create("inspect: expected");
    TCase *tests = tcase_create("expected");
    if (!is_alone()) {
        test_skipped("inspect: expected", "an IPC namespace of its own");
        srunner_free(srunner_create(suite));
        return 0;
    }
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, what_is_told_is_taken_away, 0, ROWS);
    tcase_add_loop_test(tests, what_is_expected_is_taken_away, 0, ROWS);
    tcase_add_loop_test(tests, what_was_there_stays, 0, ROWS);
    tcase_add_loop_test(tests, what_was_not_made_stays, 0, ROWS);
    tcase_add_loop_test(tests, an_unseen_end, 0, ROWS);
    tcase_add_loop_test(tests, more_than_calls_could_make_stay, 0, 3);
    tcase_add_test(tests, what_is_used_stays);
    tcase_add_loop_test(tests, what_another_process_made_stays, 0, 2);
    tcase_add_test(tests, in_a_crowd);
    tcase_add_test(tests, by_another_name);
    tcase_add_loop_test(tests, a_name_that_is_anothers_by_now, 0, ROWS);
    tcase_add_test(tests, what_cannot_be_known);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
