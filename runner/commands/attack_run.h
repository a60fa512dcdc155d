/* For the test of the attacks only: a run, and what has become of it.
 */
#ifndef IPCGRADE_COMMANDS_ATTACK_RUN_H
#define IPCGRADE_COMMANDS_ATTACK_RUN_H

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/pids.h"
#include "commands/attack_texts.h"
#include "commands/command.h"
#include "sandbox/procs.h"

enum { ATTACK_SIGNALLED = 1000, ATTACK_EXITING = 4 }; /* PF_EXITING of the kernel's task flags */

struct attack_outcome {
    int status;        /* its exit status; ATTACK_SIGNALLED and more: the signal that it died of */
    struct bytes left; /* the processes that went on when it had ended, by name */
};

static inline bool is_killed(pid_t pid)
{
    char path[64], line[512];
    unsigned long pending = 0, both = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    cleanup_file FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
        if (sscanf(line, "SigPnd: %lx", &pending) == 1 || sscanf(line, "ShdPnd: %lx", &pending) == 1)
            both |= pending;
    return both & 1UL << (SIGKILL - 1);
}

/* Somebody who was killed may take a while until he is gone; nothing that he can do lengthens it. Sources: proc(5), "stat" and "status". */
static inline bool goes_on(pid_t pid, struct bytes *name)
{
    char path[64], line[512] = "", state = 'Z', text[64] = "";
    unsigned long flags = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    cleanup_file FILE *file = fopen(path, "re");
    const char *end = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    bool is_read = end && sscanf(end, ") %c %*d %*d %*d %*d %*d %lu", &state, &flags) == 2;
    bool has_gone = !is_read || state == 'Z' || state == 'X' || (flags & ATTACK_EXITING) || is_killed(pid);
    sscanf(line, "%*d (%63[^)]", text);
    if (!has_gone)
        bytes_print(name, " %s", text);
    return !has_gone;
}

/* Whoever the run leaves has become our child, or is a child of one. */
static inline void note_left(struct bytes *left)
{
    cleanup_pids struct pids processes = pids_of("/proc");
    pid_t pid;
    if (!pids_are_told(&processes))
        bytes_print(left, " (who, /proc does not say)");
    while ((pid = pids_next(&processes)))
        if (procs_descends(pid, getpid()))
            goes_on(pid, left);
}

/* It ends only when all have ended who came of it. */
static inline struct attack_outcome attack_run(void become(const void *), const void *context)
{
    struct attack_outcome outcome = {.status = -1};
    int status = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = fork();
    if (pid == 0)
        become(context);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return outcome;
    note_left(&outcome.left);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
        continue;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : ATTACK_SIGNALLED + WTERMSIG(status);
    return outcome;
}

/* What the verdicts of a whole report come to; where nothing could be judged it must not look green. */
static inline int attack_status(const json_t *cases)
{
    static const struct {
        const char *verdict;
        int status;
    } rows[] = {{"broken", EXIT_BROKEN}, {"failed", EXIT_LOST}, {"passed", EXIT_FULL}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t i = 0; i < json_array_size(cases); i++)
            if (strcmp(text_of(json_array_get(cases, i), "verdict"), rows[row].verdict) == 0)
                return rows[row].status;
    return EXIT_BROKEN;
}

/* The run came to its end by itself, said so by its status, and nobody outlived it. */
static inline void check_end(const struct attack_outcome *outcome, const json_t *report, struct bytes *wrong)
{
    int wanted = attack_status(json_object_get(report, "cases"));
    if (outcome->status != wanted)
        bytes_print(wrong, "\n  status %d, and the verdicts come to %d", outcome->status, wanted);
    if (!json_is_false(json_object_get(report, "partial")))
        bytes_print(wrong, "\n  the report calls itself partial");
    if (outcome->left.len > 0)
        bytes_print(wrong, "\n  processes have outlived the run:%s", bytes_text(&outcome->left));
}

#endif
