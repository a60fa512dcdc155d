/* What init has made, see struct inspect_made: whoever asked for it may be killed before he asks to have it removed again. */
#include <stdlib.h>

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

/* A name may be another's by now. */
static bool is_still_there(const struct object_ways *way, const struct made_thing *thing)
{
    struct object_state state = {0};
    bool is_there = way->look(&thing->which, &state, NULL) && object_same(&state.id, &thing->id);
    object_state_free(&state);
    return is_there;
}

void inspect_unmake(void *context)
{
    struct inspect_made *made = context;
    for (size_t i = 0; i < made->count; i++) {
        const struct object_ways *way = ways_of_kind(made->things[i].which.kind);
        if (is_still_there(way, &made->things[i]))
            way->remove(&made->things[i].which, NULL);
    }
    free(made->things);
    *made = (struct inspect_made){0};
}
