/* Small questions; see facts.h. */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

bool catches_signals(const struct process *process)
{
    char path[64], line[256];
    unsigned long long caught = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "SigCgt:", 7) == 0)
            caught = strtoull(line + 7, NULL, 16);
    /* 32 and 33 are the thread library's own */
    unsigned long long from_inside = 1ULL << (SIGCHLD - 1) | 1ULL << (SIGPIPE - 1) | 3ULL << 31;
    return (caught & ~from_inside) != 0;
}

const char *object_words(const struct event *event, char *to, size_t room)
{
    bool is_plain = event->object.kind == OBJECT_PIPE || event->object.kind == OBJECT_NONE;
    if (is_plain)
        snprintf(to, room, "the %s", event->object_name[0] ? event->object_name : "object");
    else
        snprintf(to, room, "%s %s", object_kind_noun(event->object.kind), event->object_name);
    return to;
}

bool is_shared(const struct study *study, const struct object_id *object)
{
    size_t holders = 0;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        size_t count;
        const struct descriptor *items = history_table(study_history(study), (int)i, &count);
        for (size_t k = 0; k < count; k++)
            if (object_same(&items[k].object, object)) {
                holders++;
                break;
            }
    }
    return holders > 1;
}
