/*
 * fifo_client TEXT
 *
 * Read the rules for all programs and the section "fifo_client" in README.md first. Then, one after the other:
 *   1. Is there exactly one TEXT? Is the request too long to be written in one piece? See PIPE_BUF in pipe(7).
 *   2. Make your own FIFO, and open it for reading: before you ask, since the server does not wait for you.
 *   3. Open the FIFO "server" for writing, without waiting for a server that is not there. See fifo(7).
 *   4. Send the request with one write. Somebody else may write at the same moment.
 *   5. Wait for the answer, read its whole line, print it. What does read(2) give as long as nobody has opened
 *      your FIFO for writing?
 *   6. Remove your FIFO on every way out, also when Ctrl-C is typed.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fifo_client: not written yet\n");
	return 1;
}
