/* A run of bytes that grows up to a named maximum. Plain struct: `data` is owned, always followed by a NUL that `len` does
 * not count, NULL while nothing was added. Zero-initialise; let go with bytes_free().
 */
#ifndef IPCGRADE_BASE_BYTES_H
#define IPCGRADE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *data;
    size_t len;
    size_t room;
};

/* Append; false when `max` bytes would be passed (what still fits is added), or there is no memory. */
bool bytes_add(struct bytes *bytes, const void *data, size_t len, size_t max);

/* Append as printf would, without a maximum. False when there is no memory. */
bool bytes_print(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, never NULL. Borrowed. */
const char *bytes_text(const struct bytes *bytes);

void bytes_clear(struct bytes *bytes); /* keeps the room */
void bytes_free(struct bytes *bytes);  /* safe on a zeroed struct, and twice */

#define cleanup_bytes __attribute__((cleanup(bytes_free)))

#endif
