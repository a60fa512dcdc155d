/* msgsz-counts-mtype, msgsz-too-large, mtype-not-long, own-message: what the structure of a message is, by the program's own declaration, and what msgsnd() and msgrcv() were told of it. */
#include "rules/facts.h"

#include <ctype.h>
#include <sys/ipc.h>

#include "base/text.h"
#include "trace/extent.h"

enum { TYPE_SIZE = sizeof(long), REMEMBERED = 64 };

static void message_event(struct study *study, const struct event *event);
static void mtype_event(struct study *study, const struct event *event);

const struct rule rule_msgsz_counts_mtype = {
    .id = "msgsz-counts-mtype",
    .severity = SEVERITY_ERROR,
    .law = "The size that msgsnd() and msgrcv() are given is that of the text, without the long of the type.",
    .see = "msgop(2)",
    .silent =
        "Whenever the program's line information does not tell what lies at the address: an error is "
        "raised only when the size passes the end of the variable by up to the size of a long, or is "
        "exactly that of the whole structure. A warning where only a pointer tells of the structure, and "
        "it does not end in an array.",
    .event = message_event,
};

static void too_large_event(struct study *study, const struct event *event);

const struct rule rule_msgsz_too_large = {
    .id = "msgsz-too-large",
    .severity = SEVERITY_ERROR,
    .law = "The size that msgsnd() and msgrcv() are given is not larger than the structure's text.",
    .see = "msgop(2)",
    .silent = "Whenever it is not known what lies at the address. A warning when a receiver only offers more "
              "than it has, and nothing as long has come.",
    .event = too_large_event,
};

const struct rule rule_mtype_not_long = {
    .id = "mtype-not-long",
    .severity = SEVERITY_ERROR,
    .law = "The type of a message is a long.",
    .see = "msgop(2)",
    .silent = "In structures that are not known, types whose upper four bytes do not read as text, which is "
              "what follows an int in such a structure, or whose lower four do, too. An error only when the "
              "structure is known to begin with a smaller number, or all four are letters; where the text is "
              "shorter, a warning.",
    .event = mtype_event,
};

/* ---- what is known of the structure -------------------------------------------------------------------------------------- */

/* Equal calls are looked at once: to find a structure costs much more than to make the call. */
struct looked_at {
    struct {
        int process;
        uint64_t address, size;
    } last[REMEMBERED];
};

static bool is_known(struct study *study, const struct event *event, const struct rule *rule)
{
    struct looked_at *looked = study_room(study, rule, sizeof *looked);
    const uint64_t *arg = event->call.arg;
    size_t slot = (size_t)(arg[1] / TYPE_SIZE + arg[2] + (uint64_t)event->process) % REMEMBERED;
    if (looked->last[slot].process == event->process + 1 && looked->last[slot].address == arg[1] &&
        looked->last[slot].size == arg[2])
        return true;
    looked->last[slot].process = event->process + 1;
    looked->last[slot].address = arg[1];
    looked->last[slot].size = arg[2];
    return false;
}

static bool is_message(const struct event *event)
{
    return is_deed(event, "msgsnd") || is_deed(event, "msgrcv");
}

/* ---- msgsz-counts-mtype, msgsz-too-large ----------------------------------------------------------------------------------- */

static const char *article(const struct extent *extent)
{
    return extent->variable[0] ? extent->variable : _("the structure");
}

static void tell_counted(struct study *study, const struct event *event, const struct extent *extent)
{
    uint64_t whole = extent->rest ? extent->rest : extent->structure;
    /* Behind a pointer more may lie than its type tells of, if that is only what others begin with. */
    bool is_certain = extent->rest > 0 || extent->ends_in_array;
    finding_add(
        study, &rule_msgsz_counts_mtype, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
        &(struct place){.process = event->process, .event = event},
        extent->structure == event->call.arg[2]
            ? "the size %llu is that of the whole structure (%s); its text has only %llu bytes behind "
              "the type"
            : "the size %llu reaches beyond the end of %s, whose text has only %llu bytes behind the "
              "type",
        (unsigned long long)event->call.arg[2], article(extent),
        (unsigned long long)((extent->structure == event->call.arg[2] ? extent->structure : whole) -
                             TYPE_SIZE));
}

static void tell_too_large(struct study *study, const struct event *event, const struct extent *extent)
{
    uint64_t text = extent->rest - TYPE_SIZE;
    bool has_passed =
        is_deed(event, "msgsnd") || (has_succeeded(event) && (uint64_t)event->call.result > text);
    finding_add(study, &rule_msgsz_too_large, has_passed ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){.process = event->process, .event = event},
                "the size is %llu, and %s has only %llu bytes behind the type",
                (unsigned long long)event->call.arg[2], article(extent), (unsigned long long)text);
}

/* By how much the size passes the end of the variable; 0: it does not, or that is not known. */
static uint64_t excess(const struct event *event, const struct extent *extent)
{
    uint64_t end = event->call.arg[2] + TYPE_SIZE;
    bool is_known =
        extent->rest >= TYPE_SIZE && !extent->is_open; /* what ends in text[] may be larger than its type */
    return is_known && end > extent->rest ? end - extent->rest : 0;
}

static bool find_new(struct study *study, const struct event *event, const struct rule *rule,
                     struct extent *extent)
{
    return is_message(event) && event->call.arg[2] > 0 && !is_known(study, event, rule) &&
           extent_find(study_tracer(study), event, event->call.arg[1], extent);
}

static void message_event(struct study *study, const struct event *event)
{
    struct extent extent;
    if (!find_new(study, event, &rule_msgsz_counts_mtype, &extent))
        return;
    bool is_whole = extent.structure == event->call.arg[2] && extent.first == TYPE_SIZE && !extent.is_open;
    uint64_t beyond = excess(event, &extent);
    if (is_whole || (beyond > 0 && beyond <= TYPE_SIZE))
        tell_counted(study, event, &extent);
}

static void too_large_event(struct study *study, const struct event *event)
{
    struct extent extent;
    if (find_new(study, event, &rule_msgsz_too_large, &extent) && excess(event, &extent) > TYPE_SIZE)
        tell_too_large(study, event, &extent);
}

/* ---- mtype-not-long ------------------------------------------------------------------------------------------------------ */

/* How many letters the upper four bytes hold, when they read as a text that fills them or ends in them; 0: they do not. */
static int letters_in(uint64_t type)
{
    int letters = 0;
    while (letters < 4 && isprint((int)(type >> 8 * (4 + letters) & 0xff)))
        letters++;
    return letters == 4 || type >> 8 * (4 + letters) == 0 ? letters : 0;
}

/* The lower half reads as text, too: then the type is a name of up to eight letters. */
static bool is_name(uint64_t type)
{
    return letters_in(type << 32) == 4;
}

static void tell_smaller(struct study *study, const struct event *event, const struct extent *extent)
{
    finding_add(study, &rule_mtype_not_long, SEVERITY_ERROR,
                &(struct place){.process = event->process, .event = event},
                "the structure (%s) begins with a number of %llu bytes: the kernel takes %d for the type, "
                "and the text begins behind them",
                article(extent), (unsigned long long)extent->first, (int)TYPE_SIZE);
}

static void mtype_event(struct study *study, const struct event *event)
{
    struct extent extent = {0};
    if (!is_message(event))
        return;
    uint64_t type = (uint64_t)event->call.value[PARAM_TYPE];
    int letters = is_deed(event, "msgsnd") && (int64_t)type >= 0 && !is_name(type) ? letters_in(type) : 0;
    /* What reads as letters is looked at each time: an equal call may have had another type. */
    bool is_new = !is_known(study, event, &rule_mtype_not_long);
    if ((is_new || letters > 0) && extent_find(study_tracer(study), event, event->call.arg[1], &extent) &&
        extent.first > 0 && extent.first < TYPE_SIZE)
        tell_smaller(study, event, &extent);
    else if (letters > 0 && extent.head != TYPE_SIZE)
        finding_add(
            study, &rule_mtype_not_long, letters == 4 ? SEVERITY_ERROR : SEVERITY_WARNING,
            &(struct place){.process = event->process, .event = event},
            "the kernel saw the type %lld: in the structure the text begins where the upper half of the "
            "long should be (the lower half is %lld)",
            (long long)type, (long long)(type & 0xffffffff));
}

/* ---- pointer-sent ---------------------------------------------------------------------------------------------------------- */

static void pointer_event(struct study *study, const struct event *event);

const struct rule rule_pointer_sent = {
    .id = "pointer-sent",
    .severity = SEVERITY_WARNING,
    .law = "No address is sent to another process: what lies there is the sender's.",
    .see = "msgop(2), fork(2)",
    .silent = "Structures that are not known; members behind what is sent; null pointers, pointers to "
              "functions, and "
              "those into memory that is known to be shared; queues from which no other process receives. A "
              "warning, "
              "since a forked child may have a copy of what lay there.",
    .event = pointer_event,
};

static bool is_in_shared_memory(const struct study *study, uint64_t address)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || (!is_deed(event, "shmat") && !is_call(event, "mmap")) ||
            !has_succeeded(event))
            continue;
        uint64_t start = (uint64_t)event->call.result;
        uint64_t size = is_deed(event, "shmat") ? segment_size(study, &event->object)
                                                : (uint64_t)event->call.value[PARAM_SIZE];
        if (address >= start && address - start < size)
            return true;
    }
    return false;
}

/* It is sent, and is the address of something that only the sender has. */
static bool is_own_pointer(const struct study *study, const struct event *event, const struct extent *extent)
{
    const struct bytes *data = &event->call.data;
    uint64_t address = 0, at = extent->pointer - TYPE_SIZE;
    if (!extent->has_pointer || extent->pointer < TYPE_SIZE || at + sizeof address > event->call.arg[2])
        return false;
    if (at + sizeof address > data->len)
        return true; /* that far the text is not kept */
    memcpy(&address, data->data + at, sizeof address);
    return address != 0 && !is_in_shared_memory(study, address);
}

static void pointer_event(struct study *study, const struct event *event)
{
    struct extent extent;
    if (!is_deed(event, "msgsnd") || !find_new(study, event, &rule_pointer_sent, &extent) ||
        !is_own_pointer(study, event, &extent))
        return;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (!other->call.row || !is_deed(other, "msgrcv") || other->process == event->process ||
            !has_succeeded(other) || !object_same(&other->object, &event->object))
            continue;
        finding_add(
            study, &rule_pointer_sent, SEVERITY_WARNING,
            &(struct place){event->process, event, other, "another process receives in"},
            "the structure (%s) has a pointer in it: what arrives is an address of the sender's memory",
            article(&extent));
        return;
    }
}

/* ---- own-message ----------------------------------------------------------------------------------------------------------- */

static void own_event(struct study *study, const struct event *event);

const struct rule rule_own_message = {
    .id = "own-message",
    .severity = SEVERITY_WARNING,
    .law = "Nobody takes a message out of a queue that he has sent to somebody else.",
    .see = "msgop(2) (msgtyp)",
    .silent = "Queues from which no other process receives that type, or from which another one has got some "
              "of it; "
              "types that others send, too; who takes what is left without waiting (IPC_NOWAIT).",
    .event = own_event,
};

static bool would_take(const struct event *receive, int64_t type)
{
    int64_t wanted = receive->call.value[PARAM_TYPE];
    return wanted == 0 || wanted == type || (wanted < 0 && type <= -wanted);
}

static bool is_at(const struct event *event, const char *word, const struct object_id *queue)
{
    return event->call.row && is_deed(event, word) && object_same(&event->object, queue);
}

/* Its own sending of that type, when nobody else sends it. */
static const struct event *own_sending(const struct study *study, const struct event *receive, int64_t type)
{
    const struct event *own = NULL;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!is_at(event, "msgsnd", &receive->object) || event->call.value[PARAM_TYPE] != type)
            continue;
        if (event->process != receive->process)
            return NULL;
        own = own ? own : event;
    }
    return own;
}

/* Another process that has asked for such a message, when no other one has got any: then the sender is not one of several who work on them. */
static const struct event *other_receiver(const struct study *study, const struct event *receive,
                                          int64_t type)
{
    const struct event *other = NULL;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!is_at(event, "msgrcv", &receive->object) || event->process == receive->process ||
            !would_take(event, type))
            continue;
        if (has_succeeded(event) && event->call.value[PARAM_GIVES] == type)
            return NULL;
        other = other ? other : event;
    }
    return other;
}

static void own_event(struct study *study, const struct event *event)
{
    if (!is_deed(event, "msgrcv") || !has_succeeded(event) || !call_knows(&event->call, PARAM_GIVES) ||
        (event->call.value[PARAM_FLAGS] & IPC_NOWAIT))
        return;
    int64_t type = event->call.value[PARAM_GIVES];
    const struct event *own = own_sending(study, event, type);
    const struct event *other = own ? other_receiver(study, event, type) : NULL;
    if (other)
        finding_add(study, &rule_own_message, SEVERITY_WARNING,
                    &(struct place){event->process, event, other, "the other one asks for it in"},
                    "it receives what it has sent itself (type %lld), and another process waits for that: "
                    "answers need a type of their own",
                    (long long)type);
}
