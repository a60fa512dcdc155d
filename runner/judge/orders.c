/* Orders to agents; see orders.h. */
#include "judge/orders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/cast.h"
#include "judge/expand.h"
#include "judge/things.h"

/* A key or a port. */
static bool has_number(const struct kind_row *kind)
{
    return kind->identity == IDENTITY_KEY || kind->identity == IDENTITY_PORT;
}

static bool order_thing(struct stage *stage, int name, struct order *order, struct err *err)
{
    struct identity_of which;
    bool is_known = thing_identity(stage, name, &which) || which.kind == OBJECT_STANDIN;
    const struct name *row = &stage->scenario->names[name];
    order->kind = which.kind;
    order->key = which.key;
    if (!is_known || (row->is_private && which.id < 0))
        return err_set(err, _("there is no %s '%s' yet"), row->kind->noun, row->word);
    order->id = which.id;
    order->object = row->is_private ? ORDER_ID : has_number(row->kind) ? ORDER_KEY : ORDER_PATH;
    if (which.kind == OBJECT_STANDIN)
        thing_standin_path(stage, name, order->path, sizeof order->path);
    else
        snprintf(order->path, sizeof order->path, "%.*s", (int)sizeof order->path - 1, which.path);
    return true;
}

static bool order_target(struct stage *stage, const struct target *target, struct order *order,
                         struct err *err)
{
    int64_t status = 0;
    switch (target->kind) {
    case TARGET_ANY: return true;
    case TARGET_NAME: return order_thing(stage, target->name, order, err);
    case TARGET_KIND:
        order->object = ORDER_STREAM;
        order->fd = (int)target->object - OBJECT_STDIN;
        return true;
    case TARGET_END:
        order->object = ORDER_END;
        snprintf(order->end, sizeof order->end, "%s", target->word);
        return true;
    case TARGET_PAIR:
        snprintf(order->as[0], sizeof order->as[0], "%s", target->word);
        snprintf(order->as[1], sizeof order->as[1], "%s", target->word2);
        return true;
    case TARGET_WHO: {
        const struct process *process = stage_one(stage, &target->who);
        if (!process)
            return err_set(err, _("nobody of that name lives"));
        order->object = ORDER_PID;
        order->pid = (int)process->inner_pid;
        return true;
    }
    case TARGET_STATUS:
        if (!expand_number(stage, &target->status, &status, err))
            return false;
        order->value[PARAM_STATUS] = status;
        return true;
    }
    return false;
}

static bool single_number(struct stage *stage, const struct range *range, int64_t *value, struct err *err)
{
    return expand_number(stage, range->one_of ? &range->one_of[0] : &range->min, value, err);
}

static bool order_ops(struct stage *stage, const struct value *value, struct order *order, struct err *err)
{
    for (size_t i = 0; i < value->count && i < AGENT_OPS; i++, order->op_count++) {
        int64_t num, op;
        if (!expand_number(stage, &value->ops[i].num, &num, err) ||
            !expand_number(stage, &value->ops[i].op, &op, err))
            return false;
        order->ops[i].num = (int32_t)num;
        order->ops[i].op = (int32_t)op;
        order->ops[i].flags = (int32_t)value->ops[i].flags;
    }
    return true;
}

static bool order_values(struct stage *stage, const struct value *value, struct order *order, struct err *err)
{
    for (size_t i = 0; i < value->count && i < AGENT_VALUES; i++, order->value_count++) {
        int64_t number;
        if (!expand_number(stage, &value->numbers[i], &number, err))
            return false;
        order->values[i] = (int32_t)number;
    }
    return true;
}

static void order_fds(const struct value *value, struct order *order)
{
    for (size_t i = 0; i < value->count && i < AGENT_FDS; i++, order->fd_count++)
        snprintf(order->fds[i], sizeof order->fds[i], "%s", value->words[i]);
}

/* How many bytes a read goes on for: as many as `gives` holds where that is known. */
static bool order_wanted(struct stage *stage, const struct value *value, struct order *order, struct err *err)
{
    cleanup_bytes struct bytes text = {0};
    if (value->pattern.kind != PATTERN_EXACT)
        return true;
    const struct text *gives = &value->pattern.texts.texts[0];
    for (size_t i = 0; i < gives->count; i++)
        if (gives->parts[i].kind == PART_WILD)
            return true;
    if (!expand_text(stage, gives, &text, err))
        return false;
    order->want_len = text.len;
    return true;
}

static bool order_param(struct stage *stage, const struct param_value *param, struct order *order,
                        struct bytes *data, struct err *err)
{
    const struct value *value = &param->value;
    enum param which = param->row->param;
    order->known |= 1ull << which;
    switch (param->row->kind) {
    case VALUE_NUMBER:
    case VALUE_RANGE: return single_number(stage, &value->range, &order->value[which], err);
    case VALUE_MODE:
    case VALUE_FLAGS:
    case VALUE_WORD:
    case VALUE_SIGNAL: order->value[which] = value->bits; return true;
    case VALUE_NAME: snprintf(order->as[0], sizeof order->as[0], "%s", value->word); return true;
    case VALUE_TEXT:
        if (which == PARAM_GIVES)
            return order_wanted(stage, value, order, err);
        return expand_text(stage, &value->pattern.texts.texts[0], data, err);
    case VALUE_ENDS: order_fds(value, order); return true;
    case VALUE_OPS: return order_ops(stage, value, order, err);
    case VALUE_NUMBERS: return order_values(stage, value, order, err);
    case VALUE_OBJECT: /* of rename and connect */
        snprintf(order->path2, sizeof order->path2, "%s", stage->things[value->object].path);
        return true;
    case VALUE_MESSAGE:
    case VALUE_MESSAGES:
    case VALUE_TEXTS:
    case VALUE_SIGNALS:
    case VALUE_EXIT:
    case VALUE_WHO:
    case VALUE_OWNER:
    case VALUE_DEED: return true;
    }
    return true;
}

static bool make_order(struct stage *stage, const struct deed *deed, struct order *order, struct bytes *data,
                       struct err *err)
{
    snprintf(order->deed, sizeof order->deed, "%s", deed->row->word);
    for (const struct param_row *row = deed->row->params; row && row->word; row++)
        order->value[row->param] = row->usual;
    if (!order_target(stage, &deed->first, order, err))
        return false;
    for (size_t i = 0; i < deed->count; i++)
        if (!order_param(stage, &deed->params[i], order, data, err))
            return false;
    order->until_eof = deed_value(deed, PARAM_UNTIL) != NULL;
    order->wants_error = deed->error_count > 0;
    order->data_len = data->len;
    return true;
}

bool order_give(struct stage *stage, struct actor *actor, const struct deed *deed, struct err *err)
{
    struct order order = {.id = -1, .fd = -1};
    cleanup_bytes struct bytes data = {0};
    struct task *task = cast_ready_task(stage, actor);
    if (!task)
        return err_set(err, _("%s is not there to do anything"), actor->word);
    if (!make_order(stage, deed, &order, &data, err))
        return false;
    if (data.len > AGENT_DATA)
        return err_at(err, deed->at, "at most %d bytes can be sent by one deed", AGENT_DATA);
    if (!tracer_order(stage->tracer, task, &order, bytes_text(&data), err))
        return stage_broke(stage, err);
    actor->order = deed;
    actor->ordered = task->process->index;
    actor->is_busy = true;
    actor->is_ready = false;
    memset(&actor->reply, 0, sizeof actor->reply);
    return true;
}

/* ---- what came of it ------------------------------------------------------------------------------------------------- */

/* EBADF: it reads where it may only write. Who executes a stand-in chooses its standard streams and its limits; and what a sandbox has of its own, only the program can have filled. */
static bool is_ours(const struct stage *stage, const struct actor *actor, int error, const struct deed *deed)
{
    const unsigned shared = LACKS_IPC_NS | LACKS_MOUNT_NS;
    switch (error) {
    case EBADF: return deed->first.kind != TARGET_KIND;
    case ENFILE: return true;
    case EMFILE:
    case ENOMEM: return actor->role != ROLE_STANDIN;
    case ENOSPC:
        return deed->first.kind != TARGET_KIND && (!stage->sandbox || sandbox_lacks(stage->sandbox) & shared);
    default: return false;
    }
}

static bool error_holds(const struct deed *deed, int error)
{
    for (size_t i = 0; i < deed->error_count; i++)
        if (deed->errors[i] == error)
            return true;
    return deed->error_count == 0 && error == 0;
}

static void tell_bytes(struct bytes *seen, const struct actor *actor)
{
    cleanup_free char *shown = text_printable(actor->got, actor->reply.got_len, 400);
    if (actor->reply.total > actor->reply.got_len)
        bytes_print(seen, _("%" PRIu64 " bytes, more than can be compared, that begin with "),
                    actor->reply.total);
    bytes_print(seen, "\"%s\"%s", shown, actor->reply.met_eof ? _(", then end of file") : "");
}

static bool stream_holds(struct stage *stage, const struct actor *actor, const struct deed *deed,
                         struct bytes *seen)
{
    const struct value *gives = deed_value(deed, PARAM_GIVES), *until = deed_value(deed, PARAM_UNTIL);
    bool is_whole = actor->reply.got_len == actor->reply.total; /* got holds at most AGENT_DATA */
    bool holds = (!gives || (is_whole && pattern_holds(stage, &gives->pattern, actor->got,
                                                       actor->reply.got_len, true, NULL))) &&
                 (!until || actor->reply.met_eof);
    if (!holds && seen)
        tell_bytes(seen, actor);
    return holds;
}

static bool message_holds(struct stage *stage, const struct actor *actor, const struct message *want,
                          struct bytes *seen)
{
    bool holds =
        (!want->has_type || range_holds(stage, &want->type, actor->reply.type)) &&
        (!want->has_text || pattern_holds(stage, &want->text, actor->got, actor->reply.got_len, false, NULL));
    if (!holds && seen) {
        cleanup_free char *shown = text_printable(actor->got, actor->reply.got_len, 400);
        bytes_print(seen,
                    want->is_prio ? _("a message of priority %" PRId64 " with \"%s\"")
                                  : _("a message of type %" PRId64 " with \"%s\""),
                    actor->reply.type, shown);
    }
    return holds;
}

/* Of a read that names descriptors: as many came, no more and no less. */
static bool fds_hold(const struct actor *actor, const struct deed *deed, struct bytes *seen)
{
    const struct value *fds = deed_value(deed, PARAM_FDS);
    if (!fds || actor->reply.fd_count == fds->count)
        return true;
    if (seen)
        bytes_print(seen, _("%u descriptors came with it"), (unsigned)actor->reply.fd_count);
    return false;
}

static bool reply_holds(struct stage *stage, const struct actor *actor, const struct deed *deed,
                        struct bytes *seen)
{
    const struct value *gives = deed_value(deed, PARAM_GIVES);
    if (deed->has_returns && !range_holds(stage, &deed->returns, actor->reply.result)) {
        if (seen)
            bytes_print(seen, _("it gave %" PRId64), actor->reply.result);
        return false;
    }
    if (deed->error_count > 0)
        return true;
    if (strcmp(deed->row->word, "read") == 0)
        return stream_holds(stage, actor, deed, seen) && fds_hold(actor, deed, seen);
    if (gives && gives->kind == VALUE_MESSAGE)
        return message_holds(stage, actor, &gives->message, seen);
    return true;
}

static bool exits(const struct deed *deed)
{
    return strcmp(deed->row->word, "exit") == 0;
}

enum outcome order_outcome(struct stage *stage, const struct actor *actor, const struct deed *deed,
                           struct bytes *seen)
{
    if (!actor->order)
        return OUTCOME_WAITING;
    if (actor->is_busy && tracer_process(stage->tracer, (size_t)actor->ordered)->is_dead)
        return exits(deed) ? OUTCOME_DONE : OUTCOME_DEAD;
    if (actor->is_busy)
        return OUTCOME_WAITING;
    if (actor->reply.trouble[0]) {
        if (seen)
            bytes_print(seen, "%s", actor->reply.trouble);
        return OUTCOME_BROKEN;
    }
    if (!error_holds(deed, actor->reply.error)) {
        if (seen && actor->reply.error)
            bytes_print(seen, "%s (%s)", error_words(actor->reply.error), errno_name(actor->reply.error));
        else if (seen)
            bytes_print(seen, "%s", _("it succeeded"));
        return is_ours(stage, actor, actor->reply.error, deed) ? OUTCOME_BROKEN : OUTCOME_OTHER;
    }
    return reply_holds(stage, actor, deed, seen) ? OUTCOME_DONE : OUTCOME_OTHER;
}

static bool removes_name(const struct deed_row *row)
{
    static const char *const words[] = {"unlink", "shm_unlink", "mq_unlink", "sem_unlink"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(row->word, words[i]) == 0)
            return true;
    return false;
}

void order_note_removal(struct stage *stage, const struct deed *deed)
{
    const struct value *cmd = deed_value(deed, PARAM_CMD), *to = deed_value(deed, PARAM_TO);
    if (deed->first.kind != TARGET_NAME || deed->error_count > 0)
        return;
    if (removes_name(deed->row) || (cmd && cmd->bits == IPC_RMID) || to)
        stage->things[deed->first.name].was_removed = true;
    if (to)
        stage->things[to->object].given = stage->things[deed->first.name].given; /* it stands there now */
}
