/* For the tests of this room only: a real sandbox, as root, as an ordinary user, or without user namespaces; questions to it, and a student in it. */
#ifndef IPCGRADE_INSPECT_WORLD_TEST_H
#define IPCGRADE_INSPECT_WORLD_TEST_H

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
#include "base/run_test.h"
#include "sandbox/sandbox.h"

_Static_assert((int)INSPECT_STUDENT_UID == (int)SANDBOX_STUDENT_UID &&
                   (int)INSPECT_OTHER_UID == (int)SANDBOX_OTHER_UID,
               "users have the same numbers in both rooms");

enum { NOBODY = 65534, KEY = 0x4711 };

static const struct sandbox_file self = {"/proc/self/exe", "student", 0755};
static const struct sandbox_config config = {
    .files = &self, .file_count = 1, .is_traced = true, .answer = inspect_answer};

struct fixture {
    struct sandbox *sandbox;
    struct inspector inspector;
};

static inline bool ask(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    return sandbox_ask(context, question, len, reply, err);
}

static inline void enter_world(int which, struct fixture *fixture)
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
    fixture->inspector = (struct inspector){.ask = ask, .context = fixture->sandbox};
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

static inline struct identity_of by_key(enum object_kind kind)
{
    return (struct identity_of){.kind = kind, .key = KEY, .id = -1};
}

static inline struct identity_of by_path(enum object_kind kind, const char *path)
{
    struct identity_of which = {.kind = kind, .id = -1};
    snprintf(which.path, sizeof which.path, "%s", path);
    return which;
}

static inline void make(struct fixture *fixture, struct identity_of which, const struct object_state *state,
                        struct object_id *id)
{
    struct err err = {0};
    ck_assert_msg(inspect_make(&fixture->inspector, &which, state, state->mode != 0, id, &err), "%s",
                  err.text);
}

static inline void look(struct fixture *fixture, struct identity_of which, struct object_state *state)
{
    struct err err = {0};
    ck_assert_msg(inspect_state(&fixture->inspector, &which, state, &err), "%s", err.text);
}

/* The student's side: makes one of each System V kind and leaves it, or says what it may do with what is given. */
static inline int play_student(const char *what)
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

/* The tests in each world: 0 an ordinary user, 1 root or whoever we are, 2 without user namespaces. `argv` may ask for the student's side. */
static inline int run_in_each_world(const char *name, const TTest *const *tests, size_t count, int argc,
                                    char **argv)
{
    if (argc == 3 && strcmp(argv[1], "student") == 0)
        return play_student(argv[2]);
    Suite *suite = suite_create(name);
    TCase *each = tcase_create("every world");
    for (size_t i = 0; i < count; i++)
        tcase_add_loop_test(each, tests[i], 0, geteuid() == 0 ? 3 : 2);
    tcase_set_timeout(each, 30);
    suite_add_tcase(suite, each);
    return run_suite(suite);
}

#endif
