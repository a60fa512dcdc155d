/* The kernel's tables of System V objects, /proc/sysvipc. They show what its owner has shut, too. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum { COLUMNS = 16, PERMISSIONS = 0777 };

/* Which column holds what; see proc(5). `times`: when it was used, each 0 as long as it never was. */
static const struct table {
    const char *path;
    enum object_kind kind;
    int size, owner, maker, creator, last, attached; /* columns, or -1 */
    int times[2];
} tables[] = {
    {"/proc/sysvipc/msg", OBJECT_QUEUE, 4, 7, 9, -1, 5, -1, {11, 12}},
    {"/proc/sysvipc/sem", OBJECT_SEMAPHORES, 3, 4, 6, -1, -1, -1, {8, -1}},
    {"/proc/sysvipc/shm", OBJECT_SEGMENT, 3, 7, 9, 4, 5, 6, {11, 12}},
};
enum { KEY = 0, ID = 1, MODE = 2 };

static long long column(const long long *columns, int which)
{
    return which < 0 ? 0 : columns[which];
}

/* Every column is decimal but the permissions, which are octal. */
static bool read_row(const char *line, long long *columns)
{
    char *end;
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = strtoll(line, &end, i == MODE ? 8 : 10);
        if (end == line)
            return i > MODE;
        line = end;
    }
    return true;
}

static struct table_row row_of(const struct table *table, const long long *columns)
{
    struct found found = {.id = {.kind = table->kind, .number = (uint64_t)columns[ID]},
                          .key = (int)columns[KEY],
                          .owner = (uid_t)columns[table->owner],
                          .mode = (mode_t)columns[MODE] & PERMISSIONS,
                          .size = (uint64_t)columns[table->size],
                          .creator = (pid_t)column(columns, table->creator),
                          .last = (pid_t)column(columns, table->last),
                          .attached = (uint64_t)column(columns, table->attached)};
    snprintf(found.name, sizeof found.name, "0x%08x", (unsigned)found.key);
    return (struct table_row){found, (uid_t)columns[table->maker],
                              column(columns, table->times[0]) || column(columns, table->times[1])};
}

/* A kernel without System V IPC has no such file: then there is nothing. */
static bool each_row(const struct table *table, table_see *see, void *context, struct err *err)
{
    cleanup_file FILE *file = fopen(table->path, "re");
    char line[512];
    if (!file)
        return errno == ENOENT || err_sys(err, "read %s", table->path);
    while (fgets(line, sizeof line, file)) {
        long long columns[COLUMNS] = {0};
        if (!read_row(line, columns)) /* the heading */
            continue;
        const struct table_row row = row_of(table, columns);
        see(context, &row);
    }
    return !ferror(file) || err_sys(err, "read %s", table->path);
}

bool table_each(enum object_kind kind, table_see *see, void *context, struct err *err)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if ((kind == OBJECT_ANY || kind == tables[i].kind) && !each_row(&tables[i], see, context, err))
            return false;
    return true;
}
