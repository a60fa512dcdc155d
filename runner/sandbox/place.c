/* Places among the ids; see place.h for the theory. */
#include "sandbox/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Drawn again so often when a claim of another network stands there: in a row half of which is taken all are refused once in 2^64 times. */
enum { DRAWS = 64, LOWEST = 10 /* init has its own descriptors below */ };

/* What is shared, and the namespace that makes it the sandbox's own. The first claim is the name. */
static const struct {
    const char *path;
    int own_by;
} shared[] = {
    {"/proc/self/ns/user", 0}, /* what the kernel grants by user goes by it */
    {"/proc/self/ns/ipc", CLONE_NEWIPC},
    {"/tmp", CLONE_NEWNS},
    {"/dev/shm", CLONE_NEWNS},
};
enum { NAME, FIRST_SHARED, SHARED = sizeof shared / sizeof *shared };
_Static_assert(FIRST_SHARED + SHARED == PLACE_CLAIMS, "a claim for each");

static struct place kept = {{-1, -1, -1, -1, -1}};

bool place_draw(uint64_t *number, struct err *err)
{
    size_t have = 0;
    while (have < sizeof *number) {
        ssize_t got = getrandom((char *)number + have, sizeof *number - have, 0);
        if (got < 0 && errno != EINTR)
            return err_sys(err, "draw a number");
        have += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

/* Are these ids known here? False too when the file cannot be read. */
static bool ids_exist(const char *map_path, const struct place_row *row)
{
    cleanup_file FILE *map = fopen(map_path, "re");
    char line[128], *end;
    uid_t last = row->first + row->places * PLACE_IDS;
    while (map && fgets(line, sizeof line, map)) { /* inside, outside, count */
        unsigned long inside = strtoul(line, &end, 10);
        strtoul(end, &end, 10);
        unsigned long count = strtoul(end, NULL, 10);
        if (inside <= row->first && last <= inside + count)
            return true;
    }
    return false;
}

/* In a container that knows few ids the later ones. */
bool place_choose_row(struct place_row *row)
{
    static const struct place_row rows[] = {
        {1900000000, 1 << 22 /* as many as there are pids */}, {200000, 16384}, {63000, 800}, {60000, 800}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *row = rows[i];
        if (ids_exist("/proc/self/uid_map", row) && ids_exist("/proc/self/gid_map", row))
            return true;
    }
    return false;
}

static bool lift(int low, int *fd, struct err *err)
{
    *fd = fcntl(low, F_DUPFD_CLOEXEC, LOWEST);
    return *fd >= 0 || err_sys(err, "hold the ids of the sandbox");
}

/* ---- one network ------------------------------------------------------------------------------------------------------ */

/* An abstract name: the kernel gives it to one socket, and takes it back when that is closed by all. */
static bool name_place(uid_t base, int socket)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int len = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "ipcgrade-ids-%u", base);
    return bind(socket, (struct sockaddr *)&name,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0;
}

/* The first whose name is free, from one that is drawn. */
static bool take_name(struct place *place, const struct place_row *row, uid_t *base, bool *is_ours,
                      struct err *err)
{
    uint64_t seed = 0;
    cleanup_fd int low = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (low < 0)
        return err_sys(err, "make a socket for the ids of the sandbox");
    if (!lift(low, &place->claims[NAME], err) || !place_draw(&seed, err))
        return false;
    *is_ours = false;
    for (uid_t i = 0; i < row->places; i++) {
        *base = row->first + (uid_t)((seed + i) % row->places) * PLACE_IDS;
        *is_ours = name_place(*base, low);
        if (*is_ours || errno != EADDRINUSE)
            return *is_ours || err_sys(err, "hold the ids of the sandbox");
    }
    return true; /* as the last of them was asked for, so it is shared */
}

/* ---- what several networks may share ----------------------------------------------------------------------------------- */

enum claim { CLAIM_FAILED, CLAIM_HELD, CLAIM_REFUSED };

/* What is not there, or is closed to us, nobody sweeps; some file systems know no locks; and one that keeps ours away (EAGAIN) is no claim. */
static bool is_of_no_use(int error)
{
    static const int rows[] = {ENOENT, ENOTDIR, EACCES, ELOOP, EINVAL, ENOLCK, EOPNOTSUPP, EAGAIN};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i] == error)
            return true;
    return false;
}

static enum claim give_up(struct err *err)
{
    if (is_of_no_use(errno))
        return CLAIM_HELD;
    err_sys(err, "hold the ids of the sandbox");
    return CLAIM_FAILED;
}

/* Ours stands before we ask, so of two that come at the same time one at least sees the other. */
static enum claim claim_one(const char *path, uid_t base, int *fd, struct err *err)
{
    struct flock own = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = base, .l_len = 1};
    struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = base, .l_len = 1};
    cleanup_fd int low = open(path, O_RDONLY | O_CLOEXEC);
    if (low < 0)
        return give_up(err);
    if (!lift(low, fd, err))
        return CLAIM_FAILED;
    if (fcntl(*fd, F_OFD_SETLK, &own) < 0 || fcntl(*fd, F_OFD_GETLK, &other) < 0)
        return give_up(err);
    return other.l_type == F_UNLCK || other.l_len != 1 ? CLAIM_HELD : CLAIM_REFUSED;
}

static enum claim claim_shared(struct place *place, uid_t base, struct err *err)
{
    for (size_t i = 0; i < SHARED; i++) {
        enum claim claim = claim_one(shared[i].path, base, &place->claims[FIRST_SHARED + i], err);
        if (claim != CLAIM_HELD)
            return claim;
    }
    return CLAIM_HELD;
}

/* ---- all together ------------------------------------------------------------------------------------------------------ */

bool place_take(struct place *place, const struct place_row *row, uid_t *base, bool *is_ours, struct err *err)
{
    *place = PLACE_EMPTY;
    for (int draw = 0; draw < DRAWS; draw++) {
        enum claim claim = CLAIM_FAILED;
        bool is_named = take_name(place, row, base, is_ours, err);
        if (is_named && *is_ours)
            claim = claim_shared(place, *base, err);
        if (claim == CLAIM_HELD)
            return true;
        place_let_go(place);
        if (claim == CLAIM_FAILED)
            return is_named && !*is_ours;
    }
    *is_ours = false;
    return true;
}

void place_let_go(struct place *place)
{
    for (size_t i = 0; i < PLACE_CLAIMS; i++)
        if (place->claims[i] >= 0)
            close(place->claims[i]);
    *place = PLACE_EMPTY;
}

void place_keep(struct place *place)
{
    place_let_go(&kept);
    kept = *place;
    *place = PLACE_EMPTY;
}

void place_narrow(struct place *place, int flags)
{
    for (size_t i = 0; i < SHARED; i++) {
        int *claim = &place->claims[FIRST_SHARED + i];
        if ((flags & shared[i].own_by) && *claim >= 0) {
            close(*claim);
            *claim = -1;
        }
    }
}

/* The lowest descriptor from `first` on that holds one of them, or is `other`; -1: none. */
static int next_claim(const struct place *place, int other, unsigned first)
{
    int next = other >= 0 && (unsigned)other >= first ? other : -1;
    for (size_t i = 0; i < 2 * (size_t)PLACE_CLAIMS; i++) {
        int claim = i < PLACE_CLAIMS ? place->claims[i] : kept.claims[i - PLACE_CLAIMS];
        if (claim >= 0 && (unsigned)claim >= first && (next < 0 || claim < next))
            next = claim;
    }
    return next;
}

void place_close_others(const struct place *place, unsigned first, int other)
{
    for (int claim; (claim = next_claim(place, other, first)) >= 0; first = (unsigned)claim + 1)
        if ((unsigned)claim > first)
            close_range(first, (unsigned)claim - 1, 0);
    close_range(first, ~0U, 0);
}
