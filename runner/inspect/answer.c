/* The answering side of inspect.h: one question in, one answer out. Runs in the sandbox's init. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>

#include "inspect/question.h"

static const struct object_ways *const ways[OBJECT_KINDS] = {
    [OBJECT_FIFO] = &fifo_ways,       [OBJECT_FILE] = &file_ways,   [OBJECT_STANDIN] = &file_ways,
    [OBJECT_DIR] = &dir_ways,         [OBJECT_QUEUE] = &queue_ways, [OBJECT_SEMAPHORES] = &semaphores_ways,
    [OBJECT_SEGMENT] = &segment_ways, [OBJECT_UNIX] = &socket_ways, [OBJECT_UNIX_DGRAM] = &socket_ways,
    [OBJECT_SEM] = &sem_ways,         [OBJECT_SHM] = &memory_ways,  [OBJECT_MQ] = &post_ways,
    [OBJECT_TCP] = &port_ways,        [OBJECT_UDP] = &port_ways,
};

const struct object_ways *ways_of_kind(unsigned kind)
{
    static const struct object_ways none = {0};
    return kind < OBJECT_KINDS && ways[kind] ? ways[kind] : &none;
}

static const struct object_ways *ways_of(const struct question *question)
{
    return ways_of_kind(question->which.kind);
}

static bool cannot(const struct question *question, const char *what, struct err *err)
{
    return err_set(err, "a %s cannot be %s", object_kind_noun(question->which.kind), what);
}

/* Nobody else will: what could not be removed is tried once more, as it would stay on the machine. */
bool take_away(const struct object_ways *way, const struct identity_of *which, struct err *err)
{
    return way->remove(which, NULL) || way->remove(which, err);
}

/* Half of what was to be made helps nobody, and without namespaces it would stay. */
static void unmake(const struct question *question, const struct answer *answer)
{
    const struct object_ways *way = ways_of(question);
    struct identity_of half = question->which;
    half.id = (int)answer->id.number; /* a path is its own identity */
    if (answer->id.kind != OBJECT_NONE && way->remove)
        take_away(way, &half, NULL);
}

static bool answer_make(const struct question *question, struct inspect_made *made, struct answer *answer,
                        const char *data, size_t len)
{
    struct object_state state = question->state;
    mode_t usual = question->which.kind == OBJECT_DIR ? 0700 : 0600;
    mode_t mode = question->has_mode ? state.mode : usual;
    const struct object_ways *way = ways_of(question);
    if (!way->make)
        return cannot(question, "made", &answer->err);
    state.owner = owner_to_set(question->student, state.owner);
    bool is_made = state_unpack(&state, data, len, &answer->err) &&
                   way->make(&question->which, &state, mode, &answer->id, &answer->err) &&
                   made_note(made, &question->which, &answer->id, &answer->err);
    object_state_free(&state);
    if (!is_made)
        unmake(question, answer);
    return is_made;
}

/* A folder on the way that its owner has shut is opened for the look. */
static bool look_behind(const struct question *question, struct stat *status)
{
    struct opened opened;
    (void)closed_open(question, &opened); /* the way, be the last of it what it may */
    bool is_seen = lstat(question->which.path, status) == 0;
    int error = errno;
    closed_again(&opened);
    errno = error;
    return is_seen;
}

static bool answer_path(const struct question *question, struct answer *answer)
{
    struct stat status;
    const char *path = question->which.path;
    if (lstat(path, &status) < 0 &&
        !(errno == EACCES && question->may_open && look_behind(question, &status)))
        return err_sys(&answer->err, "look at %s", path);
    answer->id = (struct object_id){kind_of_mode(status.st_mode), status.st_dev, status.st_ino};
    return true;
}

static bool answer_ftok(const struct question *question, struct answer *answer)
{
    answer->key = ftok(question->which.path, question->project);
    return answer->key != -1 || err_sys(&answer->err, "ftok %s", question->which.path);
}

/* Opened, if its owner is the student; else, what anybody may know. */
static bool look_at_closed(const struct question *question, const struct object_ways *way,
                           struct answer *answer)
{
    struct opened opened;
    struct object_state *state = &answer->state;
    object_state_free(state);
    *state = (struct object_state){0};
    errno = EACCES;
    bool is_open = closed_open(question, &opened);
    int error = errno;
    bool is_answered = is_open && way->look && way->look(&question->which, state, &answer->err);
    bool is_seen = is_answered && !state->is_closed;
    if (!opened.is_students)
        error = EACCES;
    else if (is_open)
        error = is_answered ? EACCES : answer->err.number;
    closed_again(&opened);
    if (is_seen && state->is_there)
        state->mode = opened.mode;
    if (opened.is_astray) {
        object_state_free(state);
        *state = (struct object_state){0}; /* behind a link of his own there is nothing */
        return true;
    }
    errno = error;
    bool is_shut = error == EACCES || error == EPERM; /* else it is a trouble of ours */
    if (is_seen || !opened.is_students || !is_shut)
        return is_seen || err_sys(&answer->err, "look at a %s", object_kind_noun(question->which.kind));
    object_state_free(state);
    *state = (struct object_state){.is_closed = true};
    closed_tell(&opened, state);
    return true;
}

static bool answer_state(const struct question *question, struct answer *answer)
{
    const struct object_ways *way = ways_of(question);
    if (!way->look)
        return cannot(question, "looked at", &answer->err);
    bool is_seen = way->look(&question->which, &answer->state, &answer->err);
    bool is_closed = is_seen ? answer->state.is_closed : answer->err.number == EACCES;
    if (is_closed && question->may_open)
        is_seen = look_at_closed(question, way, answer);
    answer->state.owner = owner_inside(question->student, answer->state.owner);
    return is_seen;
}

static bool answer_question(const struct question *question, struct inspect_made *made, struct answer *answer,
                            struct bytes *more, const char *data, size_t len)
{
    const struct object_ways *way = ways_of(question);
    switch (question->kind) {
    case QUESTION_STATE: return answer_state(question, answer);
    case QUESTION_MAKE: return answer_make(question, made, answer, data, len);
    case QUESTION_LIST: return list_all(question, more, &answer->found_count, &answer->err);
    case QUESTION_REMOVE:
        return way->remove ? take_away(way, &question->which, &answer->err)
                           : cannot(question, "removed", &answer->err);
    case QUESTION_PATH: return answer_path(question, answer);
    case QUESTION_FTOK: return answer_ftok(question, answer);
    case QUESTION_SOCKET:
        return socket_look(question->which.kind, question->inode, &answer->socket, &answer->err);
    case QUESTION_EXPECT: return expected_note(question, made, &answer->id, &answer->err);
    case QUESTION_SETTLE: return expected_settle(question, made, &answer->id, &answer->err);
    }
    return err_set(&answer->err, "an unknown question");
}

static void reply_to(const void *question, size_t len, bool may_open, struct inspect_made *made,
                     struct bytes *reply)
{
    struct question asked;
    struct answer *answer = calloc(1, sizeof *answer);
    struct bytes more = {0};
    if (!answer || len < sizeof asked) {
        free(answer);
        return;
    }
    memcpy(&asked, question, sizeof asked);
    asked.may_open = may_open;
    umask(0); /* modes are meant as they are said; whoever is forked later sets its own */
    answer->is_done = owner_learn(&asked.student, &answer->err) &&
                      answer_question(&asked, made, answer, &more, (const char *)question + sizeof asked,
                                      len - sizeof asked);
    if (answer->is_done && asked.kind == QUESTION_STATE && !state_pack(&answer->state, &more))
        answer->is_done = err_set(&answer->err, "the object holds more than can be looked at");
    bytes_add(reply, answer, sizeof *answer, ANSWER_MAX);
    bytes_add(reply, more.data, more.len, ANSWER_MAX);
    object_state_free(&answer->state);
    bytes_free(&more);
    free(answer);
}

void inspect_answer(void *context, const void *question, size_t len, struct bytes *reply)
{
    reply_to(question, len, true, context, reply);
}

/* What is the user's own stays as it is. */
static bool ask_here(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    (void)context, (void)err;
    reply_to(question, len, false, NULL, reply);
    return true;
}

const struct inspector inspector_here = {.ask = ask_here};
