/*
 * unix_server PATH
 *
 * Read the rules for all programs and the section "unix_server" in README.md first. Then, one after the other:
 *   1. Is there exactly one PATH, and does it fit into an address? See unix(7).
 *   2. Bind a socket to it. With which mode is the file made? See umask(2).
 *   3. If something is there already: is it a socket? Does somebody serve there? How can you ask?
 *   4. Listen, accept, send back what comes, until end of file; then the next one. What if the client has gone? See send(2).
 *   5. SIGTERM: remove the file, end with status 0. See sigaction(2), signal-safety(7).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "unix_server: not written yet\n");
	return 1;
}
