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

enum { MOST_TABLE = 1 << 20, BEFORE_PID = 3 /* words: POSIX ADVISORY WRITE */ };

struct row {
    long number;
    bool is_waiting;
    long pid;
};

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
    for (int word = 0; word < BEFORE_PID; word++) {
        at += strspn(at, " ");
        at += strcspn(at, " \n");
    }
    char *end;
    row->pid = strtol(at, &end, 10);
    return *at == ' ' && end != at;
}

pid_t lock_holder_in(const char *table, pid_t waiter)
{
    struct row holder = {0}, row;
    for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (!read_row(line, &row))
            continue;
        if (!row.is_waiting)
            holder = row;
        else if (row.pid == waiter && row.number == holder.number)
            return holder.pid > 0 ? (pid_t)holder.pid : 0; /* of an open file description: -1 */
    }
    return 0;
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
