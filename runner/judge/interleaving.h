/* `any_order`: lines of several writers, each of whom keeps its own order. */
#ifndef IPCGRADE_JUDGE_INTERLEAVING_H
#define IPCGRADE_JUDGE_INTERLEAVING_H

#include <stdbool.h>
#include <stddef.h>

#include "judge/stage.h"
#include "judge/wanted.h"

/* Are the lines an interleaving of the pattern's groups? False with *err when a <name> means nothing now, or when so many lines could
 * be so many writers' that the search was given up. */
bool interleaving_holds(struct stage *stage, const struct pattern *pattern, const struct slice *lines,
                        size_t count, struct err *err);

#endif
