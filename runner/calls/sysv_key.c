/* Keys that ftok(3) makes. A key is no object: nothing is made and nothing is left of it, it is only a number that is computed when it is needed. */
#include "calls/vocabulary.h"

#include <stddef.h>

static const struct kind_row kinds[] = {
    {OBJECT_FTOK, "ftok", "key of a file", IDENTITY_PATH_AND_ID, NULL, false,
     "the key that ftok(3) makes of a file and a number, computed whenever it is used"},
    {0},
};

const struct mechanism mechanism_sysv_key = {"System V keys", kinds, NULL, NULL};
