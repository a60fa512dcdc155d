/* What grading one folder needs, found and loaded once: the cases, the agent, and what students must not read. `grade` runs once over it, `watch` as often
 * as a file is saved.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_SESSION_H
#define IPCGRADE_COMMANDS_SESSION_H

#include "commands/grading.h"
#include "commands/options.h"
#include "commands/outputs.h"
#include "commands/paths.h"
#include "commands/submission.h"

enum { SESSION_PATTERNS = 64, SESSION_JOBS = 256 };

struct session {
    const char *directory;  /* the submission; borrowed from the command line */
    char cases[PATHS_ROOM]; /* "": to be found */
    char agent[PATHS_ROOM];
    char *whole;           /* the cases' folder without links, which students must not read; owned */
    const char *hidden[2]; /* that, and NULL */
    const char *patterns[SESSION_PATTERNS];
    struct suite *suite; /* owned */
    struct grading_request request;
    struct outputs outputs; /* the reports that are wanted; owned */
    bool is_walled;         /* known with the build: namespaces keep submissions from the machine */
};

/* Options that every such command knows, for its rows. session_read() takes them, and `format`, `show-hidden`, `after-due-date` and `verbose`, by their names. */
#define SESSION_CASES                                                                                        \
    {                                                                                                        \
        "cases", "DIR",                                                                                      \
            "the folder with assignment.yaml and the cases (default: that of IPCGRADE_CASES, else "          \
            "our own)"                                                                                       \
    }
#define SESSION_ONLY                                                                                         \
    {                                                                                                        \
        "only", "PATTERN", "only these cases: a glob on ids or programs, a group; may be repeated"           \
    }
#define SESSION_JOB_COUNT                                                                                    \
    {                                                                                                        \
        "jobs", "N", "run N cases side by side (default: one per core)"                                      \
    }
#define SESSION_SEED                                                                                         \
    {                                                                                                        \
        "seed", "N", "draw keys and ports from N, to repeat a run"                                           \
    }

/* Defaults: all cases, a job for each core, a seed of its own. */
void session_prepare(struct session *session);

/* Read the command line: the options that the command's rows have, and the one argument, the submission, or `usual` where there is none (NULL: there must be one). An exit
 * status; not EXIT_FULL: it was told what is wrong. EXIT_FULL without a `directory`: the help was asked for, and printed. */
int session_read(struct session *session, struct options *options, const char *usual);

/* Find and load the cases. The same. To be freed in any case. */
int session_load(struct session *session);
void session_free(struct session *session); /* safe on a zeroed struct */

/* Say, where no exercise lies in the submission's folder but in one below, which one that is. */
void session_say_where(const struct session *session);

/* Build the submission into *submission, which the caller frees; the build is in the result then. */
bool session_build(struct session *session, struct grading *grading, struct submission *submission,
                   struct err *err);

/* Play what is planned. The result is whole then, with notes on the machine where something could not be judged here. */
bool session_play(struct session *session, struct grading *grading, const struct submission *submission,
                  struct err *err);

/* The exit status that the result of a run gives. */
int session_status(const struct result *result);

#endif
