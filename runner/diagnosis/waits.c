/* The wait-for graph: a node for each blocked task, filled in by the mechanism of its call, then joined to each other; see waits.h. */
#include "diagnosis/waits.h"

#include <stdlib.h>
#include <string.h>

#include "diagnosis/helpers.h"

/* ---- one wait ------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name; /* of the deed, or of the call where no deed names it */
    find_helpers *find;
} mechanisms[] = {
    {"read", helpers_of_read},
    {"write", helpers_of_write},
    {"open", helpers_of_open},
    {"msgrcv", helpers_of_msgrcv},
    {"msgsnd", helpers_of_msgsnd},
    {"semop", helpers_of_semop},
    {"fcntl", helpers_of_lock},
    {"wait", helpers_of_wait},
    {"lock", helpers_of_lock},
    {"flock", helpers_of_lock},
    {"poll", helpers_of_poll},
    {"ppoll", helpers_of_poll},
    {"select", helpers_of_poll},
    {"pselect6", helpers_of_poll},
    {"epoll_wait", helpers_of_poll},
    {"epoll_pwait", helpers_of_poll},
    {"epoll_pwait2", helpers_of_poll},
    {"futex", helpers_of_futex},
    {"sigsuspend", helpers_of_pause},
    {"sem_wait", helpers_of_sem},
    {"mq_receive", helpers_of_mq_receive},
    {"mq_send", helpers_of_mq_send},
    {"accept", helpers_of_accept},
    {"connect", helpers_of_connect},
};

static find_helpers *mechanism_of(const struct call *call)
{
    const char *name = call->deed ? call->deed->word : call->row->name;
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (strcmp(mechanisms[i].name, name) == 0)
            return mechanisms[i].find;
    return NULL;
}

void helper_add(struct wait *wait, const struct helper *helper)
{
    for (size_t i = 0; i < wait->helper_count; i++) {
        struct helper *old = &wait->helpers[i];
        if (old->process == helper->process && old->tid == helper->tid && old->fd == helper->fd &&
            old->through == helper->through && old->help == helper->help)
            return;
    }
    if (wait->helper_count == WAIT_HELPERS) {
        wait->is_more = true;
        return;
    }
    struct helper *added = &wait->helpers[wait->helper_count++];
    *added = *helper;
    added->wait = -1;
}

static void add_user(struct wait *wait, const struct process *user, const struct event *event)
{
    helper_add(wait, &(struct helper){.help = HELP_USER,
                                      .process = user->index,
                                      .fd = -1,
                                      .through = -1,
                                      .origin = event,
                                      .is_probable = true});
}

/* The last that `user` has done with the object: `word` when it has done that, else anything. */
static const struct event *last_use(const struct search *search, const struct wait *wait,
                                    const struct process *user, const char *word)
{
    const struct event *any = NULL;
    for (size_t i = tracer_event_count(search->tracer); i > 0; i--) {
        const struct event *event = tracer_event(search->tracer, i - 1);
        bool is_use =
            event->call.row && event->call.deed && event->process == user->index &&
            (object_same(&event->object, &wait->object) || object_same(&event->into, &wait->object) ||
             object_same(&event->made[0], &wait->object));
        if (is_use && strcmp(event->call.deed->word, word) == 0)
            return event;
        any = is_use && !any ? event : any;
    }
    return any;
}

void helpers_add_users(const struct search *search, struct wait *wait, const char *word, bool is_needed)
{
    for (size_t i = 0; i < tracer_process_count(search->tracer) && !wait->is_more; i++) {
        const struct process *user = tracer_process(search->tracer, i);
        const struct event *use =
            user->is_dead || user == wait->task->process ? NULL : last_use(search, wait, user, word);
        if (use && (!is_needed || strcmp(use->call.deed->word, word) == 0))
            add_user(wait, user, use);
    }
}

static void fill_in(struct search *search, struct wait *wait, const struct task *task)
{
    const struct event *function = task_library(task);
    bool is_sem =
        function && mechanism_of(&function->call); /* the wait for a child in pclose() is known as one */
    const struct event *event = is_sem ? function : task->now;
    find_helpers *find = mechanism_of(&event->call);
    *wait = (struct wait){.task = task,
                          .event = event,
                          .wait_for = WAIT_FOR_OTHER,
                          .object = event->object,
                          .name = event->object_name};
    if (find)
        find(search, wait);
}

/* ---- the graph ----------------------------------------------------------------------------------------------------------- */

static int wait_of_helper(const struct waits *waits, const struct helper *helper)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct task *task = waits->items[i].task;
        if (task->process->index == helper->process && (helper->tid == 0 || task->tid == helper->tid))
            return (int)i;
    }
    return -1;
}

static void join(struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++)
        for (size_t k = 0; k < waits->items[i].helper_count; k++)
            waits->items[i].helpers[k].wait = wait_of_helper(waits, &waits->items[i].helpers[k]);
}

static bool is_doomed_task(const struct waits *waits, const struct task *task)
{
    for (size_t i = 0; i < waits->count; i++)
        if (waits->items[i].task == task)
            return waits->items[i].is_doomed;
    return false;
}

/* A process is doomed when all its threads are: any of them might close the end or send the message. */
static bool is_doomed_helper(const struct waits *waits, const struct helper *helper)
{
    size_t threads = 0;
    for (size_t i = 0; i < tracer_task_count(waits->tracer); i++) {
        const struct task *task = tracer_task(waits->tracer, i);
        if (task->process->index != helper->process || (helper->tid != 0 && task->tid != helper->tid))
            continue;
        if (!is_doomed_task(waits, task))
            return false;
        threads++;
    }
    return threads > 0;
}

static bool is_helpless(const struct waits *waits, const struct wait *wait)
{
    for (size_t i = 0; i < wait->helper_count; i++)
        if (!is_doomed_helper(waits, &wait->helpers[i]))
            return false;
    return wait->helper_count > 0 && !wait->is_more && !wait->is_open;
}

/* The largest set of waits that have no helper outside of it: whoever has one is taken out, until nobody is. */
static void find_doomed(struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++)
        waits->items[i].is_doomed = true;
    for (bool changes = true; changes;) {
        changes = false;
        for (size_t i = 0; i < waits->count; i++)
            if (waits->items[i].is_doomed && !is_helpless(waits, &waits->items[i])) {
                waits->items[i].is_doomed = false;
                changes = true;
            }
    }
}

/* A walk from wait to wait that came back to where it began. */
struct walk {
    size_t at[64];
    size_t count;
    bool may_guess; /* also along helpers that are only probable */
};

enum { WALK_MOST = sizeof((struct walk *)0)->at / sizeof(size_t) };

static bool is_on_walk(const struct walk *walk, size_t wait)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->at[i] == wait)
            return true;
    return false;
}

/* Depth first, at most `depth` steps; a walk of one step is a wait for itself. */
static bool walk_back(const struct waits *waits, struct walk *walk, size_t depth)
{
    const struct wait *last = &waits->items[walk->at[walk->count - 1]];
    for (size_t i = 0; i < last->helper_count; i++) {
        const struct helper *helper = &last->helpers[i];
        if (helper->wait < 0 || !waits->items[helper->wait].is_doomed ||
            (helper->is_probable && !walk->may_guess))
            continue;
        if ((size_t)helper->wait == walk->at[0] && walk->count == depth)
            return true;
        if (walk->count >= depth || is_on_walk(walk, (size_t)helper->wait))
            continue;
        walk->at[walk->count++] = (size_t)helper->wait;
        if (walk_back(waits, walk, depth))
            return true;
        walk->count--;
    }
    return false;
}

static bool find_cycle(struct waits *waits, bool may_guess)
{
    size_t longest =
        waits->count < 8 ? waits->count : 8; /* a student's deadlock is small; deeper walks cost too much */
    for (size_t depth = 1; depth <= longest; depth++)
        for (size_t i = 0; i < waits->count; i++) {
            struct walk walk = {.at = {i}, .count = 1, .may_guess = may_guess};
            if (!waits->items[i].is_doomed || !walk_back(waits, &walk, depth))
                continue;
            memcpy(waits->cycle, walk.at, sizeof waits->cycle);
            waits->cycle_count = walk.count;
            waits->is_cycle_probable = may_guess;
            return true;
        }
    return false;
}

void waits_find(struct waits *waits, struct tracer *tracer, const struct history *history,
                const struct inspector *inspector)
{
    struct search search = {.tracer = tracer, .history = history, .inspector = inspector};
    size_t tasks = tracer_task_count(tracer);
    *waits = (struct waits){.tracer = tracer, .items = calloc(tasks + 1, sizeof *waits->items)};
    if (!waits->items)
        abort();
    for (size_t i = 0; i < tasks; i++) {
        const struct task *task = tracer_task(tracer, i);
        if (task->state == TASK_BLOCKED && task->now)
            fill_in(&search, &waits->items[waits->count++], task);
    }
    holders_free(&search.holders);
    accounts_free(&search.accounts);
    join(waits);
    find_doomed(waits);
    if (!find_cycle(waits, false))
        find_cycle(waits, true);
}

void waits_free(struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++)
        if (waits->items[i].has_state)
            object_state_free(&waits->items[i].state);
    free(waits->items);
    *waits = (struct waits){0};
}

const char *help_word(enum help help)
{
    switch (help) {
    case HELP_WRITE_END: return "write_end";
    case HELP_READ_END: return "read_end";
    case HELP_CHILD: return "child";
    case HELP_TAKEN: return "taken";
    case HELP_OWNER: return "owner";
    case HELP_USER: return "user";
    case HELP_PARTY: return "party";
    case HELP_THREAD: return "thread";
    case HELP_PEER: return "peer";
    case HELP_LISTENER: return "listener";
    case HELP_SIBLING: return "sibling";
    }
    return "";
}

const struct wait *waits_of(const struct waits *waits, const struct process *process)
{
    for (size_t i = 0; i < waits->count; i++)
        if (waits->items[i].task->process == process)
            return &waits->items[i];
    return NULL;
}
