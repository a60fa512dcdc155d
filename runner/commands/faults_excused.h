/* For tests only: what a fault justifies in a run that suffers it; all else does not hold (faulted_report.h). */
#ifndef IPCGRADE_COMMANDS_FAULTS_EXCUSED_H
#define IPCGRADE_COMMANDS_FAULTS_EXCUSED_H

#include "commands/faulted_report.h"
#include "commands/faults.h"

/* A call by which we ask whether the machine has something: where it fails, a case that needs it is skipped. And a call whose error nobody can be told, or is told in other words. */
struct excused {
    enum role role;
    const char *call;
    const char *words; /* what is said instead of the error; NULL: of the error */
    bool may_skip;
    const char *why;
};

static const struct excused excuses[] = {
    {ROLES, "", NULL, false, ""},
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
    struct excuse excuse = {{NULL}, false};
    const struct excused *excused = fault->signal ? NULL : excused_of(&fault->at);
    if (fault->signal || fault->error == SHORT_COUNT)
        return excuse;
    excuse.words[0] = strerror(fault->error);
    excuse.words[1] = strerrorname_np(fault->error);
    excuse.words[2] = excused ? excused->words : NULL;
    excuse.may_skip = excused && excused->may_skip;
    return excuse;
}

#endif
