/* What a build is given beside the submission: compilers that are found through small scripts, which add -g before the student's own flags. So a Makefile of
 * any kind yields programs whose failures have a line number.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_BUILD_TOOLS_H
#define IPCGRADE_SANDBOX_BUILD_TOOLS_H

#include "base/err.h"
#include "sandbox/build.h"
#include "sandbox/sandbox.h"

#define BUILD_TOOLS BUILD_OWN_NAMES "tools" /* the folder of the scripts, in the submission's */

bool build_put_tools(struct sandbox *sandbox, struct err *err);

#endif
