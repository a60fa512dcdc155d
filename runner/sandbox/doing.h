/* What the processes of a sandbox do, all together: work, or sleep. Asked where nobody traces them (a build).
 *
 * Layer: sandbox, private to the room. Sources: getrusage(2), proc_pid_stat(5).
 */
#ifndef IPCGRADE_SANDBOX_DOING_H
#define IPCGRADE_SANDBOX_DOING_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/ground.h"

struct doing {
    uint64_t cpu_ms; /* processor time of all that init has waited for and all that live */
    bool is_asleep;  /* nobody runs, could run, or waits for a disk: false, too, where /proc does not tell */
};

/* In init. */
void doing_look(const struct ground *ground, struct doing *doing);

#endif
