/* Who has the lock that somebody waits for; see lock_holder.h. */
#include "judge/lock_holder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

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

static const struct process *process_of(const struct stage *stage, pid_t pid)
{
    for (size_t i = tracer_process_count(stage->tracer); pid > 0 && i > 0; i--) {
        const struct process *process = tracer_process(stage->tracer, i - 1);
        if (process->pid == pid)
            return process;
    }
    return NULL;
}

static bool waits_for_lock(const struct task *task)
{
    const struct deed_row *deed = task->now ? task->now->call.deed : NULL;
    return deed && task->state == TASK_BLOCKED &&
           (strcmp(deed->word, "lock") == 0 || strcmp(deed->word, "flock") == 0);
}

void lock_holder_text(struct stage *stage, const struct task *task, struct bytes *to)
{
    cleanup_bytes struct bytes table = {0};
    if (!waits_for_lock(task) || !read_table(&table))
        return;
    const struct process *holder = process_of(stage, lock_holder_in(bytes_text(&table), task->process->pid));
    if (!holder || holder->actor < 0 || (size_t)holder->actor >= stage->actor_count)
        return;
    bytes_print(to, _("; %s (pid %d) has locked it"), stage->actors[holder->actor].word,
                (int)holder->inner_pid);
    if (holder->is_dead)
        bytes_print(to, "%s", _(" and has ended; somebody else still has its descriptor"));
}
