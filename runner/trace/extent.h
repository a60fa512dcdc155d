/* What a program has declared at an address that it gave to a call: how much room there is, and what the structure begins with.
 *
 * From the line information of the program (DWARF): the variables that are in scope in the frames of the call, and the pointers among them; where there is none, from
 * its table of symbols. Nothing is known of memory that no variable names, like what malloc() gave, beyond the type of a pointer to it.
 *
 * Layer: trace.
 * Sources: DWARF 5, 2.6 (location descriptions), 3.3.5 (frame base); System V ABI, AMD64 supplement, figure 3.36; elfutils' libdw.h.
 */
#ifndef IPCGRADE_TRACE_EXTENT_H
#define IPCGRADE_TRACE_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/trace.h"

struct extent {
    uint64_t
        rest; /* bytes from the address to the end of the variable that it lies in; 0: no variable is known */
    uint64_t
        structure; /* size of the structure that begins at the address, by the variable or by a pointer to it; 0: none */
    uint64_t first; /* size of its first member when that is a number, else 0 */
    uint64_t head;  /* size of its first member, whatever that is */
    bool is_open;   /* it ends in an array of at most one element: the memory is meant to be larger */
    bool ends_in_array;
    bool has_pointer;  /* one of its members, or of theirs, is an address of data */
    uint64_t pointer;  /* where in the structure the first of these lies */
    char variable[64]; /* name of the variable, or of the pointer; "" */
};

/* False: nothing is known. */
bool extent_find(struct tracer *tracer, const struct event *event, uint64_t address, struct extent *extent);

#endif
