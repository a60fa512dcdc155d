/* What `given` and `names` say of an object, and the state words of looks. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_OBJECT_H
#define IPCGRADE_CASES_OBJECT_H

#include "cases/reader.h"
#include "cases/value.h"

enum { SEMAPHORE_MAX = 32767 }; /* SEMVMX: semget(2) */
enum { PORT_MAX = 65535, FTOK_ID_MAX = 255 };

/* Read all declarations of one map; the names are known already (names_declare). */
void object_read_all(struct reader *reader, const struct node *map, bool is_given);

/* One state word of an object in `expect`. False: told. */
bool object_read_state(struct reader *reader, const struct name *name, const struct node *key,
                       const struct node *value, enum use use, struct state_value *state);

/* The words that tell an object from others of its kind, NULL-terminated: "path"; "key"; ... */
const char *const *object_identity_words(enum identity identity);
/* The same as a phrase for the reference, with the default. */
const char *object_identity_law(enum identity identity);

#endif
