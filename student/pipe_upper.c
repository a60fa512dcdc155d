/*
 * pipe_upper WORD...
 *
 * Read the rules for all programs and the section "pipe_upper" in README.md first. Then, one after the other:
 *   1. Make the pipe, then the child. See pipe(2), fork(2).
 *   2. In the child: make the read end its standard input and close what is left over. See dup2(2).
 *      What if the read end is descriptor 0 already?
 *   3. Execute tr. When does exec return, and what is to happen then? See exec(3).
 *   4. In the parent: write the words, close, wait, and look how tr ended. See wait(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pipe_upper: not written yet\n");
	return 1;
}
