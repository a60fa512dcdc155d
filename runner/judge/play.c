/* Play one case; see play.h.
 *
 * In this order: names and keys are chosen, sandbox and tracer are made, puppets start, `given` comes to be, the steps are played, the end is judged, and what everybody did is
 * told while they still stand there. The sandbox goes last, and takes with it whatever is left.
 */
#include "judge/play.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "judge/blame.h"
#include "judge/cast.h"
#include "judge/claims.h"
#include "judge/findings.h"
#include "judge/finish.h"
#include "judge/leftovers.h"
#include "judge/rulings.h"
#include "judge/shared.h"
#include "judge/stage.h"
#include "judge/steps.h"
#include "judge/tell.h"
#include "judge/things.h"
#include "judge/turn.h"
#include "judge/why.h"

/* What one worker remembers of a flood: 64 MiB of data, 270 MiB of calls. No honest program comes near. */
enum {
    WHOLE_STREAMS = 4 << 20,
    ALL_DATA = 64 << 20,
    ALL_EVENTS = 160000,
    STACKS_KEPT = 1000 /* 2 MiB: lines also of calls that went well */
};

/* ---- limits ------------------------------------------------------------------------------------------------------------ */

/* What holds where neither the case nor the assignment says anything. */
static const struct limits usual_limits = {
    .cpu_seconds = 5,
    .wall_seconds = 30,
    .memory_mib = 2048,
    .processes = 64,
    .output_kib = 1024,
    .file_kib = 16384,
    .nofile = 256,
    .msgqueue_bytes = -1,
};

static long first_said(long own, long common, long usual)
{
    return own >= 0 ? own : common >= 0 ? common : usual;
}

static struct limits merge_limits(const struct limits *own, const struct limits *common)
{
    return (struct limits){
        .cpu_seconds = first_said(own->cpu_seconds, common->cpu_seconds, usual_limits.cpu_seconds),
        .wall_seconds = first_said(own->wall_seconds, common->wall_seconds, usual_limits.wall_seconds),
        .memory_mib = first_said(own->memory_mib, common->memory_mib, usual_limits.memory_mib),
        .processes = first_said(own->processes, common->processes, usual_limits.processes),
        .output_kib = first_said(own->output_kib, common->output_kib, usual_limits.output_kib),
        .file_kib = first_said(own->file_kib, common->file_kib, usual_limits.file_kib),
        .nofile = first_said(own->nofile, common->nofile, usual_limits.nofile),
        .msgqueue_bytes =
            first_said(own->msgqueue_bytes, common->msgqueue_bytes, usual_limits.msgqueue_bytes),
    };
}

/* ---- sandbox ------------------------------------------------------------------------------------------------------------ */

static bool ask_init(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    return sandbox_ask(context, question, len, reply, err);
}

/* Programs of the submission by name, the agent for the puppets, and for each stand-in (read-only, so that nobody can put another program into its place; not to be read, so
 * that the kernel keeps the memory of those that execute it from everybody else). */
static size_t list_files(struct stage *stage, const char *probe, struct sandbox_file *files)
{
    size_t count = 0;
    for (size_t i = 0; i < stage->request->program_count; i++)
        if (stage->request->programs[i].host_path)
            files[count++] = (struct sandbox_file){stage->request->programs[i].host_path,
                                                   stage->request->programs[i].name, 0755};
    files[count++] = (struct sandbox_file){stage->request->agent_path, CAST_AGENT_PATH, 0111};
    files[count++] = (struct sandbox_file){probe, CAST_PROBE_PATH, 0555};
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        const struct name *name = &stage->scenario->names[i];
        if (name->role != NAME_OBJECT || name->kind->kind != OBJECT_STANDIN)
            continue;
        const char *path = name->identity.count > 0 && name->identity.parts[0].kind == PART_BYTES
                               ? name->identity.parts[0].data
                               : name->word;
        files[count++] = (struct sandbox_file){stage->request->agent_path, path, 0111};
    }
    return count;
}

/* The probe lies beside the agent, built and installed. */
static void probe_beside(const char *agent, char *path, size_t room)
{
    const char *slash = strrchr(agent, '/');
    snprintf(path, room, "%.*sipcgrade-probe.so", slash ? (int)(slash - agent + 1) : 0, agent);
}

static bool open_sandbox(struct stage *stage, struct err *err)
{
    const struct play_request *request = stage->request;
    struct sock_filter *made = NULL;
    struct inspect_made nothing = {0}; /* init has its own copy of it */
    char probe[4096];
    size_t filter_length = request->filter_length,
           most = request->program_count + stage->scenario->name_count + 3;
    cleanup_free struct sandbox_file *files = calloc(most, sizeof *files);
    if (!files || (!request->filter && !tracer_filter(&made, &filter_length, err)))
        return false;
    probe_beside(request->agent_path, probe, sizeof probe);
    const struct sandbox_config config = {
        .files = files,
        .file_count = list_files(stage, probe, files),
        .hidden = request->hidden,
        .is_traced = true,
        .queue_bytes = request->queue_bytes,
        .wants_other_user = scenario_needs_other_user(stage->scenario),
        .answer = inspect_answer,
        .depart = inspect_unmake,
        .answer_context = &nothing,
        .held = request->held,
        .filter = request->filter ? request->filter : made,
        .filter_length = filter_length,
    };
    bool is_open = sandbox_open(&stage->sandbox, &config, err);
    free(made);
    if (!is_open)
        return false;
    stage->inspector =
        (struct inspector){ask_init, stage->sandbox, sandbox_lacks(stage->sandbox) & LACKS_MOUNT_NS,
                           sandbox_has_own_ids(stage->sandbox)};
    return true;
}

static bool open_tracer(struct stage *stage, struct err *err)
{
    struct object_id agent;
    const char *directory = sandbox_directory(stage->sandbox);
    char file[512];
    snprintf(stage->probe, sizeof stage->probe, "%s/%s", directory, CAST_PROBE_PATH);
    /* Where init has no root of its own, its name for the file is ours, and its /proc entry would be closed to an ordinary user. */
    if (sandbox_lacks(stage->sandbox) & LACKS_MOUNT_NS)
        snprintf(file, sizeof file, "%s", stage->probe);
    else
        snprintf(file, sizeof file, "/proc/%d/root%s", (int)sandbox_init_pid(stage->sandbox), stage->probe);
    if (!inspect_path(&stage->inspector, CAST_AGENT_PATH, &agent, err))
        return false;
    const struct tracer_config config = {
        .hooks = cast_hooks(stage),
        .agent = agent,
        .probe_path = stage->probe,
        .probe_file = file,
        .max_tasks = (int)stage->limits.processes + 16,
        .tasks_promised = (int)stage->limits.processes,
        .data_kept = WHOLE_STREAMS,
        .all_data_kept = ALL_DATA,
        .events_kept = ALL_EVENTS,
        .wants_stacks = true,
        .stacks_kept = STACKS_KEPT,
        .queue_bytes = stage->request->queue_bytes,
        .lasts_ns = (uint64_t)stage->limits.wall_seconds * 1000000000,
    };
    return tracer_new(&stage->tracer, &config, err);
}

/* ---- skipping ------------------------------------------------------------------------------------------------------------ */

static bool is_memory(const struct name *name)
{
    return name->kind->kind == OBJECT_SHM || name->kind->kind == OBJECT_SEM;
}

/* A case is played on terminals unless it says otherwise. Where the sandbox has none of its own, the machine's are lent. */
static bool needs_terminal(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        for (size_t k = 0; scenario->steps[i].kind == STEP_START && k < scenario->steps[i].count; k++) {
            const struct start *start = &scenario->steps[i].starts[k];
            if (!start->is_piped &&
                (start->out == STREAM_USUAL || (start->in == STREAM_USUAL && !start->has_input)))
                return true;
        }
    return false;
}

/* What the case needs and the machine lacks, in words; NULL: nothing. */
static const char *lacking(const struct stage *stage)
{
    struct object_id directory;
    unsigned lacks = sandbox_lacks(stage->sandbox);
    if (scenario_needs_other_user(stage->scenario) && (lacks & LACKS_OTHER_USER))
        return _("this machine has no second user for the sandbox (subordinate uids, or root, are needed)");
    if ((lacks & LACKS_DEVPTS) && access("/dev/ptmx", R_OK | W_OK) < 0 && err_is_of_name(errno) &&
        needs_terminal(stage->scenario))
        return _("this machine has no terminals (/dev/ptmx)");
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        const struct name *name = &stage->scenario->names[i];
        if (name->role != NAME_OBJECT)
            continue;
        if (name->kind->identity == IDENTITY_KEY && (lacks & LACKS_SYSV))
            return _("this machine has no System V IPC");
        if (name->kind->kind == OBJECT_MQ && (lacks & LACKS_MQUEUE))
            return _("this machine has no POSIX message queues for the sandbox alone");
        if (is_memory(name) && !inspect_path(&stage->inspector, "/dev/shm", &directory, NULL))
            return _("this machine has no /dev/shm");
    }
    return NULL;
}

/* ---- the play ------------------------------------------------------------------------------------------------------------ */

static bool skip(struct stage *stage, const char *why)
{
    stage->result->verdict = SKIPPED;
    result_set(&stage->result->reason, why);
    return false;
}

static bool prepare(struct stage *stage)
{
    struct err err = {0};
    if (!cast_make(stage, &err))
        return stage_broke(stage, &err);
    if (!open_sandbox(stage, &err)) /* ENOTSUP: a stand-in over an absolute path, and no mounts */
        return err.number == ENOTSUP ? skip(stage, err.text) : stage_broke(stage, &err);
    const char *lack = lacking(stage);
    if (lack)
        return skip(stage, lack);
    if (!open_tracer(stage, &err))
        return stage_broke(stage, &err);
    if (!cast_puppets(stage, &err))
        return stage_broke(stage, &err);
    turn_act(stage, "");
    if (!turn_run(stage)) {
        err_set(&err, "the puppets could not be started%s%s", stage->limit ? ": safety limit: " : "",
                stage->limit ? stage->limit : "");
        return stage_broke(stage, &err);
    }
    if (!inspect_list(&stage->inspector, &stage->before, &err) || !things_name(stage, &err) ||
        !things_make(stage, &err) || !shared_keys_of_files_are_free(stage, &err))
        return stage_broke(stage, &err);
    return true;
}

/* What was seen and compared holds only where nobody of ours has died or run out of memory. */
static bool is_trustworthy(const struct stage *stage, struct err *err)
{
    return sandbox_answers(stage->sandbox, err) &&
           (!memory_was_short() || err_set(err, "memory was short while the case was played"));
}

/* Who has failed, and has killed the leader of his session, has failed. */
static bool is_own_doing(const struct stage *stage, const struct err *err)
{
    return err->number == EOWNERDEAD && stage->result->failure_count > 0 && !memory_was_short() &&
           blame_killed_ours(stage);
}

static void play(struct stage *stage)
{
    struct err err = {0};
    steps_play(stage);
    if (!stage->is_over)
        finish_judge(stage);
    if (!stage->trouble.text[0] && !is_trustworthy(stage, &err) && !is_own_doing(stage, &err))
        stage_broke(stage, &err);
    if (!stage->trouble.text[0])
        findings_judge(stage);
    if (stage->result->failure_count > 0 || stage->scenario->injection_count > 0)
        tell_scene(stage);
    if (stage->result->failure_count > 0 && !stage->trouble.text[0])
        why_tell(stage);
}

static void close_stage(struct stage *stage)
{
    if (stage->sandbox)
        leftovers_remove(stage);
    tracer_free(stage->tracer);
    sandbox_close(stage->sandbox);
    cast_free(stage);
    claims_free(stage);
    found_list_free(&stage->before);
    bytes_free(&stage->cause);
    free(stage->things);
    free(stage->injected);
}

void play_case(const struct play_request *request, struct case_result *result)
{
    const struct scenario *scenario = request->scenario;
    struct stage stage = {
        .request = request,
        .scenario = scenario,
        .result = result,
        .points = scenario->points,
        .limits = merge_limits(&scenario->limits, &request->suite->assignment.limits),
        .began_ns = stage_now_ns(),
        .clock_watch = clock_watch(),
        .things = calloc(scenario->name_count + 1, sizeof(struct thing)),
        .injected = calloc(scenario->injection_count + 1, sizeof(struct injected)),
    };
    tell_case(request, result);
    struct err err = {0};
    if (!stage.things || !stage.injected) {
        err_set(&err, "no memory");
        stage_broke(&stage, &err);
    } else if (prepare(&stage)) {
        play(&stage);
    }
    if (result->verdict != SKIPPED) {
        tell_verdict(&stage);
        blame_machine(&stage);
    }
    close_stage(&stage);
    if (stage.clock_watch >= 0)
        close(stage.clock_watch);
    result->seconds = (double)(stage_now_ns() - stage.began_ns) / 1e9;
}
