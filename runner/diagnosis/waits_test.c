/* The wait-for graph of programs whose knot is known: the right waits, the right helpers, the right cycle; and of programs that only wait, no cycle. */
#include "trace/rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"

enum { LESS = -1 };

/* ---- asking the kernel here, where no sandbox is between --------------------------------------------------------------- */

static bool ask_here(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    (void)context, (void)err;
    inspect_answer(NULL, question, len, reply);
    return true;
}

static const struct inspector here = {ask_here, NULL};

struct scene_of {
    struct rig rig;
    struct process *main;
    struct history *history;
    struct waits waits;
};

static void stand(struct scene_of *scene, rig_program *program)
{
    *scene = (struct scene_of){.rig.config.wants_stacks = true};
    rig_open(&scene->rig);
    scene->main = rig_start(&scene->rig, program);
    ck_assert_int_eq(rig_turn(&scene->rig), SCENE_AT_REST);
    scene->history = history_new(scene->rig.tracer);
    history_play_all(scene->history);
    waits_find(&scene->waits, scene->rig.tracer, scene->history, &here);
}

static void leave(struct scene_of *scene)
{
    waits_free(&scene->waits);
    history_free(scene->history);
    for (size_t i = 0; i < tracer_process_count(scene->rig.tracer); i++)
        if (!tracer_process(scene->rig.tracer, i)->is_dead)
            kill(tracer_process(scene->rig.tracer, i)->pid, SIGKILL);
    rig_finish(&scene->rig);
    rig_close(&scene->rig);
}

/* The wait of the process that stands for `nth` in order of birth. */
static const struct wait *wait_of(const struct scene_of *scene, size_t nth)
{
    const struct wait *wait = waits_of(&scene->waits, tracer_process(scene->rig.tracer, nth));
    ck_assert_msg(wait != NULL, "process %zu does not wait", nth);
    return wait;
}

static const struct helper *helper_of(const struct wait *wait, enum help help, int process)
{
    for (size_t i = 0; i < wait->helper_count; i++)
        if (wait->helpers[i].help == help && wait->helpers[i].process == process)
            return &wait->helpers[i];
    ck_abort_msg("process %d is no helper of that kind", process);
    return NULL;
}

static void by_number(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "P%d", process->index);
}

/* The words of one wait contain this text, with processes named P0, P1 .. */
static void says(struct scene_of *scene, const struct wait *wait, const char *text)
{
    cleanup_bytes struct bytes words = {0};
    const struct teller teller = {scene->rig.tracer, NULL, by_number, NULL};
    wait_text(&scene->waits, wait, &teller, &words);
    ck_assert_msg(strstr(bytes_text(&words), text) != NULL, "'%s' is not in: %s", text, bytes_text(&words));
}

static void knot_says(struct scene_of *scene, const char *text)
{
    cleanup_bytes struct bytes words = {0};
    const struct teller teller = {scene->rig.tracer, NULL, by_number, NULL};
    cycle_text(&scene->waits, &teller, &words);
    ck_assert_str_eq(bytes_text(&words), text);
}

/* ---- pipes --------------------------------------------------------------------------------------------------------------- */

static int ends[2], back[2];
static char byte;

static void reads_own_pipe(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || dup2(ends[1], 77) != 77)
        _exit(1);
    close(ends[1]);
    (void)!read(ends[0], &byte, 1);
}

START_TEST(own_write_end)
{
    struct scene_of scene;
    stand(&scene, reads_own_pipe);
    const struct wait *wait = wait_of(&scene, 0);
    const struct helper *self = helper_of(wait, HELP_WRITE_END, 0);
    ck_assert_int_eq(wait->wait_for, WAIT_FOR_BYTES);
    ck_assert(wait->has_amount && wait->amount == 0);
    ck_assert_int_eq(self->fd, 77);
    ck_assert_str_eq(self->origin->call.row->name, "dup2");
    ck_assert_uint_eq(wait->helper_count, 1);
    ck_assert_uint_eq(scene.waits.cycle_count, 1);
    says(&scene, wait, "WAITS FOR ITSELF");
    says(&scene, wait, "as descriptor 77 (dup2() at ");
    leave(&scene);
}
END_TEST

/* The child reads to the end of a pipe whose write end it has itself, inherited; the parent waits for the child. */
static void child_keeps_end(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        while (read(ends[0], &byte, 1) > 0)
            continue;
        _exit(0);
    }
    close(ends[0]);
    close(ends[1]);
    wait(NULL);
}

START_TEST(inherited_write_end)
{
    struct scene_of scene;
    stand(&scene, child_keeps_end);
    const struct wait *child = wait_of(&scene, 1), *parent = wait_of(&scene, 0);
    const struct helper *self = helper_of(child, HELP_WRITE_END, 1);
    ck_assert_int_eq(self->origin->process, 0);
    ck_assert_str_eq(self->origin->call.row->name, "pipe2");
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_CHILD);
    ck_assert_int_ge(helper_of(parent, HELP_CHILD, 1)->wait, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 1);
    says(&scene, child, "inherited over fork(); pipe() at ");
    says(&scene, parent, "this child lives: P1, which waits itself in read() at ");
    leave(&scene);
}
END_TEST

/* Each waits for the other to write first. */
static void both_read_first(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    close(is_child ? ends[1] : back[1]);
    close(is_child ? back[0] : ends[0]);
    (void)!read(is_child ? ends[0] : back[0], &byte, 1);
}

START_TEST(two_pipes)
{
    struct scene_of scene;
    stand(&scene, both_read_first);
    helper_of(wait_of(&scene, 0), HELP_WRITE_END, 1);
    helper_of(wait_of(&scene, 1), HELP_WRITE_END, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(!scene.waits.is_cycle_probable);
    ck_assert(wait_of(&scene, 0)->is_doomed && wait_of(&scene, 1)->is_doomed);
    knot_says(&scene, "Deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.");
    leave(&scene);
}
END_TEST

static void fill(int fd)
{
    static char block[4096];
    for (;;)
        if (write(fd, block, sizeof block) < 0)
            _exit(1);
}

static void both_write(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    close(is_child ? ends[1] : back[1]);
    close(is_child ? back[0] : ends[0]);
    fill(is_child ? back[1] : ends[1]);
}

START_TEST(both_pipes_full)
{
    struct scene_of scene;
    stand(&scene, both_write);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_ROOM);
    ck_assert_int_eq(parent->amount, parent->room);
    helper_of(parent, HELP_READ_END, 1);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    says(&scene, parent, " It is full: 65536 bytes lie in it, and it holds 65536.");
    says(&scene, parent, "the read end is open in P1, as descriptor ");
    leave(&scene);
}
END_TEST

/* A reader whose writer only waits for a signal: nobody waits for the reader. */
static void writer_pauses(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        pause();
    }
    close(ends[1]);
    (void)!read(ends[0], &byte, 1);
}

START_TEST(no_knot)
{
    struct scene_of scene;
    stand(&scene, writer_pauses);
    helper_of(wait_of(&scene, 0), HELP_WRITE_END, 1);
    ck_assert_int_eq(wait_of(&scene, 1)->wait_for, WAIT_FOR_SIGNAL);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    ck_assert(!wait_of(&scene, 0)->is_doomed && !wait_of(&scene, 1)->is_doomed);
    knot_says(&scene, "");
    leave(&scene);
}
END_TEST

/* ---- FIFOs --------------------------------------------------------------------------------------------------------------- */

static char directory[] = "/tmp/ipcgrade-waits-XXXXXX";

static void opens_in_other_order(struct rig_shared *shared)
{
    (void)shared;
    if (chdir(directory) != 0 || mkfifo("there", 0600) != 0 || mkfifo("back", 0600) != 0)
        _exit(1);
    (void)!open(fork() == 0 ? "back" : "there", O_WRONLY);
}

START_TEST(fifo_order)
{
    struct scene_of scene;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    stand(&scene, opens_in_other_order);
    const struct wait *parent = wait_of(&scene, 0);
    ck_assert_int_eq(parent->wait_for, WAIT_FOR_READER);
    ck_assert(helper_of(parent, HELP_PARTY, 1)->is_probable);
    ck_assert_uint_eq(scene.waits.cycle_count, 2);
    ck_assert(scene.waits.is_cycle_probable);
    says(&scene, parent, "for somebody who opens FIFO there for reading.");
    knot_says(&scene, "Probably a deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.");
    leave(&scene);
}
END_TEST

static void waits_alone(struct rig_shared *shared)
{
    (void)shared;
    if (chdir(directory) != 0 || mkfifo("alone", 0600) != 0)
        _exit(1);
    if (fork() == 0)
        (void)!open("alone", O_RDONLY);
    wait(NULL);
}

/* The parent waits for the child; nobody knows who should open the FIFO, so nothing is guessed. */
START_TEST(fifo_alone)
{
    struct scene_of scene;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    stand(&scene, waits_alone);
    ck_assert_uint_eq(wait_of(&scene, 1)->helper_count, 0);
    ck_assert_uint_eq(scene.waits.cycle_count, 0);
    leave(&scene);
}
END_TEST

/* ---- System V ------------------------------------------------------------------------------------------------------------ */

static int ipc = LESS; /* made by the test, removed by it */

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

/* ---- history ------------------------------------------------------------------------------------------------------------- */

static void does_all_sorts(struct rig_shared *shared)
{
    (void)shared;
    if (pipe2(ends, O_CLOEXEC) != 0 || dup2(ends[0], 50) != 50 || fcntl(ends[1], F_DUPFD, 60) != 60)
        _exit(1);
    fcntl(50, F_SETFD, FD_CLOEXEC);
    close(ends[0]);
    close_range(60, 70, 0);
    execl("/bin/sleep", "sleep", "100000", NULL);
}

START_TEST(history_of_one)
{
    struct scene_of scene = {0};
    size_t count;
    rig_open(&scene.rig);
    scene.main = rig_start(&scene.rig, does_all_sorts);
    while (!rig_event(&scene.rig, scene.main, "execve", 0))
        tracer_pump(scene.rig.tracer);
    struct history *history = history_new(scene.rig.tracer);
    for (size_t i = 0; i < tracer_event_count(scene.rig.tracer); i++) {
        const struct event *event = tracer_event(scene.rig.tracer, i);
        if (strcmp(event->call.row->name, "execve") == 0) {
            const struct descriptor *copy = history_find(history, 0, 50);
            ck_assert_ptr_nonnull(copy);
            ck_assert(copy->is_cloexec && copy->ends == END_READ);
            ck_assert_ptr_null(history_find(history, 0, 60));
            history_table(history, 0, &count);
            ck_assert_uint_eq(count, 2); /* the copy and the write end */
        }
        history_play(history, event);
    }
    history_free(history);
    scene.history = NULL;
    leave(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis: waits");
    TCase *knots = tcase_create("knots"), *others = tcase_create("no knots");
    tcase_add_test(knots, own_write_end);
    tcase_add_test(knots, inherited_write_end);
    tcase_add_test(knots, two_pipes);
    tcase_add_test(knots, both_pipes_full);
    tcase_add_test(knots, fifo_order);
    tcase_add_test(knots, semaphores_crosswise);
    tcase_add_test(knots, wrong_message_type);
    tcase_add_test(knots, child_that_waits);
    tcase_add_test(knots, mutexes_in_shared_memory);
    tcase_add_test(knots, lock_of_the_parent);
    tcase_add_test(others, no_knot);
    tcase_add_test(others, fifo_alone);
    tcase_add_test(others, taken_by_the_dead);
    tcase_add_test(others, semaphore_of_turns);
    tcase_add_test(others, history_of_one);
    suite_add_tcase(suite, knots);
    suite_add_tcase(suite, others);
    return rig_run_suite(suite);
}
