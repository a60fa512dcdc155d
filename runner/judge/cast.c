/* The cast; see cast.h.
 *
 * Every process belongs to an actor: the started one by its start, its descendants by inheritance, and whoever executes a stand-in becomes that stand-in. What `tr`, `sh` or the loader
 * do does not count in looks. All else that is executed counts: a program of the submission by its name, but also a copy of it, wherever it lies and whether it has a name at all.
 */
#include "judge/cast.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "judge/claims.h"
#include "judge/rulings.h"
#include "judge/streams.h"
#include "judge/things.h"

static bool is_standin(const struct name *name)
{
    return name->role == NAME_OBJECT && name->kind->kind == OBJECT_STANDIN;
}

bool cast_make(struct stage *stage, struct err *err)
{
    const struct scenario *scenario = stage->scenario;
    stage->actors = calloc(scenario->name_count + 1, sizeof *stage->actors);
    stage->actor_of = calloc(scenario->name_count + 1, sizeof *stage->actor_of);
    if (!stage->actors || !stage->actor_of)
        return err_sys(err, "make the cast");
    for (size_t i = 0; i < scenario->name_count; i++) {
        const struct name *name = &scenario->names[i];
        stage->actor_of[i] = -1;
        if (name->role == NAME_OBJECT && !is_standin(name))
            continue;
        stage->actor_of[i] = (int)stage->actor_count;
        stage->actors[stage->actor_count++] = (struct actor){
            .name = (int)i,
            .word = name->word,
            .role = name->role == NAME_PUPPET  ? ROLE_PUPPET
                    : name->role == NAME_ACTOR ? ROLE_STUDENT
                                               : ROLE_STANDIN,
            .main = -1,
            .report_fd = -1,
            .out.fd = -1,
            .err.fd = -1,
            .spawned = {.to_stdin = -1, .from_stdout = -1, .from_stderr = -1, .terminal = -1},
        };
    }
    return true;
}

static void free_args(struct actor *actor)
{
    for (char **arg = actor->args; arg && *arg; arg++)
        free(*arg);
    free(actor->args);
    actor->args = NULL;
}

void cast_free(struct stage *stage)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        streams_close(&stage->actors[i]);
        free_args(&stage->actors[i]);
        free(stage->actors[i].got);
    }
    free(stage->actors);
    free(stage->actor_of);
    stage->actors = NULL;
    stage->actor_count = 0;
}

/* ---- what the tracer tells ------------------------------------------------------------------------------------------- */

static void executable_path(const struct process *process, char *to, size_t room)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/exe", (int)process->pid);
    ssize_t len = readlink(name, to, room - 1);
    to[len > 0 ? len : 0] = '\0';
}

/* /proc/PID/cmdline without the program's name, as a NULL-terminated list. */
static char **read_args(const struct process *process)
{
    char path[64], text[16384];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)process->pid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = 0, got = 1;
    while (fd >= 0 && got > 0 && (size_t)len < sizeof text - 1) {
        got = read(fd, text + len, sizeof text - 1 - (size_t)len);
        len += got > 0 ? got : 0;
    }
    char **args = calloc((size_t)(len > 0 ? len : 0) + 2, sizeof *args);
    if (!args || len <= 0)
        return args;
    text[len] = '\0';
    for (const char *at = text + strlen(text) + 1; at < text + len; at += strlen(at) + 1)
        args[count++] = strdup(at);
    return args;
}

static struct actor *standin_of_path(struct stage *stage, const char *path)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        char own[256];
        if (stage->actors[i].role != ROLE_STANDIN)
            continue;
        thing_standin_path(stage, stage->actors[i].name, own, sizeof own);
        if (strcmp(own, path) == 0)
            return &stage->actors[i];
    }
    return NULL;
}

static void become_standin(struct stage *stage, struct process *process, struct actor *actor)
{
    process->actor = stage->actor_of[actor->name];
    actor->main = process->index;
    actor->starts++;
    actor->is_ready = false;
    free_args(actor);
    actor->args = read_args(process);
}

static bool on_system(void *context, const char *path)
{
    const struct stage *stage = context;
    return sandbox_is_system(stage->sandbox, path);
}

/* "ld-linux-x86-64.so.2": executed itself, it is told what to load, so it is no program of the system. */
static bool is_library(const char *name)
{
    const char *ending = strstr(name, ".so");
    return ending && (ending[3] == '\0' || ending[3] == '.');
}

static bool is_of_submission(const struct stage *stage, const char *path)
{
    const char *name = strrchr(path, '/');
    return !name || is_library(name) || !sandbox_is_system(stage->sandbox, path);
}

/* The agent's executable lies where all can execute it. Who does so outside of the cast has no part in it: nobody gives him orders, and nobody sends him away in the end. */
static bool is_of_the_cast(const struct stage *stage, const struct process *process,
                           const struct actor *standin)
{
    return standin || (process->actor >= 0 && stage->actors[process->actor].role == ROLE_PUPPET);
}

static void on_image(void *context, struct process *process)
{
    struct stage *stage = context;
    char path[512];
    claims_lose(stage, process); /* of threads that an execve has ended */
    executable_path(process, path, sizeof path);
    struct actor *standin = standin_of_path(stage, path);
    process->is_agent = process->is_agent && is_of_the_cast(stage, process, standin);
    process->counts = !process->is_agent && is_of_submission(stage, path);
    if (process->is_agent && standin)
        become_standin(stage, process, standin);
}

/* Programs of the submission are to tell of their library calls. */
static bool on_preload(void *context, struct process *process, const char *path)
{
    (void)process;
    return is_of_submission(context, path);
}

static void on_ready(void *context, struct task *task)
{
    struct stage *stage = context;
    struct err err = {0};
    if (task->process->actor < 0)
        return;
    struct actor *actor = &stage->actors[task->process->actor];
    if (actor->is_busy && actor->ordered == task->process->index) {
        free(actor->got);
        actor->got = NULL;
        actor->is_busy = false;
        if (!tracer_reply(stage->tracer, task, &actor->reply, &actor->got, &err))
            stage_broke(stage, &err);
    }
    if (actor->main == task->process->index)
        actor->is_ready = true;
}

static void on_ended(void *context, struct process *process)
{
    struct stage *stage = context;
    claims_lose(stage, process);
    if (process->actor < 0)
        return;
    struct actor *actor = &stage->actors[process->actor];
    if (actor->main == process->index)
        actor->is_ready = false;
}

/* The kernel says that a process has used up its processor time, whatever the program makes of it. */
static void on_signalled(void *context, struct task *task, int signal, pid_t sender)
{
    struct stage *stage = context;
    int actor = task->process->actor;
    if (signal == SIGXCPU && sender == 0 && actor >= 0 && !(stage->actors[actor].signals_sent >> SIGXCPU & 1))
        stage->limit = "cpu";
}

/* `limits: {nofile: 3}` holds from the entry point: before it the loader would fail (CASES, section 6). */
static void on_entered(void *context, struct process *process)
{
    struct stage *stage = context;
    if (!process->is_main || process->actor < 0)
        return;
    const struct start *start = stage->actors[process->actor].start;
    if (!start || start->limits.nofile < 0)
        return;
    struct err err = {0};
    if (!sandbox_limit(process->pid, RLIMIT_NOFILE, (rlim_t)start->limits.nofile, &err))
        stage_broke(stage, &err);
}

struct trace_hooks cast_hooks(struct stage *stage)
{
    return (struct trace_hooks){
        .context = stage,
        .entry = rulings_entry,
        .exit = rulings_exit,
        .image = on_image,
        .preloads = on_preload,
        .is_system = on_system,
        .entered = on_entered,
        .ended = on_ended,
        .ready = on_ready,
        .signalled = on_signalled,
    };
}

struct task *cast_ready_task(const struct stage *stage, const struct actor *actor)
{
    struct process *process = stage_main(stage, actor);
    if (!process || !actor->is_ready)
        return NULL;
    struct task *task = tracer_main_task(stage->tracer, process);
    return task && task->is_ready ? task : NULL;
}
