/*
 * pipe_hello [-v] WORD...
 *
 * Read the rules for all programs and the section "pipe_hello" in README.md first. Then, one after the other:
 *   1. With -v print "running". What does stdio do with it when you fork? See fflush(3).
 *   2. Make the pipe, then the child. See pipe(2), fork(2).
 *   3. Which end does the parent not need, and which one does the child not need? Close them.
 *   4. The parent writes, the child reads until end of file and prints.
 *   5. The parent waits for the child and looks how it ended. See wait(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pipe_hello: not written yet\n");
	return 1;
}
