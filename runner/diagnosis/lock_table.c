/* Reading /proc/locks; see lock_table.h. */
#include "diagnosis/lock_table.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"

enum { MOST_TABLE = 1 << 20 };

struct row {
    long number;
    bool is_waiting;
    uint64_t inode;
    struct lock_held lock;
};

/* "POSIX  ADVISORY  WRITE 812 00:2f:55 0 EOF" */
static bool read_lock(const char *at, struct lock_held *lock, uint64_t *inode)
{
    char sort[8], how[16], kind[8], file[64], end[24];
    long long pid, start;
    size_t len = strcspn(at, "\n");
    *lock = (struct lock_held){.end = LOCK_TO_END};
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    int found = sscanf(at, "%7s %15s %7s %lld %63s %lld %23s", sort, how, kind, &pid, file, &start, end);
    if (found != 7)
        return false;
    const char *colon = strrchr(file, ':');
    *inode = colon ? strtoull(colon + 1, NULL, 10) : 0;
    lock->pid = (pid_t)pid;
    lock->is_posix = strcmp(sort, "POSIX") == 0;
    lock->is_shared = strcmp(kind, "READ") == 0;
    lock->start = start;
    if (strcmp(end, "EOF") != 0)
        lock->end = strtoll(end, NULL, 10);
    snprintf(lock->text, sizeof lock->text, "%.*s", (int)len, at);
    return true;
}

/* "3: -> POSIX  ADVISORY  WRITE 812 00:2f:55 0 EOF" */
static bool read_row(const char *line, struct row *row)
{
    char *at;
    row->number = strtol(line, &at, 10);
    row->is_waiting = false;
    if (at == line || *at != ':')
        return false;
    for (at++; *at == ' ' || strncmp(at, "->", 2) == 0; at++) {
        row->is_waiting |= *at == '-';
        at += *at == '-';
    }
    return read_lock(at, &row->lock, &row->inode);
}

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

/* A waiting row is that of `waiter`, or, without a pid, of somebody at that file. */
static bool is_of_waiter(const struct row *row, pid_t waiter, uint64_t inode)
{
    return inode == 0 ? row->lock.pid == waiter : row->lock.pid == -1 && row->inode == inode;
}

/* The lock that all these wait for; false: there is none, or there are several. */
static bool one_in_way(const char *table, pid_t waiter, uint64_t inode, struct lock_held *held)
{
    struct row holder = {0}, row;
    long found = -1;
    for (const char *line = table; *line; line = next_line(line)) {
        if (!read_row(line, &row))
            continue;
        if (!row.is_waiting) {
            holder = row;
            continue;
        }
        if (!is_of_waiter(&row, waiter, inode) || row.number != holder.number)
            continue;
        if (found >= 0 && found != row.number)
            return false;
        found = row.number;
        *held = holder.lock;
    }
    return found >= 0 && held->pid != 0;
}

bool lock_in_way_in(const char *table, pid_t waiter, uint64_t inode, struct lock_held *held)
{
    return one_in_way(table, waiter, 0, held) || (inode != 0 && one_in_way(table, waiter, inode, held));
}

bool lock_is_of(const struct lock_held *held, const char *fdinfo)
{
    for (const char *line = fdinfo; *line; line = next_line(line)) {
        const char *colon = strncmp(line, "lock:", 5) == 0 ? strchr(line + 5, ':') : NULL;
        size_t len = strlen(held->text);
        if (colon && strncmp(colon + 1 + strspn(colon + 1, " "), held->text, len) == 0 &&
            (colon + 1 + strspn(colon + 1, " "))[len] == '\n')
            return true;
    }
    return false;
}

pid_t lock_holder_in(const char *table, pid_t waiter)
{
    struct lock_held held;
    return lock_in_way_in(table, waiter, 0, &held) && held.pid > 0 ? held.pid : 0;
}

static bool read_table(struct bytes *table)
{
    char piece[4096];
    ssize_t got = -1;
    cleanup_fd int fd = open("/proc/locks", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
        if (!bytes_add(table, piece, (size_t)got, MOST_TABLE))
            return false;
    return fd >= 0 && got == 0;
}

pid_t lock_holder_of(pid_t waiter)
{
    cleanup_bytes struct bytes table = {0};
    return read_table(&table) ? lock_holder_in(bytes_text(&table), waiter) : 0;
}

bool lock_in_way(pid_t waiter, uint64_t inode, struct lock_held *held)
{
    cleanup_bytes struct bytes table = {0};
    return read_table(&table) && lock_in_way_in(bytes_text(&table), waiter, inode, held);
}
