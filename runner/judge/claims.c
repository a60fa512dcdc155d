/* What programs make on a machine that all share; see claims.h. */
#include "judge/claims.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls/call.h"

bool claims_are_shared(const struct stage *stage, enum object_kind kind)
{
    unsigned lacks = sandbox_lacks(stage->sandbox);
    switch ((int)kind) {
    case OBJECT_QUEUE:
    case OBJECT_SEMAPHORES:
    case OBJECT_SEGMENT:
    case OBJECT_MQ: return lacks & LACKS_IPC_NS;
    case OBJECT_SHM:
    case OBJECT_SEM: return lacks & LACKS_MOUNT_NS;
    default: return false;
    }
}

bool claims_are_kept(const struct stage *stage, enum object_kind kind)
{
    return !sandbox_has_own_ids(stage->sandbox) && claims_are_shared(stage, kind);
}

/* ---- which calls make something ----------------------------------------------------------------------------------------- */

/* An open with O_TMPFILE makes what gets its name later, or none. */
static bool has_flag(const struct call *call, int64_t flag)
{
    return call_knows(call, PARAM_FLAGS) && (call->value[PARAM_FLAGS] & flag) == flag;
}

static enum object_kind kind_of_get(const struct call *call)
{
    static const struct {
        const char *name;
        enum object_kind kind;
    } gets[] = {{"msgget", OBJECT_QUEUE}, {"semget", OBJECT_SEMAPHORES}, {"shmget", OBJECT_SEGMENT}};
    for (size_t i = 0; i < sizeof gets / sizeof *gets; i++)
        if (call_is(call, gets[i].name))
            return gets[i].kind;
    return OBJECT_NONE;
}

static bool makes_file(const struct call *call)
{
    bool is_node = call_is(call, "mknod") || call_is(call, "mknodat");
    if (is_node)
        return call->value[PARAM_TYPE] == S_IFREG || call->value[PARAM_TYPE] == 0;
    return call_knows(call, PARAM_FLAGS) && call_knows(call, PARAM_MODE) && !call->has_ipc;
}

/* What it may make; OBJECT_FILE: what lies at a path, wherever that leads. */
static enum object_kind kind_made(const struct call *call)
{
    if (call->row->traits & CALL_LIBRARY) /* the calls within tell it */
        return OBJECT_NONE;
    if (kind_of_get(call) != OBJECT_NONE)
        return call->ipc_key == IPC_PRIVATE || has_flag(call, IPC_CREAT) ? kind_of_get(call) : OBJECT_NONE;
    if (call_is(call, "mq_open"))
        return has_flag(call, O_CREAT) ? OBJECT_MQ : OBJECT_NONE;
    return makes_file(call) ? OBJECT_FILE : OBJECT_NONE;
}

static bool is_exclusive(const struct call *call)
{
    if (kind_of_get(call) != OBJECT_NONE)
        return call->ipc_key == IPC_PRIVATE || has_flag(call, IPC_EXCL);
    return has_flag(call, O_EXCL) || has_flag(call, O_TMPFILE);
}

static bool is_kept(const struct stage *stage, enum object_kind kind)
{
    return claims_are_kept(stage, kind == OBJECT_FILE ? OBJECT_SHM : kind);
}

/* ---- what it names ------------------------------------------------------------------------------------------------------ */

/* What leads each process to itself: init finds the task's by its number. Returns how much of the path that replaces; 0: it is none. */
static size_t own_folder(const char *path, pid_t tid, char *to, size_t room)
{
    static const struct {
        const char *begins, *below;
    } own[] = {{"/proc/self/", ""}, {"/proc/thread-self/", ""}, {"/dev/fd/", "fd/"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strncmp(path, own[i].begins, strlen(own[i].begins)) == 0) {
            snprintf(to, room, "/proc/%d/%s", (int)tid, own[i].below);
            return strlen(own[i].begins);
        }
    to[0] = '\0';
    return 0;
}

/* As init finds it. "": it is too long. */
static void absolute_path(const struct task *task, const struct call *call, char *to, size_t room)
{
    char base[64], folder[64];
    size_t len = 0, skipped = own_folder(call->path, task->tid, folder, sizeof folder);
    to[0] = '\0';
    snprintf(base, sizeof base, "/proc/%d/cwd", (int)task->tid);
    if (call->dirfd != AT_FDCWD)
        snprintf(base, sizeof base, "/proc/%d/fd/%d", (int)task->tid, call->dirfd);
    if (call->path[0] != '/') {
        ssize_t got = readlink(base, to, room - 1);
        len = got > 0 ? (size_t)got : room;
    }
    if (call->path[0] && len + sizeof folder + strlen(call->path) + 1 < room)
        snprintf(to + len, room - len, "%s%s%s", len ? "/" : "", folder, call->path + skipped);
}

static struct identity_of identity_of(const struct task *task, const struct call *call, enum object_kind kind)
{
    struct identity_of which = {.kind = kind, .id = -1};
    if (kind == OBJECT_FILE) {
        absolute_path(task, call, which.path, sizeof which.path);
    } else if (kind == OBJECT_MQ) {
        snprintf(which.path, sizeof which.path, "%s", call->path);
    } else {
        which.key = call->ipc_key;
        which.is_private = call->ipc_key == IPC_PRIVATE;
    }
    return which;
}

/* ---- before the call ---------------------------------------------------------------------------------------------------- */

static struct claim_pending *find(struct claims *claims, pid_t task)
{
    for (size_t i = 0; i < claims->pending_count; i++)
        if (claims->pending[i].task == task)
            return &claims->pending[i];
    return NULL;
}

/* Room for one more, in an array that is doubled. */
static bool grow(void **items, size_t count, size_t *room, size_t size)
{
    enum { FEW = 16 };
    size_t more = *room ? *room * 2 : FEW;
    if (count < *room)
        return true;
    void *grown = reallocarray(*items, more, size);
    if (!grown)
        return false;
    *items = grown;
    *room = more;
    return true;
}

static bool note_pending(struct claims *claims, const struct claim_pending *new)
{
    struct claim_pending *one = find(claims, new->task);
    if (!one && !grow((void **)&claims->pending, claims->pending_count, &claims->pending_room, sizeof *one))
        return false;
    one = one ? one : &claims->pending[claims->pending_count++];
    *one = *new;
    return true;
}

static bool broke(struct stage *stage, const char *what)
{
    struct err err = {0};
    err_set(&err, "%s", what);
    return stage_broke(stage, &err);
}

/* Of whom nobody will hear the result, nothing is remembered: it would never be settled. */
bool claims_expect(struct stage *stage, const struct task *task, const struct event *event)
{
    const struct call *call = &event->call;
    enum object_kind kind = kind_made(call);
    struct err err = {0};
    if (kind == OBJECT_NONE || event->is_unwatched || !is_kept(stage, kind))
        return true;
    const struct identity_of which = identity_of(task, call, kind);
    struct claim_pending new = {
        .task = task->tid, .process = task->process->index, .is_exclusive = is_exclusive(call)};
    if (!inspect_expect(&stage->inspector, &which, task->tid, task->process->inner_pid, &new.was, &err))
        return stage_broke(stage, &err);
    return note_pending(&stage->claims, &new) || broke(stage, "no memory to remember what a program makes");
}

/* ---- behind it ---------------------------------------------------------------------------------------------------------- */

static void add_made(struct stage *stage, const struct object_id *id)
{
    struct claims *claims = &stage->claims;
    if (!grow((void **)&claims->made, claims->made_count, &claims->made_room, sizeof *id))
        broke(stage, "no memory to remember what a program has made");
    else
        claims->made[claims->made_count++] = *id;
    claims->is_sorted = false;
}

/* What was there before, or may have been, is another's. Where nobody can tell what was there before the call (a link may lead each process to itself), it is what was there before
 * the play; but for queues, which the machine may not list. */
static bool has_made(const struct stage *stage, const struct claim_pending *pending,
                     const struct object_id *id)
{
    if (pending->is_exclusive)
        return true;
    bool is_known = pending->was.kind != OBJECT_ANY || id->kind != OBJECT_MQ;
    return is_known && !object_same(&pending->was, id) && !stage_had(stage, id);
}

static void forget(struct claims *claims, struct claim_pending *pending)
{
    *pending = claims->pending[--claims->pending_count];
}

/* Of a call that went well, and led to something that we could not see, init looks for what it has made. */
static void settle_unseen(struct stage *stage, struct claim_pending *pending)
{
    struct object_id found;
    struct err err = {0};
    pid_t task = pending->task;
    forget(&stage->claims, pending);
    if (!inspect_settle_unseen(&stage->inspector, task, &found, &err))
        stage_broke(stage, &err);
    else if (found.kind != OBJECT_NONE)
        add_made(stage, &found);
}

static void settle_seen(struct stage *stage, struct claim_pending *pending, const struct object_id *id)
{
    struct object_id made = {0};
    struct err err = {0};
    pid_t task = pending->task;
    if (claims_are_kept(stage, id->kind) && has_made(stage, pending, id))
        made = *id;
    forget(&stage->claims, pending);
    if (made.kind != OBJECT_NONE)
        add_made(stage, &made); /* first: init may be gone */
    if (!inspect_settle(&stage->inspector, task, &made, &err))
        stage_broke(stage, &err);
}

void claims_settle(struct stage *stage, const struct task *task, const struct event *event)
{
    static const struct object_id nothing = {0};
    const struct call *call = &event->call;
    struct claim_pending *pending = find(&stage->claims, task->tid);
    if (!pending || kind_made(call) == OBJECT_NONE)
        return;
    const struct object_id *id = call->made[0] >= 0 ? &event->made[0] : &event->object;
    bool has_failed = call->error != 0;
    if (!has_failed && (id->kind == OBJECT_NONE || call_is(call, "mknod") || call_is(call, "mknodat")))
        settle_unseen(stage, pending);
    else
        settle_seen(stage, pending, has_failed ? &nothing : id);
}

void claims_lose(struct stage *stage, const struct process *process)
{
    struct claims *claims = &stage->claims;
    for (size_t i = claims->pending_count; i-- > 0;)
        if (claims->pending[i].process == process->index)
            settle_unseen(stage, &claims->pending[i]);
}

/* There may be thousands, and as many are asked for. */
bool claims_have(struct stage *stage, const struct object_id *id)
{
    struct claims *claims = &stage->claims;
    if (!claims->is_sorted && claims->made_count > 0)
        qsort(claims->made, claims->made_count, sizeof *claims->made, object_compare);
    claims->is_sorted = true;
    return claims->made_count > 0 &&
           bsearch(id, claims->made, claims->made_count, sizeof *claims->made, object_compare);
}

void claims_free(struct stage *stage)
{
    free(stage->claims.made);
    free(stage->claims.pending);
    stage->claims = (struct claims){0};
}
