/* Objects made, looked at and listed in real sandboxes, as root, as an ordinary user, and without user namespaces. */
#include "inspect/inspect.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/sandbox.h"

_Static_assert((int)INSPECT_STUDENT_UID == (int)SANDBOX_STUDENT_UID &&
                   (int)INSPECT_OTHER_UID == (int)SANDBOX_OTHER_UID,
               "users have the same numbers in both rooms");

enum { NOBODY = 65534, KEY = 0x4711 };

static const struct sandbox_file self = {"/proc/self/exe", "student", 0755};
static const struct sandbox_config config = {.files = &self, .file_count = 1, .answer = inspect_answer};

struct fixture {
    struct sandbox *sandbox;
    struct inspector inspector;
};

static bool ask(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    return sandbox_ask(context, question, len, reply, err);
}

static void enter_world(int which, struct fixture *fixture)
{
    struct err err = {0};
    if (which == 2)
        setenv("IPCGRADE_WITHOUT", "user", 1);
    if (geteuid() == 0 && which == 0) {
        ck_assert_int_eq(setgid(NOBODY), 0);
        ck_assert_int_eq(setuid(NOBODY), 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
    ck_assert_msg(sandbox_open(&fixture->sandbox, &config, &err), "%s", err.text);
    fixture->inspector = (struct inspector){ask, fixture->sandbox};
}

/* Run a student's program to its end; what it printed. Caller frees. */
static char *run(struct fixture *fixture, char *const *argv)
{
    static char *const envp[] = {"PATH=/usr/bin:/bin", "ASAN_OPTIONS=detect_leaks=0", NULL};
    struct spawn spawn = {.path = argv[0], .argv = argv, .envp = envp, .in = SPAWN_NONE, .out = SPAWN_PIPE};
    struct spawned child;
    struct err err = {0};
    char *text = calloc(1, 65536);
    size_t len = 0;
    ck_assert_msg(sandbox_spawn(fixture->sandbox, &spawn, &child, &err), "%s", err.text);
    ck_assert_msg(sandbox_go(fixture->sandbox, &child, &err), "%s", err.text);
    struct pollfd wait = {.fd = child.from_stdout, .events = POLLIN};
    ssize_t got;
    while (poll(&wait, 1, -1) > 0 && (got = read(child.from_stdout, text + len, 65535 - len)) > 0)
        len += (size_t)got;
    close(child.from_stdout);
    close(child.from_stderr);
    return text;
}

static struct identity_of by_key(enum object_kind kind)
{
    return (struct identity_of){.kind = kind, .key = KEY, .id = -1};
}

static struct identity_of by_path(enum object_kind kind, const char *path)
{
    struct identity_of which = {.kind = kind, .id = -1};
    snprintf(which.path, sizeof which.path, "%s", path);
    return which;
}

static void make(struct fixture *fixture, struct identity_of which, const struct object_state *state,
                 struct object_id *id)
{
    struct err err = {0};
    ck_assert_msg(inspect_make(&fixture->inspector, &which, state, state->mode != 0, id, &err), "%s",
                  err.text);
}

static void look(struct fixture *fixture, struct identity_of which, struct object_state *state)
{
    struct err err = {0};
    ck_assert_msg(inspect_state(&fixture->inspector, &which, state, &err), "%s", err.text);
}

/* The student's side: makes one of each System V kind and leaves it, or says what it may do with what is given. */
static int play_student(const char *what)
{
    struct {
        long type;
        char text[16];
    } message = {7, "seven"};
    struct sembuf up = {.sem_num = 1, .sem_op = 3};
    if (strcmp(what, "leave") == 0) {
        int queue = msgget(KEY, IPC_CREAT | 0640), set = semget(KEY, 2, IPC_CREAT | 0600);
        int segment = shmget(KEY, 100, IPC_CREAT | 0600);
        char *memory = shmat(segment, NULL, 0);
        msgsnd(queue, &message, 5, 0);
        semop(set, &up, 1);
        memcpy(memory, "shared", sizeof "shared");
        return 0;
    }
    int queue = msgget(KEY, 0600);
    ssize_t len = msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT);
    printf("queue %d got %zd type %ld\n", queue >= 0, len, message.type);
    char *memory = shmat(shmget(KEY, 0, 0600), NULL, 0);
    printf("memory %s\n", (intptr_t)memory == -1 ? "no" : memory);
    printf("semaphore %d\n", semctl(semget(KEY, 0, 0600), 1, GETVAL));
    return 0;
}

START_TEST(given_queue)
{
    struct object_message messages[] = {{1, 3, "one"}, {2, 0, ""}, {5, 4, "a\0b\n"}};
    struct object_state given = {.messages = messages, .message_count = 3, .capacity = 1000, .mode = 0620},
                        seen;
    struct object_id id;
    struct fixture fixture;
    enter_world(_i, &fixture);
    make(&fixture, by_key(OBJECT_QUEUE), &given, &id);
    for (int twice = 0; twice < 2; twice++) { /* looking takes nothing */
        look(&fixture, by_key(OBJECT_QUEUE), &seen);
        ck_assert(seen.is_there);
        ck_assert_uint_eq(seen.id.number, id.number);
        ck_assert_uint_eq(seen.mode, 0620);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_uint_eq(seen.count, 3);
        ck_assert_uint_eq(seen.size, 7);
        ck_assert_uint_eq(seen.capacity, 1000);
        ck_assert_int_eq(seen.last_receiver, 0);
        if (seen.are_messages_known) {
            ck_assert_uint_eq(seen.message_count, 3);
            ck_assert_int_eq(seen.messages[2].type, 5);
            ck_assert_mem_eq(seen.messages[2].text, "a\0b\n", 4);
            ck_assert_uint_eq(seen.messages[1].len, 0);
        }
        object_state_free(&seen);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(full_queue_cannot_be_given)
{
    struct object_message message = {1, 100, calloc(1, 100)};
    struct object_state given = {.messages = &message, .message_count = 1, .capacity = 50};
    struct identity_of which = by_key(OBJECT_QUEUE);
    struct fixture fixture;
    struct object_id id;
    struct err err = {0};
    enter_world(_i, &fixture);
    ck_assert(!inspect_make(&fixture.inspector, &which, &given, false, &id, &err));
    ck_assert_int_eq(err.number, EAGAIN);
    free(message.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_is_the_students)
{
    struct object_message message = {4, 4, "four"};
    struct object_state queue = {.messages = &message, .message_count = 1};
    struct object_state set = {.values = {5, 9}, .value_count = 2}, segment = {.size = 64}, seen;
    struct object_id id;
    struct fixture fixture;
    enter_world(_i, &fixture);
    bytes_add(&segment.text, "given", 6, 64);
    make(&fixture, by_key(OBJECT_QUEUE), &queue, &id);
    make(&fixture, by_key(OBJECT_SEMAPHORES), &set, &id);
    make(&fixture, by_key(OBJECT_SEGMENT), &segment, &id);
    look(&fixture, by_key(OBJECT_SEMAPHORES), &seen);
    ck_assert_uint_eq(seen.value_count, 2);
    ck_assert_int_eq(seen.values[0], 5);
    ck_assert_int_eq(seen.values[1], 9);
    ck_assert_uint_eq(seen.mode, 0600);
    ck_assert_int_eq(seen.waiting_more[0], 0);
    object_state_free(&seen);
    cleanup_free char *said = run(&fixture, (char *[]){"./student", "student", "look", NULL});
    ck_assert_str_eq(said, "queue 1 got 4 type 4\nmemory given\nsemaphore 9\n");
    look(&fixture, by_key(OBJECT_QUEUE), &seen);
    ck_assert_uint_eq(seen.count, 0);
    ck_assert_int_gt(seen.last_receiver, 1);
    object_state_free(&seen);
    bytes_free(&segment.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_files)
{
    static const enum object_kind kinds[] = {OBJECT_FIFO, OBJECT_FILE, OBJECT_DIR, OBJECT_UNIX};
    static const char *const names[] = {"f", "plain", "d", "/tmp/s"};
    struct object_state given = {.mode = 0604}, seen;
    struct object_id id, found;
    struct fixture fixture;
    struct err err = {0};
    enter_world(_i, &fixture);
    bytes_add(&given.text, "text\n", 5, 64);
    for (size_t i = 0; i < 4; i++) {
        make(&fixture, by_path(kinds[i], names[i]), &given, &id);
        ck_assert_msg(inspect_path(&fixture.inspector, names[i], &found, &err), "%s", err.text);
        ck_assert_int_eq(found.kind, kinds[i]);
        ck_assert(object_same(&id, &found));
        look(&fixture, by_path(kinds[i], names[i]), &seen);
        ck_assert(seen.is_there);
        ck_assert_uint_eq(seen.mode, 0604);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_str_eq(bytes_text(&seen.text), kinds[i] == OBJECT_FILE ? "text\n" : "");
        object_state_free(&seen);
    }
    ck_assert(!inspect_path(&fixture.inspector, "missing", &found, &err));
    ck_assert_int_eq(err.number, ENOENT);
    int key, same;
    ck_assert(inspect_ftok(&fixture.inspector, "plain", 'x', &key, &err));
    ck_assert(inspect_ftok(&fixture.inspector, "/case/plain", 'x', &same, &err));
    ck_assert_int_eq(key, same);
    ck_assert_int_eq(key >> 24, 'x');
    bytes_free(&given.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_memory)
{
    struct object_state given = {.mode = 0604, .size = 20}, seen;
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_SHM, "/area");
    enter_world(_i, &fixture);
    bytes_add(&given.text, "given\0!", 7, 64);
    make(&fixture, which, &given, &id);
    look(&fixture, which, &seen);
    ck_assert(seen.is_there && object_same(&seen.id, &id));
    ck_assert_int_eq(seen.id.kind, OBJECT_SHM);
    ck_assert_uint_eq(seen.mode, 0604);
    ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
    ck_assert_uint_eq(seen.size, 20);
    ck_assert_mem_eq(seen.text.data, "given\0!\0\0", 9);
    object_state_free(&seen);
    ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
    look(&fixture, which, &seen);
    ck_assert(!seen.is_there);
    bytes_free(&given.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_posix_semaphore)
{
    struct object_state given = {.value = 7, .mode = 0604}, seen;
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_SEM, "/count");
    enter_world(_i, &fixture);
    make(&fixture, which, &given, &id);
    look(&fixture, which, &seen);
    ck_assert(seen.is_there && object_same(&seen.id, &id));
    ck_assert_int_eq(seen.id.kind, OBJECT_SEM);
    ck_assert_uint_eq(seen.mode, 0604);
    ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
    ck_assert_uint_eq(seen.value, 7);
    object_state_free(&seen);
    ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
    look(&fixture, which, &seen);
    ck_assert(!seen.is_there);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_posix_queue)
{
    struct object_message messages[] = {{1, 3, "low words"}, {9, 0, ""}};
    struct object_state given = {
        .messages = messages, .message_count = 2, .capacity = 3, .message_size = 8, .mode = 0604};
    struct object_state seen, usual = {0};
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_MQ, "/post"), other = by_path(OBJECT_MQ, "/usual");
    enter_world(_i, &fixture);
    if (!(sandbox_lacks(fixture.sandbox) & LACKS_MQUEUE)) {
        make(&fixture, which, &given, &id);
        make(&fixture, other, &usual, &id);
        look(&fixture, other, &seen);
        ck_assert(seen.is_there && object_same(&seen.id, &id));
        ck_assert_uint_eq(seen.capacity, 10);
        ck_assert_uint_eq(seen.message_size, 8192);
        ck_assert_uint_eq(seen.mode, 0600);
        look(&fixture, which, &seen);
        ck_assert_int_eq(seen.id.kind, OBJECT_MQ);
        ck_assert_uint_eq(seen.mode, 0604);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_uint_eq(seen.count, 2);
        ck_assert_uint_eq(seen.capacity, 3);
        ck_assert_uint_eq(seen.message_size, 8);
        ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        ck_assert(inspect_remove(&fixture.inspector, &other, &err));
        messages[0].len = 9; /* more than fits into a message */
        ck_assert(!inspect_make(&fixture.inspector, &which, &given, true, &id, &err));
        ck_assert_int_eq(err.number, EMSGSIZE);
        inspect_remove(&fixture.inspector, &which, NULL);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(missing_objects)
{
    static const enum object_kind kinds[] = {OBJECT_QUEUE, OBJECT_SEMAPHORES, OBJECT_SEGMENT, OBJECT_FIFO,
                                             OBJECT_FILE,  OBJECT_SHM,        OBJECT_MQ,      OBJECT_SEM};
    struct fixture fixture;
    struct object_state seen;
    enter_world(_i, &fixture);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct identity_of which = by_path(kinds[i], "nothing/here");
        which.key = KEY;
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        which.id = 12345; /* removed meanwhile */
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        which.id = -1;
        which.is_private = true;
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

/* What is left of each kind, by names that a person knows. */
START_TEST(leftovers_of_each_kind)
{
    static const struct {
        enum object_kind kind;
        const char *name;
    } wanted[] = {
        {OBJECT_FIFO, "/dev/shm/strange"},
        {OBJECT_FIFO, "/tmp/deep/er/box"},
        {OBJECT_FIFO, "box"},
        {OBJECT_QUEUE, "0x00004711"},
        {OBJECT_SEMAPHORES, "0x00004711"},
        {OBJECT_SEGMENT, "0x00004711"},
        {OBJECT_SEM, "/lock"},
        {OBJECT_SHM, "/area"},
        {OBJECT_UNIX, "sock"},
    };
    struct fixture fixture;
    struct found_list list;
    struct object_id id;
    struct object_state nothing = {0};
    struct err err = {0};
    enter_world(_i, &fixture);
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 0);
    free(run(&fixture, (char *[]){"./student", "student", "leave", NULL}));
    free(run(&fixture,
             (char *[]){"/bin/sh", "-c",
                        "mkfifo box /dev/shm/strange; mkdir -p /tmp/deep/er; mkfifo /tmp/deep/er/box; "
                        "echo > /dev/shm/area; echo > /dev/shm/sem.lock; echo > file; ln -s /tmp loop",
                        NULL}));
    make(&fixture, by_path(OBJECT_UNIX, "sock"), &nothing, &id);
    ck_assert(sandbox_kill_all(fixture.sandbox, &err));
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_int_eq(list.items[i].id.kind, wanted[i].kind);
        ck_assert_str_eq(list.items[i].name, wanted[i].name);
        ck_assert_uint_eq(list.items[i].owner, INSPECT_STUDENT_UID);
    }
    ck_assert_uint_eq(list.items[3].mode, 0640);
    ck_assert_uint_eq(list.items[3].size, 1);
    ck_assert_uint_eq(list.items[4].size, 2);
    ck_assert_uint_eq(list.items[5].size, 100);
    ck_assert_int_gt(list.items[5].creator, 1);
    ck_assert_uint_eq(list.items[5].attached, 0);
    found_list_free(&list);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(removed_object_is_gone)
{
    static const enum object_kind kinds[] = {OBJECT_QUEUE, OBJECT_SEMAPHORES, OBJECT_SEGMENT};
    struct object_state state = {0};
    struct fixture fixture;
    struct object_id id;
    struct err err = {0};
    enter_world(_i, &fixture);
    for (size_t i = 0; i < 3; i++) {
        struct identity_of which = {.kind = kinds[i], .is_private = true, .id = -1};
        make(&fixture, which, &state, &id);
        which.id = (int)id.number;
        ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
        ck_assert(!inspect_remove(&fixture.inspector, &which, &err));
        look(&fixture, which, &state);
        ck_assert(!state.is_there);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(second_users_objects)
{
    struct object_state given = {.owner = INSPECT_OTHER_UID, .mode = 0600}, seen;
    struct fixture fixture;
    struct object_id id;
    enter_world(_i, &fixture);
    if (!(sandbox_lacks(fixture.sandbox) & LACKS_OTHER_USER)) {
        make(&fixture, by_path(OBJECT_FIFO, "theirs"), &given, &id);
        make(&fixture, by_key(OBJECT_QUEUE), &given, &id);
        look(&fixture, by_path(OBJECT_FIFO, "theirs"), &seen);
        ck_assert_uint_eq(seen.owner, INSPECT_OTHER_UID);
        look(&fixture, by_key(OBJECT_QUEUE), &seen);
        ck_assert_uint_eq(seen.owner, INSPECT_OTHER_UID);
        object_state_free(&seen);
        cleanup_free char *said = run(&fixture, (char *[]){"./student", "student", "look", NULL});
        ck_assert_ptr_nonnull(strstr(said, "queue 0"));
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "student") == 0)
        return play_student(argv[2]);
    Suite *suite = suite_create("inspect");
    TCase *each = tcase_create("every world");
    const TTest *const tests[] = {given_queue,
                                  full_queue_cannot_be_given,
                                  given_is_the_students,
                                  given_files,
                                  given_memory,
                                  given_posix_semaphore,
                                  given_posix_queue,
                                  missing_objects,
                                  leftovers_of_each_kind,
                                  removed_object_is_gone,
                                  second_users_objects};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) // NOLINT(bugprone-sizeof-expression): pointers
        tcase_add_loop_test(each, tests[i], 0, geteuid() == 0 ? 3 : 2);
    tcase_set_timeout(each, 30);
    suite_add_tcase(suite, each);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
