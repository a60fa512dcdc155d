/* Whose fault it is that a play did not go well, where it may be the machine's: it may not trace, gives less than the case promises, or has no room for another process. Then no
 * student loses a point by it.
 *
 * Layer: judge.
 */
#ifndef IPCGRADE_JUDGE_BLAME_H
#define IPCGRADE_JUDGE_BLAME_H

#include <stdbool.h>

struct stage;

/* Has a program sent a signal to all, to a group, or to somebody who is not of the case? Where all have one user, the leader of its session dies of that. */
bool blame_killed_ours(const struct stage *stage);

/* Set verdict and reason anew where the machine is to blame; after tell_verdict(), while the stage still stands. What has passed stays passed. */
void blame_machine(struct stage *stage);

#endif
