/* Building a submission: in a sandbox of its own, which keeps nothing but the programs that were asked for.
 *
 * The submission is copied in, the build command runs there under limits with its output kept, then the named programs are copied out into
 * the runner's memory. What the compiler or the student got wrong is an outcome; *err is for what the machine or the caller got wrong: a build that failed is
 * believed only where this machine can build at all (build_control.h).
 *
 * Layer: sandbox (may name base and calls).
 */
#ifndef IPCGRADE_SANDBOX_BUILD_H
#define IPCGRADE_SANDBOX_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

enum {
    BUILD_OUTPUT = 256 << 10, /* bytes of output that are kept */
    BUILD_FLOOD = 16 << 20,   /* bytes of output at which the build is stopped */
    BUILD_WALL_SECONDS =
        600, /* a safety limit on what it has slept and computed, all together (build_time.h) */
    BUILD_CPU_SECONDS = 60, /* per process */
    BUILD_FILES = 4000,
    BUILD_ENTRIES = 16000,    /* files, folders and whatever else */
    BUILD_BYTES = 64 << 20,   /* of the submission */
    BUILD_PROGRAM = 32 << 20, /* bytes of one program that is taken out */
};

/* What the grader puts into the submission's folder itself begins so. */
#define BUILD_OWN_NAMES ".ipcgrade-"

struct build_program {
    const char *name;    /* of the executable, in the submission's directory */
    const char *library; /* NULL, or the student's source or object file, in the submission's directory ... */
    const char
        *driver; /* ... that is linked with this source file of the grader (host path) into the program */
};

struct build_request {
    const char *submission; /* directory on the host */
    const char *command;    /* for the shell; NULL: make. Make goes on after errors (-k). */
    const struct build_program *programs;
    size_t program_count;
    const char *makefile;      /* or NULL: the host path of a Makefile for a submission that has none */
    const char *const *hidden; /* as in struct sandbox_config */
    unsigned wall_seconds;     /* 0: BUILD_WALL_SECONDS */
    unsigned patience_seconds; /* with a machine that is busy: then it is given up; 0: ten times as long */
    const struct sock_filter *filter; /* as in struct sandbox_config */
    size_t filter_length;
    int held; /* the same; -1, too: none */
};

struct build_outcome {
    bool is_ok;          /* the command ended with status 0, and nothing below struck */
    int status;          /* its exit status; -1 when it did not come to its end */
    bool is_timed_out;   /* stopped by the safety limit on its time */
    bool is_flood;       /* stopped because it printed too much */
    bool is_too_large;   /* the submission has too many or too large files: nothing was built */
    bool is_cut;         /* more was printed than was kept */
    struct bytes output; /* what compilers and make printed, and our own notes ("ipcgrade: ...") */
    int *programs; /* per program of the request: its copy (memfd_create(2)), or -1: there is none; owned */
    size_t program_count;
    char *source_root; /* the submission's directory as the compiler saw it */
};

/* Build. *outcome is filled when true is returned, even if nothing compiled; free it with build_outcome_free(). False with *err when the directory cannot be read,
 * no sandbox can be made, or the machine was too busy for too long. */
bool build_submission(const struct build_request *request, struct build_outcome *outcome, struct err *err);

/* The file is a compiled one, which no build is given. */
bool build_leaves_out(int fd);

void build_outcome_free(struct build_outcome *outcome); /* safe on a zeroed struct */

#endif
