/* Which calls tell what has happened; see timeline.h.
 *
 * The last calls of every process always do: where it stands now, and how it came there. Then, as long as there is room, what shaped the scene: processes, ends of pipes, objects,
 * signals, calls that failed. Last, what went to and fro. Of each kind the later ones come first. What is left out is counted at the next call that is told.
 */
#include "judge/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/carried.h"
#include "judge/process_text.h"

enum { TOLD = 12, LAST_OF_A_PROCESS = 2, PROCESSES_TOLD = 12, GIVERS_TOLD = 4, KINDS_NAMED = 3 };

/* How much a call tells; each of these is chosen before the next. */
enum weight { WEIGHT_LAST, WEIGHT_SHAPES, WEIGHT_TRAFFIC, WEIGHT_NONE };

/* How puppets and stand-ins come and go is the grader's affair. */
static bool comes_or_goes(const struct event *event)
{
    return strcmp(event->call.row->name, "execve") == 0 || strcmp(event->call.row->name, "exit_group") == 0;
}

/* An event that tells something: of a program of the submission, of a puppet, or of whoever waits now. */
static bool tells(const struct stage *stage, const struct event *event, const int *rows)
{
    const struct process *process = tracer_process(stage->tracer, (size_t)event->process);
    if (event->actor < 0 || rows[event->actor] < 0 || !event->call.deed || event->is_inner)
        return false;
    return event->counts || (process->is_agent ? !comes_or_goes(event) : !event->call.is_done);
}

/* Calls that carry something, or look: of these there may be thousands. */
static bool is_traffic(const struct event *event)
{
    static const char *const words[] = {"read",   "write",   "msgsnd",     "msgrcv",   "semop",    "mq_send",
                                        "lseek",  "poll",    "mq_receive", "sem_wait", "sem_post", "sendto",
                                        "select", "recvmsg", "sendmsg",    "lock",     "fstat",    "shmdt"};
    if (event->call.is_done && event->call.error)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(event->call.deed->word, words[i]) == 0)
            return true;
    /* what is opened and closed for itself alone: files */
    return event->object.kind == OBJECT_FILE || event->object.kind == OBJECT_DIR;
}

/* execvp() tries one folder after the other. */
static bool is_search(const struct event *event)
{
    return strcmp(event->call.deed->word, "exec") == 0 && event->call.error == ENOENT;
}

struct choice {
    struct stage *stage;
    const int *rows;
    enum weight *weights; /* of each event; borrowed */
    size_t count;
};

static void weigh(struct choice *choice)
{
    size_t processes = tracer_process_count(choice->stage->tracer);
    cleanup_free size_t *seen = calloc(processes + 1, sizeof *seen);
    size_t of_interest = 0;
    if (!seen)
        abort();
    for (size_t i = choice->count; i > 0; i--) {
        const struct event *event = tracer_event(choice->stage->tracer, i - 1);
        choice->weights[i - 1] = WEIGHT_NONE;
        if (!event || !tells(choice->stage, event, choice->rows))
            continue;
        size_t *own = &seen[event->process];
        if (*own > 0 && is_search(event))
            continue;
        of_interest += *own == 0;
        bool is_last = (*own)++ < LAST_OF_A_PROCESS && of_interest <= PROCESSES_TOLD;
        choice->weights[i - 1] = is_last ? WEIGHT_LAST : is_traffic(event) ? WEIGHT_TRAFFIC : WEIGHT_SHAPES;
    }
}

/* From the latest back, until there is no room. */
static void choose(const struct choice *choice, bool *is_told, size_t *told)
{
    for (enum weight weight = WEIGHT_LAST; weight < WEIGHT_NONE; weight++)
        for (size_t i = choice->count; i > 0; i--) {
            if (choice->weights[i - 1] != weight || (weight != WEIGHT_LAST && *told >= TOLD))
                continue;
            is_told[i - 1] = true;
            (*told)++;
        }
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

/* The call, and what its descriptor leads to where the call does not name it. */
static void event_text(const struct event *event, bool is_agents, struct bytes *to)
{
    cleanup_free char *text = call_text(&event->call);
    if (!text)
        return;
    char *own = is_agents ? strstr(text, "|O_CLOEXEC") : NULL;
    if (own) /* the agent's habit, not the case's */
        memmove(own, own + strlen("|O_CLOEXEC"), strlen(own + strlen("|O_CLOEXEC")) + 1);
    bytes_print(to, "%s", text);
    if (strcmp(event->object_name, ".agent") == 0) /* the name of our own file tells nobody anything */
        bytes_print(to, "  (%s)", _("stand-in"));
    else if (event->object_name[0] && !strstr(text, event->object_name))
        bytes_print(to, "  (%s)", event->object_name);
}

/* The process that it has made, or that it sent a signal to. */
static int other_pid(const struct event *event)
{
    bool is_done = event->call.is_done && event->call.error == 0;
    if (is_done && strcmp(event->call.deed->word, "fork") == 0)
        return (int)event->call.result;
    if (is_done && strcmp(event->call.row->name, "kill") == 0 && (int)event->call.arg[0] > 0 &&
        event->call.arg[1] != 0) /* signal 0 only asks */
        return (int)event->call.arg[0];
    return 0;
}

static void tell_event(struct stage *stage, const struct event *event, int actor, struct result_event *row)
{
    const struct process *process = tracer_process(stage->tracer, (size_t)event->process);
    cleanup_bytes struct bytes text = {0};
    event_text(event, process->is_agent && !event->counts, &text);
    *row = (struct result_event){
        .actor = actor,
        .pid = (int)process->inner_pid,
        .time_ns = event->time_ns - stage->began_ns,
        .is_unfinished = !event->call.is_done && !event->is_cut && !process->is_dead,
        .is_injected = event->is_injected,
    };
    result_set(&row->text, bytes_text(&text));
    result_set(&row->call, event->call.row->name);
    if (event->call.is_done && event->call.error)
        result_set(&row->error, errno_name(event->call.error));
    if (event->object_name[0])
        result_set(&row->object,
                   strcmp(event->object_name, ".agent") == 0 ? _("stand-in") : event->object_name);
    row->other_pid = other_pid(event);
    row->bytes = event->call.is_done && event->call.error == 0 ? event->call.data_len : 0;
    if (event->counts)
        source_set(stage, event, &row->at);
}

struct gap { /* calls in a row that are left out */
    size_t count;
    const char *words[KINDS_NAMED + 1];
    size_t kinds;
};

static void gap_add(struct gap *gap, const struct event *event)
{
    const char *word = event->call.deed->word;
    gap->count += 1 + event->repeats;
    for (size_t i = 0; i < gap->kinds; i++)
        if (strcmp(gap->words[i], word) == 0)
            return;
    if (gap->kinds <= KINDS_NAMED)
        gap->words[gap->kinds++] = word;
}

static void gap_tell(struct gap *gap, struct result_event *row)
{
    cleanup_bytes struct bytes words = {0};
    if (gap->count == 0)
        return;
    for (size_t i = 0; i < gap->kinds; i++)
        bytes_print(&words, "%s%s", i ? ", " : "", i < KINDS_NAMED ? gap->words[i] : "..");
    row->skipped = gap->count;
    result_set(&row->skipped_calls, bytes_text(&words));
    *gap = (struct gap){0};
}

/* ---- the order ----------------------------------------------------------------------------------------------------------- */

/* Adds to semaphores, and waits for nothing. */
static bool only_adds(const struct event *event)
{
    bool only = event->call.op_count > 0;
    for (int i = 0; i < event->call.op_count; i++)
        only = only && event->call.ops[i].op > 0;
    return only;
}

/* Takes what somebody else gives: then its end, not its beginning, comes after what the other one did. */
static bool is_taking(const struct event *event)
{
    static const char *const words[] = {"read",     "msgrcv",     "semop",  "accept",    "wait",
                                        "sem_wait", "lock",       "open",   "recvmsg",   "flock",
                                        "poll",     "mq_receive", "select", "connect",   "recv",
                                        "recvfrom", "sigwait",    "pause",  "sigsuspend"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(event->call.deed->word, words[i]) == 0)
            return !only_adds(event);
    return false;
}

struct moment { /* of an event, to be sorted by */
    size_t number, at;
};

static int by_moment(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* The log is ordered by the beginnings of the calls. When a call has ended is not logged, only that it had ended when the same task began its next one: just before that is where a call that took
 * something stands. One that has not ended stands last. */
static size_t find_moments(const struct choice *choice, struct moment *moments)
{
    struct {
        pid_t tid;
        size_t next;
    } tasks[64];
    size_t task_count = 0, count = 0, slot;
    for (size_t i = choice->count; i > 0; i--) {
        const struct event *event = tracer_event(choice->stage->tracer, i - 1);
        if (!event)
            continue;
        for (slot = 0; slot < task_count && tasks[slot].tid != event->tid; slot++)
            continue;
        bool is_known = slot < task_count;
        size_t next = is_known ? tasks[slot].next : 2 * choice->count;
        if (slot < sizeof tasks / sizeof *tasks) {
            tasks[slot].tid = event->tid;
            tasks[slot].next = 2 * i;
            task_count += !is_known;
        } else {
            next = 2 * i; /* more tasks than are followed: by its beginning */
        }
        if (choice->weights[i - 1] == WEIGHT_NONE)
            continue;
        bool is_open = !event->call.is_done && !event->is_cut;
        size_t at = is_open ? 2 * choice->count : is_taking(event) ? next - (next > 2 * i) : 2 * i;
        moments[count++] = (struct moment){i - 1, at};
    }
    qsort(moments, count, sizeof *moments, by_moment);
    return count;
}

/* A hole of one call takes as much room as the call. */
static void fill_holes(const struct moment *moments, size_t count, bool *is_told)
{
    for (size_t i = 0; i < count; i++) {
        bool is_after = i == 0 || is_told[moments[i - 1].number];
        bool is_before = i + 1 == count || is_told[moments[i + 1].number];
        is_told[moments[i].number] |= is_after && is_before;
    }
}

/* A call that waited stands where it took effect: what it took was given after it had begun, or it waits still. It began before the first row above it whose call came
 * after its own in the log. */
static size_t began_before(const size_t *numbers, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (numbers[i] > numbers[row])
            return i + 1;
    return 0;
}

/* Of each event who gave what it took; caller frees. */
static size_t *find_givers(const struct stage *stage, const struct moment *moments, size_t count)
{
    cleanup_free size_t *order = calloc(count + 1, sizeof *order);
    size_t *givers = calloc(tracer_event_count(stage->tracer) + 1, sizeof *givers);
    if (!order || !givers)
        abort();
    for (size_t i = 0; i < count; i++)
        order[i] = moments[i].number;
    carried_find(stage->tracer, order, count, givers);
    return givers;
}

/* Where something came from tells more than what else happened; of the latest that were taken, also when there is no room. */
static void tell_givers(const struct moment *moments, size_t count, const size_t *givers, bool *is_told)
{
    size_t added = 0;
    for (size_t i = count; i > 0 && added < GIVERS_TOLD; i--) {
        size_t taker = moments[i - 1].number, giver = givers[taker];
        if (!is_told[taker] || giver == CARRIED_BY_NOBODY || is_told[giver])
            continue;
        is_told[giver] = true;
        added++;
    }
}

/* Rows that belong together, by their place in the result, from 1. */
static void tell_links(struct stage *stage, const struct moment *moments, size_t count, const bool *is_told,
                       const size_t *givers)
{
    struct case_result *result = stage->result;
    size_t all = tracer_event_count(stage->tracer), row = 0;
    cleanup_free size_t *rows = calloc(all + 1, sizeof *rows); /* of each event, from 1 */
    cleanup_free size_t *numbers = calloc(count + 1, sizeof *numbers);
    if (!rows || !numbers)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (!is_told[moments[i].number])
            continue;
        numbers[row++] = moments[i].number;
        rows[moments[i].number] = row;
    }
    for (size_t i = 0; i < result->event_count; i++) {
        size_t giver = givers[numbers[i]];
        result->events[i].giver = giver == CARRIED_BY_NOBODY ? 0 : rows[giver];
        bool has_waited = giver == CARRIED_BY_NOBODY ? result->events[i].is_unfinished : giver > numbers[i];
        result->events[i].began = has_waited ? began_before(numbers, i) : 0;
    }
}

void timeline_tell(struct stage *stage, const int *rows)
{
    struct choice choice = {.stage = stage, .rows = rows, .count = tracer_event_count(stage->tracer)};
    struct case_result *result = stage->result;
    struct gap gap = {0};
    size_t told = 0;
    cleanup_free bool *is_told = calloc(choice.count + 1, sizeof *is_told);
    cleanup_free struct moment *moments = calloc(choice.count + 1, sizeof *moments);
    cleanup_free enum weight *weights = calloc(choice.count + 1, sizeof *weights);
    if (!weights || !is_told || !moments)
        abort();
    choice.weights = weights;
    weigh(&choice);
    choose(&choice, is_told, &told);
    size_t count = find_moments(&choice, moments);
    cleanup_free size_t *givers = find_givers(stage, moments, count);
    tell_givers(moments, count, givers, is_told);
    fill_holes(moments, count, is_told);
    result->events = calloc(count + 1, sizeof *result->events);
    if (!result->events)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct event *event = tracer_event(stage->tracer, moments[i].number);
        if (!is_told[moments[i].number]) {
            gap_add(&gap, event);
            continue;
        }
        struct result_event *row = &result->events[result->event_count++];
        tell_event(stage, event, rows[event->actor], row);
        gap_tell(&gap, row);
    }
    tell_links(stage, moments, count, is_told, givers);
}
