/* A number that stands for bytes: equal bytes have equal ones, and others differ but for an accident of 1 in 2^64. Not against people who look for
 * such accidents.
 *
 * Layer: base. Source: Fowler, Noll, Vo: the FNV-1a hash, 64 bits (draft-eastlake-fnv).
 */
#ifndef IPCGRADE_BASE_DIGEST_H
#define IPCGRADE_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_EMPTY UINT64_C(0xcbf29ce484222325)

/* The digest of what `digest` stands for with these bytes behind it. */
uint64_t digest_add(uint64_t digest, const void *data, size_t len);

/* Of the whole file behind a descriptor, whose position stays. False, with errno, when it cannot be read. */
bool digest_file(int fd, uint64_t *digest);

#endif
