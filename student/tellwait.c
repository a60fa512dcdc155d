/*
 * TELL_WAIT, TELL_PARENT, WAIT_PARENT, TELL_CHILD, WAIT_CHILD
 *
 * A library: it has no main, the grader's is linked with it. Read the rules for all programs and the section
 * "tellwait" in README.md first. Then, one after the other:
 *   1. Make two pipes in TELL_WAIT: one for each direction. Why does one not do?
 *   2. To tell is to write one byte, to wait is to read one. Who writes into which pipe?
 *   3. A signal handler may interrupt read(2). See EINTR.
 *   4. What does read(2) say when the other process has gone? Only if nobody holds a write end: which ends
 *      does each of the two not need? When does the library learn which of the two it is?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include "tellwait.h"

void TELL_WAIT(void)
{
}

void TELL_PARENT(pid_t parent)
{
	(void)parent;
}

void WAIT_PARENT(void)
{
}

void TELL_CHILD(pid_t child)
{
	(void)child;
}

void WAIT_CHILD(void)
{
}
