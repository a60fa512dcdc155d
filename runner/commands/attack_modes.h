/* For the test of the attacks only: the machines that they are played on. What holds where is in attack_rows.h; how a machine is made poor is in machines.h.
 */
#ifndef IPCGRADE_COMMANDS_ATTACK_MODES_H
#define IPCGRADE_COMMANDS_ATTACK_MODES_H

#include "commands/machines.h"

static inline void all_allowed(void)
{
}

/* Without CAP_SYS_ADMIN nobody loads a second filter, so the first has all. */
static inline void old_container(void)
{
    refuse((const struct refusal[]){{"landlock_create_ruleset", ENOSYS, 0, 0}, {NULL, 0, 0, 0}});
    container();
}

static inline void untraced_container(void)
{
    refuse(trace_refusals);
    container();
}

/* In the order of the letters of a row. */
static const struct attack_mode {
    const char *name; /* for IPCGRADE_MODES, and in what a failed check says */
    void (*make)(void);
    bool is_user; /* not root: then what is handed in belongs to that user */
    bool is_open; /* without namespaces */
} attack_modes[] = {
    {"root", all_allowed, false, false},           {"user", be_ordinary, true, false}, /* with namespaces */
    {"bare", user_in_container, true, true},       /* an ordinary user without */
    {"container", container, false, true},         /* its root, with the usual filter and capabilities */
    {"old", old_container, false, true},           /* the same on a kernel without Landlock */
    {"untraced", untraced_container, false, true}, /* the same where ptrace is forbidden */
};
enum { ATTACK_USER = 1, ATTACK_MODES = sizeof attack_modes / sizeof *attack_modes };

#endif
