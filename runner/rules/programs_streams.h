/* For the test of this room only: programs about streams of the C library, about what is left unread or open, and about arguments; see programs.h. */
#ifndef IPCGRADE_RULES_PROGRAMS_STREAMS_H
#define IPCGRADE_RULES_PROGRAMS_STREAMS_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "rules/programs.h"

/* A stream that is written when it is flushed, and not before. */
static inline FILE *full_stream(const char *path)
{
    FILE *stream = fopen(path, "we");
    if (!stream || setvbuf(stream, NULL, _IOFBF, BUFSIZ) != 0)
        _exit(1);
    return stream;
}

/* The child flushes as well when it has to. */
static inline void prints_then_forks(bool is_flushed, bool child_flushes)
{
    FILE *stream = full_stream("/dev/null");
    fputs("one line\n", stream);
    if (is_flushed)
        fflush(stream);
    if (fork() == 0) {
        if (child_flushes)
            fflush(stream);
        _exit(0);
    }
    wait(NULL);
    fclose(stream);
}

static inline void forks_with_text(struct rig_shared *shared)
{
    (void)shared;
    prints_then_forks(false, true);
}

static inline void forks_without_text(struct rig_shared *shared)
{
    (void)shared;
    prints_then_forks(true, true);
}

/* The text is the parent's to write, and _exit() is right in the child. */
static inline void leaves_it_to_the_parent(struct rig_shared *shared)
{
    (void)shared;
    prints_then_forks(false, false);
}

static inline void exits_with_text(struct rig_shared *shared)
{
    (void)shared;
    fputs("one line\n", full_stream("/dev/null"));
    _exit(0);
}

static inline void executes_with_text(struct rig_shared *shared)
{
    (void)shared;
    fputs("one line\n", full_stream("/dev/null"));
    execl("/bin/true", "true", NULL);
}

static inline void locks_and_prints(bool is_flushed)
{
    char path[] = "/tmp/rules.XXXXXX";
    close(mkstemp(path));
    for (int i = 0; i < 2; i++) {
        if (fork() != 0)
            continue;
        FILE *stream = full_stream(path);
        flock(fileno(stream), LOCK_EX);
        fputs("one line\n", stream);
        if (is_flushed)
            fflush(stream);
        flock(fileno(stream), LOCK_UN);
        fclose(stream);
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    unlink(path);
}

static inline void unlocks_with_text(struct rig_shared *shared)
{
    (void)shared;
    locks_and_prints(false);
}

static inline void unlocks_without_text(struct rig_shared *shared)
{
    (void)shared;
    locks_and_prints(true);
}

static inline void reads_so_much(size_t size, int times)
{
    char buffer[16];
    if (pipe(ends) != 0)
        _exit(1);
    if (fork() == 0) {
        close(ends[0]);
        _exit(write(ends[1], "0123456789", 10) != 10);
    }
    close(ends[1]);
    wait(NULL);
    for (int i = 0; i < times; i++)
        (void)!read(ends[0], buffer, size);
    _exit(0);
}

static inline void reads_a_part(struct rig_shared *shared)
{
    (void)shared;
    reads_so_much(4, 1);
}

static inline void reads_to_the_end(struct rig_shared *shared)
{
    (void)shared;
    reads_so_much(4, 4); /* 4, 4, 2, and the end */
}

static inline void reads_on_at_the_end(struct rig_shared *shared)
{
    (void)shared;
    reads_so_much(10, 4);
}

static inline void sends_and_receives(int sent, int received)
{
    struct {
        long type;
        char text[8];
    } message = {1, "hello"};
    int id = msgget(IPC_PRIVATE, 0600);
    for (int i = 0; i < sent; i++)
        (void)msgsnd(id, &message, 5, 0);
    for (int i = 0; i < received; i++)
        (void)!msgrcv(id, &message, sizeof message.text, 0, 0);
    msgctl(id, IPC_RMID, NULL);
    _exit(0);
}

static inline void forgets_a_message(struct rig_shared *shared)
{
    (void)shared;
    sends_and_receives(3, 2);
}

static inline void receives_all(struct rig_shared *shared)
{
    (void)shared;
    sends_and_receives(3, 3);
}

/* In each round a pipe of its own. */
static inline void makes_pipes(bool closes)
{
    for (int i = 0; i < 4; i++) {
        if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1)
            _exit(1);
        if (closes)
            close(ends[0]);
        if (closes)
            close(ends[1]);
    }
    _exit(0);
}

static inline void leaves_pipes(struct rig_shared *shared)
{
    (void)shared;
    makes_pipes(false);
}

static inline void closes_pipes(struct rig_shared *shared)
{
    (void)shared;
    makes_pipes(true);
}

static inline void child_ends_with(int status)
{
    if (fork() == 0)
        _exit(status);
    wait(NULL);
}

static inline void status_too_large(struct rig_shared *shared)
{
    (void)shared;
    child_ends_with(256);
}

static inline void status_of_failure(struct rig_shared *shared)
{
    (void)shared;
    child_ends_with(-1);
}

static inline void makes_queue_of_mode(int mode)
{
    int id = msgget(IPC_PRIVATE, IPC_CREAT | mode);
    msgctl(id, IPC_RMID, NULL);
}

static inline void decimal_mode(struct rig_shared *shared)
{
    (void)shared;
    makes_queue_of_mode(666);
}

static inline void octal_mode(struct rig_shared *shared)
{
    (void)shared;
    makes_queue_of_mode(0640);
}

static inline void option_first(struct rig_shared *shared)
{
    (void)shared;
    execl("/bin/true", "-x", "y", NULL);
}

static inline void login_name(struct rig_shared *shared)
{
    (void)shared;
    execl("/bin/true", "-true", NULL);
}

/* The server reads one byte and ends; the client goes on sending. */
static inline void sends_on(bool looks)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        _exit(1);
    if (fork() == 0) {
        int connection = accept(listener, NULL, NULL);
        _exit(read(connection, &byte, 1) != 1);
    }
    close(listener);
    if (connect(client, (struct sockaddr *)&address, size) != 0 || write(client, "a", 1) != 1)
        _exit(1);
    wait(NULL);
    (void)!write(client, "b", 1);
    if (looks)
        (void)!read(client, &byte, 1);
    _exit(0);
}

static inline void sends_to_nobody(struct rig_shared *shared)
{
    (void)shared;
    sends_on(false);
}

static inline void looks_who_is_there(struct rig_shared *shared)
{
    (void)shared;
    sends_on(true);
}

/* Of six bytes that go through a socket pair four are read. */
static inline void reads_a_part_of_a_pair(struct rig_shared *shared)
{
    char buffer[4];
    (void)shared;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        _exit(1);
    if (fork() == 0)
        _exit(write(ends[1], "012345", 6) != 6);
    wait(NULL);
    (void)!read(ends[0], buffer, sizeof buffer);
    _exit(0);
}

static inline void works_as_vfork(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    if (vfork() == 0) // NOLINT(clang-analyzer-security.insecureAPI.vfork): the very mistake
        _exit(write(ends[1], "x", 1) != 1); // NOLINT(clang-analyzer-unix.Vfork)
    wait(NULL);
}

static inline void executes_as_vfork(struct rig_shared *shared)
{
    (void)shared;
    if (vfork() == 0) { // NOLINT(clang-analyzer-security.insecureAPI.vfork)
        execl("/bin/true", "true", NULL);
        _exit(127);
    }
    wait(NULL);
}

static inline void sets_reuse(bool is_late)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (is_late)
        (void)bind(fd, (struct sockaddr *)&address, sizeof address);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!is_late)
        (void)bind(fd, (struct sockaddr *)&address, sizeof address);
}

static inline void sets_reuse_late(struct rig_shared *shared)
{
    (void)shared;
    sets_reuse(true);
}

static inline void sets_reuse_in_time(struct rig_shared *shared)
{
    (void)shared;
    sets_reuse(false);
}

/* The other end has gone, and poll() says so at once, each time. */
static inline void polls_the_end(struct rig_shared *shared)
{
    (void)shared;
    if (pipe(ends) != 0)
        _exit(1);
    close(ends[1]);
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    for (int i = 0; i < 200; i++)
        poll(&one, 1, -1);
}

#endif
