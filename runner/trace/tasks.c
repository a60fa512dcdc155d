/* Tasks and processes: who lives, who made whom, and the adoption of those that nobody announced.
 *
 * A new child may be seen before its parent's FORK event, and the event may never come (the parent was killed in between); so whoever
 * is seen first is adopted at once, from its FORK event or from /proc/TID/status. The dead are kept, since others hold pointers to them.
 */
#include "trace/tracer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool tasks_grow(void *array, size_t count, size_t *room, size_t size)
{
    void **at = array;
    if (count <= *room)
        return true;
    size_t wanted = *room ? *room * 2 : 16;
    while (wanted < count)
        wanted *= 2;
    void *grown = realloc(*at, wanted * size);
    if (!grown)
        return false;
    *at = grown;
    *room = wanted;
    return true;
}

static struct tracee **bucket(struct tracer *tracer, pid_t tid)
{
    return &tracer->buckets[(unsigned)tid % TASK_BUCKETS];
}

struct tracee *tasks_find(struct tracer *tracer, pid_t tid)
{
    struct tracee *tracee = *bucket(tracer, tid);
    while (tracee && tracee->pub.tid != tid)
        tracee = tracee->next;
    return tracee;
}

static void unlink_bucket(struct tracer *tracer, const struct tracee *tracee)
{
    struct tracee **at = bucket(tracer, tracee->pub.tid);
    while (*at && *at != tracee)
        at = &(*at)->next;
    if (*at)
        *at = tracee->next;
}

static void link_bucket(struct tracer *tracer, struct tracee *tracee)
{
    struct tracee **at = bucket(tracer, tracee->pub.tid);
    tracee->next = *at;
    *at = tracee;
}

struct tracee *tasks_add(struct tracer *tracer, pid_t tid, struct member *member)
{
    struct tracee *tracee = calloc(1, sizeof *tracee);
    if (!tracee || !tasks_grow(&tracer->tasks, tracer->task_count + 1, &tracer->task_room, sizeof(void *))) {
        free(tracee);
        return NULL;
    }
    tracee->pub.tid = tid;
    tracee->pub.process = &member->pub;
    tracee->tracer = tracer;
    tracee->wchan_fd = tracee->status_fd = -1;
    link_bucket(tracer, tracee);
    tracer->tasks[tracer->task_count++] = tracee;
    return tracee;
}

static void close_files(struct tracee *tracee)
{
    if (tracee->wchan_fd >= 0)
        close(tracee->wchan_fd);
    if (tracee->status_fd >= 0)
        close(tracee->status_fd);
    tracee->wchan_fd = tracee->status_fd = -1;
}

void tasks_rename(struct tracer *tracer, struct tracee *tracee, pid_t tid)
{
    unlink_bucket(tracer, tracee);
    close_files(tracee); /* they belong to the old number */
    tracee->pub.tid = tid;
    link_bucket(tracer, tracee);
}

void tasks_bury(struct tracer *tracer, struct tracee *tracee)
{
    unlink_bucket(tracer, tracee);
    close_files(tracee);
    free(tracee->idle);
    tracee->idle = NULL;
    tracee->phase = PHASE_DEAD;
    tracee->pub.state = TASK_DEAD;
    for (size_t i = 0; i < tracer->task_count; i++)
        if (tracer->tasks[i] == tracee) {
            memmove(&tracer->tasks[i], &tracer->tasks[i + 1], (tracer->task_count - i - 1) * sizeof(void *));
            tracer->task_count--;
            break;
        }
    if (tasks_grow(&tracer->dead, tracer->dead_count + 1, &tracer->dead_room, sizeof(void *)))
        tracer->dead[tracer->dead_count++] = tracee;
}

struct member *tasks_member(struct tracer *tracer, pid_t pid)
{
    for (size_t i = tracer->member_count; i-- > 0;)
        if (tracer->members[i]->pub.pid == pid && !tracer->members[i]->pub.is_dead)
            return tracer->members[i];
    return NULL;
}

bool tasks_know(const struct tracer *tracer, pid_t inner_pid)
{
    for (size_t i = 0; i < tracer->member_count; i++)
        if (tracer->members[i]->pub.inner_pid == inner_pid)
            return true;
    return false;
}

struct member *tasks_new_member(struct tracer *tracer, pid_t pid, struct member *parent)
{
    struct member *member = calloc(1, sizeof *member);
    if (!member ||
        !tasks_grow(&tracer->members, tracer->member_count + 1, &tracer->member_room, sizeof(void *))) {
        free(member);
        return NULL;
    }
    if (parent) {
        member->pub = parent->pub;
        member->pub.crash = NULL;
        member->pub.parent = parent->pub.index;
        member->pub.is_main = false;
        member->has_set_limits = parent->has_set_limits;
        member->layout = parent->layout;
        member->is_shared = parent->is_shared; /* whether by this clone, or by one before: nobody looks */
        member->has_layout = parent->has_layout;
        member->entry = parent->entry; /* it lies in the child's memory, too */
        member->entry_word = parent->entry_word;
        member->probe_start = parent->probe_start;
        member->probe_end = parent->probe_end;
    } else
        member->pub.parent = -1;
    member->tracer = tracer;
    member->pub.pid = member->pub.inner_pid = pid;
    member->pub.index = (int)tracer->member_count;
    member->pub.is_dead = member->pub.is_group_killed_by_us = false;
    member->pub.wait_status = member->pub.zombies_at_end = 0;
    tracer->members[tracer->member_count++] = member;
    return member;
}

/* Whose child is it, when its maker's FORK event has not come (yet)? The kernel's parent; or, when that has died meanwhile, a process of
 * which a task ended inside a clone. */
static struct member *maker_of(struct tracer *tracer, pid_t ppid)
{
    struct member *parent = tasks_member(tracer, ppid);
    for (size_t i = tracer->member_count; !parent && i-- > 0;)
        if (tracer->members[i]->is_cloning)
            parent = tracer->members[i];
    return parent;
}

static struct member *new_child(struct tracer *tracer, pid_t pid, pid_t inner, struct member *parent)
{
    struct member *child = tasks_new_member(tracer, pid, parent);
    if (!child) {
        tracer_set_trouble(tracer, "make room for process %d: %m", (int)pid);
        return NULL;
    }
    child->pub.inner_pid = inner;
    if (parent)
        timer_inherit(child);
    if (tracer->config.hooks.made)
        tracer->config.hooks.made(tracer->config.hooks.context, &child->pub);
    return child;
}

struct tracee *tasks_adopt(struct tracer *tracer, pid_t tid, struct tracee *maker)
{
    pid_t tgid, ppid, inner;
    if (!procfs_ids(tracer, tid, &tgid, &ppid, &inner))
        return NULL;
    struct member *member = tasks_member(tracer, tgid);
    if (!member && tgid == tid) {
        struct member *parent = maker ? (struct member *)maker->pub.process : maker_of(tracer, ppid);
        if (parent)
            member = new_child(tracer, tid, inner, parent);
    }
    struct tracee *tracee = member ? tasks_add(tracer, tid, member) : NULL;
    if (member && !tracee)
        tracer_set_trouble(tracer, "make room for task %d: %m", (int)tid);
    return tracee;
}

size_t tracer_process_count(const struct tracer *tracer)
{
    return tracer->member_count;
}

struct process *tracer_process(const struct tracer *tracer, size_t index)
{
    return index < tracer->member_count ? &tracer->members[index]->pub : NULL;
}

size_t tracer_task_count(const struct tracer *tracer)
{
    return tracer->task_count;
}

size_t tracer_tasks_made(const struct tracer *tracer)
{
    return tracer->task_count + tracer->dead_count;
}

struct task *tracer_task(const struct tracer *tracer, size_t index)
{
    return index < tracer->task_count ? &tracer->tasks[index]->pub : NULL;
}

struct task *tracer_main_task(const struct tracer *tracer, const struct process *process)
{
    struct task *any = NULL;
    for (size_t i = 0; i < tracer->task_count; i++) {
        struct task *task = &tracer->tasks[i]->pub;
        if (task->process != process)
            continue;
        if (task->tid == process->pid && !tracer->tasks[i]->is_leaving)
            return task;
        any = task;
    }
    return any;
}

static void free_scratch(struct event *scratch)
{
    if (scratch) {
        call_free(&scratch->call);
        stack_release(scratch);
        unwritten_release(scratch);
    }
    free(scratch);
}

static void free_tasks(struct tracee **tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close_files(tasks[i]);
        free_scratch(tasks[i]->scratch);
        free_scratch(tasks[i]->library_scratch);
        free(tasks[i]->idle);
        free(tasks[i]);
    }
    free(tasks);
}

void tasks_free(struct tracer *tracer)
{
    free_tasks(tracer->tasks, tracer->task_count);
    free_tasks(tracer->dead, tracer->dead_count);
    for (size_t i = 0; i < tracer->member_count; i++) {
        free(tracer->members[i]->timers);
        if (tracer->members[i]->pub.crash)
            stack_release(tracer->members[i]->pub.crash);
        free(tracer->members[i]->pub.crash);
        free(tracer->members[i]);
    }
    free(tracer->members);
}
