/* The control of an experiment: a program of one line, which certainly compiles. Where it does not, a submission's failed build says nothing about the submission: no compiler,
 * no room for its temporary files, no further process.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_BUILD_CONTROL_H
#define IPCGRADE_SANDBOX_BUILD_CONTROL_H

#include <stdbool.h>

#include "base/err.h"

/* Build it by make and cc in a sandbox of its own, and run it. False with what the tools said in *err; and where the clock was set meanwhile (base/clock.h), since make compares the ages
 * of files, and may build the same again and again. */
bool build_control(int clock_watch, struct err *err);

#endif
