/* The runner's side: each function is one question. */
#include "inspect/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "inspect/question.h"

static bool ask(const struct inspector *inspector, const struct question *question, const struct bytes *more,
                struct answer *answer, struct bytes *reply, struct err *err)
{
    cleanup_bytes struct bytes data = {0};
    if (!bytes_add(&data, question, sizeof *question, ANSWER_MAX) ||
        (more && !bytes_add(&data, more->data, more->len, ANSWER_MAX)))
        return err_set(err, "no memory for a question to the sandbox");
    if (!inspector->ask(inspector->context, data.data, data.len, reply, err))
        return false;
    if (reply->len < sizeof *answer)
        return err_set(err, "the sandbox gave no answer");
    memcpy(answer, reply->data, sizeof *answer);
    if (!answer->is_done && err)
        *err = answer->err;
    return answer->is_done;
}

static bool ask_plain(const struct inspector *inspector, const struct question *question,
                      struct answer *answer, struct err *err)
{
    cleanup_bytes struct bytes reply = {0};
    return ask(inspector, question, NULL, answer, &reply, err);
}

bool inspect_state(const struct inspector *inspector, const struct identity_of *which,
                   struct object_state *state, struct err *err)
{
    struct question question = {.kind = QUESTION_STATE, .which = *which};
    struct answer answer = {0};
    cleanup_bytes struct bytes reply = {0};
    *state = (struct object_state){0};
    if (!ask(inspector, &question, NULL, &answer, &reply, err))
        return false;
    *state = answer.state;
    return state_unpack(state, reply.data + sizeof answer, reply.len - sizeof answer, err);
}

bool inspect_make(const struct inspector *inspector, const struct identity_of *which,
                  const struct object_state *state, bool has_mode, struct object_id *id, struct err *err)
{
    struct question question = {
        .kind = QUESTION_MAKE, .which = *which, .state = *state, .has_mode = has_mode};
    struct answer answer = {0};
    cleanup_bytes struct bytes packed = {0}, reply = {0};
    if (!state_pack(state, &packed))
        return err_set(err, "a given object is to hold too much");
    if (!ask(inspector, &question, &packed, &answer, &reply, err))
        return false;
    *id = answer.id;
    return true;
}

bool inspect_list(const struct inspector *inspector, struct found_list *list, struct err *err)
{
    struct question question = {
        .kind = QUESTION_LIST, .is_shared = inspector->is_shared, .has_own_ids = inspector->has_own_ids};
    struct answer answer = {0};
    cleanup_bytes struct bytes reply = {0};
    *list = (struct found_list){0};
    if (!ask(inspector, &question, NULL, &answer, &reply, err))
        return false;
    if (answer.found_count == 0)
        return true;
    if ((reply.len - sizeof answer) / sizeof *list->items < answer.found_count)
        return err_set(err, "the sandbox gave half an answer");
    list->items = calloc(answer.found_count, sizeof *list->items);
    if (!list->items)
        return err_sys(err, "make room for what is left");
    list->count = answer.found_count;
    memcpy(list->items, reply.data + sizeof answer, list->count * sizeof *list->items);
    return true;
}

void found_list_free(struct found_list *list)
{
    free(list->items);
    *list = (struct found_list){0};
}

bool inspect_remove(const struct inspector *inspector, const struct identity_of *which, struct err *err)
{
    struct question question = {.kind = QUESTION_REMOVE, .which = *which};
    struct answer answer = {0};
    return ask_plain(inspector, &question, &answer, err);
}

/* A question about a path, which must fit. */
static bool set_path(struct question *question, const char *path, struct err *err)
{
    if (strlen(path) >= sizeof question->which.path) {
        errno = ENAMETOOLONG;
        return err_sys(err, "look at %s", path);
    }
    memcpy(question->which.path, path, strlen(path) + 1);
    return true;
}

bool inspect_path(const struct inspector *inspector, const char *path, struct object_id *id, struct err *err)
{
    struct question question = {.kind = QUESTION_PATH};
    struct answer answer = {0};
    if (!set_path(&question, path, err) || !ask_plain(inspector, &question, &answer, err))
        return false;
    *id = answer.id;
    return true;
}

bool inspect_ftok(const struct inspector *inspector, const char *path, int project, int *key, struct err *err)
{
    struct question question = {.kind = QUESTION_FTOK, .project = project};
    struct answer answer = {0};
    if (!set_path(&question, path, err) || !ask_plain(inspector, &question, &answer, err))
        return false;
    *key = answer.key;
    return true;
}

bool inspect_socket(const struct inspector *inspector, enum object_kind kind, uint64_t inode,
                    struct socket_facts *facts, struct err *err)
{
    struct question question = {.kind = QUESTION_SOCKET, .which.kind = kind, .inode = inode};
    struct answer answer = {0};
    *facts = (struct socket_facts){0};
    if (!ask_plain(inspector, &question, &answer, err))
        return false;
    *facts = answer.socket;
    return true;
}

bool inspect_expect(const struct inspector *inspector, const struct identity_of *which, pid_t task,
                    pid_t process, struct object_id *was, struct err *err)
{
    struct question question = {.kind = QUESTION_EXPECT, .which = *which, .task = task, .process = process};
    struct answer answer = {0};
    if (!ask_plain(inspector, &question, &answer, err))
        return false;
    *was = answer.id;
    return true;
}

bool inspect_settle(const struct inspector *inspector, pid_t task, const struct object_id *made,
                    struct err *err)
{
    struct question question = {.kind = QUESTION_SETTLE, .task = task, .is_seen = true, .made = *made};
    struct answer answer = {0};
    return ask_plain(inspector, &question, &answer, err);
}

bool inspect_settle_unseen(const struct inspector *inspector, pid_t task, struct object_id *found,
                           struct err *err)
{
    struct question question = {.kind = QUESTION_SETTLE, .task = task};
    struct answer answer = {0};
    if (!ask_plain(inspector, &question, &answer, err))
        return false;
    *found = answer.id;
    return true;
}
