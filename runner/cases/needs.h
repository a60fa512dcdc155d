/* What only all cases together show: needed cases that are not there, hidden, or in a circle. Layer: cases, private. */
#ifndef IPCGRADE_CASES_NEEDS_H
#define IPCGRADE_CASES_NEEDS_H

#include "cases/arena.h"
#include "cases/scenario.h"

struct case_file {
    const char *path, *group, *id;
    bool is_loaded; /* scenario was read; else only the file's name is known */
    bool is_right;  /* without an error */
    struct scenario scenario;
    const struct where *needs_at; /* one for each of scenario.needs */
    int mark;                     /* while circles are looked for */
};

struct case_files {
    struct case_file *items;
    size_t count;
};

void needs_check(struct case_files *files, struct arena *arena, struct complaints *complaints);

#endif
