/* Copying a submission into a sandbox.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_SUBMISSION_H
#define IPCGRADE_SANDBOX_SUBMISSION_H

#include "sandbox/sandbox.h"

/* Copy the directory's plain files and directories into the case's directory. Whatever else is there (links, FIFOs, devices, compiled programs, .git) is left out
 * and, but for .git, noted in *notes, a line each. *is_too_large is set, and copying stopped, when BUILD_FILES or BUILD_BYTES would be passed. False with
 * *err when the directory cannot be read. */
bool submission_copy(struct sandbox *sandbox, const char *directory, struct bytes *notes, bool *is_too_large,
                     struct err *err);

/* Is there one by any of the names that make(1) looks for? False with *err when nobody can tell. */
bool submission_has_makefile(const char *directory, bool *is_there, struct err *err);

#endif
