/* The source line of a call that is told, out of a small cache: a loop makes the same call from the same line, and unwinding costs a hundred times as much as the call.
 *
 * Where a stack leads to is decided by its registers and by the words on it that point into code. Two stacks that are equal in these, word by word, at the same place have the same
 * line; what else lies on them (buffers) does not matter.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/run_private.h"
#include "trace/source.h"
#include "trace/stack.h"
#include "trace/tracer.h"

enum { LINES_KEPT = 256 };

struct line_cache {
    struct known_line {
        uint64_t key; /* 0: free */
        bool is_found;
        struct source_at at;
    } lines[LINES_KEPT];
};

static uint64_t mix(uint64_t key, uint64_t value)
{
    key ^= value + 0x9e3779b97f4a7c15ULL + (key << 6) + (key >> 2);
    return key * 0xff51afd7ed558ccdULL;
}

static bool is_code(const struct layout *layout, uint64_t word)
{
    for (size_t i = 0; i < layout->count; i++)
        if (word >= layout->mapped[i].start && word < layout->mapped[i].end)
            return true;
    return false;
}

static uint64_t key_of(const struct layout *layout, const struct event *event)
{
    const struct stack_capture *stack = event->stack;
    uint64_t key = mix((uint64_t)(uintptr_t)layout, (uint64_t)(uintptr_t)event->call.row);
    key = mix(mix(mix(key, stack->regs.rip), stack->regs.rsp), stack->regs.rbp);
    key = mix(mix(key, stack->regs.rdi), stack->len); /* where vfork() keeps its return address */
    for (size_t at = 0; at + sizeof(uint64_t) <= stack->len; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, stack->bytes + at, sizeof word);
        if (is_code(layout, word))
            key = mix(mix(key, at), word);
    }
    return key ? key : 1;
}

bool run_source(struct run *run, const struct event *event, struct source_at *at)
{
    const struct stack_capture *stack = event->stack;
    if (!run->lines)
        run->lines = calloc(1, sizeof *run->lines);
    if (!stack || stack->layout < 0 || !run->lines)
        return source_find(run->tracer, event, NULL, at);
    uint64_t key = key_of(run->tracer->maps.layouts[stack->layout], event);
    struct known_line *line = &run->lines->lines[key % LINES_KEPT];
    if (line->key != key) {
        line->is_found = source_find(run->tracer, event, NULL, &line->at);
        line->key = key;
    }
    *at = line->at;
    return line->is_found;
}
