/* Was memory ever refused to this process? Whatever it has counted, compared or written down since may lack something, so a verdict that was found then is none.
 *
 * Layer: base. The program is linked so that each allocation of ours passes by memory_wrap.c, which notes the refusal (Makefile: wrapped); nobody needs to think of it where he allocates.
 */
#ifndef IPCGRADE_BASE_MEMORY_H
#define IPCGRADE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* How often; of this process, and of the one that it was forked from until then. */
size_t memory_refusals(void);
bool memory_was_short(void); /* at least once */

/* Hands on what an allocation has given. */
void *memory_note(void *given, size_t size);

/* For libraries that let us choose, as json_set_alloc_funcs() does. */
void *memory_allocate(size_t size);

#endif
