/* The safety limit on the time of a build: what it costs its submission, and what it does not.
 *
 * Nobody traces a build, so nothing proves that it hangs. What is held against it is the time that it had: the processor time that it has used, and the time that all of it has slept.
 * A build that waits for a processor or a disk meanwhile is not charged; after PATIENCE times as long it is given up, and that is the machine's doing.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_BUILD_TIME_H
#define IPCGRADE_SANDBOX_BUILD_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/sandbox.h"

struct build_time {
    int64_t limit_ms, patience_ms; /* all of CLOCK_MONOTONIC */
    int64_t began_ms, looked_ms;
    int64_t slept_ms;
    bool was_asleep; /* when it was last looked at */
    bool is_over;    /* it has used up its time */
};

/* `patience_seconds` 0: PATIENCE times as long. */
void build_time_begin(struct build_time *time, unsigned seconds, unsigned patience_seconds);

/* Until the next look is due; for poll(2). */
int build_time_left_ms(const struct build_time *time);

/* Look, if it is due. False with *err when it was starved for too long, or the sandbox does not answer. */
bool build_time_look(struct build_time *time, struct sandbox *sandbox, struct err *err);

#endif
