/*
 * dgram_size PATH
 *
 * Read the rules for all programs and the section "dgram_size" in README.md first. Then, one after the other:
 *   1. Is there exactly one PATH, and does it fit into an address?
 *   2. Bind a datagram socket to it. See unix(7).
 *   3. Receive a datagram and the address of its sender. How long was it? See recvfrom(2), MSG_TRUNC.
 *   4. Has the sender an address? Then send the digits there. What if nobody is there any more?
 *   5. SIGTERM: remove the file, end with status 0.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "dgram_size: not written yet\n");
	return 1;
}
