/* What a process executes, and its entry point.
 *
 * The loader's calls are not the student's (early.c). A process counts as arrived when it comes to the entry point of its image (AT_ENTRY), which the loader
 * jumps to at last: a breakpoint stands there from the exec until it is reached. Agents get none: their image is ours. Who forks before that (a constructor may) has a child with a copy
 * of the memory, breakpoint and all, so it is the child's as well.
 */
#include "trace/tracer.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { AUXV_MOST = 64, BREAKPOINT = 0xcc };

/* A program that may not be read: the kernel may tell an ordinary user its name, but its tables are root's. */
static bool is_closed(const struct tracee *tracee, const char *file)
{
    char path[64];
    struct stat info;
    int error = errno;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)tracee->pub.tid, file);
    bool is_others = geteuid() != 0 && lstat(path, &info) == 0 && info.st_uid != geteuid();
    errno = error;
    return is_others;
}

/* What cannot be read of an image that is closed to us was to be expected. */
void image_missed(const struct tracee *tracee, const char *file)
{
    if (tracee->pub.process->program[0] && !is_closed(tracee, file))
        procfs_failed(tracee->tracer, tracee->pub.tid, file);
    else
        procfs_missed(tracee->tracer, tracee->pub.tid, file);
}

uint64_t image_auxiliary(const struct tracee *tracee, uint64_t type)
{
    ElfW(auxv_t) vector[AUXV_MOST];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/auxv", (int)tracee->pub.tid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, vector, sizeof vector);
    if (len < 0)
        image_missed(tracee, "auxv");
    for (size_t i = 0; len > 0 && i < (size_t)len / sizeof *vector; i++)
        if (vector[i].a_type == type)
            return vector[i].a_un.a_val;
    return 0;
}

/* An entry may lead nowhere: then nobody can read there. */
static bool first_word(struct tracee *tracee, uint64_t address, long *word)
{
    long other;
    errno = 0;
    *word = ptrace(PTRACE_PEEKTEXT, tracee->pub.tid, address, 0);
    int error = errno;
    return error == 0 || (memory_read(tracee, address, &other, sizeof other) &&
                          request_failed(tracee, PTRACE_PEEKTEXT, error));
}

static int poke_text(const struct tracee *tracee, uint64_t address, uintptr_t word)
{
    errno = 0;
    return ptrace(PTRACE_POKETEXT, tracee->pub.tid, address, word) == -1 ? errno : 0;
}

/* A program may see to it that nobody can write where its entry lies: it maps a file over it, shared, or lets it lie where the kernel has a page of its own. So what is refused twice is its
 * own doing, and no trouble; what comes over the machine is not there again. */
static bool put_word(struct tracee *tracee, uint64_t address, uintptr_t word)
{
    int error = poke_text(tracee, address, word);
    if (error == EIO || error == EFAULT)
        error = poke_text(tracee, address, word);
    bool is_its_own = error == EIO || error == EFAULT;
    return error == 0 || (!is_its_own && request_failed(tracee, PTRACE_POKETEXT, error));
}

static void set_breakpoint(struct tracee *tracee, struct member *member)
{
    uint64_t address = image_auxiliary(tracee, AT_ENTRY);
    if (address == 0 || !first_word(tracee, address, &member->entry_word))
        return;
    uintptr_t word = (uintptr_t)member->entry_word;
    if (put_word(tracee, address, (word & ~(uintptr_t)0xff) | BREAKPOINT))
        member->entry = address;
}

/* Returns the errno for which it has no name, or 0. */
static int name_program(struct process *process, const char *exe)
{
    char target[512];
    ssize_t len = readlink(exe, target, sizeof target - 1);
    int error = len < 0 ? errno : 0;
    target[len > 0 ? len : 0] = '\0';
    const char *slash = strrchr(target, '/');
    snprintf(process->program, sizeof process->program, "%.63s", slash ? slash + 1 : target);
    text_tame(process->program);
    return error == ENAMETOOLONG ? 0 : error; /* it lies so deep that the kernel has no name for it */
}

static void look_at_image(const struct tracee *tracee)
{
    char exe[64];
    struct stat info;
    struct process *process = tracee->pub.process;
    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)process->pid);
    process->image = (struct object_id){.kind = OBJECT_FILE};
    int nameless = name_program(process, exe);
    if (stat(exe, &info) != 0) {
        image_missed(tracee, "exe");
        return;
    }
    process->image.device = info.st_dev;
    process->image.number = info.st_ino;
    errno = nameless;
    if (nameless) /* though it is open to us */
        procfs_failed(tracee->tracer, process->pid, "exe");
}

void image_changed(struct tracee *tracee)
{
    struct tracer *tracer = tracee->tracer;
    struct member *member = (struct member *)tracee->pub.process;
    struct process *process = &member->pub;
    object_forget_fd(member, -1);
    member->is_shared = member->has_layout = member->has_loader = false;
    timer_exec(member);
    member->entry = 0;
    member->is_preloaded = tracee->preload == PRELOAD_DONE;
    member->probe_start = member->probe_end = 0;
    process->has_probe = false;
    process->is_static = tracee->preload == PRELOAD_STATIC;
    process->is_sanitized = tracee->preload == PRELOAD_SANITIZED;
    library_cut(tracee);
    look_at_image(tracee);
    process->is_agent = tracer->config.agent.number != 0 &&
                        process->image.device == tracer->config.agent.device &&
                        process->image.number == tracer->config.agent.number;
    process->has_entered = false;
    if (tracer->config.hooks.image)
        tracer->config.hooks.image(tracer->config.hooks.context, process);
    process->has_entered = process->is_agent;
    if (!process->is_agent)
        set_breakpoint(tracee, member);
}

/* -1: nobody can read there. */
static int byte_at(struct tracee *tracee, uint64_t address)
{
    unsigned char byte;
    return memory_read(tracee, address, &byte, sizeof byte) ? byte : -1;
}

static void enter(struct tracee *tracee)
{
    struct tracer *tracer = tracee->tracer;
    struct member *member = (struct member *)tracee->pub.process;
    member->pub.has_entered = true;
    member->has_layout = false; /* the libraries are there only now */
    early_uncloak(tracee);
    if (tracer->config.hooks.entered)
        tracer->config.hooks.entered(tracer->config.hooks.context, &member->pub);
}

/* Whoever shares the memory (clone(2), CLONE_VM) will not be stopped at the entry any more, so he counts as arrived, too. That the breakpoint has gone from under him says who it is: a copy of the memory has its own. */
static void enter_with(const struct tracee *first)
{
    struct tracer *tracer = first->tracer;
    uint64_t entry = ((const struct member *)first->pub.process)->entry;
    for (size_t i = 0; i < tracer->task_count; i++) {
        struct tracee *tracee = tracer->tasks[i];
        const struct member *member = (const struct member *)tracee->pub.process;
        int byte = member->entry == entry && !member->pub.has_entered ? byte_at(tracee, entry) : -1;
        if (byte >= 0 && byte != BREAKPOINT)
            enter(tracee);
    }
}

/* A SIGTRAP has come: true when it was our breakpoint, which is gone then. One that cannot be taken away has become the program's own instruction, and so has its signal. Two with
 * one memory may run into it at the same time: the second finds it gone. */
bool image_entered(struct tracee *tracee)
{
    const struct member *member = (const struct member *)tracee->pub.process;
    if (member->entry == 0 || !registers_behind_breakpoint(tracee, member->entry))
        return false;
    if (member->pub.has_entered)
        return byte_at(tracee, member->entry) != BREAKPOINT && registers_go_to(tracee, member->entry);
    bool is_gone = put_word(tracee, member->entry, (uintptr_t)member->entry_word) &&
                   registers_go_to(tracee, member->entry);
    enter(tracee);
    enter_with(tracee);
    return is_gone;
}
