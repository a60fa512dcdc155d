/* See ledger.h. Whether a msgget(key, IPC_CREAT) made the queue or found it cannot be seen from the call; so the kernel's list from before the
 * run is kept, and whatever is not on it was made since, by a tracee if a tracee named it.
 */
#include "trace/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"
#include "trace/tracer.h"

static const struct {
    const char *file;
    enum object_kind kind;
} lists[] = {
    {"/proc/sysvipc/msg", OBJECT_QUEUE},
    {"/proc/sysvipc/sem", OBJECT_SEMAPHORES},
    {"/proc/sysvipc/shm", OBJECT_SEGMENT},
};

static bool read_list(struct ledger *ledger, const char *file, enum object_kind kind)
{
    char line[512];
    cleanup_file FILE *from = fopen(file, "re");
    if (!from)
        return true; /* a kernel without this kind */
    while (fgets(line, sizeof line, from)) {
        long key, id;
        if (sscanf(line, "%ld %ld", &key, &id) != 2) // NOLINT(cert-err34-c): the first line is a heading
            continue;
        if (!tasks_grow(&ledger->before, ledger->count + 1, &ledger->room, sizeof *ledger->before))
            return false;
        ledger->before[ledger->count++] = (struct object_id){.kind = kind, .number = (uint64_t)id};
    }
    return true;
}

bool ledger_begin(struct ledger *ledger, struct err *err)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!read_list(ledger, lists[i].file, lists[i].kind))
            return err_set(err, "list the System V objects: out of memory");
    return true;
}

static bool is_listed(const struct ledger *ledger, const struct object_id *id)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (object_same(&ledger->before[i], id))
            return true;
    return false;
}

/* A queue can be asked for by its name wherever its file system is mounted, or nowhere. */
static bool is_queue_there(const struct tracer *tracer, const struct known_object *known)
{
    const struct event *event = tracer_event(tracer, known->event);
    struct stat info;
    cleanup_fd int queue =
        event && event->call.row ? mq_open(event->call.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    return queue >= 0 && fstat(queue, &info) == 0 && info.st_ino == known->id.number &&
           info.st_dev == known->id.device;
}

static bool is_still_there(const struct tracer *tracer, const struct ledger *now,
                           const struct known_object *known)
{
    struct stat info;
    if (known->id.device == 0)
        return is_listed(now, &known->id);
    bool is_judged = known->id.kind == OBJECT_FIFO || known->id.kind == OBJECT_UNIX ||
                     known->id.kind == OBJECT_SHM || known->id.kind == OBJECT_SEM ||
                     known->id.kind == OBJECT_MQ;
    char path[sizeof known->path + sizeof "/dev/mqueue"];
    snprintf(path, sizeof path, "%s%s", known->id.kind == OBJECT_MQ ? "/dev/mqueue" : "", known->path);
    bool is_there = is_judged && lstat(path, &info) == 0 && info.st_ino == known->id.number &&
                    info.st_dev == known->id.device;
    return is_there || (known->id.kind == OBJECT_MQ && is_queue_there(tracer, known));
}

static void tell(const struct tracer *tracer, const struct left_object *left, FILE *to)
{
    const struct event *event = left->event;
    fprintf(to, _("left behind: %s %s"), _(object_kind_noun(left->id.kind)), left->name);
    if (left->id.device == 0)
        fprintf(to, _(", id %llu"), (unsigned long long)left->id.number);
    if (event && event->call.row) {
        struct source_at at;
        cleanup_free char *line = call_text(&event->call);
        const struct process *maker = tracer_process(tracer, (size_t)event->process);
        fprintf(to, _(", made by [%s %d] %s"), maker->program, (int)maker->pid, line);
        if (source_find((struct tracer *)(uintptr_t)tracer, event, NULL, &at)) // NOLINT: its cache grows
            fprintf(to, _("  at %s:%d"), at.file, at.line);
    }
    fputc('\n', to);
}

size_t ledger_find(const struct ledger *ledger, const struct tracer *tracer, struct left_object **left)
{
    cleanup_ledger struct ledger now = {0};
    size_t count = 0;
    *left = calloc(tracer->object_count + 1, sizeof **left);
    if (!*left || !ledger_begin(&now, NULL))
        return 0;
    for (size_t i = 0; i < tracer->object_count; i++) {
        const struct known_object *known = &tracer->objects[i];
        if (!known->is_made || is_listed(ledger, &known->id) || !is_still_there(tracer, &now, known))
            continue;
        struct left_object *one = &(*left)[count++];
        one->id = known->id;
        one->event = tracer_event(tracer, known->event);
        snprintf(one->name, sizeof one->name, "%s", known->path[0] ? known->path : known->name);
        text_tame(one->name);
    }
    return count;
}

size_t ledger_count(const struct ledger *ledger, const struct tracer *tracer)
{
    cleanup_free struct left_object *left = NULL;
    return ledger_find(ledger, tracer, &left);
}

size_t ledger_tell(const struct ledger *ledger, const struct tracer *tracer, FILE *to)
{
    cleanup_free struct left_object *left = NULL;
    size_t count = ledger_find(ledger, tracer, &left);
    for (size_t i = 0; i < count; i++)
        tell(tracer, &left[i], to);
    return count;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->before);
    *ledger = (struct ledger){0};
}
