/* Why a worker has ended without a verdict, in words for a report.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_NO_VERDICT_H
#define IPCGRADE_COMMANDS_NO_VERDICT_H

#include "commands/pool.h"

/* `err`: what was wrong with what it sent, if it sent anything. */
void no_verdict_text(const struct pool_end *end, const struct err *err, char *to, size_t room);

#endif
