/* Inside the rules room: what a program made of a call that failed. What it does with a result inside of itself cannot be seen; what it says and how it ends can.
 */
#ifndef IPCGRADE_RULES_HANDLING_H
#define IPCGRADE_RULES_HANDLING_H

#include "rules/rules.h"

/* The next call of the same task, or NULL. */
const struct event *next_of_task(const struct study *study, const struct event *event);

/* The one before it, or NULL. */
const struct event *previous_of_task(const struct study *study, const struct event *event);

/* The process says something afterwards that reads like the telling of a failure, or soon writes to standard error, or it ends by itself with a status that
 * is not 0, or somebody has killed it. Silence, and status 0, is what is left: nobody has looked. */
bool is_failure_told(const struct study *study, const struct event *event);

/* The first of these alone: it says something. */
bool is_failure_said(const struct study *study, const struct event *event);

/* It says so on standard error or in the words of the system (perror(3)): not in words of its own, by which it may tell of what it has expected. */
bool is_error_said(const struct study *study, const struct event *event);

/* This is a writing to standard error, or of words about that error: perror(3) writes by a copy of the descriptor. */
bool says_failure(const struct event *event, int error);

/* It says so, and ends with status 0: the failure may be what it was written to show. */
bool is_shown(const struct study *study, const struct event *event);

/* A later call of the same family by the same process at the same object succeeds; NULL: none does. */
const struct event *later_success(const struct study *study, const struct event *event);

#endif
