/* Does a system call answer to a deed? See match.h.
 *
 * A word stands for a family; what is not written is not asked; flags are "at least"; numbers may be a range. Streams are judged by their bytes, never by their
 * calls, since students choose sizes and calls freely.
 */
#include "judge/match.h"

#include <fcntl.h>
#include <string.h>

#include "judge/expand.h"
#include "judge/things.h"

enum { MOST_STREAM = 16 << 20 };

enum object_kind match_stream_of(const struct stage *stage, const struct object_id *id)
{
    if (id->device == 0)
        return OBJECT_NONE;
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct spawned *own = &stage->actors[i].spawned;
        const unsigned long *streams[] = {own->stdin_id, own->stdout_id, own->stderr_id};
        if (stage->actors[i].role != ROLE_STUDENT || own->pid == 0)
            continue;
        for (int k = 0; k < 3; k++)
            if (streams[k][1] && streams[k][0] == id->device && streams[k][1] == id->number)
                return (enum object_kind)(OBJECT_STDIN + k);
    }
    return OBJECT_NONE;
}

static bool is_stream(const struct stage *stage, const struct object_id *id, enum object_kind wanted)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct spawned *own = &stage->actors[i].spawned;
        const unsigned long *stream = wanted == OBJECT_STDIN    ? own->stdin_id
                                      : wanted == OBJECT_STDOUT ? own->stdout_id
                                                                : own->stderr_id;
        if (stream[1] && stream[0] == id->device && stream[1] == id->number)
            return true;
    }
    return false;
}

/* A signal to a process group, or through a pidfd, may have reached whom the case speaks of. */
static bool signals_whom(const struct stage *stage, const struct who *who, const struct call *call)
{
    int64_t pid = call->value[PARAM_ID];
    if (!call_knows(call, PARAM_ID) || pid <= 0)
        return true;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (process->inner_pid == pid && stage_is_who(stage, who, process))
            return true;
    }
    return false;
}

static bool object_is(struct stage *stage, const struct target *target, const struct event *event)
{
    const struct object_id *id = &event->object;
    switch (target->kind) {
    case TARGET_ANY: return true;
    case TARGET_NAME: return thing_is(stage, target->name, event);
    case TARGET_KIND:
        if (target->object >= OBJECT_STDIN && target->object <= OBJECT_STDERR)
            return is_stream(stage, id, target->object);
        return id->kind == target->object && match_stream_of(stage, id) == OBJECT_NONE;
    case TARGET_WHO: return signals_whom(stage, &target->who, &event->call);
    case TARGET_END:
    case TARGET_PAIR:
    case TARGET_STATUS: break;
    }
    return false;
}

/* A datagram socket that speaks to another has two names; with the first goes the socket's own. */
static bool other_name_is(struct stage *stage, const struct target *target, const struct event *event)
{
    struct event face = *event;
    if (event->into.device != 0 || (event->into.kind != OBJECT_UDP && event->into.kind != OBJECT_UNIX_DGRAM))
        return false;
    face.object = event->into;
    return object_is(stage, target, &face);
}

bool match_target(struct stage *stage, const struct deed *deed, const struct event *event)
{
    return object_is(stage, &deed->first, event) || other_name_is(stage, &deed->first, event);
}

static bool opens(const struct deed_row *row)
{
    static const char *const words[] = {"open", "shm_open", "mq_open"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(row->word, words[i]) == 0)
            return true;
    return false;
}

/* Of open, the access mode is a number of its own and must be the same. O_RDONLY is 0 and can only be meant when it stands alone. */
static bool flags_hold(const struct deed_row *row, int64_t wanted, int64_t seen)
{
    if (opens(row)) {
        if ((wanted == O_RDONLY || (wanted & O_ACCMODE) != O_RDONLY) &&
            (wanted & O_ACCMODE) != (seen & O_ACCMODE))
            return false;
        wanted &= ~(int64_t)O_ACCMODE;
    }
    return (seen & wanted) == wanted;
}

static bool ops_hold(struct stage *stage, const struct value *value, const struct call *call)
{
    if ((size_t)call->op_count != value->count)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        int64_t num, op;
        if (!expand_number(stage, &value->ops[i].num, &num, NULL) ||
            !expand_number(stage, &value->ops[i].op, &op, NULL))
            return false;
        if (call->ops[i].num != num || call->ops[i].op != op ||
            (call->ops[i].flags & value->ops[i].flags) != value->ops[i].flags)
            return false;
    }
    return true;
}

/* `num`, `op` and `flags` of semop: some operation of the call has them all. */
static bool op_holds(struct stage *stage, const struct deed *deed, const struct call *call)
{
    const struct value *num = deed_value(deed, PARAM_NUM), *op = deed_value(deed, PARAM_OP),
                       *flags = deed_value(deed, PARAM_FLAGS);
    for (int i = 0; i < call->op_count; i++) {
        const struct call_op *one = &call->ops[i];
        if ((!num || range_holds(stage, &num->range, one->num)) &&
            (!op || range_holds(stage, &op->range, one->op)) &&
            (!flags || (one->flags & flags->bits) == flags->bits))
            return true;
    }
    return false;
}

/* The arguments behind the program's name, all of them. */
static bool args_hold(struct stage *stage, const struct text_list *want, const struct bytes *came)
{
    const char *at = bytes_text(came), *end = at + came->len;
    at += came->len > 0 ? strlen(at) + 1 : 0;
    for (size_t i = 0; i < want->count; i++) {
        const struct pattern one = {.kind = PATTERN_EXACT, .texts = {&want->texts[i], 1}};
        if (at >= end || !pattern_holds(stage, &one, at, strlen(at), true, NULL))
            return false;
        at += strlen(at) + 1;
    }
    return at >= end;
}

static bool message_holds(struct stage *stage, const struct message *want, const struct call *call)
{
    if (!call->is_done)
        return true;
    if (want->has_type &&
        (!call_knows(call, PARAM_GIVES) || !range_holds(stage, &want->type, call->value[PARAM_GIVES])))
        return false;
    return !want->has_text || pattern_holds(stage, &want->text, call->data.data, call->data.len, false, NULL);
}

/* What is passed in; what comes out (`gives`, `text` of a message) only once the call has ended. */
static bool param_holds(struct stage *stage, const struct deed *deed, const struct param_value *param,
                        const struct call *call)
{
    const struct value *value = &param->value;
    enum param which = param->row->param;
    if (which == PARAM_AS)
        return true;
    if (which == PARAM_FDS) /* what is received is known only when it has come */
        return (!call->is_done && strcmp(deed->row->word, "read") == 0) ||
               (call_knows(call, which) && (size_t)call->value[which] == value->count);
    if (which == PARAM_OPS)
        return ops_hold(stage, value, call);
    if (deed->row->first == FIRST_OBJECT && strcmp(deed->row->word, "semop") == 0)
        return op_holds(stage, deed, call);
    switch (param->row->kind) {
    case VALUE_FLAGS:
        return call_knows(call, which) && flags_hold(deed->row, value->bits, call->value[which]);
    case VALUE_WORD:
    case VALUE_MODE:
    case VALUE_SIGNAL:
        return which == PARAM_UNTIL || (call_knows(call, which) && call->value[which] == value->bits);
    case VALUE_NUMBER:
    case VALUE_RANGE: return call_knows(call, which) && range_holds(stage, &value->range, call->value[which]);
    case VALUE_TEXT:
        return match_is_stream(deed) ||
               pattern_holds(stage, &value->pattern, call->data.data, call->data.len, false, NULL);
    case VALUE_MESSAGE: return message_holds(stage, &value->message, call);
    case VALUE_TEXTS: return args_hold(stage, &value->texts, &call->data);
    case VALUE_OBJECT: return thing_has_path(stage, value->object, call->path2);
    case VALUE_NAME:
    case VALUE_MESSAGES:
    case VALUE_NUMBERS:
    case VALUE_OPS:
    case VALUE_SIGNALS:
    case VALUE_EXIT:
    case VALUE_WHO:
    case VALUE_ENDS:
    case VALUE_OWNER:
    case VALUE_DEED: return true;
    }
    return true;
}

/* splice and its sisters are reads of one object and writes to another: the second face. */
static bool begins_into(struct stage *stage, const struct deed *deed, const struct event *event)
{
    struct event face = *event;
    if (event->into.kind == OBJECT_NONE || strcmp(deed->row->word, "write") != 0)
        return false;
    face.object = event->into;
    return object_is(stage, &deed->first, &face);
}

bool match_begun(struct stage *stage, const struct deed *deed, const struct event *event)
{
    if (event->call.deed != deed->row)
        return begins_into(stage, deed, event);
    if (!match_target(stage, deed, event))
        return false;
    if (call_asks_for_lock(&event->call) && !deed_value(deed, PARAM_CMD))
        return false; /* who only asks has locked nothing */
    for (size_t i = 0; i < deed->count; i++)
        if (!param_holds(stage, deed, &deed->params[i], &event->call))
            return false;
    return true;
}

static bool error_is_wanted(const struct deed *deed, int error)
{
    for (size_t i = 0; i < deed->error_count; i++)
        if (deed->errors[i] == error)
            return true;
    return deed->error_count == 0 && error == 0;
}

bool match_done(struct stage *stage, const struct deed *deed, const struct event *event)
{
    if (!event->call.is_done || !error_is_wanted(deed, event->call.error))
        return false;
    if (deed->has_returns && !range_holds(stage, &deed->returns, event->call.result))
        return false;
    return match_begun(stage, deed, event);
}

/* ---- blocked --------------------------------------------------------------------------------------------------------- */

static bool is_poll(const struct call *call)
{
    static const char *const names[] = {"poll",       "ppoll",       "select",      "pselect6",
                                        "epoll_wait", "epoll_pwait", "epoll_pwait2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(call->row->name, names[i]) == 0)
            return true;
    return false;
}

/* A poll that waits, among others, for what the deed needs. */
static bool poll_serves(struct stage *stage, const struct deed *deed, const struct task *task)
{
    const struct call *call = &task->now->call;
    const char *word = deed->row->word;
    bool wants_write =
        strcmp(word, "write") == 0 || strcmp(word, "mq_send") == 0 || strcmp(word, "connect") == 0;
    if (strcmp(deed->row->word, "sigsuspend") == 0)
        return strcmp(call->row->name, "ppoll") == 0 || strcmp(call->row->name, "pselect6") == 0;
    struct call_fd watched[CALL_FDS];
    size_t count = task_watched(task, watched, CALL_FDS);
    for (size_t i = 0; i < count; i++) {
        struct event through = *task->now;
        if (wants_write ? !watched[i].is_write : !watched[i].is_read)
            continue;
        if (process_object(task->process, watched[i].fd, &through.object) &&
            object_is(stage, &deed->first, &through))
            return true;
    }
    return false;
}

/* What waits for a semaphore waits for its futex, also where the probe does not see the function (in a static program). */
static bool futex_serves(struct stage *stage, const struct deed *deed, const struct task *task)
{
    struct event through = *task->now;
    return strcmp(deed->row->word, "sem_wait") == 0 && task_futex_object(task, &through.object) &&
           deed->first.kind != TARGET_ANY && object_is(stage, &deed->first, &through);
}

bool match_blocked(struct stage *stage, const struct deed *deed, const struct task *task)
{
    if (task->state != TASK_BLOCKED || !task->now)
        return false;
    if (!deed)
        return true;
    if (is_poll(&task->now->call))
        return poll_serves(stage, deed, task);
    const struct event *function = task_library(task);
    if (function && match_begun(stage, deed, function))
        return true;
    return match_begun(stage, deed, task->now) || futex_serves(stage, deed, task);
}

/* ---- streams --------------------------------------------------------------------------------------------------------- */

bool match_is_stream(const struct deed *deed)
{
    return strcmp(deed->row->word, "read") == 0 || strcmp(deed->row->word, "write") == 0;
}

bool match_stream(struct stage *stage, const struct who *who, const struct deed *deed, struct bytes *moved,
                  bool *met_eof)
{
    bool any = false;
    *met_eof = false;
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (!event || !event->counts || !event->call.is_done || event->call.error ||
            event->call.deed != deed->row)
            continue;
        if (!stage_made_by(stage, who, event) || !match_target(stage, deed, event))
            continue;
        any = true;
        bytes_add(moved, event->call.data.data, event->call.data.len, MOST_STREAM);
        *met_eof |= event->call.result == 0;
    }
    return any;
}
