/* What init has made, and what it knows that programs have made; see struct inspect_made. Whoever asked for it, or told of it, may be killed before he asks to have it removed again. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "inspect/question.h"

/* What is named by a path below the case's directory goes with that. */
static bool may_outlive(enum object_kind kind)
{
    switch ((int)kind) {
    case OBJECT_QUEUE:
    case OBJECT_SEMAPHORES:
    case OBJECT_SEGMENT:
    case OBJECT_MQ:
    case OBJECT_SHM:
    case OBJECT_SEM: return true;
    default: return false;
    }
}

bool made_note(struct inspect_made *made, const struct identity_of *which, const struct object_id *id,
               struct err *err)
{
    if (!made || !may_outlive(id->kind))
        return true;
    struct made_thing *things = realloc(made->things, (made->count + 1) * sizeof *things);
    if (!things)
        return err_set(err, "no memory to remember a given object");
    made->things = things;
    things[made->count] = (struct made_thing){*which, *id};
    if (id->device == 0) /* System V: found by its number, whatever has its key now */
        things[made->count].which.id = (int)id->number;
    made->count++;
    return true;
}

bool made_claim(struct inspect_made *made, const struct object_id *id, struct err *err)
{
    enum { FEW = 16 };
    if (made->claim_count == made->claim_room) {
        size_t room = made->claim_room ? made->claim_room * 2 : FEW;
        struct object_id *claims = reallocarray(made->claims, room, sizeof *claims);
        if (!claims)
            return err_set(err, "no memory to remember what a program has made");
        made->claims = claims;
        made->claim_room = room;
    }
    made->claims[made->claim_count++] = *id;
    return true;
}

bool made_is_claimed(const struct inspect_made *made, const struct object_id *id)
{
    for (size_t i = made->claim_count; i-- > 0;)
        if (object_same(&made->claims[i], id))
            return true;
    return false;
}

/* ---- when nobody asks any more ------------------------------------------------------------------------------------------ */

/* A name may be another's by now. */
static bool is_still_there(const struct object_ways *way, const struct made_thing *thing)
{
    struct object_state state = {0};
    bool is_there = way->look(&thing->which, &state, NULL) && object_same(&state.id, &thing->id);
    object_state_free(&state);
    return is_there;
}

static void unmake_things(const struct inspect_made *made)
{
    for (size_t i = 0; i < made->count; i++) {
        const struct object_ways *way = ways_of_kind(made->things[i].which.kind);
        if (is_still_there(way, &made->things[i]))
            take_away(way, &made->things[i].which, NULL);
    }
}

/* There may be thousands of each. */
struct departure {
    struct inspect_made *made;
    uid_t student;
};

static void unmake_found(const struct inspect_made *made, const struct found *found)
{
    struct identity_of which = {.kind = found->id.kind, .id = (int)found->id.number, .is_private = true};
    snprintf(which.path, sizeof which.path, "%s", found->name);
    if (bsearch(&found->id, made->claims, made->claim_count, sizeof *made->claims, object_compare))
        take_away(ways_of_kind(found->id.kind), &which, NULL);
}

static void unmake_row(void *context, const struct table_row *row)
{
    const struct departure *departure = context;
    if (row->maker == departure->student) /* else its number was given out again */
        unmake_found(departure->made, &row->found);
}

/* They may have got other names since they were made: found by what they are. */
static void unmake_posix(const struct departure *departure)
{
    const struct question question = {.student = departure->student, .is_shared = true, .may_open = true};
    struct bytes found = {0};
    size_t count = 0;
    list_posix(&question, &found, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        struct found one;
        memcpy(&one, found.data + i * sizeof one, sizeof one);
        unmake_found(departure->made, &one);
    }
    bytes_free(&found);
}

static void unmake_claims(struct inspect_made *made)
{
    struct departure departure = {.made = made};
    if (made->claim_count + made->expected_count == 0 || !owner_learn(&departure.student, NULL))
        return;
    expected_settle_all(departure.student, made);
    if (made->claim_count == 0)
        return;
    qsort(made->claims, made->claim_count, sizeof *made->claims, object_compare);
    table_each(OBJECT_ANY, unmake_row, &departure, NULL);
    unmake_posix(&departure);
}

void inspect_unmake(void *context)
{
    struct inspect_made *made = context;
    unmake_claims(made);
    unmake_things(made);
    free(made->things);
    free(made->claims);
    free(made->expected);
    *made = (struct inspect_made){0};
}
