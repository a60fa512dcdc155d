/* What programs are about to make on a machine that all share; see inspect.h. Runs in init, which outlives whoever follows the programs.
 *
 * Theory of operation. Between the call of a program and the word of what it has made, whoever follows it may be killed, and the program with him. Then the object is there or not, and
 * nobody has seen it. It is known again by what it was to be, and by what was there before the call: a name that was nobody's, or another's, and now is an object that our user has made and
 * nobody has used. What was made with IPC_PRIVATE has no name; but the kernel counts the numbers of a kind upwards (until they begin anew, and then nothing is found), so it has a higher one
 * than all that were there. If more such objects have come than calls could have made, one of them is somebody else's, and all are left.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "inspect/question.h"

/* Where there are more of a kind, a look at all for each that is made would cost a flood the square of what it makes: then none is told from the others. */
enum { CROWD = 256, MOST_MADE = 64 };
#define NOTHING_IS_HIGHER INT64_MAX

/* ---- what is there ------------------------------------------------------------------------------------------------------ */

static bool is_system_v(enum object_kind kind)
{
    return kind == OBJECT_QUEUE || kind == OBJECT_SEMAPHORES || kind == OBJECT_SEGMENT;
}

static bool is_crowded(enum object_kind kind)
{
    struct msginfo queues;
    struct seminfo sets;
    struct shm_info segments;
    switch ((int)kind) {
    case OBJECT_QUEUE: return msgctl(0, MSG_INFO, (struct msqid_ds *)&queues) < 0 || queues.msgpool > CROWD;
    case OBJECT_SEMAPHORES: return semctl(0, 0, SEM_INFO, &sets) < 0 || sets.semusz > CROWD;
    default: return shmctl(0, SHM_INFO, (struct shmid_ds *)&segments) < 0 || segments.used_ids > CROWD;
    }
}

static void note_highest(void *mark, const struct table_row *row)
{
    int64_t number = (int64_t)row->found.id.number, *highest = mark;
    *highest = number > *highest ? number : *highest;
}

static bool mark_of(const struct identity_of *which, int64_t *mark, struct err *err)
{
    *mark = which->is_private && !is_crowded(which->kind) ? -1 : NOTHING_IS_HIGHER;
    return *mark >= 0 || table_each(which->kind, note_highest, mark, err);
}

static bool set_that_was(const struct identity_of *which, struct object_id *was, struct err *err)
{
    if (which->is_private)
        return true;
    int id = sysv_id(which);
    if (id < 0)
        return errno == ENOENT || errno == ENOSYS || err_sys(err, "look who has a key");
    *was = (struct object_id){.kind = which->kind, .number = (uint64_t)id};
    return true;
}

static bool queue_that_was(const struct identity_of *which, struct object_id *was, struct err *err)
{
    struct object_state state = {0};
    bool is_seen = post_ways.look(which, &state, err);
    if (is_seen && (state.is_there || state.is_closed)) /* one that is shut may show not even its name */
        *was = state.is_there ? state.id : (struct object_id){.kind = OBJECT_ANY};
    object_state_free(&state);
    return is_seen;
}

/* Through links, as who opens it: they may lead to where POSIX objects lie. */
static bool file_that_was(const struct identity_of *which, struct object_id *was, struct err *err)
{
    struct stat status;
    if (which->path[0] && stat(which->path, &status) == 0)
        *was = (struct object_id){OBJECT_FILE, status.st_dev, status.st_ino};
    else if (!which->path[0] || !err_is_absence(errno))
        was->kind = OBJECT_ANY;
    return was->kind != OBJECT_ANY || !which->path[0] || err_is_of_name(errno) ||
           err_sys(err, "look at what a program is to make");
}

static bool what_was(const struct identity_of *which, struct object_id *was, struct err *err)
{
    *was = (struct object_id){0};
    if (is_system_v(which->kind))
        return set_that_was(which, was, err);
    return which->kind == OBJECT_MQ ? queue_that_was(which, was, err) : file_that_was(which, was, err);
}

/* ---- what is to be made ------------------------------------------------------------------------------------------------- */

static struct expectation *find(struct inspect_made *made, pid_t task)
{
    for (size_t i = 0; i < made->expected_count; i++)
        if (made->expected[i].task == task)
            return &made->expected[i];
    return NULL;
}

static struct expectation *find_or_add(struct inspect_made *made, pid_t task)
{
    enum { FEW = 8 };
    struct expectation *one = find(made, task);
    if (!one && made->expected_count == made->expected_room) {
        size_t room = made->expected_room ? made->expected_room * 2 : FEW;
        struct expectation *all = reallocarray(made->expected, room, sizeof *all);
        if (!all)
            return NULL;
        made->expected = all;
        made->expected_room = room;
    }
    return one ? one : &made->expected[made->expected_count++];
}

bool expected_note(const struct question *question, struct inspect_made *made, struct object_id *was,
                   struct err *err)
{
    struct expectation new = {.task = question->task, .process = question->process, .which = question->which};
    if (!made)
        return err_set(err, "nobody is there to remember what a program makes");
    if (!what_was(&new.which, &new.was, err) || !mark_of(&new.which, &new.mark, err))
        return false;
    struct expectation *one = find_or_add(made, new.task);
    if (!one)
        return err_set(err, "no memory to remember what a program makes");
    *one = new;
    *was = new.was;
    return true;
}

/* ---- what was made ------------------------------------------------------------------------------------------------------ */

/* The machine may show nobody what queues there are, so such a one is known by its name. */
static bool claim(struct inspect_made *made, const struct identity_of *which, const struct object_id *id,
                  struct err *err)
{
    if (id->kind == OBJECT_NONE)
        return true;
    return which->kind == OBJECT_MQ ? made_note(made, which, id, err) : made_claim(made, id, err);
}

struct search {
    const struct expectation *expected;
    const struct inspect_made *made;
    uid_t student;
    struct object_id ids[MOST_MADE];
    size_t count; /* more than there are ids: too many */
};

static bool is_new(const struct search *search, const struct found *found)
{
    const struct expectation *expected = search->expected;
    if (expected->which.is_private)
        return found->key == IPC_PRIVATE && (int64_t)found->id.number > expected->mark &&
               !made_is_claimed(search->made, &found->id);
    return found->key != IPC_PRIVATE && found->key == expected->which.key &&
           !object_same(&found->id, &expected->was);
}

/* Of a segment the kernel says which process has made it. */
static void see_row(void *context, const struct table_row *row)
{
    struct search *search = context;
    const struct found *found = &row->found;
    bool may_be_its =
        found->id.kind == OBJECT_SEGMENT ? found->creator == search->expected->process : !row->is_used;
    if (row->maker != search->student || !may_be_its || !is_new(search, found))
        return;
    if (search->count < MOST_MADE)
        search->ids[search->count] = found->id;
    search->count++;
}

static void see_queue(struct search *search)
{
    struct object_state state = {0};
    bool is_its = post_ways.look(&search->expected->which, &state, NULL) && state.is_there &&
                  state.owner == search->student && state.count == 0;
    if (is_its && !object_same(&state.id, &search->expected->was))
        search->ids[search->count++] = state.id;
    object_state_free(&state);
}

/* Where it lies is not asked: what is no POSIX object is not looked for in the end. */
static void see_file(struct search *search)
{
    struct stat status;
    if (stat(search->expected->which.path, &status) < 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != search->student || status.st_size > 0)
        return;
    const struct object_id id = {OBJECT_SHM, status.st_dev, status.st_ino};
    if (!object_same(&id, &search->expected->was))
        search->ids[search->count++] = id;
}

static void look_for(struct search *search)
{
    const struct expectation *expected = search->expected;
    if (is_system_v(expected->which.kind))
        (void)table_each(expected->which.kind, see_row, search, NULL);
    else if (expected->was.kind != OBJECT_ANY && expected->which.kind == OBJECT_MQ)
        see_queue(search);
    else if (expected->was.kind != OBJECT_ANY)
        see_file(search);
}

/* Of objects that have no name nobody says which call has made which. */
static size_t calls_like(const struct inspect_made *made, const struct expectation *expected)
{
    size_t count = 0;
    for (size_t i = 0; expected->which.is_private && i < made->expected_count; i++)
        count += made->expected[i].which.is_private && made->expected[i].which.kind == expected->which.kind;
    return expected->which.is_private ? count : 1;
}

static bool claim_unseen(uid_t student, struct inspect_made *made, const struct expectation *expected,
                         struct object_id *found, struct err *err)
{
    struct search search = {.expected = expected, .made = made, .student = student};
    look_for(&search);
    if (search.count > calls_like(made, expected) || search.count > MOST_MADE)
        return true;
    if (search.count == 1)
        *found = search.ids[0];
    for (size_t i = 0; i < search.count; i++)
        if (!claim(made, &expected->which, &search.ids[i], err))
            return false;
    return true;
}

bool expected_settle(const struct question *question, struct inspect_made *made, struct object_id *found,
                     struct err *err)
{
    struct expectation *one = made ? find(made, question->task) : NULL;
    *found = (struct object_id){0};
    if (!one)
        return err_set(err, "nobody has said that the program was to make anything");
    if (question->is_seen ? !claim(made, &one->which, &question->made, err)
                          : !claim_unseen(question->student, made, one, found, err))
        return false;
    *one = made->expected[--made->expected_count];
    return true;
}

void expected_settle_all(uid_t student, struct inspect_made *made)
{
    struct object_id unused;
    for (size_t i = 0; i < made->expected_count; i++)
        (void)claim_unseen(student, made, &made->expected[i], &unused, NULL);
    made->expected_count = 0;
}
