/* The piece of stack that is kept with an event, so that its source line can be found later (source.c): registers and what lies above the stack
 * pointer. Two pages at most are touched; when the second is not there, the first is kept.
 */
#include "trace/stack.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

void stack_capture(struct tracee *tracee, struct event *event)
{
    if (!tracee->tracer->config.wants_stacks)
        return;
    struct stack_capture *stack = malloc(sizeof *stack);
    if (!stack || !request(tracee, PTRACE_GETREGS, 0, (uintptr_t)&stack->regs)) {
        free(stack);
        return;
    }
    size_t in_page = PAGE - (size_t)(stack->regs.rsp % PAGE);
    stack->pid = tracee->pub.process->pid;
    stack->len = STACK_KEPT;
    if (!memory_read(tracee, stack->regs.rsp, stack->bytes, stack->len)) {
        stack->len = in_page < STACK_KEPT ? in_page : STACK_KEPT;
        if (!memory_read(tracee, stack->regs.rsp, stack->bytes, stack->len))
            stack->len = 0;
    }
    event->stack = stack;
}

void stack_release(struct event *event)
{
    free(event->stack);
    event->stack = NULL;
}
