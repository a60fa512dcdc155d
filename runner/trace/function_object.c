/* What a library function works on: semaphores by their address, the command of a pclose().
 *
 * An address is looked up in /proc/PID/maps: a named semaphore is the inode of the file that is mapped there, whatever name it was opened by, if it
 * has one still, and wherever a process has it. An unnamed one in shared memory is told by file and place in it.
 */
#include "trace/tracer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trace/mapping.h"

/* As glibc names the files of semaphores. */
static const char prefix[] = "/dev/shm/sem.";

static bool is_function(const struct event *event, const char *name)
{
    return strcmp(event->call.row->name, name) == 0;
}

/* "/dev/shm/sem.s (deleted)" is "/s" still. */
static void name_sem(const char *path, char *to, size_t room)
{
    static const char gone[] = " (deleted)";
    size_t len = strlen(path), tail = sizeof gone - 1;
    if (len > tail && strcmp(path + len - tail, gone) == 0)
        len -= tail;
    snprintf(to, room, "/%.*s", (int)len, path);
}

static const char *after_prefix(const char *path)
{
    const char *at = strstr(path, prefix + strlen("/dev"));
    return at ? at + strlen(prefix) - strlen("/dev") : NULL;
}

/* The file's name in the map may be the one under which glibc made it; the program knows the one that it gave. It is asked for by its name also after sem_unlink(): as long as it is
 * mapped, its inode is nobody else's. */
static void name_known(struct tracer *tracer, const struct object_id *id, char *name, size_t room)
{
    const struct known_object *known = object_ever_known(tracer, id);
    if (known)
        snprintf(name, room, "%s", known->name);
}

bool object_of_sem(struct tracee *tracee, uint64_t address, struct object_id *id, char *name, size_t room)
{
    struct mapping mapping;
    if (!mapping_at(tracee->pub.tid, address, &mapping))
        return false;
    const char *sem = mapping.is_shared ? after_prefix(mapping.path) : NULL;
    *id = (struct object_id){sem ? OBJECT_SEM : OBJECT_OTHER, mapping.device, mapping.number};
    if (sem) {
        name_sem(sem, name, room);
        name_known(tracee->tracer, id, name, room);
    } else {
        snprintf(name, room, "unnamed");
        if (!mapping.is_shared)
            *id = (struct object_id){.kind = OBJECT_OTHER, .number = address};
        else /* several in one segment differ */
            id->number += (address - mapping.start + mapping.offset) << 32;
    }
    return true;
}

/* The file of a name: `path` is what sem_open() was given. */
static void path_of_name(const char *name, char *to, size_t room)
{
    snprintf(to, room, "%s%s", prefix, name + strspn(name, "/"));
}

static bool object_of_name(struct tracee *tracee, struct event *event)
{
    char path[320];
    path_of_name(event->call.path, path, sizeof path);
    if (!object_of_path(tracee, &event->call, path, &event->object))
        return false;
    event->object.kind = OBJECT_SEM;
    return true;
}

static void set_names(struct event *event, const char *name)
{
    snprintf(event->call.path2, sizeof event->call.path2, "%s", name);
    snprintf(event->object_name, sizeof event->object_name, "%.63s", name);
    text_tame(event->object_name);
}

/* The popen() that gave this stream. */
static void find_command(struct tracee *tracee, struct event *event)
{
    enum { STREAM = 5 }; /* the argument where library.c leaves what popen() gave */
    struct tracer *tracer = tracee->tracer;
    for (size_t i = tracer->event_count; i-- > 0;) {
        const struct event *old = tracer_event(tracer, i);
        if (old == event || !old->call.row || old->process != event->process || !is_function(old, "popen") ||
            old->call.arg[STREAM] != event->call.arg[0])
            continue;
        snprintf(event->call.path2, sizeof event->call.path2, "%.127s", old->call.path);
        return;
    }
}

void object_of_function(struct tracee *tracee, struct event *event)
{
    const struct call *call = &event->call;
    char name[128] = "";
    if (is_function(event, "sem_open") || is_function(event, "sem_unlink")) {
        event->was_there = object_of_name(tracee, event);
        snprintf(event->object_name, sizeof event->object_name, "/%.62s",
                 call->path + strspn(call->path, "/"));
        text_tame(event->object_name);
    } else if (is_function(event, "ftok")) {
        object_of_path(tracee, call, call->path, &event->object);
    } else if (is_function(event, "pclose")) {
        find_command(tracee, event);
    } else if (!is_function(event, "popen") &&
               object_of_sem(tracee, call->arg[0], &event->object, name, sizeof name)) {
        set_names(event, name);
    }
}

/* What sem_open() made, and sem_unlink() removed, for the account of what is left (ledger.c). */
void object_of_function_exit(struct tracee *tracee, struct event *event)
{
    char path[320], name[128];
    if (event->call.error != 0)
        return;
    path_of_name(event->call.path, path, sizeof path);
    if (is_function(event, "sem_unlink"))
        object_removed(tracee->tracer, &event->object);
    if (!is_function(event, "sem_open") ||
        !object_of_sem(tracee, (uint64_t)event->call.result, &event->object, name, sizeof name))
        return;
    struct known_object *known = object_learn(tracee->tracer, &event->object);
    if (!known)
        return;
    snprintf(known->name, sizeof known->name, "%s", event->object_name);
    snprintf(known->path, sizeof known->path, "%.255s", path);
    if (event->was_there || known->is_made)
        return;
    known->is_made = true;
    known->event = event->number;
}
