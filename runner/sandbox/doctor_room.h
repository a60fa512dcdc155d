/* What a machine may have too little of: steps of the doctor, and the limits that `grade` promises to programs. Each returns 0 or an errno.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_DOCTOR_ROOM_H
#define IPCGRADE_SANDBOX_DOCTOR_ROOM_H

int room_directory(void); /* a folder for cases' directories, with place for the largest case */
int room_terminal(void);  /* a terminal of the machine's */
int room_processes(
    void); /* so many at a time as a run with a few cases side by side has: EAGAIN where a limit of the user or of a group of processes (a container's) is met */
int room_limits(void); /* hard limits that are smaller than what a case usually promises: EAGAIN */

#endif
