/* Small questions; see facts.h. */
#include "rules/facts.h"

#include <ctype.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

static unsigned long long caught_signals(const struct process *process)
{
    char path[64], line[256];
    unsigned long long caught = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "SigCgt:", 7) == 0)
            caught = strtoull(line + 7, NULL, 16);
    return caught;
}

bool catches(const struct process *process, int signal)
{
    return (caught_signals(process) >> (signal - 1) & 1) != 0;
}

bool catches_signals(const struct process *process)
{
    /* 32 and 33 are the thread library's own */
    unsigned long long from_inside = 1ULL << (SIGCHLD - 1) | 1ULL << (SIGPIPE - 1) | 3ULL << 31;
    return (caught_signals(process) & ~from_inside) != 0;
}

const struct process *process_by_pid(const struct study *study, int64_t pid)
{
    for (size_t i = tracer_process_count(study_tracer(study)); i > 0;
         i--) /* the newest: numbers come again */
        if (tracer_process(study_tracer(study), i - 1)->inner_pid == pid)
            return tracer_process(study_tracer(study), i - 1);
    return NULL;
}

bool is_another_program(const struct study *study, const struct process *process)
{
    const struct process *first = tracer_process(study_tracer(study), 0);
    return process->image.device != first->image.device || process->image.number != first->image.number;
}

const struct event *birth_of(const struct study *study, const struct process *process)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == process->parent && is_deed(event, "fork") &&
            event->call.result == process->inner_pid)
            return event;
    }
    return NULL;
}

bool has_executed(const struct study *study, int process, const struct event *until, bool has_failed)
{
    for (size_t i = 0; i < until->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == process && is_deed(event, "exec") &&
            (event->call.error != 0) == has_failed)
            return true;
    }
    return false;
}

static bool is_born_into_memory(const struct event *birth)
{
    return is_call(birth, "vfork") ||
           (call_knows(&birth->call, PARAM_FLAGS) && (birth->call.value[PARAM_FLAGS] & CLONE_VM));
}

/* The process whose memory it has. */
static int owner_of_memory(const struct study *study, int process, const struct event *until)
{
    for (;;) {
        const struct process *own = tracer_process(study_tracer(study), (size_t)process);
        const struct event *birth = own->parent >= 0 ? birth_of(study, own) : NULL;
        if (!birth || !is_born_into_memory(birth) || has_executed(study, process, until, false))
            return process;
        process = own->parent;
    }
}

bool have_same_memory(const struct study *study, int one, int other, const struct event *until)
{
    return owner_of_memory(study, one, until) == owner_of_memory(study, other, until);
}

/* As a word of its own, of digits or of what begins with 0x. */
static bool has_number(const char *text, const char *number)
{
    size_t len = strlen(number);
    for (const char *found = text; (found = strcasestr(found, number)); found++) {
        bool is_begin = found == text || !isalnum((unsigned char)found[-1]) ||
                        (found - text >= 2 && strncasecmp(found - 2, "0x", 2) == 0);
        if (is_begin && !isxdigit((unsigned char)found[len]))
            return true;
    }
    return false;
}

/* An int within a record, where a compiler would have it. */
static bool has_int(const struct call *call, uint64_t identifier)
{
    int number;
    for (size_t i = 0; i + sizeof number <= call->data.len; i += sizeof number) {
        memcpy(&number, call->data.data + i, sizeof number);
        if ((uint64_t)number == identifier)
            return true;
    }
    return false;
}

bool is_identifier_told(const struct study *study, uint64_t identifier)
{
    char number[24], hexadecimal[24];
    snprintf(number, sizeof number, "%llu", (unsigned long long)identifier);
    snprintf(hexadecimal, sizeof hexadecimal, "%llx", (unsigned long long)identifier);
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !is_deed(event, "write"))
            continue;
        const char *text = bytes_text(&event->call.data);
        if (has_number(text, number) || has_number(text, hexadecimal) || has_int(&event->call, identifier))
            return true;
    }
    return false;
}

bool is_shared(const struct study *study, const struct object_id *object)
{
    const struct descriptor *holder = NULL; /* processes that share one table (CLONE_FILES) are as threads */
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        size_t count;
        const struct descriptor *items = history_table(study_history(study), (int)i, &count);
        for (size_t k = 0; k < count; k++)
            if (object_same(&items[k].object, object)) {
                if (holder && holder != items)
                    return true;
                holder = items;
                break;
            }
    }
    return false;
}

static bool is_pair(const struct event *event) /* of which each end is an object */
{
    return strcmp(event->object_name, "socket pair") == 0;
}

bool is_never_read(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (other->call.row && !is_deed(other, "write") && has_succeeded(other) && other->call.data_len > 0 &&
            object_same(&other->object, &event->object))
            return false;
    }
    return event->object.kind == OBJECT_PIPE && !is_pair(event);
}

bool is_read_to_end(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (other->call.row && is_deed(other, "read") && has_succeeded(other) && other->call.result == 0 &&
            (object_same(&other->object, &event->object) || (is_pair(other) && is_pair(event))))
            return true;
    }
    return false;
}

bool is_told_of(const struct study *study, const struct rule *rule, const struct event *event)
{
    for (size_t i = 0; i < study_count(study); i++)
        if (study_finding(study, i)->rule == rule && study_finding(study, i)->place.event == event)
            return true;
    return false;
}

uint64_t segment_size(const struct study *study, const struct object_id *segment)
{
    uint64_t size = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "shmget") && has_succeeded(event) &&
            object_same(&event->object, segment) && (uint64_t)event->call.value[PARAM_SIZE] > size)
            size = (uint64_t)event->call.value[PARAM_SIZE];
    }
    return size;
}
