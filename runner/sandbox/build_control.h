/* The control of an experiment: a program of one line, which certainly compiles. Where it does not, a submission's failed build says nothing about the submission: no compiler,
 * no room for its temporary files, no further process.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_BUILD_CONTROL_H
#define IPCGRADE_SANDBOX_BUILD_CONTROL_H

#include <stdbool.h>

#include "base/err.h"

/* Build it by make and cc in a sandbox of its own, and run it. False with what the tools said in *err. */
bool build_control(struct err *err);

#endif
