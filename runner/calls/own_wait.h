/* Sleeps that no signal interrupts (state D of /proc/PID/stat), and that are all the same what a program has asked for.
 *
 * Who is in D waits for a disk, as a rule, and the disk's slowness is held against nobody. But the kernel sleeps so, too, where it waits for itself, or for a child of vfork(2);
 * a program can have it do nothing else. Which it is tells the place where it waits (/proc/PID/wchan): one of those below is never a disk's.
 *
 * Layer: calls. Sources: proc_pid_wchan(5), vfork(2), the kernel's functions of these names.
 */
#ifndef IPCGRADE_CALLS_OWN_WAIT_H
#define IPCGRADE_CALLS_OWN_WAIT_H

#include <stdbool.h>

/* `place`: what wchan says. `syscall`: what /proc/PID/syscall says, "3 0x5 ..", or "". Of the parent of a vfork true means that its child must be asked. */
bool own_wait_is(const char *place, const char *syscall);

#endif
