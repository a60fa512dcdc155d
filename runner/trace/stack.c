/* The piece of stack that is kept with an event, so that its source line can be found later (source.c): registers and what lies above the stack
 * pointer. Where the stack ends before the piece is full, as much as there is is kept.
 */
#include "trace/stack.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "trace/tracer.h"

static size_t read_stack(const struct tracee *tracee, struct stack_capture *stack, size_t wanted)
{
    struct iovec local = {stack->bytes, wanted};
    struct iovec remote = {(void *)(uintptr_t)stack->regs.rsp, wanted}; // NOLINT(performance-no-int-to-ptr)
    ssize_t len = process_vm_readv(tracee->pub.tid, &local, 1, &remote, 1, 0);
    return len > 0 ? (size_t)len : 0; /* the kernel stops at the first page that is not there */
}

int layout_of(struct tracee *tracee)
{
    struct member *member = (struct member *)tracee->pub.process;
    if (!member->has_layout) {
        member->layout = maps_record(&tracee->tracer->maps, tracee->pub.process->pid);
        member->has_layout = true;
    }
    return member->layout;
}

void stack_capture(struct tracee *tracee, struct event *event)
{
    if (!tracee->tracer->config.wants_stacks || tracee->pub.process->is_agent)
        return;
    size_t wanted = event->call.fd == 2 ? STACK_KEPT_STDERR : STACK_KEPT;
    struct stack_capture *stack = malloc(sizeof *stack + wanted);
    if (!stack || !request(tracee, PTRACE_GETREGS, 0, (uintptr_t)&stack->regs)) {
        free(stack);
        return;
    }
    stack->layout = layout_of(tracee);
    stack->len = read_stack(tracee, stack, wanted);
    event->stack = stack;
    tracee->tracer->stack_count++;
}

void stack_capture_result(struct tracee *tracee, struct event *event)
{
    enum { MOST = 20000 };
    if (tracee->tracer->result_stacks >= MOST)
        return;
    tracee->tracer->result_stacks++;
    stack_capture(tracee, event);
}

void stack_of_crash(struct tracee *tracee, int signal, const siginfo_t *info)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct process *process = tracee->pub.process;
    bool is_crash = false;
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        is_crash = is_crash || crashes[i] == signal;
    if (!is_crash)
        return;
    if (process->crash)
        stack_release(process->crash);
    else
        process->crash = calloc(1, sizeof *process->crash);
    if (!process->crash)
        return;
    /* Whoever sends such a signal by kill(2) touches nothing. */
    bool has_touched = info->si_code > 0 && (signal == SIGSEGV || signal == SIGBUS);
    process->crash->call.arg[0] = has_touched ? (uint64_t)(uintptr_t)info->si_addr : 0;
    process->crash->call.arg[1] = has_touched ? (uint64_t)signal : 0;
    /* abort(3) sends it. A descriptor that is to (F_SETSIG) gives a code above 0 with it, but not with the others. */
    bool is_own =
        signal == SIGABRT ? info->si_code <= 0 && info->si_pid == process->inner_pid : info->si_code > 0;
    process->crash->call.arg[2] = is_own ? (uint64_t)signal : 0;
    stack_capture(tracee, process->crash);
}

void stack_release(struct event *event)
{
    free(event->stack);
    event->stack = NULL;
}
