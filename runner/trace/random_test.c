/* Random programs: those that cannot deadlock must never be called at rest before they have ended, those that do must be found, with the
 * right processes blocked; half of them beside two busy loops.
 *
 * A program is a random order of deeds, dealt out to a few processes. Each channel is given to once and taken from once, the giving first in
 * the order; so whatever the schedule, the earliest deed that is not yet done can be done: no deadlock. When some givings are left out, a simple
 * simulation tells who can never go on.
 *
 * IPCGRADE_ROUNDS says how many programs of each kind (default 600).
 */
#include "trace/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>

enum { PROCESSES = 5, CHANNELS = 12, DEEDS = 2 * CHANNELS, LOCAL_WAYS = 3, ALL_WAYS = 5, LETTERS = 3 };

struct deed {
    int channel, process;
    bool gives, is_left_out;
};

static struct plan {
    struct deed deeds[DEEDS];
    int processes;
    int ways[CHANNELS]; /* pipe, semaphore, message; TCP, UDP */
    int pipes[CHANNELS][2];
    int set, queue;
    unsigned pause[DEEDS];
} plan;

static unsigned seed = 1;
static unsigned way_count = LOCAL_WAYS;

static unsigned number_below(unsigned limit)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % limit;
}

static void make_plan(int left_out)
{
    int given[CHANNELS] = {0};
    plan.processes = 2 + (int)number_below(PROCESSES - 1);
    for (int i = 0; i < DEEDS;) {
        int channel = (int)number_below(CHANNELS);
        if (given[channel] == 2)
            continue;
        plan.deeds[i] =
            (struct deed){channel, (int)number_below((unsigned)plan.processes), given[channel] == 0, false};
        plan.pause[i] = number_below(4) == 0 ? number_below(3000) : 0;
        given[channel]++;
        i++;
    }
    for (int i = 0; i < CHANNELS; i++)
        plan.ways[i] = (int)number_below(way_count);
    for (int i = 0; left_out > 0 && i < DEEDS; i++)
        if (plan.deeds[i].gives && number_below(3) == 0) {
            plan.deeds[i].is_left_out = true;
            left_out--;
        }
}

/* Who never ends? */
static void simulate(bool *hangs)
{
    bool given[CHANNELS] = {false}, done[DEEDS] = {false};
    for (bool has_moved = true; has_moved;) {
        bool waits[PROCESSES] = {false};
        has_moved = false;
        for (int i = 0; i < DEEDS; i++) {
            const struct deed *deed = &plan.deeds[i];
            if (done[i] || waits[deed->process])
                continue;
            if (!deed->gives && !given[deed->channel]) {
                waits[deed->process] = true;
                continue;
            }
            given[deed->channel] |= deed->gives && !deed->is_left_out;
            done[i] = has_moved = true;
        }
    }
    for (int i = 0; i < DEEDS; i++)
        hangs[plan.deeds[i].process] |= !done[i];
}

static void give(const struct deed *deed)
{
    struct {
        long type;
        char text[1];
    } message = {deed->channel + 1, "x"};
    struct sembuf op = {(unsigned short)deed->channel, 1, 0};
    switch (plan.ways[deed->channel]) {
    case 0: (void)!write(plan.pipes[deed->channel][1], "x", 1); break;
    case 1: (void)!semop(plan.set, &op, 1); break;
    case 3:
        for (int i = 0; i < LETTERS; i++) /* each waits until the one before is acknowledged */
            (void)!write(plan.pipes[deed->channel][1], "x", 1);
        break;
    case 4: (void)!write(plan.pipes[deed->channel][1], "x", 1); break;
    default: (void)!msgsnd(plan.queue, &message, 1, 0);
    }
}

static void take(const struct deed *deed)
{
    struct {
        long type;
        char text[1];
    } message;
    struct sembuf op = {(unsigned short)deed->channel, -1, 0};
    switch (plan.ways[deed->channel]) {
    case 0: (void)!read(plan.pipes[deed->channel][0], message.text, 1); break;
    case 1: (void)!semop(plan.set, &op, 1); break;
    case 3:
        for (int i = 0; i < LETTERS; i++)
            (void)!read(plan.pipes[deed->channel][0], message.text, 1);
        break;
    case 4: (void)!read(plan.pipes[deed->channel][0], message.text, 1); break;
    default: (void)!msgrcv(plan.queue, &message, 1, deed->channel + 1, 0);
    }
}

static void play_part(int process)
{
    for (int i = 0; i < DEEDS; i++) {
        const struct deed *deed = &plan.deeds[i];
        if (deed->process != process || deed->is_left_out)
            continue;
        for (volatile unsigned k = 0; k < plan.pause[i]; k++) {
        }
        if (deed->gives)
            give(deed);
        else
            take(deed);
    }
}

/* A connection over the loopback device, or two sockets that speak to each other; by the program itself, since a tracer knows only what it has seen made. */
static void make_internet(int *ends, int type)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, type, 0);
    if (bind(fd, (struct sockaddr *)&here, len) != 0 || (type == SOCK_STREAM && listen(fd, 1) != 0) ||
        getsockname(fd, (struct sockaddr *)&here, &len) != 0)
        _exit(90);
    ends[1] = socket(AF_INET, type, 0);
    if (connect(ends[1], (struct sockaddr *)&here, len) != 0)
        _exit(91);
    ends[0] = type == SOCK_STREAM ? accept(fd, NULL, NULL) : fd;
}

static void play(struct rig_shared *shared)
{
    (void)shared;
    for (int i = 0; i < CHANNELS; i++)
        if (plan.ways[i] >= LOCAL_WAYS)
            make_internet(plan.pipes[i], plan.ways[i] == LOCAL_WAYS ? SOCK_STREAM : SOCK_DGRAM);
    for (int i = 0; i < plan.processes; i++)
        if (fork() == 0) {
            play_part(i);
            _exit(i);
        }
    while (wait(NULL) > 0) {
    }
}

static void make_channels(void)
{
    for (int i = 0; i < CHANNELS; i++)
        ck_assert_int_eq(pipe(plan.pipes[i]), 0);
    plan.set = semget(IPC_PRIVATE, CHANNELS, 0600);
    plan.queue = msgget(IPC_PRIVATE, 0600);
}

static void remove_channels(void)
{
    for (int i = 0; i < CHANNELS; i++) {
        close(plan.pipes[i][0]);
        close(plan.pipes[i][1]);
    }
    semctl(plan.set, 0, IPC_RMID);
    msgctl(plan.queue, IPC_RMID, NULL);
}

/* One program from beginning to end or deadlock. */
static void play_random(int left_out)
{
    struct rig rig = {0};
    bool hangs[PROCESSES] = {false};
    bool is_deadlock = false;
    make_plan(left_out);
    simulate(hangs);
    make_channels();
    rig_open(&rig);
    struct process *main_process = rig_start(&rig, play);
    ck_assert_msg(rig_turn(&rig) == SCENE_AT_REST, "seed %u: not at rest", seed);
    for (int i = 0; i < plan.processes; i++) {
        const struct process *process = tracer_process(rig.tracer, (size_t)i + 1);
        is_deadlock |= hangs[i];
        ck_assert_msg(process && process->is_dead == !hangs[i], "seed %u: process %d of the program", seed,
                      i);
        ck_assert(process->is_dead || tracer_main_task(rig.tracer, process)->state == TASK_BLOCKED);
    }
    ck_assert_msg(main_process->is_dead == !is_deadlock, "seed %u: called at rest too early", seed);
    rig_close(&rig);
    remove_channels();
}

static pid_t busy[2];

static void start_busy(void)
{
    for (int i = 0; i < 2; i++) {
        busy[i] = fork();
        if (busy[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) {
            }
        }
    }
}

static void stop_busy(void)
{
    for (int i = 0; i < 2; i++) {
        if (busy[i] <= 0)
            continue; /* -1 would mean everybody */
        kill(busy[i], SIGKILL);
        waitpid(busy[i], NULL, 0);
    }
}

static int rounds(void)
{
    const char *text = getenv("IPCGRADE_ROUNDS");
    return text ? atoi(text) : 600; // NOLINT(cert-err34-c)
}

static void play_rounds(int left_out, unsigned first_seed)
{
    /* What waits for acknowledgements takes its time. */
    int count = way_count == LOCAL_WAYS ? rounds() : rounds() / 10;
    for (int i = 0; i < count; i++) {
        seed = first_seed + (unsigned)i * 7919u;
        play_random(left_out);
    }
}

START_TEST(never_called_deadlocked)
{
    play_rounds(0, 1);
}
END_TEST

START_TEST(deadlocks_are_found)
{
    play_rounds(2, 100003);
}
END_TEST

START_TEST(never_called_deadlocked_beside_busy_loops)
{
    start_busy();
    play_rounds(0, 200003);
    stop_busy();
}
END_TEST

START_TEST(deadlocks_are_found_beside_busy_loops)
{
    start_busy();
    play_rounds(2, 300007);
    stop_busy();
}
END_TEST

START_TEST(sockets_are_never_called_deadlocked)
{
    way_count = ALL_WAYS;
    play_rounds(0, 400003);
}
END_TEST

START_TEST(deadlocks_of_sockets_are_found)
{
    way_count = ALL_WAYS;
    play_rounds(2, 500003);
}
END_TEST

START_TEST(sockets_beside_busy_loops)
{
    way_count = ALL_WAYS;
    start_busy();
    play_rounds(0, 600003);
    play_rounds(2, 700003);
    stop_busy();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: random programs");
    TCase *tests = tcase_create("random");
    tcase_set_timeout(tests, 60.0 + rounds());
    tcase_add_test(tests, never_called_deadlocked);
    tcase_add_test(tests, deadlocks_are_found);
    tcase_add_test(tests, never_called_deadlocked_beside_busy_loops);
    tcase_add_test(tests, deadlocks_are_found_beside_busy_loops);
    tcase_add_test(tests, sockets_are_never_called_deadlocked);
    tcase_add_test(tests, deadlocks_of_sockets_are_found);
    tcase_add_test(tests, sockets_beside_busy_loops);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
