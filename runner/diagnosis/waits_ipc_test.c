/* The wait-for graph of programs over semaphores, messages, children, mutexes and locks; see waits_test.c. */
#include "diagnosis/standing.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>

static int ends[2], back[2];
static char byte;
static char directory[] = "/tmp/ipcgrade-waits-XXXXXX";

/* ---- System V ------------------------------------------------------------------------------------------------------------ */

static int ipc = -1; /* made by the test, removed by it */

static void take(unsigned short num)
{
    struct sembuf one = {num, -1, 0};
    semop(ipc, &one, 1);
}

/* AB and BA: each has one and wants the other. A pipe brings them there. */
static void takes_crosswise(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    take(is_child);
    if (write(is_child ? back[1] : ends[1], "", 1) != 1 || read(is_child ? ends[0] : back[0], &byte, 1) != 1)
        _exit(1);
    take(!is_child);
}

START_TEST(semaphores_crosswise)
{
    struct scene_of scene;
    unsigned short ones[2] = {1, 1};
    ipc = semget(IPC_PRIVATE, 2, 0600);
    ck_assert_int_ge(ipc, 0);
    ck_assert_int_eq(semctl(ipc, 0, SETALL, ones), 0);
    stand(&scene, takes_crosswise);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_VALUE);
    ck_assert(parent->has_state && parent->state.values[1] == 0);
    ck_assert_ptr_nonnull(helper_of(parent, HELP_TAKEN, 1)->origin);
    helper_of(wait_of(&scene, 1), HELP_TAKEN, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(!scene.waits.is_cycle_probable);
    says(&scene, parent, "until semaphore 1 of semaphore set private id ");
    says(&scene, parent, "P1 has taken it and not given it back (semop() at ");
    leave(&scene);
    semctl(ipc, 0, IPC_RMID);
}
END_TEST

/* Whoever took it has ended without giving it back. */
static void dies_inside(struct rig_shared *shared)
{
    (void)shared;
    if (fork() == 0) {
        take(0);
        _exit(0);
    }
    wait(NULL);
    take(0);
}

START_TEST(taken_by_the_dead)
{
    struct scene_of scene;
    ipc = semget(IPC_PRIVATE, 1, 0600);
    ck_assert_int_eq(semctl(ipc, 0, SETVAL, 1), 0);
    stand(&scene, dies_inside);
    says(&scene, wait_of(&scene, 0), "P1 has taken it and not given it back (semop() at ");
    says(&scene, wait_of(&scene, 0), ", which has ended");
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    leave(&scene);
    semctl(ipc, 0, IPC_RMID);
}
END_TEST

static void give(unsigned short num)
{
    struct sembuf one = {num, 1, 0};
    semop(ipc, &one, 1);
}

/* Turns: each gives the other's semaphore. The child forgets to, once; it has taken its own turn and owes nobody that. */
static void takes_turns(struct rig_shared *shared)
{
    (void)shared;
    if (fork() == 0) {
        take(1);
        give(0);
        take(1);
        pause();
    }
    give(1);
    take(0);
    give(1);
    take(0);
}

START_TEST(semaphore_of_turns)
{
    struct scene_of scene;
    unsigned short none[2] = {0, 0};
    ipc = semget(IPC_PRIVATE, 2, 0600);
    ck_assert_int_eq(semctl(ipc, 0, SETALL, none), 0);
    stand(&scene, takes_turns);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_uint_eq(parent->helper_count, 1);
    ck_assert(helper_of(parent, HELP_USER, 1)->is_probable);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    ck_assert(!parent->is_doomed);
    leave(&scene);
    semctl(ipc, 0, IPC_RMID);
}
END_TEST

/* Both children have given before, and wait for a signal; the parent wants one more: each of them could. */
static void two_givers(struct rig_shared *shared)
{
    (void)shared;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            give(0);
            pause();
        }
    for (int i = 0; i < 3; i++)
        take(0);
}

START_TEST(all_who_could_are_told)
{
    struct scene_of scene;
    ipc = semget(IPC_PRIVATE, 1, 0600);
    ck_assert_int_eq(semctl(ipc, 0, SETVAL, 0), 0);
    stand(&scene, two_givers);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert(helper_of(parent, HELP_USER, 1)->is_probable);
    ck_assert(helper_of(parent, HELP_USER, 2)->is_probable);
    ck_assert_uint_eq(parent->helper_count, 2);
    ck_assert(!parent->is_doomed);
    leave(&scene);
    semctl(ipc, 0, IPC_RMID);
}
END_TEST

struct message {
    long type;
    char text[8];
};

static void asks_for_wrong_type(struct rig_shared *shared)
{
    struct message message = {1, "hello"};
    (void)shared;
    if (fork() == 0) {
        msgrcv(ipc, &message, sizeof message.text, 7, 0);
        _exit(0);
    }
    msgsnd(ipc, &message, 5, 0);
    message.type = 3;
    msgsnd(ipc, &message, 5, 0);
    msgsnd(ipc, &message, 5, 0);
    wait(NULL);
}

START_TEST(wrong_message_type)
{
    struct scene_of scene;
    ipc = msgget(IPC_PRIVATE, 0600);
    stand(&scene, asks_for_wrong_type);
    const struct wait *child = wait_of(&scene, 1);
    ck_assert_int_eq(child->wait_for, WAIT_FOR_MESSAGE);
    says(&scene, child, "for a message of type 7 in message queue private id ");
    if (child->state.are_messages_known)
        says(&scene, child, " Messages in the queue: 3 (1 of type 1, 2 of type 3).");
    ck_assert(helper_of(child, HELP_USER, 0)->is_probable);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(scene.waits.is_cycle_probable);
    leave(&scene);
    msgctl(ipc, IPC_RMID, NULL);
}
END_TEST

/* ---- processes, mutexes, locks --------------------------------------------------------------------------------------------- */

/* The child reads from a pipe that only its parent writes to, and the parent waits for the child. */
static void waits_for_who_waits(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[1]);
        (void)!read(ends[0], &byte, 1);
        _exit(0);
    }
    close(ends[0]);
    wait(NULL);
}

START_TEST(child_that_waits)
{
    struct scene_of scene;
    stand(&scene, waits_for_who_waits);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    knot_says(&scene, "Deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.");
    leave(&scene);
}
END_TEST

struct two_mutexes {
    pthread_mutex_t mutex[2];
};
static struct two_mutexes *two;

static void locks_crosswise(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    pthread_mutex_lock(&two->mutex[is_child]);
    if (write(is_child ? back[1] : ends[1], "", 1) != 1 || read(is_child ? ends[0] : back[0], &byte, 1) != 1)
        _exit(1);
    pthread_mutex_lock(&two->mutex[!is_child]);
}

START_TEST(mutexes_in_shared_memory)
{
    struct scene_of scene;
    pthread_mutexattr_t shared;
    two = mmap(NULL, sizeof *two, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    for (int i = 0; i < 2; i++)
        pthread_mutex_init(&two->mutex[i], &shared);
    stand(&scene, locks_crosswise);
    ck_assert_int_eq(wait_of(&scene, 0)->wait_for, WAIT_FOR_MUTEX);
    helper_of(wait_of(&scene, 0), HELP_OWNER, 1);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    leave(&scene);
    munmap(two, sizeof *two);
}
END_TEST

static void child_wants_lock(struct rig_shared *shared)
{
    int fd = open(directory, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock whole = {.l_type = F_WRLCK};
    (void)shared;
    if (fd < 0 || fcntl(fd, F_SETLK, &whole) != 0)
        _exit(1);
    if (fork() == 0)
        fcntl(fd, F_SETLKW, &whole);
    wait(NULL);
}

START_TEST(lock_of_the_parent)
{
    struct scene_of scene;
    close(mkstemp(directory));
    stand(&scene, child_wants_lock);
    ck_assert_int_eq(wait_of(&scene, 1)->wait_for, WAIT_FOR_LOCK);
    helper_of(wait_of(&scene, 1), HELP_OWNER, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    leave(&scene);
    unlink(directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis: waits for others");
    TCase *tests = tcase_create("waits");
    tcase_add_test(tests, semaphores_crosswise);
    tcase_add_test(tests, taken_by_the_dead);
    tcase_add_test(tests, semaphore_of_turns);
    tcase_add_test(tests, all_who_could_are_told);
    tcase_add_test(tests, wrong_message_type);
    tcase_add_test(tests, child_that_waits);
    tcase_add_test(tests, mutexes_in_shared_memory);
    tcase_add_test(tests, lock_of_the_parent);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
