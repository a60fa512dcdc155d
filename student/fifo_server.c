/*
 * fifo_server
 *
 * Read the rules for all programs and the section "fifo_server" in README.md first. Then, one after the other:
 *   1. Make the FIFO "server", or find that it is there. What is it, if it is there?
 *   2. Open it for reading. What does read(2) give when the last client leaves, and what would it give ever after?
 *      How can you see to it that there is always a writer?
 *   3. Take whole lines out of what comes. A read may give half a request, or several.
 *   4. Open the client's FIFO, write the answer, close it. The client may have gone at any moment: before you
 *      open, or before you write. It must not stop you, and you must not wait for it. See fifo(7), pipe(7).
 *   5. SIGTERM: remove the FIFO and end. Which calls are allowed in a handler? See signal-safety(7).
 *
 * Each call can fail. Say which one did and why.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fifo_server: not written yet\n");
	return 1;
}
