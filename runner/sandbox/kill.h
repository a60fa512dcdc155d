/* The end of everything inside. The first part runs in init, kill_reap_tracees() in the runner.
 *
 * Theory: a traced process that is dead stays until its tracer has waited for it, and until then its parent (leader, init) cannot. So
 * init kills, then names whoever may still be there in the runner's numbers, the runner waits for those that it traces, and then init reaps the rest.
 *
 * Layer: sandbox, private to the room. Sources: kill(2), ptrace(2), wait(2) (__WALL), unix(7) (SCM_CREDENTIALS), proc(5).
 */
#ifndef IPCGRADE_SANDBOX_KILL_H
#define IPCGRADE_SANDBOX_KILL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sandbox/ground.h"

/* Kill all but init. In a pid namespace nobody escapes (the kernel does it under a lock); elsewhere all descendants found until none is left alive. False when they cannot be killed:
 * then only the end of init ends them. */
bool kill_all(const struct ground *ground);

/* Send one WIRE_TASK for each task that is still there, threads before their leaders. False when /proc does not tell. */
bool kill_name_rest(const struct ground *ground, int socket);

/* Wait for all children of init. Only after kill_all(). */
void kill_reap(const struct ground *ground);

/* Has it ended, or begun to? It has before anybody is told of its end. False where /proc is closed. */
bool kill_is_ending(pid_t pid);

/* Runner: wait for a killed task if we trace it; at once otherwise. */
void kill_reap_tracee(pid_t tid);

/* Runner: take what statuses there are of all that we trace, found in /proc; for when nobody names them. Returns how many are not dead yet. */
size_t kill_reap_tracees(void);

#endif
