/* Memory that is let go of all at once: everything that one suite owns.
 *
 * Layer: cases. A suite is small (64 KiB a file at most), so running out of memory here ends the program with status 3 and one
 * line instead of burdening every reader of a value with a further way to fail.
 */
#ifndef IPCGRADE_CASES_ARENA_H
#define IPCGRADE_CASES_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* From now on a child that is forked has none of it (madvise(2), MADV_DONTFORK); to be called when all is read. */
void arena_keep_from_children(struct arena *arena);

/* Zeroed bytes, aligned for any type. Never NULL; borrowed until arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `len` bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_text(struct arena *arena, const char *text);
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Make room for one more item behind `count` items of `size` bytes; returns where the items now are. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);

/* Append a zeroed item to an array that lives in the arena; gives its address. `items` and `count` are assigned. */
#define ARENA_ADD(arena, items, count)                                                                       \
    ((items) = arena_grow((arena), (items), (count), sizeof *(items)), &(items)[(count)++])

#endif
