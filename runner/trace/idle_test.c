/* Idling: pollers end a turn without ever being called at rest; those that only sleep, or that change something, do not idle. */
#include "trace/rig.h"
#include "trace/tracer.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

enum { DOOR, SET, TRIES };

static char directory[] = "/tmp/ipcgrade-idle-XXXXXX";

static void nap(void)
{
    struct timespec time = {.tv_nsec = 2000000};
    nanosleep(&time, NULL);
}

/* ---- pollers: each polls until shared->number[0] says that the test has made it come true ----------------------------- */

/* Stevens: wait until somebody has operated on the set. */
static void polls_otime(struct rig_shared *shared)
{
    struct semid_ds data;
    do {
        semctl(shared->number[SET], 0, IPC_STAT, &data);
        nap();
    } while (data.sem_otime == 0);
}

static void polls_connect(struct rig_shared *shared)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)shared;
    while (connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        nap();
}

static void polls_child(struct rig_shared *shared)
{
    pid_t child = fork();
    (void)shared;
    if (child == 0) {
        pause();
        _exit(0);
    }
    while (waitpid(child, NULL, WNOHANG) == 0) {
    }
}

static void polls_reader(struct rig_shared *shared)
{
    (void)shared;
    while (open("box", O_WRONLY | O_NONBLOCK) < 0 && errno == ENXIO)
        nap();
}

/* Looks into shared memory under a semaphore: each round takes and gives back. */
static void polls_under_lock(struct rig_shared *shared)
{
    struct sembuf take = {0, -1, SEM_UNDO}, give = {0, 1, SEM_UNDO};
    bool is_done = false;
    while (!is_done) {
        semop(shared->number[SET], &take, 1);
        is_done = shared->number[DOOR];
        semop(shared->number[SET], &give, 1);
        nap();
    }
}

static void spins_at_end_of_file(struct rig_shared *shared)
{
    int fd = open("/dev/null", O_RDONLY);
    char c;
    while (read(fd, &c, 1) == 0 && !shared->number[DOOR]) {
    }
}

static void polls_by_limited_poll(struct rig_shared *shared)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    while (!shared->number[DOOR]) {
        struct timespec none = {0};
        fd_set set;
        FD_ZERO(&set);
        FD_SET(ends[0], &set);
        pselect(ends[0] + 1, &set, NULL, NULL, &none, NULL);
        nap();
    }
}

/* The name of what POSIX IPC has by names: unlike everybody else's. */
static const char *own_name(void)
{
    return directory + strlen("/tmp");
}

static void polls_queue(struct rig_shared *shared)
{
    char text[64];
    struct mq_attr about = {.mq_maxmsg = 1, .mq_msgsize = sizeof text};
    mqd_t queue = mq_open(own_name(), O_RDONLY | O_CREAT | O_NONBLOCK, 0600, &about);
    (void)shared;
    while (mq_receive(queue, text, sizeof text, NULL) < 0 && errno == EAGAIN)
        nap();
}

/* Opens and maps it anew each time. */
static void polls_memory(struct rig_shared *shared)
{
    (void)shared;
    (void)!ftruncate(shm_open(own_name(), O_RDWR | O_CREAT, 0600), 1);
    for (char seen = 0; !seen; nap()) {
        int fd = shm_open(own_name(), O_RDONLY, 0);
        char *memory = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
        seen = *memory;
        munmap(memory, 1);
        close(fd);
    }
}

/* ---- what makes it come true ------------------------------------------------------------------------------------------ */

static void operate(struct rig *rig)
{
    struct sembuf give = {0, 1, 0};
    ck_assert_int_eq(semop(rig->shared->number[SET], &give, 1), 0);
}

static void listen_at_door(struct rig *rig)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)rig;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
}

static void end_child(struct rig *rig)
{
    kill(tracer_process(rig->tracer, 1)->pid, SIGKILL);
}

static void open_reader(struct rig *rig)
{
    (void)rig;
    ck_assert_int_ge(open("box", O_RDONLY | O_NONBLOCK), 0);
}

static void send_message(struct rig *rig)
{
    mqd_t queue = mq_open(own_name(), O_WRONLY);
    (void)rig;
    ck_assert_int_eq(mq_send(queue, "x", 1, 0), 0);
    mq_close(queue);
}

static void fill_memory(struct rig *rig)
{
    int fd = shm_open(own_name(), O_RDWR, 0);
    (void)rig;
    ck_assert_int_eq(pwrite(fd, "x", 1, 0), 1);
    close(fd);
}

static void set_word(struct rig *rig)
{
    rig->shared->number[DOOR] = 1;
}

static const struct poller {
    rig_program *program;
    void (*come_true)(struct rig *rig);
    bool spins;
} pollers[] = {
    {polls_otime, operate, false},
    {polls_connect, listen_at_door, false},
    {polls_child, end_child, true},
    {polls_reader, open_reader, false},
    {polls_under_lock, set_word, false},
    {spins_at_end_of_file, set_word, true},
    {polls_by_limited_poll, set_word, false},
    {polls_queue, send_message, false},
    {polls_memory, fill_memory, false},
};

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkfifo("box", 0600), 0);
}

static void leave_directory(void)
{
    unlink("box");
    unlink("door");
    mq_unlink(own_name());
    shm_unlink(own_name());
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

static void open_with_set(struct rig *rig, bool is_free)
{
    rig_open(rig);
    rig->shared->number[SET] = semget(IPC_PRIVATE, 1, 0600);
    if (is_free)
        semctl(rig->shared->number[SET], 0, SETVAL, 1);
}

static void close_with_set(struct rig *rig)
{
    semctl(rig->shared->number[SET], 0, IPC_RMID);
    rig_close(rig);
}

START_TEST(polling_ends_the_turn)
{
    const struct poller *poller = &pollers[_i];
    struct rig rig = {0};
    open_with_set(&rig, poller->program == polls_under_lock);
    struct process *process = rig_start(&rig, poller->program);
    for (int turn = 0; turn < 3; turn++) {
        tracer_begin_turn(rig.tracer);
        ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
        ck_assert_int_eq(tracer_main_task(rig.tracer, process)->state, TASK_IDLING);
    }
    const struct task *who = NULL;
    const struct tracee *tracee = (const struct tracee *)tracer_main_task(rig.tracer, process);
    for (uint64_t looks = tracee->idle->looks; poller->spins && tracee->idle->looks == looks;)
        tracer_pump(rig.tracer); /* once more since it was found to idle */
    ck_assert_int_eq(scene_spinning(rig.tracer, &who) > 0, poller->spins);
    tracer_begin_turn(rig.tracer);
    poller->come_true(&rig);
    /* It sees that, and ends: then the scene is at rest, and not before. */
    while (rig_turn(&rig) != SCENE_AT_REST)
        ck_assert(!process->is_dead);
    ck_assert(process->is_dead);
    ck_assert_int_eq(process->wait_status, 0);
    close_with_set(&rig);
}
END_TEST

START_TEST(rounds_do_not_fill_the_log)
{
    struct rig rig = {0};
    rig_open(&rig);
    struct process *process = rig_start(&rig, spins_at_end_of_file);
    size_t handled = 0;
    while (handled < 20000) {
        handled += tracer_pump(rig.tracer);
        (void)scene_prove(rig.tracer);
    }
    ck_assert_uint_le(tracer_event_count(rig.tracer), 1000);
    rig.shared->number[DOOR] = 1;
    rig_finish(&rig);
    ck_assert_ptr_nonnull(rig_event(&rig, process, "exit_group", 0)); /* what is no round is logged again */
    rig_close(&rig);
}
END_TEST

/* ---- what is no idling ------------------------------------------------------------------------------------------------ */

enum { FEW = 5, RETRIES = 20 };

static void gives_up(struct rig_shared *shared)
{
    for (int i = 0; i < RETRIES && open("box", O_WRONLY | O_NONBLOCK) < 0; i++)
        nap();
    shared->number[0] = 1;
}

START_TEST(retries_are_never_at_rest)
{
    struct rig rig = {0};
    rig_open(&rig);
    struct process *process = rig_start(&rig, gives_up);
    int over = 0;
    for (; rig_turn(&rig) != SCENE_AT_REST; over++)
        poll(&(struct pollfd){tracer_poll_fd(rig.tracer), POLLIN, 0}, 1, -1);
    ck_assert_int_gt(over, 0);
    ck_assert(process->is_dead);
    ck_assert_int_eq(rig.shared->number[0], 1);
    rig_close(&rig);
}
END_TEST

static void sleeps_a_few_times(struct rig_shared *shared)
{
    for (int i = 0; i < FEW; i++)
        nap();
    shared->number[0] = 1;
}

static void prints_dots(struct rig_shared *shared)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    for (int i = 0; i < RETRIES; i++) {
        (void)!write(ends[1], ".", 1);
        nap();
    }
    shared->number[0] = 1;
}

static void takes_and_keeps(struct rig_shared *shared)
{
    struct sembuf give = {0, 1, 0};
    for (int i = 0; i < RETRIES; i++) {
        semop(shared->number[SET], &give, 1);
        nap();
    }
    shared->number[0] = 1;
}

static void asks_twice(struct rig_shared *shared)
{
    for (int i = 0; i < 2; i++)
        (void)open("nothing", O_RDONLY);
    for (volatile int i = 0; i < 5000000; i++) {
    }
    shared->number[0] = 1;
}

static rig_program *const workers[] = {sleeps_a_few_times, prints_dots, takes_and_keeps, asks_twice};

START_TEST(working_keeps_the_turn_open)
{
    struct rig rig = {0};
    open_with_set(&rig, false);
    struct process *process = rig_start(&rig, workers[_i]);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(process->is_dead);
    ck_assert_int_eq(rig.shared->number[0], 1);
    close_with_set(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: idling");
    TCase *tests = tcase_create("idling");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_loop_test(tests, polling_ends_the_turn, 0, sizeof pollers / sizeof *pollers);
    tcase_add_test(tests, rounds_do_not_fill_the_log);
    tcase_add_test(tests, retries_are_never_at_rest);
    tcase_add_loop_test(tests, working_keeps_the_turn_open, 0, sizeof workers / sizeof *workers);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
