/* Addresses of sockets; see addresses.h.
 *
 * Ports below those that the kernel gives to whoever does not ask for one (ip(7), ip_local_port_range): else a client of the play could get the port
 * that a server is about to bind. In a network of our own all of them are free; on the machine's network they are tried.
 */
#include "judge/addresses.h"

#include "judge/things.h"

enum { FIRST_PORT = 10000, PORTS = 20000, TRIES = 64 };

static uint64_t mix(const struct stage *stage, int name)
{
    uint64_t mixed = (stage->request->seed + 1) * 0x9e3779b97f4a7c15ULL + (uint64_t)name;
    for (const char *c = stage->scenario->id; *c; c++)
        mixed = (mixed ^ (unsigned char)*c) * 0x100000001b3ULL;
    return mixed ^ mixed >> 29;
}

static bool is_of_another(const struct stage *stage, int name, int port)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        const struct name *row = &stage->scenario->names[i];
        bool is_port = row->role == NAME_OBJECT && row->kind->identity == IDENTITY_PORT && (int)i != name;
        if (is_port && (stage->things[i].key == port || (row->has_key && row->key.value == port)))
            return true;
    }
    return false;
}

static bool is_taken(struct stage *stage, int name, int port, bool *is_taken, struct err *err)
{
    struct identity_of which = {.kind = stage->scenario->names[name].kind->kind, .key = port, .id = -1};
    struct object_state state = {0};
    *is_taken = false;
    if (!(sandbox_lacks(stage->sandbox) & LACKS_NET_NS))
        return true;
    bool is_seen = inspect_state(&stage->inspector, &which, &state, err);
    *is_taken = is_seen && (state.is_there || state.is_remembered); /* no program has to know SO_REUSEADDR */
    object_state_free(&state);
    return is_seen;
}

bool address_choose_port(struct stage *stage, int name, struct err *err)
{
    uint64_t mixed = mix(stage, name);
    for (int i = 0; i < TRIES; i++) {
        int port = FIRST_PORT + (int)((mixed + (uint64_t)i) % PORTS);
        bool taken;
        if (is_of_another(stage, name, port))
            continue;
        if (!is_taken(stage, name, port, &taken, err))
            return false;
        stage->things[name].key = port;
        if (!taken)
            return true;
    }
    return err_set(err, "no port is free for '%s'", stage->scenario->names[name].word);
}

bool address_is(const struct stage *stage, int name, const struct event *event, bool *is_known)
{
    const struct kind_row *kind = stage->scenario->names[name].kind;
    const struct object_id *id = &event->object;
    *is_known = id->device == 0 && id->kind >= OBJECT_TCP && id->kind <= OBJECT_UNIX_DGRAM;
    if (!*is_known || id->kind != kind->kind)
        return false;
    if (kind->identity == IDENTITY_PORT)
        return id->number == (uint64_t)stage->things[name].key;
    bool is_so_called = false;
    const char *path;
    for (size_t i = 0; !is_so_called && *(path = tracer_socket_path(stage->tracer, id, i)); i++)
        is_so_called = thing_has_path(stage, name, path);
    return is_so_called;
}
