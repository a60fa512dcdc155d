/* Inside the rules room: is anybody left who could end the waits of a scene that stands?
 *
 * What a wait is for can be in the *reach* of nobody but the processes of the scene: a child, a thread, a pipe, a private System V object, memory that nobody
 * outside can map. When that is so of all waits, and nobody catches a signal that could come from outside, then nothing will ever happen again, whoever was to
 * blame: each that could help waits himself. Where somebody outside could reach an object by its name or key, but the scene has used it by itself, that is
 * probably so.
 */
#ifndef IPCGRADE_RULES_STRANDED_H
#define IPCGRADE_RULES_STRANDED_H

#include "rules/rules.h"

enum reach { REACH_NOBODY, REACH_BY_NAME, REACH_ANYBODY };

/* Who outside of the scene can reach what is waited for. */
enum reach reach_of(const struct study *study, const struct wait *wait);

enum stranded { STRANDED_NOT, STRANDED_PROBABLY, STRANDED_FOR_EVER };

/* Do all tasks wait for what only they could bring? Ask it only while everything is at rest. */
enum stranded how_stranded(const struct study *study, const struct waits *waits);

/* Who has ended while he held the mutex, or had taken from the semaphore without undo, that is waited for; NULL: nobody, or it is not known. *taking is the call by
 * which he took it, or NULL. */
const struct process *dead_owner(const struct study *study, const struct wait *wait,
                                 const struct event **taking);

#endif
