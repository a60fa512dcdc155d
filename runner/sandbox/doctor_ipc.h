/* Which IPC objects this machine lets be made: steps of the doctor. Each returns 0 or an errno.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_DOCTOR_IPC_H
#define IPCGRADE_SANDBOX_DOCTOR_IPC_H

struct patient; /* of doctor.c; not looked at here */

int step_queue(const struct patient *patient);
int step_semaphores(const struct patient *patient);
int step_segment(const struct patient *patient);
int step_message_copy(const struct patient *patient);
int step_posix_queue(const struct patient *patient);
int step_posix_memory(const struct patient *patient);

#endif
