/* left-open: descriptors that a loop makes in each of its rounds and never closes. */
#include "rules/facts.h"

#include "trace/source.h"

static void open_end(struct study *study, const struct ledger *ledger);

const struct rule rule_left_open = {
    .id = "left-open",
    .severity = SEVERITY_WARNING,
    .law =
        "What a loop opens, accepts or makes in one round is closed before the next ones make it run out of "
        "descriptors.",
    .see = "close(2), accept(2) (EMFILE), getrlimit(2) (RLIMIT_NOFILE)",
    .silent =
        "Fewer than three that were made by the same line; what the process has not used itself, or has "
        "used after it made the next one, watched by epoll, copied, or kept mapped; programs without "
        "source lines.",
    .end = open_end,
};

enum { ROUNDS = 3, LOOKED_AT_MOST = 64 };

static bool makes_descriptor(const struct event *event)
{
    static const char *const makers[] = {"open", "pipe", "socketpair", "accept", "socket", NULL};
    return is_any_deed(event, makers) && has_succeeded(event);
}

/* By the line; the same instruction with the same stack is the usual case. */
static bool is_same_line(const struct study *study, const struct event *a, const struct event *b)
{
    struct source_at at, bt;
    if (a->call.row != b->call.row)
        return false;
    return a->stack && b->stack && source_find(study_tracer(study), a, NULL, &at) &&
           source_find(study_tracer(study), b, NULL, &bt) && at.line == bt.line &&
           strcmp(at.file, bt.file) == 0;
}

static bool watches(const struct event *event, int fd)
{
    for (int i = 0; i < event->call.fd_count; i++)
        if (event->call.fds[i].fd == fd)
            return true;
    return false;
}

/* What the process has done with a descriptor after its making. */
struct use {
    const struct event *last; /* it was read, written or looked at; NULL: never */
    const struct event *next; /* the same line has made another one */
    bool is_kept;             /* in a way that lasts: epoll, a copy, a mapping */
};

static bool lasts(const struct event *event)
{
    return is_call(event, "epoll_ctl") || is_deed(event, "dup") || is_deed(event, "mmap") ||
           is_deed(event, "listen");
}

static struct use use_of(const struct study *study, int process, const struct descriptor *descriptor)
{
    struct use use = {0};
    const struct event *origin = descriptor->origin;
    for (size_t i = (size_t)origin->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != process)
            continue;
        bool is_it = event->call.fd == descriptor->fd, is_watched = watches(event, descriptor->fd);
        if (is_it || is_watched)
            use.last = event;
        use.is_kept |= (is_it || is_watched) && lasts(event);
        if (!use.next && makes_descriptor(event) && is_same_line(study, origin, event))
            use.next = event;
    }
    return use;
}

static bool is_own(int process, const struct descriptor *descriptor)
{
    const struct event *origin = descriptor->origin;
    return origin && origin->process == process && makes_descriptor(origin);
}

static size_t count_own(int process, const struct descriptor *items, size_t count)
{
    size_t own = 0;
    for (size_t i = 0; i < count; i++)
        own += is_own(process, &items[i]);
    return own;
}

/* Used up in its round, and forgotten: the next round has begun, and nothing was done with it since. */
static bool is_forgotten(const struct study *study, int process, const struct descriptor *descriptor)
{
    if (!is_own(process, descriptor))
        return false;
    struct use use = use_of(study, process, descriptor);
    return use.last && use.next && !use.is_kept && use.last->number < use.next->number;
}

static void look_at_process(struct study *study, int process)
{
    size_t count, seen = 0;
    const struct event *line = NULL;
    const struct descriptor *items = history_table(study_history(study), process, &count);
    size_t rounds = 0;
    if (count_own(process, items, count) < ROUNDS)
        return; /* the usual case, at no cost */
    for (size_t i = 0; i < count && seen < LOOKED_AT_MOST; i++) {
        seen += items[i].origin && items[i].origin->process == process;
        if (!is_forgotten(study, process, &items[i]) || (line && !is_same_line(study, line, items[i].origin)))
            continue;
        line = line ? line : items[i].origin;
        rounds++;
    }
    if (rounds >= ROUNDS)
        finding_add(
            study, &rule_left_open, SEVERITY_WARNING, &(struct place){.process = process, .event = line},
            "%zu descriptors that it has made here, one in each round, are still open at the end, and "
            "were not used any more: one day there are too many (EMFILE)",
            rounds);
}

static void open_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++)
        if (tracer_process(study_tracer(study), i)->counts)
            look_at_process(study, (int)i);
}
