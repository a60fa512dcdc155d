/* Five functions by which a parent and its child wait for each other; see "tellwait" in README.md. */
#ifndef TELLWAIT_H
#define TELLWAIT_H

#include <sys/types.h>

void TELL_WAIT(void);			/* before fork: makes what the others need */

void TELL_PARENT(pid_t parent);		/* called by the child */
void WAIT_PARENT(void);

void TELL_CHILD(pid_t child);		/* called by the parent */
void WAIT_CHILD(void);

#endif
