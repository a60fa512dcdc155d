/* POSIX shared memory: shm_open, mmap, and the object that lies below /dev/shm.
 *
 * The kernel knows no shm_open and no shm_unlink: the C library opens and unlinks a file below /dev/shm. So these families have no calls of their
 * own; the decoders of open and unlink give a call to them when its path says so (decode_posix.c).
 */
#include "calls/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>

#include "calls/decode.h"

#define OBJECTS (1ULL << OBJECT_SHM)

static const struct state_row states[] = {
    {"size", STATE_SIZE, VALUE_RANGE, GIVEN | LOOKED, "bytes"},
    {"text", STATE_TEXT, VALUE_TEXT, GIVEN | LOOKED,
     "what it holds, up to the first NUL where a text is asked for"},
    {"ints", STATE_INTS, VALUE_NUMBERS, GIVEN | LOOKED, "what it holds, read as ints from its beginning"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_SHM, "shm", "shared memory object", IDENTITY_NAME, states, true,
     "a POSIX shared memory object; as large as its text unless `size` says more"},
    {0},
};

static const struct word_row open_flags[] = {
    {"O_RDONLY", O_RDONLY}, {"O_RDWR", O_RDWR},   {"O_CREAT", O_CREAT},
    {"O_EXCL", O_EXCL},     {"O_TRUNC", O_TRUNC}, {0},
};
static const struct word_row protections[] = {{"PROT_READ", PROT_READ}, {"PROT_WRITE", PROT_WRITE}, {0}};

static const struct param_row open_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, open_flags, O_RDWR, "how it is opened; a puppet: O_RDWR"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions of an object that is made"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the descriptor"},
    {0},
};
static const struct param_row map_params[] = {
    {"prot", PARAM_PROT, VALUE_FLAGS, protections, PROT_READ | PROT_WRITE, "what may be done with it"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the mapping"},
    {0},
};

static const int open_faults[] = {EMFILE, ENOSPC, 0};
static const int map_faults[] = {ENOMEM, 0};

/* Only shared mappings of a descriptor are traced: trace/filter.c. */
static const struct call_row map_calls[] = {{"mmap", decode_mmap, CALL_BY_EXIT}, {0}};
static const struct call_row unmap_calls[] = {{"munmap", decode_munmap, 0}, {0}};

static const struct deed_row deeds[] = {
    {"shm_open", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, open_params, NULL, open_faults, false, OBJECTS,
     "Makes or opens a shared memory object (shm_open, or open below /dev/shm).", "opens %s", "opening %s"},
    {"shm_unlink", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, NULL, NULL, NULL, false, OBJECTS,
     "Removes the name of a shared memory object.", "removes %s", "removing %s"},
    {"mmap", FIRST_END, DEED_DONE | DEED_LOOKED, map_params, map_calls, map_faults, false, OBJECTS,
     "Maps a shared memory object, or a file that is shared (MAP_SHARED), as large as it is.", "maps %s",
     "mapping %s"},
    {"munmap", FIRST_END, DEED_DONE | DEED_LOOKED, NULL, unmap_calls, NULL, false, 0, "Unmaps it again.",
     "unmaps %s", "unmapping %s"},
    {0},
};

const struct mechanism mechanism_posix_memory = {"POSIX shared memory", kinds, deeds, NULL};
