/* What was handed in: built once, its programs found.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_SUBMISSION_H
#define IPCGRADE_COMMANDS_SUBMISSION_H

#include "cases/scenario.h"
#include "judge/play.h"
#include "result/result.h"

struct submission {
    struct play_program *programs; /* one per program of the assignment; owned, also their host paths */
    size_t program_count;
    const struct program *sources; /* of the assignment, in the same order; borrowed */
    int *descriptors;      /* of the built executables, which have no other name left; -1: there is none */
    const char *directory; /* as it was given; borrowed */
    char *source_root;     /* as the compiler saw it */
    struct build_result build; /* moved into the result by the caller */
};

/* Build the directory as the assignment says, in a sandbox; `hidden` are host paths that it may not read, `held` is a descriptor that lasts as long as anything of it, or -1 (sandbox.h). A submission that does not build is no failure of this function: build.is_ok tells it, and
 * programs that are there all the same are used. False: the grader or the machine could not do it. */
bool submission_build(struct submission *submission, const struct suite *suite, const char *directory,
                      const char *const *hidden, int held, struct err *err);
void submission_free(struct submission *submission); /* safe on a zeroed struct */

/* The program of the scenario whose source is, byte for byte, the skeleton of it that lies in student/ beside the cases; NULL: none, or no
 * skeletons are known (or the submission is that very folder). Borrowed. */
const char *submission_skeleton(const struct submission *submission, const struct suite *suite,
                                const struct scenario *scenario);

/* The first program that the scenario starts and that is not there, borrowed; NULL when all are. */
const char *submission_lacks(const struct submission *submission, const struct scenario *scenario);

/* Why it is not there: "NAME: not handed in", in the reader's language. Caller frees. */
char *submission_lack_text(const struct submission *submission, const char *program);

#endif
