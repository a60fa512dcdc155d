/* For tests only: what a fault justifies in a run that suffers it; all else does not hold (faulted_report.h). */
#ifndef IPCGRADE_COMMANDS_FAULTS_EXCUSED_H
#define IPCGRADE_COMMANDS_FAULTS_EXCUSED_H

#include "commands/faulted_report.h"
#include "commands/faults.h"

/* Whose error is told in other words. */
struct excused {
    enum role role;
    const char *call;
    const char *words; /* what is said instead */
    bool may_leave;    /* what it was to take away is left */
    const char *why;
};

static const struct excused excuses[] = {
    {ROLE_RUNNER, "seccomp", "write the seccomp filter", false,
     "libseccomp asks the kernel what it knows, and takes any error for a no"},
    {ROLE_WORKER, "seccomp", "write the seccomp filter", false,
     "libseccomp asks the kernel what it knows, and takes any error for a no"},
    {ROLE_RUNNER, "unlink", NULL, true, "nobody else will"},
    {ROLE_WORKER, "unlink", NULL, true, "nobody else will"},
    {ROLE_WORKER, "write", "sent no verdict", false, "by this call it would have told"},
};

static inline const struct excused *excused_of(const struct site *at)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, at->number);
    const struct excused *found = NULL;
    for (size_t i = 0; name && !found && i < sizeof excuses / sizeof *excuses; i++)
        if (excuses[i].role == at->role && strcmp(excuses[i].call, name) == 0)
            found = &excuses[i];
    free(name);
    return found;
}

/* Of who was killed, or of bytes that came in parts, there is no error to be named. */
static inline struct excuse excuse_of(const struct fault *fault)
{
    struct excuse excuse = {0};
    int count = 2;
    const struct excused *excused = fault->signal ? NULL : excused_of(&fault->at);
    if (fault->signal || fault->error == SHORT_COUNT)
        return excuse;
    excuse.may_leave = excused && excused->may_leave;
    excuse.words[0] = strerror(fault->error);
    excuse.words[1] = strerrorname_np(fault->error);
    if (excused && excused->words)
        excuse.words[count++] = excused->words;
    if (IS_SANITIZED) /* it makes calls of its own in us, and ends us in its own words */
        excuse.words[count++] = "AddressSanitizer";
    /* What may not be read is for whoever runs us to mend. */
    excuse.may_be_theirs = fault->at.role == ROLE_RUNNER && fault->error == EACCES;
    /* Without namespaces what its owner has closed is closed to us, too, and looks so. */
    excuse.may_skip = the_ground.mode->is_open && fault->error == EACCES;
    return excuse;
}

#endif
