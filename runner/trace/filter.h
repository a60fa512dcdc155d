/* The rules on system calls, and the seccomp program that is written from them. Private to trace/. */
#ifndef IPCGRADE_TRACE_FILTER_H
#define IPCGRADE_TRACE_FILTER_H

#include <seccomp.h>

#include "trace/trace.h"

enum { FILTER_RULES = 512, FILTER_CONDITIONS = 2 };

/* That arguments, masked, have these values, or that they have not. One program at most says it of two. */
struct filter_where {
    unsigned count; /* 0: whatever the arguments are */
    struct scmp_arg_cmp is[FILTER_CONDITIONS];
};
// clang-format off
#define FILTER_IS(argument, mask, value) {(argument), SCMP_CMP_MASKED_EQ, (mask), (value)}
#define FILTER_IS_NOT(argument, value) {(argument), SCMP_CMP_NE, (value), 0}
#define FILTER_WHERE(argument, mask, value) ((struct filter_where){1, {FILTER_IS(argument, mask, value)}})
#define FILTER_ANY ((struct filter_where){0})
// clang-format on

struct filter_rule {
    uint32_t action; /* SECCOMP_RET_... */
    int number;      /* of the call */
    struct filter_where where;
};

/* Calls without a rule run free. */
struct filter_rules {
    struct filter_rule items[FILTER_RULES];
    size_t count;
    bool is_cut; /* there was no room for one */
};

bool filter_rules_make(bool is_traced, struct filter_rules *rules, struct err *err);

/* Has the program written, and proves it. Allocated; caller frees *filter. */
bool filter_write(const struct filter_rules *rules, struct sock_filter **filter, size_t *length,
                  struct err *err);

/* What the program answers to a call (SECCOMP_RET_...), as the kernel runs it (seccomp(2), BPF of networking/filter.rst); killing where it is no program
 * of comparisons. */
uint32_t filter_answer(const struct sock_filter *filter, size_t length, const struct seccomp_data *call);

/* Whether the program answers to every call by the rules: those of each rule, and for all numbers with arguments of zeros and of ones. */
bool filter_is_right(const struct sock_filter *filter, size_t length, const struct filter_rules *rules);

#endif
