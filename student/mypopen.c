/*
 * mypopen, mypclose
 *
 * A library: it has no main, the grader's is linked with it. Read the rules for all programs and the section
 * "mypopen" in README.md first. Do not use popen, pclose, or system. Then, one after the other:
 *   1. Is the type right? What are the errors? See popen(3).
 *   2. A pipe and a child that executes /bin/sh -c command. Which end becomes which descriptor of the child?
 *      What if pipe(2) has already put it there?
 *   3. The parent's end becomes a stream: fdopen(3). Remember which child belongs to which stream.
 *   4. A later child inherits the streams of the earlier ones. What must it do with them, and why not fclose?
 *   5. mypclose: close the stream, wait for its child and for no other. EINTR is no end. See waitpid(2).
 *   6. When something fails, undo what has been done so far; errno must still say what has failed.
 */
#include "mypopen.h"

#include <errno.h>

FILE *mypopen(const char *command, const char *type)
{
	(void)command;
	(void)type;
	errno = ENOSYS;
	return NULL;
}

int mypclose(FILE *stream)
{
	(void)stream;
	errno = ENOSYS;
	return -1;
}
