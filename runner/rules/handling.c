/* See handling.h. The words that are looked for are only ever a reason to say less. */
#include "rules/handling.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "rules/facts.h"

enum { SOON = 8 };

const struct event *next_of_task(const struct study *study, const struct event *event)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(tracer); i++)
        if (tracer_event(tracer, i)->tid == event->tid && tracer_event(tracer, i)->call.row)
            return tracer_event(tracer, i);
    return NULL;
}

const struct event *previous_of_task(const struct study *study, const struct event *event)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = (size_t)event->number; i > 0; i--)
        if (tracer_event(tracer, i - 1)->tid == event->tid && tracer_event(tracer, i - 1)->call.row)
            return tracer_event(tracer, i - 1);
    return NULL;
}

/* What perror(3) and strerror(3) print. */
static bool has_error_words(const char *text, int error)
{
    return strcasestr(text, error_words(error)) || strstr(text, errno_name(error));
}

/* Does the text say, in whatever way, that something did not work? */
static bool reads_like_failure(const char *text, int error)
{
    static const char *const words[] = {"fail", "error", "expect", "refus",  "invalid", "cannot",
                                        "gone", "remov", "too ",   "unable", "drop"};
    if (has_error_words(text, error))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(text, words[i]))
            return true;
    return false;
}

bool says_failure(const struct event *event, int error)
{
    return is_deed(event, "write") &&
           (event->call.fd == 2 || reads_like_failure(bytes_text(&event->call.data), error));
}

static bool says_error(const struct event *event, int error)
{
    return is_deed(event, "write") &&
           (event->call.fd == 2 || has_error_words(bytes_text(&event->call.data), error));
}

static bool is_said(const struct study *study, const struct event *event,
                    bool (*says)(const struct event *, int error))
{
    const struct tracer *tracer = study_tracer(study);
    int seen = 0;
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(tracer); i++) {
        const struct event *later = tracer_event(tracer, i);
        if (!later->call.row || later->process != event->process)
            continue;
        bool is_soon = seen++ < SOON;
        if (says(later, event->call.error) && (is_soon || later->call.fd != 2))
            return true;
    }
    return false;
}

bool is_failure_said(const struct study *study, const struct event *event)
{
    return is_said(study, event, says_failure);
}

bool is_error_said(const struct study *study, const struct event *event)
{
    return is_said(study, event, says_error);
}

bool is_failure_told(const struct study *study, const struct event *event)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    return (process->is_dead && process->wait_status != 0) || is_failure_said(study, event);
}

bool is_shown(const struct study *study, const struct event *event)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    return process->is_dead && process->wait_status == 0 && is_failure_said(study, event);
}

const struct event *later_success(const struct study *study, const struct event *event)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(tracer); i++) {
        const struct event *later = tracer_event(tracer, i);
        if (later->call.row && later->process == event->process && later->call.deed == event->call.deed &&
            has_succeeded(later) && object_same(&later->object, &event->object))
            return later;
    }
    return NULL;
}
