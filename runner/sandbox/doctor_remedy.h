/* What helps where something is missing: one phrase for each thing, translated and static, chosen by what this machine says of itself.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_DOCTOR_REMEDY_H
#define IPCGRADE_SANDBOX_DOCTOR_REMEDY_H

const char *remedy_namespaces(void);
const char *remedy_trace(void);
const char *remedy_filters(void); /* the kernel itself knows none */
const char *remedy_fence(void);
const char *remedy_sysv(void);
const char *remedy_copy(void);
const char *remedy_posix_queue(void);
const char *remedy_full_queues(void); /* RLIMIT_MSGQUEUE is used up */
const char *remedy_memory(void);
const char *remedy_agent(void);
const char *remedy_tools(void);
const char *remedy_directory(void);
const char *remedy_terminal(void);
const char *remedy_limits(void);
const char *remedy_processes(void);
const char *remedy_other_user(void);

#endif
