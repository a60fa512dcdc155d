/*
 * udp_echo PORT
 *
 * Read the rules for all programs and the section "udp_echo" in README.md first. Then, one after the other:
 *   1. Is there one PORT, from 1 to 65535?
 *   2. Make a datagram socket and bind it. See udp(7), bind(2).
 *   3. Receive a datagram and the address of its sender, and send it back. See recvfrom(2), sendto(2).
 *   4. How large may a datagram be? And how small?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "udp_echo: not written yet\n");
	return 1;
}
