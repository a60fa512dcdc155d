/* Inside the rules room: which of two calls comes first because the program has seen to it, not by luck.
 *
 * The log has one order, which is that of this run. Two calls of different processes are *in order* where something passes from the one to the other in between: the birth of a
 * process, its end that is waited for, or a message, token or signal that one gives behind its call and the other takes before its own. One step of that kind is looked for,
 * not a chain of several.
 */
#ifndef IPCGRADE_RULES_ORDER_H
#define IPCGRADE_RULES_ORDER_H

#include "rules/rules.h"

/* `first` stands before `then` in the log; the processes differ. */
bool is_in_order(const struct study *study, const struct event *first, const struct event *then);

#endif
