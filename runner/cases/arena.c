/* Blocks in a list; small things are cut from the newest block, large ones get a block of their own. A block is made of whole pages, so that they can be kept from children. */
#include "cases/arena.h"

#include <err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, BLOCK_SIZE = 64 * PAGE, ALIGNMENT = 16, BROKEN_STATUS = 3 };

struct block {
    struct block *next;
    size_t used, size; /* of the bytes */
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    bool is_kept; /* from children */
};

static void *must_have(void *memory)
{
    if (!memory)
        errx(BROKEN_STATUS, "out of memory while reading cases");
    return memory;
}

struct arena *arena_new(void)
{
    return must_have(calloc(1, sizeof(struct arena)));
}

static void advise_all(const struct arena *arena, int advice)
{
    for (struct block *block = arena->newest; block; block = block->next)
        madvise(block, sizeof *block + block->size, advice);
}

void arena_keep_from_children(struct arena *arena)
{
    arena->is_kept = true;
    advise_all(arena, MADV_DONTFORK);
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    if (arena->is_kept)
        advise_all(arena, MADV_DOFORK); /* their next user may want them in his children */
    while (arena->newest) {
        struct block *block = arena->newest;
        arena->newest = block->next;
        free(block);
    }
    free(arena);
}

static struct block *block_add(struct arena *arena, size_t size)
{
    size_t whole = (sizeof(struct block) + size + PAGE - 1) / PAGE * PAGE;
    struct block *block = must_have(aligned_alloc(PAGE, whole));
    memset(block, 0, whole);
    block->size = whole - sizeof *block;
    block->next = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct block *block = arena->newest;
    if (!block || block->size - block->used < size)
        block = block_add(arena, size > BLOCK_SIZE - sizeof *block ? size : BLOCK_SIZE - sizeof *block);
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        text = must_have(NULL);
    va_end(args);
    char *copy = arena_text(arena, text);
    free(text);
    return copy;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    /* Room is doubled whenever it is used up: at every power of two. */
    if (items && (count & (count - 1)) != 0)
        return items;
    size_t room = count ? count * 2 : 1;
    void *larger = arena_alloc(arena, room * size);
    if (items && count > 0)
        memcpy(larger, items, count * size);
    return larger;
}
