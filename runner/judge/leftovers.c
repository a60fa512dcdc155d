/* What is left behind; see leftovers.h.
 *
 * What must be left: the IPC objects, FIFOs and socket files of `given` unless a `do` removed them, or else what `left` lists. What may be left: `may_be_left`, and what
 * puppets made. Everything else that the sandbox holds at the end was made by the student's program.
 */
#include "judge/leftovers.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/claims.h"
#include "judge/failures.h"
#include "judge/finish.h"
#include "judge/process_text.h"
#include "judge/removal.h"
#include "judge/tell.h"
#include "judge/things.h"

enum { LEFT_TOLD = 100 };

static bool is_listed(const int *list, size_t count, int name)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == name)
            return true;
    return false;
}

static bool must_be_left(const struct stage *stage, int name)
{
    const struct scenario *scenario = stage->scenario;
    const struct name *row = &scenario->names[name];
    if (scenario->has_left)
        return is_listed(scenario->left, scenario->left_count, name);
    return row->is_given && row->kind->is_judged && !stage->things[name].was_removed;
}

static bool may_be_left(const struct stage *stage, int name)
{
    return is_listed(stage->scenario->may_be_left, stage->scenario->may_be_left_count, name);
}

/* Still there, and of its kind: a plain file in a FIFO's place is not the FIFO. */
static bool is_there(struct stage *stage, int name, struct object_id *id)
{
    return thing_find(stage, name, id) && id->kind == stage->scenario->names[name].kind->kind;
}

/* The rule that has a price for things of this kind; what it does not price costs what `left` does. */
static const char *leak_rule(enum object_kind kind)
{
    switch ((int)kind) {
    case OBJECT_QUEUE:
    case OBJECT_SEMAPHORES:
    case OBJECT_SEGMENT: return "leak-sysv";
    case OBJECT_SHM:
    case OBJECT_SEM:
    case OBJECT_MQ: return "leak-posix";
    case OBJECT_FIFO: return "leak-fifo";
    case OBJECT_UNIX:
    case OBJECT_UNIX_DGRAM: return "leak-socket-file";
    default: return "left";
    }
}

static int left_price(const struct stage *stage)
{
    return finish_price(stage, "left", stage->points);
}

static void fail(struct stage *stage, int price, const char *expected, const char *seen)
{
    if (price < 0)
        return;
    int cost = price < stage->points ? price : stage->points;
    failure_add(stage, AT_THE_END, cost, false, expected, seen);
    stage->points -= cost;
}

/* What was given is known by what it is; where the case lists names in `left`, the name is enough. */
static bool is_given_one(const struct stage *stage, int name, const struct object_id *id)
{
    return stage->scenario->has_left || !stage->scenario->names[name].is_given ||
           object_same(&stage->things[name].given, id);
}

/* ---- who made it ------------------------------------------------------------------------------------------------------- */

/* Who only asks for one by its key has made none. */
static bool makes_system_v(const struct call *call, const struct found *found)
{
    size_t len = call->deed ? strlen(call->deed->word) : 0;
    bool may_make = call->ipc_key == IPC_PRIVATE || (call->value[PARAM_FLAGS] & IPC_CREAT);
    return len == 6 && may_make && strcmp(call->deed->word + 3, "get") == 0 &&
           (call->deed->kinds >> found->id.kind & 1) && (uint64_t)call->result == found->id.number;
}

/* The calls that make a name: of a FIFO, a socket file, or (open with O_CREAT below /dev/shm) what shm_open and sem_open make. */
static bool makes_names(const struct call *call)
{
    static const char *const names[] = {"mknod", "mknodat", "bind", "mq_open", "sem_open"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(call->row->name, names[i]) == 0)
            return true;
    return call->made[0] >= 0 && call_knows(call, PARAM_FLAGS) && call_knows(call, PARAM_MODE) &&
           ((call->value[PARAM_FLAGS] & O_CREAT) || (call->value[PARAM_FLAGS] & O_TMPFILE) == O_TMPFILE);
}

static bool made_by_event(struct stage *stage, const struct event *event, const struct found *found)
{
    const struct call *call = &event->call;
    const char *directory = sandbox_directory(stage->sandbox), *path = call->path;
    size_t len = strlen(directory);
    if (!call->is_done || call->error)
        return false;
    if (found->id.device == 0)
        return makes_system_v(call, found);
    if (!makes_names(call))
        return false;
    if (strncmp(path, directory, len) == 0 && path[len] == '/')
        path += len + 1;
    return object_same(&event->object, &found->id) || object_same(&event->made[0], &found->id) ||
           strcmp(path, found->name) == 0;
}

static const struct event *maker(struct stage *stage, const struct found *found)
{
    if (claims_are_kept(stage, found->id.kind) && !claims_have(stage, &found->id))
        return NULL; /* it was only opened, and somebody else's */
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (event && made_by_event(stage, event, found))
            return event;
    }
    return NULL;
}

static const struct actor *actor_of(const struct stage *stage, const struct event *event)
{
    int number = event ? event->actor : -1;
    return number < 0 ? NULL : &stage->actors[number];
}

/* ---- telling ----------------------------------------------------------------------------------------------------------- */

static void about_text(const struct found *found, struct bytes *to)
{
    const char *owner = found->owner == SANDBOX_OTHER_UID     ? "other"
                        : found->owner == SANDBOX_STUDENT_UID ? "user"
                                                              : NULL;
    if (found->id.device == 0)
        bytes_print(to, "id %" PRIu64 ", key 0x%08x, ", found->id.number, (unsigned)found->key);
    if (owner)
        bytes_print(to, _("owner %s, mode %04o"), owner, (unsigned)found->mode & 07777);
    else
        bytes_print(to, _("owner %u, mode %04o"), (unsigned)found->owner, (unsigned)found->mode & 07777);
    switch (found->id.kind) {
    case OBJECT_QUEUE: bytes_print(to, _(", %" PRIu64 " messages"), found->size); break;
    case OBJECT_SEMAPHORES: bytes_print(to, _(", %" PRIu64 " semaphores"), found->size); break;
    case OBJECT_SEGMENT:
        bytes_print(to, _(", %" PRIu64 " bytes, %" PRIu64 " attached"), found->size, found->attached);
        break;
    default: break; /* the others have no size that says anything */
    }
}

static void tell_left(struct stage *stage, const struct found *found, const struct event *event)
{
    struct case_result *result = stage->result;
    struct result_left *rows = reallocarray(result->left, result->left_count + 1, sizeof *rows);
    struct source_at at;
    cleanup_bytes struct bytes about = {0}, maker_text = {0}, seen = {0};
    if (!rows)
        abort();
    result->left = rows;
    struct result_left *row = &rows[result->left_count++];
    *row = (struct result_left){0};
    about_text(found, &about);
    result_set(&row->kind, _(object_kind_noun(found->id.kind)));
    result_set(&row->name, found->name);
    result_set(&row->about, bytes_text(&about));
    bytes_print(&seen, "%s %s (%s)", row->kind, found->name, bytes_text(&about));
    if (event) {
        cleanup_free char *call = call_text(&event->call);
        const struct actor *actor = actor_of(stage, event);
        bytes_print(&maker_text, "%s: %s", actor ? actor->word : "?", call);
        result_set(&row->made_by, bytes_text(&maker_text));
        bytes_print(&seen, _(", made by %s"), bytes_text(&maker_text));
        source_text(stage, event, &seen);
        if (source_find(stage->tracer, event, stage->request->source_root, &at)) {
            result_set(&row->at.file, at.file);
            result_set(&row->at.function, at.function[0] ? at.function : NULL);
            row->at.line = at.line;
        }
    }
    fail(stage, finish_price(stage, leak_rule(found->id.kind), left_price(stage)),
         _("nothing that the program made is left behind"), bytes_text(&seen));
}

/* ---- judging ----------------------------------------------------------------------------------------------------------- */

static void check_missing(struct stage *stage)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        struct object_id id;
        if (stage->scenario->names[i].role != NAME_OBJECT || !must_be_left(stage, (int)i) ||
            may_be_left(stage, (int)i))
            continue;
        bool is_found = is_there(stage, (int)i, &id);
        if (is_found && is_given_one(stage, (int)i, &id))
            continue;
        cleanup_free char *thing = thing_text(stage, (int)i);
        cleanup_bytes struct bytes expected = {0}, seen = {0};
        bytes_print(&expected, _("%s is still there at the end"), thing);
        bytes_print(&seen, is_found ? _("%s is gone: the one that is there was made anew") : _("%s is gone"),
                    thing);
        removal_text(stage, (int)i, &seen);
        fail(stage, left_price(stage), bytes_text(&expected), bytes_text(&seen));
    }
}

/* Is it a declared object that must or may be there? */
static bool is_allowed(struct stage *stage, const struct found *found)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        struct object_id id;
        if (stage->scenario->names[i].role != NAME_OBJECT || !thing_find(stage, (int)i, &id) ||
            !object_same(&id, &found->id))
            continue;
        return must_be_left(stage, (int)i) || may_be_left(stage, (int)i);
    }
    return false;
}

/* One that the case names is the play's own, whoever else is on the machine. */
static bool is_named(struct stage *stage, const struct found *found)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        struct object_id id;
        if (stage->scenario->names[i].role == NAME_OBJECT && thing_find(stage, (int)i, &id) &&
            object_same(&id, &found->id))
            return true;
    }
    return false;
}

/* Nobody else of the machine makes anything where it lies, or in that name. */
static bool is_apart(const struct stage *stage, const struct found *found)
{
    unsigned shared = found->id.device == 0 ? LACKS_IPC_NS : LACKS_MOUNT_NS;
    bool is_students = found->owner == SANDBOX_STUDENT_UID || found->owner == SANDBOX_OTHER_UID;
    return !(sandbox_lacks(stage->sandbox) & shared) || (is_students && sandbox_has_own_ids(stage->sandbox));
}

static void check_found(struct stage *stage, const struct found *found)
{
    if (stage_had(stage, &found->id) || is_allowed(stage, found))
        return;
    const struct event *event = maker(stage, found);
    const struct actor *actor = actor_of(stage, event);
    if ((actor && actor->role == ROLE_PUPPET) ||
        (!event && !is_apart(stage, found) && !is_named(stage, found) && !claims_have(stage, &found->id)))
        return; /* a puppet's; or, where all share one machine, somebody else's */
    tell_left(stage, found, event);
}

/* Not one by one: a report of each would be longer than any is, and who made it would be asked of all calls each time. What has been told has cost enough. */
static void tell_rest(struct stage *stage, const struct found_list *list, size_t next)
{
    size_t rest = 0;
    cleanup_bytes struct bytes text = {0};
    for (; next < list->count; next++)
        rest += is_apart(stage, &list->items[next]) && !stage_had(stage, &list->items[next].id);
    bytes_print(&text, _("%zu more objects are left behind"), rest);
    if (rest > 0)
        tell_note(stage->result, bytes_text(&text));
}

/* Was it made in this play, by the runner or by anybody whom the tracer saw? */
static bool is_of_play(struct stage *stage, const struct found *found)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++)
        if (object_same(&stage->things[i].given, &found->id))
            return true;
    return !stage_had(stage, &found->id) && (claims_have(stage, &found->id) || maker(stage, found));
}

/* Init lists and removes; if it was killed, we do ourselves what we may. */
void leftovers_remove(struct stage *stage)
{
    struct found_list list = {0};
    const struct inspector *inspector = &stage->inspector;
    if (!(sandbox_lacks(stage->sandbox) & (LACKS_IPC_NS | LACKS_MOUNT_NS)) || !stage->tracer)
        return;
    if (!inspect_list(inspector, &list, NULL) && !inspect_list(inspector = &inspector_here, &list, NULL))
        return;
    for (size_t i = 0; i < list.count; i++) {
        const struct found *found = &list.items[i];
        struct identity_of which = {.kind = found->id.kind, .id = (int)found->id.number, .is_private = true};
        snprintf(which.path, sizeof which.path, "%s", found->name);
        if (claims_are_shared(stage, found->id.kind) && is_of_play(stage, found))
            inspect_remove(inspector, &which, NULL);
    }
    found_list_free(&list);
}

void leftovers_judge(struct stage *stage)
{
    struct found_list list = {0};
    struct err err = {0};
    if (!inspect_list(&stage->inspector, &list, &err)) {
        stage_broke(stage, &err);
        return;
    }
    check_missing(stage);
    size_t next = 0;
    while (next < list.count && stage->result->left_count < LEFT_TOLD)
        check_found(stage, &list.items[next++]);
    tell_rest(stage, &list, next);
    found_list_free(&list);
}
