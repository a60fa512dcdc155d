/* Facts of actors; see facts.h. */
#include "judge/facts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"
#include "judge/match.h"
#include "judge/process_text.h"

enum { SHOWN = 600, MOST_FDS = 256 };

static struct actor *actor_of(struct stage *stage, const struct who *who)
{
    return &stage->actors[stage->actor_of[who->name]];
}

/* ---- does it hold? --------------------------------------------------------------------------------------------------- */

static bool exit_holds(struct stage *stage, const struct who *who, const struct value *value)
{
    const struct process *process = stage_one(stage, who);
    if (!process || !process->is_dead || !WIFEXITED(process->wait_status))
        return false;
    int status = WEXITSTATUS(process->wait_status);
    return value->is_nonzero ? status != 0 : range_holds(stage, &value->range, status);
}

static bool killed_holds(struct stage *stage, const struct who *who, const struct value *value)
{
    const struct process *process = stage_one(stage, who);
    if (!process || !process->is_dead || !WIFSIGNALED(process->wait_status))
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (value->signals[i] == WTERMSIG(process->wait_status))
            return true;
    return false;
}

static bool ends_holds(struct stage *stage, const struct who *who, const struct value *value)
{
    const struct process *process = stage_one(stage, who);
    bool has_ended = process && process->is_dead;
    return value->bits == ENDS_ANY ? has_ended : process && !has_ended;
}

static bool outlet_holds(struct stage *stage, const struct outlet *outlet, const struct value *value)
{
    return pattern_holds(stage, &value->pattern, bytes_text(&outlet->seen) + outlet->taken,
                         outlet->seen.len - outlet->taken, true, NULL);
}

static bool blocks_holds(struct stage *stage, const struct who *who, const struct value *value)
{
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        const struct task *task = tracer_task(stage->tracer, i);
        if (stage_is_who(stage, who, task->process) && match_blocked(stage, value->deed, task))
            return true;
    }
    return false;
}

static int count_zombies(struct stage *stage, const struct who *who)
{
    int count = 0;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (stage_is_who(stage, who, process))
            count += process->is_dead ? process->zombies_at_end : process_zombies(stage->tracer, process);
    }
    return count;
}

static bool descends(const struct stage *stage, const struct process *process, int from)
{
    for (int parent = process->parent; parent >= 0;
         parent = tracer_process(stage->tracer, (size_t)parent)->parent)
        if (parent == from)
            return true;
    return false;
}

/* Living descendants, whatever they execute by now. */
static int count_children(struct stage *stage, const struct who *who)
{
    const struct process *from = stage_one(stage, who);
    int count = 0;
    for (size_t i = 0; from && i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        count += !process->is_dead && descends(stage, process, from->index);
    }
    return count;
}

static bool fds_hold(struct stage *stage, const struct who *who, const struct value *value)
{
    const struct process *process = stage_one(stage, who);
    int fds[MOST_FDS];
    size_t count = process && !process->is_dead ? process_fds(process, fds, MOST_FDS) : 0;
    if (count != value->count)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        int64_t wanted;
        bool found = false;
        if (!expand_number(stage, &value->numbers[i], &wanted, NULL))
            return false;
        for (size_t k = 0; k < count; k++)
            found |= fds[k] == wanted;
        if (!found)
            return false;
    }
    return true;
}

static bool args_hold(struct stage *stage, const struct actor *actor, const struct value *value)
{
    for (size_t i = 0; i < value->texts.count; i++) {
        const struct pattern one = {.kind = PATTERN_EXACT, .texts = {&value->texts.texts[i], 1}};
        if (!actor->args || !actor->args[i] ||
            !pattern_holds(stage, &one, actor->args[i], strlen(actor->args[i]), true, NULL))
            return false;
    }
    return actor->args && !actor->args[value->texts.count];
}

bool fact_holds(struct stage *stage, const struct who *who, const struct fact *fact)
{
    const struct actor *actor = actor_of(stage, who);
    const struct value *value = &fact->value;
    switch (fact->row->fact) {
    case FACT_EXIT: return exit_holds(stage, who, value);
    case FACT_KILLED: return killed_holds(stage, who, value);
    case FACT_ENDS: return ends_holds(stage, who, value);
    case FACT_STDOUT: return outlet_holds(stage, &actor->out, value);
    case FACT_STDERR: return outlet_holds(stage, &actor->err, value);
    case FACT_BLOCKS: return blocks_holds(stage, who, value);
    case FACT_ZOMBIES: return range_holds(stage, &value->range, count_zombies(stage, who));
    case FACT_CHILDREN: return range_holds(stage, &value->range, count_children(stage, who));
    case FACT_FDS: return fds_hold(stage, who, value);
    case FACT_STARTS: return range_holds(stage, &value->range, actor->starts);
    case FACT_ARGS: return args_hold(stage, actor, value);
    case FACT_KINDS: break;
    }
    return false;
}

/* ---- in words -------------------------------------------------------------------------------------------------------- */

static void see_outlet(const struct actor *actor, const struct outlet *outlet, const char *format,
                       const char *nothing, struct bytes *to)
{
    size_t len = outlet->seen.len - outlet->taken;
    cleanup_free char *text = text_printable(bytes_text(&outlet->seen) + outlet->taken, len, SHOWN);
    bytes_print(to, "%s%s", actor->word, len == 0 ? nothing : format);
    if (len > 0)
        bytes_print(to, "\"%s\"", text);
}

static void see_fds(struct stage *stage, const struct who *who, struct bytes *to)
{
    const struct process *process = stage_one(stage, who);
    int fds[MOST_FDS];
    size_t count = process && !process->is_dead ? process_fds(process, fds, MOST_FDS) : 0;
    prose_who(to, stage_prose(stage), who);
    bytes_print(to, "%s", _(" has open"));
    for (size_t i = 0; i < count; i++) {
        struct object_id id;
        bytes_print(to, "%s %d", i ? "," : "", fds[i]);
        if (fds[i] > 2 && process_object(process, fds[i], &id))
            bytes_print(to, " (%s)", _(object_kind_noun(id.kind)));
    }
}

static void see_args(const struct actor *actor, struct bytes *to)
{
    bytes_print(to, _("%s was last executed with:"), actor->word);
    for (char **arg = actor->args; arg && *arg; arg++) {
        cleanup_free char *text = text_printable(*arg, strlen(*arg), SHOWN);
        bytes_print(to, " \"%s\"", text);
    }
}

/* Who ended with an error has mostly said why. */
static void see_complaint(struct stage *stage, const struct actor *actor, struct bytes *to)
{
    const struct process *main = stage_main(stage, actor);
    size_t len = actor->err.seen.len - actor->err.taken;
    if (!main || !main->is_dead || !WIFEXITED(main->wait_status) || WEXITSTATUS(main->wait_status) == 0 ||
        len == 0)
        return;
    cleanup_free char *text = text_printable(bytes_text(&actor->err.seen) + actor->err.taken, len, SHOWN);
    bytes_print(to, _("\n%s printed on standard error \"%s\""), actor->word, text);
}

/* What there is of which the fact speaks; false where it speaks of processes only. */
static bool see_thing(struct stage *stage, const struct who *who, const struct fact *fact, struct bytes *to)
{
    const struct actor *actor = actor_of(stage, who);
    switch (fact->row->fact) {
    case FACT_STDOUT:
        see_outlet(actor, &actor->out, _(" has printed "), _(" has printed nothing"), to);
        break;
    case FACT_STDERR:
        see_outlet(actor, &actor->err, _(" has printed on standard error "),
                   _(" has printed nothing on standard error"), to);
        break;
    case FACT_ZOMBIES: bytes_print(to, _("%s leaves %d"), actor->word, count_zombies(stage, who)); break;
    case FACT_CHILDREN: bytes_print(to, _("%s has %d"), actor->word, count_children(stage, who)); break;
    case FACT_FDS: see_fds(stage, who, to); break;
    case FACT_STARTS: bytes_print(to, _("%s was executed %d times"), actor->word, actor->starts); break;
    case FACT_ARGS: see_args(actor, to); break;
    case FACT_EXIT:
    case FACT_KILLED:
    case FACT_ENDS:
    case FACT_BLOCKS:
    case FACT_KINDS: return false;
    }
    return true;
}

void fact_seen(struct stage *stage, const struct who *who, const struct fact *fact, struct bytes *to)
{
    enum fact_kind kind = fact->row->fact;
    bool is_seen = see_thing(stage, who, fact, to);
    if (kind == FACT_FDS || kind == FACT_ARGS)
        return;
    bytes_print(to, is_seen ? "\n" : "");
    living_text(stage, who, to);
    if (kind == FACT_BLOCKS && fact->value.deed)
        unseen_text(stage, who, fact->value.deed, "\n", to);
    if (kind != FACT_STDERR)
        see_complaint(stage, actor_of(stage, who), to);
}

/* ---- what a look leaves ---------------------------------------------------------------------------------------------- */

void fact_take(struct stage *stage, const struct who *who, const struct fact *fact)
{
    struct actor *actor = actor_of(stage, who);
    if (fact->row->fact == FACT_STDOUT)
        actor->out.taken = actor->out.seen.len;
    if (fact->row->fact == FACT_STDERR)
        actor->err.taken = actor->err.seen.len;
}

void fact_ask(struct stage *stage, const struct who *who, const struct fact *fact)
{
    struct actor *actor = actor_of(stage, who);
    const struct value *value = &fact->value;
    if (fact->row->fact == FACT_EXIT || fact->row->fact == FACT_KILLED ||
        (fact->row->fact == FACT_ENDS && value->bits == ENDS_ANY))
        actor->end_is_asked = true;
    for (size_t i = 0; fact->row->fact == FACT_KILLED && i < value->count; i++)
        if (value->signals[i] < 32)
            actor->killed_asked |= 1u << value->signals[i];
}
