/* Inside the rules room: is anybody left who could end the waits of a scene that stands?
 *
 * A wait is *closed* when only processes of the scene can end it: for a child, for a thread, at a pipe, a private System V object or memory that nobody outside
 * can reach. When all waits of a scene are closed, and nobody catches a signal that could come from outside, then nothing will ever happen again,
 * whoever was to blame: each that could help waits himself.
 */
#ifndef IPCGRADE_RULES_STRANDED_H
#define IPCGRADE_RULES_STRANDED_H

#include "rules/rules.h"

/* All tasks wait, and all waits are closed. Ask it only while everything is at rest. */
bool is_stranded(const struct study *study, const struct waits *waits);

/* Who has ended while he held the mutex, or had taken from the semaphore without undo, that is waited for; NULL: nobody, or it is not known. *taking is the call by
 * which he took it, or NULL. */
const struct process *dead_owner(const struct study *study, const struct wait *wait,
                                 const struct event **taking);

#endif
