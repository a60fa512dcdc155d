/* Where the program's own things lie. Found beside the executable, so that the whole can be moved: in a build tree the agent stands beside it and the
 * cases in a folder above it; installed, under ../libexec and ../share, else where make install was told to put them.
 *
 * Layer: commands. Source: proc(5), /proc/self/exe.
 */
#ifndef IPCGRADE_COMMANDS_PATHS_H
#define IPCGRADE_COMMANDS_PATHS_H

#include <limits.h>

#include "base/err.h"

enum { PATHS_ROOM = PATH_MAX };

/* Each fills a buffer of PATHS_ROOM bytes; false when the thing is not there. */
bool paths_agent(char *path, struct err *err);
bool paths_probe(char *path, struct err *err);  /* absolute, without links */
bool paths_cases(char *path, struct err *err);  /* the folder that IPCGRADE_CASES names goes before our own */
bool paths_source(char *path, struct err *err); /* the folder with the Makefile and runner/ */
void paths_locale(char *path);                  /* the folder for bindtextdomain(3), there or not */

#endif
