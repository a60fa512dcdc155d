/* The starting half of the cast; see cast.h.
 *
 * A process is made first, waits, is seized by the tracer, and only then executes its program: nothing that it does goes
 * unseen. The actors of one `start` step are all put in place before the first of them is let go.
 */
#include "judge/cast.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/bytes.h"
#include "judge/expand.h"
#include "judge/things.h"

/* The process waits, is seized, and belongs to the actor. */
static bool put_in_place(struct stage *stage, struct actor *actor, const struct spawn *spawn, struct err *err)
{
    struct process *process;
    if (!sandbox_spawn(stage->sandbox, spawn, &actor->spawned, err))
        return false;
    actor->out.fd = actor->spawned.from_stdout;
    actor->err.fd = actor->spawned.from_stderr;
    if (!tracer_seize(stage->tracer, actor->spawned.pid, stage->actor_of[actor->name], &process, err))
        return false;
    actor->main = process->index;
    return true;
}

static bool let_go(struct stage *stage, struct actor *actor, struct err *err)
{
    return sandbox_go_begin(stage->sandbox, &actor->spawned, &actor->report_fd, err);
}

bool cast_puppets(struct stage *stage, struct err *err)
{
    char *const argv[] = {"puppet", NULL}, *const envp[] = {NULL};
    for (size_t i = 0; i < stage->actor_count; i++) {
        struct actor *actor = &stage->actors[i];
        const struct spawn spawn = {
            .path = CAST_AGENT_PATH,
            .argv = argv,
            .envp = envp,
            .in = SPAWN_NONE,
            .out = SPAWN_NONE,
            .is_other_user = stage->scenario->names[actor->name].is_other_user,
            .cpu_seconds = RLIM_INFINITY,
            .memory_bytes = RLIM_INFINITY,
            .file_bytes = RLIM_INFINITY,
            .msgqueue_bytes = RLIM_INFINITY,
            .nofile = 1024,
        };
        if (actor->role == ROLE_PUPPET &&
            (!put_in_place(stage, actor, &spawn, err) || !let_go(stage, actor, err)))
            return false;
    }
    return true;
}

struct vector { /* argv or envp in the making */
    char **items;
    size_t count;
};

static bool vector_add(struct stage *stage, struct vector *vector, const struct text *name,
                       const struct text *text, struct err *err)
{
    struct bytes item = {0};
    bool is_ok = true;
    if (name) {
        is_ok = expand_text(stage, name, &item, err);
        bytes_print(&item, "=");
    }
    is_ok = is_ok && expand_text(stage, text, &item, err);
    if (!item.data)
        bytes_print(&item, "%s", "");
    vector->items[vector->count++] = item.data;
    return is_ok;
}

static void vector_free(struct vector *vector)
{
    for (size_t i = 0; i < vector->count; i++)
        free(vector->items[i]);
    free(vector->items);
}

static const char *const fixed_environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/case",
                                                "LANG=C.UTF-8", "TERM=dumb"};

static bool make_vectors(struct stage *stage, const struct start *start, struct vector *argv,
                         struct vector *envp, struct err *err)
{
    size_t fixed = sizeof fixed_environment / sizeof *fixed_environment;
    argv->items = calloc(start->run.count + 1, sizeof(char *));
    envp->items = calloc(start->env_count + fixed + 1, sizeof(char *));
    if (!argv->items || !envp->items)
        return err_sys(err, "start a program");
    for (size_t i = 0; i < start->run.count; i++)
        if (!vector_add(stage, argv, NULL, &start->run.texts[i], err))
            return false;
    for (size_t i = 0; i < start->env_count; i++)
        if (!vector_add(stage, envp, &start->env[i].texts[0], &start->env[i].texts[1], err))
            return false;
    for (size_t i = 0; i < fixed; i++) {
        size_t len = strcspn(fixed_environment[i], "=") + 1;
        bool is_set = false;
        for (size_t k = 0; k < start->env_count; k++)
            is_set |= strncmp(envp->items[k], fixed_environment[i], len) == 0;
        if (!is_set)
            envp->items[envp->count++] = strdup(fixed_environment[i]);
    }
    return true;
}

static enum spawn_stream spawn_stream(enum stream stream, bool is_piped)
{
    switch (stream) {
    case STREAM_CLOSED: return SPAWN_CLOSED;
    case STREAM_NONE: return SPAWN_NONE;
    case STREAM_FULL: return SPAWN_FULL;
    case STREAM_USUAL: break;
    }
    return is_piped ? SPAWN_PIPE : SPAWN_TERMINAL;
}

static rlim_t limit_of(long own, long common, rlim_t unit)
{
    long limit = own >= 0 ? own : common;
    return limit < 0 ? RLIM_INFINITY : (rlim_t)limit * unit;
}

static bool start_actor(struct stage *stage, const struct start *start, struct err *err)
{
    struct actor *actor = stage_actor(stage, start->actor);
    struct vector argv = {0}, envp = {0};
    const struct limits *own = &start->limits, *common = &stage->limits;
    actor->start = start;
    bool is_ok = make_vectors(stage, start, &argv, &envp, err);
    const struct spawn spawn = {
        .path = start->program,
        .argv = argv.items,
        .envp = envp.items,
        .in = spawn_stream(start->in, start->is_piped || start->has_input),
        .out = spawn_stream(start->out, start->is_piped),
        .is_other_user = start->is_other_user,
        .cpu_seconds = limit_of(own->cpu_seconds, common->cpu_seconds, 1),
        .memory_bytes = limit_of(own->memory_mib, common->memory_mib, 1 << 20),
        .file_bytes = limit_of(own->file_kib, common->file_kib, 1024),
        .msgqueue_bytes = limit_of(own->msgqueue_bytes, common->msgqueue_bytes, 1),
        .nofile = limit_of(-1, common->nofile, 1),
    };
    actor->has_terminal_input = spawn.in == SPAWN_TERMINAL;
    is_ok = is_ok && put_in_place(stage, actor, &spawn, err);
    if (is_ok && start->has_input) {
        is_ok = expand_text(stage, &start->input, &actor->input, err);
        actor->input_ends = true;
    }
    vector_free(&argv);
    vector_free(&envp);
    return is_ok;
}

static bool is_handed_in(const struct stage *stage, const char *program)
{
    for (size_t i = 0; i < stage->request->program_count; i++)
        if (strcmp(stage->request->programs[i].name, program) == 0)
            return stage->request->programs[i].host_path != NULL;
    return false;
}

bool cast_start(struct stage *stage, const struct step *step, const char **missing, struct err *err)
{
    for (size_t i = 0; i < step->count; i++) {
        if (!is_handed_in(stage, step->starts[i].program)) {
            *missing = step->starts[i].program;
            return true;
        }
    }
    for (size_t i = 0; i < step->count; i++)
        if (!start_actor(stage, &step->starts[i], err))
            return false;
    if (!things_name(stage, err)) /* those whose paths hold pids */
        return false;
    for (size_t i = 0; i < step->count; i++)
        if (!let_go(stage, stage_actor(stage, step->starts[i].actor), err))
            return false;
    return true;
}
