/* Names that are not the sandbox's own: without namespaces objects of the machine answer to them, too. What lay there before a play is somebody else's: nobody may lose a point by it, and
 * neither we nor a program that we start may read, change or remove it. So it is looked for before anything is started that could know its name; then the case is broken.
 *
 * Layer: judge. Sources: shm_overview(7), sem_overview(7), sysvipc(7).
 */
#ifndef IPCGRADE_JUDGE_SHARED_H
#define IPCGRADE_JUDGE_SHARED_H

#include "judge/stage.h"

/* Does the case name anything that a sandbox which lacks this (LACKS_*) shares with the machine? */
bool shared_is_named(const struct scenario *scenario, unsigned lacks);

/* Is nobody else's object of that name there? Only what its place shows is looked at; nothing is opened. False with *err: there is one, or nobody can tell. Of a key that is made of a file: see below. */
bool shared_is_free(struct stage *stage, int name, struct err *err);

/* The same of all keys that are made of a file (ftok), as soon as the given files are there. That of a file which the program makes cannot be known before. */
bool shared_keys_of_files_are_free(struct stage *stage, struct err *err);

/* An object of that kind and key was there before. */
bool shared_has_key(const struct stage *stage, enum object_kind kind, int key);

#endif
