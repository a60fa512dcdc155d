/* For the test of this room only: small programs, each of which breaks one law or comes close to it and does not. */
#ifndef IPCGRADE_RULES_PROGRAMS_H
#define IPCGRADE_RULES_PROGRAMS_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include "trace/rig.h"

static int ends[2], back[2];
static char byte;

/* Check has handlers of its own, which its children inherit; a program that is executed has none. */
static inline void forget_handlers(void)
{
    for (int number = 1; number < SIGRTMIN; number++)
        signal(number, SIG_DFL);
}

/* ---- programs that break a rule -------------------------------------------------------------------------------------------- */

static inline void own_end(struct rig_shared *shared)
{
    (void)shared;
    forget_handlers();
    if (pipe(ends) == 0)
        (void)!read(ends[0], &byte, 1);
}

static inline void both_wait(struct rig_shared *shared)
{
    (void)shared;
    forget_handlers();
    if (pipe(ends) != 0 || pipe(back) != 0)
        _exit(1);
    bool is_child = fork() == 0;
    close(is_child ? ends[1] : back[1]);
    close(is_child ? back[0] : ends[0]);
    (void)!read(is_child ? ends[0] : back[0], &byte, 1);
}

static inline void reads_write_end(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) == 0)
        (void)!read(ends[1], &byte, 1);
}

static inline void uses_minus_one(struct rig_shared *shared)
{
    (void)shared;
    int fd = open("/no/such/file", O_RDONLY);
    (void)!read(fd, &byte, 1);
}

static inline void floods_then_uses_minus_one(struct rig_shared *shared)
{
    (void)shared;
    (void)!read(open("/no/such/file", O_RDONLY), &byte, 1);
    if (pipe(ends) != 0)
        _exit(1);
    for (int i = 0; i < 20; i++)
        if (write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1)
            _exit(1);
}

static inline void floods_under_a_lock(struct rig_shared *shared)
{
    enum { TIMES = 10500 };
    char folder[] = "/tmp/ipcgrade-flood-XXXXXX", name[64];
    struct flock lock = {.l_type = F_WRLCK};
    int file = fileno(tmpfile());
    (void)shared;
    if (!mkdtemp(folder) || fcntl(file, F_SETLK, &lock) != 0)
        return;
    for (int i = 0; i < 2 * TIMES; i++) {
        snprintf(name, sizeof name, "%s/%d", folder, i % TIMES);
        if (i < TIMES)
            close(open(name, O_RDWR | O_CREAT, 0600));
        else
            unlink(name);
    }
    rmdir(folder);
    (void)!read(open("/no/such/file", O_RDONLY), &byte, 1);
}

static inline void uses_missing_queue(struct rig_shared *shared)
{
    struct {
        long type;
        char text[8];
    } message = {1, "hello"};
    int id = msgget((key_t)0x7f0f0f0f, 0);
    (void)shared;
    (void)msgsnd(id, &message, 5, 0);
}

static inline void key_minus_one(struct rig_shared *shared)
{
    (void)shared;
    (void)msgget(ftok("/no/such/file", 1), 0600);
}

static inline void int_type(struct rig_shared *shared)
{
    struct {
        int type;
        char text[32];
    } message = {1, "hello, world"};
    (void)shared;
    int id = msgget(IPC_PRIVATE, 0600);
    (void)msgsnd(id, &message, 13, 0);
    msgctl(id, IPC_RMID, NULL);
}

/* The child waits for a message; the parent removes the queue before it has sent one. */
static inline void removes_early(struct rig_shared *shared)
{
    struct {
        long type;
        char text[8];
    } message;
    (void)shared;
    int id = msgget(IPC_PRIVATE, 0600);
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        close(ends[1]);
        if (msgrcv(id, &message, sizeof message.text, 0, 0) >= 0)
            _exit(0);
        (void)!write(STDERR_FILENO, "msgrcv: identifier removed\n", 27);
        _exit(1);
    }
    close(ends[1]);
    (void)!read(ends[0], &byte, 1); /* until the child has begun */
    msgctl(id, IPC_RMID, NULL);
    wait(NULL);
}

static inline void leaks_segment(struct rig_shared *shared)
{
    shared->number[0] = shmget(IPC_PRIVATE, 100, 0600);
}

static inline void keeps_write_end(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        (void)!read(ends[0], &byte, 1);
        _exit(0);
    }
    close(ends[0]);
    (void)!write(ends[1], "x", 1);
    wait(NULL);
}

static inline void leaks_over_exec(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) == 0)
        execl("/bin/true", "true", NULL);
}

static inline void leaves_zombie(struct rig_shared *shared)
{
    siginfo_t info;
    (void)shared;
    if (fork() == 0)
        _exit(0);
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}

static inline void open_to_all(struct rig_shared *shared)
{
    (void)shared;
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0666);
    msgctl(id, IPC_RMID, NULL);
}

static inline void stays_attached(struct rig_shared *shared)
{
    (void)shared;
    int id = shmget(IPC_PRIVATE, 100, 0600);
    (void)shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
}

static inline void asks_and_asks(struct rig_shared *shared)
{
    (void)shared;
    if (pipe2(ends, O_NONBLOCK) != 0)
        _exit(1);
    for (int i = 0; read(ends[0], &byte, 1) != 1; i++)
        if (i == 200)
            (void)!write(ends[1], "", 1);
}

static inline void mixes(struct rig_shared *shared)
{
    static char much[2 * PIPE_BUF];
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        _exit(write(ends[1], much, sizeof much) < 0);
    }
    (void)!write(ends[1], much, sizeof much);
    close(ends[1]);
    while (read(ends[0], much, sizeof much) > 0)
        continue;
    wait(NULL);
}

static inline void short_write(struct rig_shared *shared)
{
    static char much[1 << 20];
    (void)shared;
    if (pipe2(ends, O_NONBLOCK) == 0)
        (void)!write(ends[1], much, sizeof much);
    close(ends[1]);
    while (read(ends[0], much, sizeof much) > 0)
        continue;
}

/* ---- programs that are right ------------------------------------------------------------------------------------------------ */

/* A pipe to itself, as signal handlers use it: the handler writes, the program reads. */
static inline void on_signal(int number)
{
    (void)number;
    (void)!write(ends[1], "x", 1);
}

static inline void self_pipe(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    signal(SIGUSR1, on_signal);
    if (fork() == 0) {
        close(ends[0]);
        close(ends[1]);
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
        continue;
    wait(NULL);
}

static inline void tidy_pipe(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[1]);
        while (read(ends[0], &byte, 1) > 0)
            continue;
        _exit(0);
    }
    close(ends[0]);
    (void)!write(ends[1], "hello", 5);
    close(ends[1]);
    wait(NULL);
}

static inline void closes_minus_one(struct rig_shared *shared)
{
    (void)shared;
    close(open("/no/such/file", O_RDONLY));
}

static inline void passes_end_on(struct rig_shared *shared)
{
    char number[16];
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    close(ends[1]);
    snprintf(number, sizeof number, "%d", ends[0]);
    execl("/bin/true", "true", number, NULL);
}

static inline void large_type(struct rig_shared *shared)
{
    struct {
        long type;
        char text[8];
    } message = {5000000000, "hello"};
    (void)shared;
    int id = msgget(IPC_PRIVATE, 0600);
    (void)msgsnd(id, &message, 5, 0);
    msgctl(id, IPC_RMID, NULL);
}

static inline void goes_on_writing(struct rig_shared *shared)
{
    static char much[1 << 20];
    (void)shared;
    size_t done = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        _exit(1);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    if (fork() == 0) {
        close(ends[1]);
        while (read(ends[0], much, sizeof much) > 0)
            continue;
        _exit(0);
    }
    close(ends[0]);
    while (done < sizeof much) {
        ssize_t got = write(ends[1], much + done, sizeof much - done);
        done += got > 0 ? (size_t)got : 0;
    }
    close(ends[1]);
    wait(NULL);
}

static inline void removal_is_the_end(struct rig_shared *shared)
{
    struct {
        long type;
        char text[8];
    } message;
    (void)shared;
    int id = msgget(IPC_PRIVATE, 0600);
    if (fork() == 0)
        _exit(msgrcv(id, &message, sizeof message.text, 0, 0) < 0 && (errno == EIDRM || errno == EINVAL) ? 0
                                                                                                         : 1);
    msgctl(id, IPC_RMID, NULL);
    wait(NULL);
}

static inline void ignores_children(struct rig_shared *shared)
{
    (void)shared;
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0)
        _exit(0);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
}
static sem_t asked;

static inline void post_asked(int signal)
{
    (void)signal;
    sem_post(&asked);
}

/* Nobody has loaded the probe here, nor does he into a static program. */
static inline void posts_in_handler(struct rig_shared *shared)
{
    (void)shared;
    forget_handlers();
    signal(SIGUSR1, post_asked);
    sem_wait(&asked);
}

#endif
