/* Inside the rules room: small questions that several rules ask. */
#ifndef IPCGRADE_RULES_FACTS_H
#define IPCGRADE_RULES_FACTS_H

#include <string.h>

#include "rules/rules.h"

static inline bool is_deed(const struct event *event, const char *word)
{
    return event->call.deed && strcmp(event->call.deed->word, word) == 0;
}

/* Of one of these families; NULL ends them. */
static inline bool is_any_deed(const struct event *event, const char *const words[])
{
    while (*words && !is_deed(event, *words))
        words++;
    return *words != NULL;
}

static inline bool is_call(const struct event *event, const char *name)
{
    return strcmp(event->call.row->name, name) == 0;
}

static inline bool has_succeeded(const struct event *event)
{
    return event->call.is_done && event->call.error == 0;
}

/* The process has a handler for a signal that somebody outside could send: then a wait that nobody in the scene can end may be meant so. SIGCHLD and SIGPIPE come from inside. Only
 * while it lives. */
bool catches_signals(const struct process *process);

/* A read or write of 0 bytes moves nothing: by its error it asks the kernel about the descriptor. */
static inline bool is_of_nothing(const struct event *event)
{
    return (is_call(event, "read") || is_call(event, "write")) && event->call.arg[2] == 0;
}

/* It gives an identifier: msgget, semget, shmget. */
static inline bool makes_identifier(const struct event *event)
{
    return is_deed(event, "msgget") || is_deed(event, "semget") || is_deed(event, "shmget");
}

/* Somewhere the program has printed or sent the number: then somebody outside may know the System V object by it. */
bool is_identifier_told(const struct study *study, uint64_t identifier);

/* The process whose pid is that, as processes of the scene count; NULL: none. */
const struct process *process_by_pid(const struct study *study, int64_t pid);

/* Who executes another program than the one that was started: it cannot know what it inherits beyond what it is told. */
bool is_another_program(const struct study *study, const struct process *process);

/* The fork by which the process was made; NULL: it is the command, or that was not seen. */
const struct event *birth_of(const struct study *study, const struct process *process);

/* The process has executed something, or tried to in vain, before that event. */
bool has_executed(const struct study *study, int process, const struct event *until, bool has_failed);

/* Both have one memory at that event: one is made by the other with CLONE_VM or vfork(), or both so by a third. */
bool have_same_memory(const struct study *study, int one, int other, const struct event *until);

/* It handles the signal now. Only while it lives. */
bool catches(const struct process *process, int signal);

/* Steps of sockets that have failed and are used (sockets.c); a part of unchecked-failure. */
void failed_step_event(struct study *study, const struct event *event);

/* That rule has told something of this very call already. */
bool is_told_of(const struct study *study, const struct rule *rule, const struct event *event);

/* Some wait for a signal of that process has come to its end (signals.c). */
bool was_woken(const struct study *study, const struct process *process);

/* Several processes have had the object open, or used it. */
bool is_shared(const struct study *study, const struct object_id *object);

/* It is a pipe from which nobody has read anything: what does not arrive there is missed by nobody. */
bool is_never_read(const struct study *study, const struct event *event);

/* Somebody has read to the end of what is written there; of socket pairs, perhaps of another one. Else those who read have gone before that and miss nothing. */
bool is_read_to_end(const struct study *study, const struct event *event);

/* Of a System V segment, in bytes, as it was asked for by whoever has named it; 0: nobody has. */
uint64_t segment_size(const struct study *study, const struct object_id *segment);

#endif
