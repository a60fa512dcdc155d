/* Whether memory was ever refused; see memory.h.
 *
 * The count is a variable of the whole process, which the house avoids: an allocation has no context to note it in, and there is nothing else to be told of it.
 */
#include "base/memory.h"

#include <stdlib.h>

static size_t refusals;

size_t memory_refusals(void)
{
    return refusals;
}

bool memory_was_short(void)
{
    return refusals > 0;
}

void *memory_note(void *given, size_t size)
{
    refusals += !given && size > 0;
    return given;
}

void *memory_allocate(size_t size)
{
    return memory_note(malloc(size), size);
}
