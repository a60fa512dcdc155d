/* Sentences about waits; see words.h. Each sentence is one format, so that another language can put its parts in another order. */
#include "diagnosis/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "diagnosis/words_parts.h"
#include "trace/source.h"

enum { WAITS_TOLD = 12 };

/* ---- names and places ------------------------------------------------------------------------------------------------------ */

static size_t threads_of(const struct teller *teller, int process)
{
    size_t count = 0;
    for (size_t i = 0; i < tracer_task_count(teller->tracer); i++)
        count += tracer_task(teller->tracer, i)->process->index == process;
    return count;
}

void who_text(const struct teller *teller, int process, pid_t tid, struct bytes *to)
{
    const struct process *known = tracer_process(teller->tracer, (size_t)process);
    cleanup_bytes struct bytes name = {0};
    teller->who(teller->context, known, &name);
    if (tid == 0 || threads_of(teller, process) < 2)
        bytes_print(to, "%s", bytes_text(&name));
    else if (tid == known->pid)
        bytes_print(to, _("the main thread of %s"), bytes_text(&name));
    else
        bytes_print(to, _("thread %ld of %s"), thread_number(tid), bytes_text(&name));
}

/* What that line called, as far as it says more than the call itself does: fgets() for read(), pthread_mutex_lock() for futex(). */
static const char *called_by(const struct event *event, const struct source_at *at, const char *usual)
{
    if (strcmp(at->called, event->call.row->name) == 0)
        return "";
    return at->called[0] != '\0' ? at->called : usual;
}

/* A call inside of a function that wraps it ("P()", "Pipe()") is told by the line that called that, too. */
static void line_text(const struct source_at *at, const char *name, struct bytes *to)
{
    if (at->caller_line == 0)
        bytes_print(to, _("%s() at %s:%d"), name, at->file, at->line);
    else if (strcmp(at->file, at->caller_file) == 0)
        bytes_print(to, _("%s() at %s:%d (called from line %d)"), name, at->file, at->line, at->caller_line);
    else
        bytes_print(to, _("%s() at %s:%d (called from %s:%d)"), name, at->file, at->line, at->caller_file,
                    at->caller_line);
}

static void place_as(const struct teller *teller, const struct event *event, const char *usual,
                     struct bytes *to)
{
    cleanup_free char *call = call_text(&event->call);
    struct source_at at = {0};
    bool has_line = event->stack && source_find(teller->tracer, event, teller->source_root, &at);
    const char *called = called_by(event, &at, usual);
    cleanup_bytes struct bytes name = {0};
    if (has_line && *called)
        bytes_print(&name, "%s", called);
    else
        bytes_print(&name, "%.*s", (int)strcspn(call ? call : "", "("), call ? call : "");
    if (has_line)
        line_text(&at, bytes_text(&name), to);
    else if (*called && !*usual)
        bytes_print(to, _("%s() in %s()"), bytes_text(&name), called);
    else
        bytes_print(to, "%s()", *called ? called : bytes_text(&name));
}

void place_text(const struct teller *teller, const struct event *event, struct bytes *to)
{
    place_as(teller, event, "", to);
}

void wait_place_text(const struct teller *teller, const struct wait *wait, struct bytes *to)
{
    place_as(teller, wait->event, wait->wait_for == WAIT_FOR_THREAD ? "pthread_join" : "", to);
}

/* ---- one wait -------------------------------------------------------------------------------------------------------------- */

void wait_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
               struct bytes *to)
{
    cleanup_bytes struct bytes name = {0}, place = {0}, aim = {0}, standing = {0};
    who_text(teller, wait->task->process->index, wait->task->tid, &name);
    wait_place_text(teller, wait, &place);
    aim_text(wait, &aim);
    standing_text(wait, teller, &standing);
    bytes_print(to, _("%s waits in %s %s.%s"), bytes_text(&name), bytes_text(&place), bytes_text(&aim),
                bytes_text(&standing));
    helpers_text(waits, wait, teller, to);
}

/* ---- the deadlock ---------------------------------------------------------------------------------------------------------- */

void cycle_text(const struct waits *waits, const struct teller *teller, struct bytes *to)
{
    cleanup_bytes struct bytes links = {0};
    if (waits->cycle_count < 2)
        return;
    for (size_t i = 0; i < waits->cycle_count; i++) {
        cleanup_bytes struct bytes from = {0}, next = {0};
        const struct task *task = waits->items[waits->cycle[i]].task;
        const struct task *other = waits->items[waits->cycle[(i + 1) % waits->cycle_count]].task;
        who_text(teller, task->process->index, task->tid, &from);
        who_text(teller, other->process->index, other->tid, &next);
        bytes_print(&links, "%s", i ? ", " : "");
        bytes_print(&links, _("%s waits for %s"), bytes_text(&from), bytes_text(&next));
    }
    if (waits->is_cycle_probable)
        bytes_print(to, _("Probably a deadlock: %s. None of them can go on."), bytes_text(&links));
    else
        bytes_print(to, _("Deadlock: %s. None of them can go on."), bytes_text(&links));
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------- */

static bool is_in_cycle(const struct waits *waits, size_t index)
{
    for (size_t i = 0; i < waits->cycle_count; i++)
        if (waits->cycle[i] == index)
            return true;
    return false;
}

static void next_line(struct bytes *to)
{
    if (to->len > 0)
        bytes_print(to, "\n");
}

static bool is_first_of_program(const struct waits *waits, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(waits->items[i].task->process->program, waits->items[at].task->process->program) == 0)
            return false;
    return true;
}

static void lacks_text(const struct waits *waits, const struct teller *teller, struct bytes *to)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const char *program = wait->task->process->program;
        enum source_lack lack = wait->event->stack && is_first_of_program(waits, i)
                                    ? source_lack(teller->tracer, wait->event)
                                    : SOURCE_LACKS_NOTHING;
        if (lack == SOURCE_LACKS_NOTHING)
            continue;
        next_line(to);
        if (lack == SOURCE_IS_UNREADABLE)
            bytes_print(to,
                        _("The debug information of %s is broken: reading it failed, so its source lines are "
                          "not known."),
                        program);
        else if (lack == SOURCE_IS_STRIPPED)
            bytes_print(to,
                        _("%s is stripped, so its source lines are not known: compile it with -g and leave "
                          "it unstripped."),
                        program);
        else
            bytes_print(to, _("%s was compiled without -g, so its source lines are not known."), program);
    }
}

void waits_text(const struct waits *waits, const struct teller *teller, struct bytes *to)
{
    size_t told = 0;
    cycle_text(waits, teller, to);
    for (size_t i = 0; i < waits->cycle_count; i++, told++) {
        next_line(to);
        wait_text(waits, &waits->items[waits->cycle[i]], teller, to);
    }
    for (size_t i = 0; i < waits->count; i++) {
        if (is_in_cycle(waits, i) || told >= WAITS_TOLD)
            continue;
        next_line(to);
        wait_text(waits, &waits->items[i], teller, to);
        told++;
    }
    if (told < waits->count)
        bytes_print(to, _("\n%zu more wait."), waits->count - told);
    lacks_text(waits, teller, to);
}
