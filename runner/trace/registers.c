/* What depends on the machine's architecture: registers of a stopped tracee. x86-64 only for now; another machine is another block here.
 *
 * Stepping back over a call: at the exit stop of a call that was made void (number -1) the instruction pointer stands behind the two
 * bytes of `syscall`. Set back, with the number in rax again, the program will make the call anew as if it had never come here; and since
 * the kernel believes that no call was interrupted, a signal that is handled in between changes nothing of that.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <ucontext.h>

#if !defined(__x86_64__)
#error "registers.c: this architecture has not been ported yet"
#endif

enum { SYSCALL_INSTRUCTION = 2, BREAKPOINT_INSTRUCTION = 1 };

#define SLOT(name) offsetof(struct user, regs.name)

/* It was killed, so it does not stand where we have seen it stand: it runs, is gone, or stands on its way out, and a status of that will come. */
static bool was_killed(const struct tracee *tracee)
{
    enum { EVENT_SHIFT = 8 };
    siginfo_t stop;
    if (ptrace(PTRACE_GETSIGINFO, tracee->pub.tid, 0, &stop) != 0)
        return true;
    return stop.si_code >> EVENT_SHIFT == PTRACE_EVENT_EXIT && !tracee->is_leaving;
}

bool request_failed(struct tracee *tracee, int what, int error)
{
    if (error == ESRCH && was_killed(tracee))
        return false;
    errno = error;
    tracer_set_trouble(tracee->tracer, "ptrace request %#x on task %d: %m", what, (int)tracee->pub.tid);
    return false;
}

bool request(struct tracee *tracee, int what, uintptr_t address, uintptr_t data)
{
    errno = 0;
    return ptrace(what, tracee->pub.tid, address, data) != -1 || errno == 0 ||
           request_failed(tracee, what, errno);
}

static bool poke(struct tracee *tracee, size_t slot, uint64_t value)
{
    return request(tracee, PTRACE_POKEUSER, slot, value);
}

bool registers_void_call(struct tracee *tracee, int64_t result)
{
    return poke(tracee, SLOT(orig_rax), (uint64_t)-1) && poke(tracee, SLOT(rax), (uint64_t)result);
}

bool registers_step_back(struct tracee *tracee)
{
    return poke(tracee, SLOT(rip), tracee->ip - SYSCALL_INSTRUCTION) && poke(tracee, SLOT(rax), tracee->nr);
}

bool registers_set_result(struct tracee *tracee, int64_t result)
{
    return poke(tracee, SLOT(rax), (uint64_t)result);
}

bool registers_set_nr(struct tracee *tracee, uint64_t nr)
{
    return poke(tracee, SLOT(orig_rax), nr);
}

bool registers_set_arg(struct tracee *tracee, int index, uint64_t value)
{
    static const size_t slots[] = {SLOT(rdi), SLOT(rsi), SLOT(rdx), SLOT(r10), SLOT(r8), SLOT(r9)};
    return poke(tracee, slots[index], value);
}

bool registers_behind_breakpoint(struct tracee *tracee, uint64_t entry)
{
    struct user_regs_struct regs;
    return request(tracee, PTRACE_GETREGS, 0, (uintptr_t)&regs) && regs.rip == entry + BREAKPOINT_INSTRUCTION;
}

bool registers_go_to(struct tracee *tracee, uint64_t address)
{
    return poke(tracee, SLOT(rip), address);
}

/* The third argument of every handler is the context that it returns to (the kernel passes it with SA_SIGINFO and without). */
bool registers_handler_result(struct tracee *tracee, int64_t *result)
{
    struct user_regs_struct regs;
    if (!request(tracee, PTRACE_GETREGS, 0, (uintptr_t)&regs))
        return false;
    return memory_read(tracee, regs.rdx + offsetof(ucontext_t, uc_mcontext.gregs[REG_RAX]), result,
                       sizeof *result);
}
