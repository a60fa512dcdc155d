/*
 * log_append [-l] [-n] FILE TEXT COUNT
 *
 * Read the rules for all programs and the section "log_append" in README.md first. Then, one after the other:
 *   1. Look at the arguments. COUNT is a number to its last character. See strtol(3).
 *   2. Open FILE, and make it if it is not there. What is in it stays. See open(2).
 *   3. Lock the whole file, write a line, unlock. See fcntl(2), "Advisory record locking". Which bytes does a length of 0 mean?
 *   4. -n: F_SETLK does not wait. Who has the lock? F_GETLK knows.
 *   5. -l: count the lines. When must the lock be there, and what takes it away from you?
 *   6. SIGINT while it waits: which flag of sigaction(2) must not be set?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "log_append: not written yet\n");
	return 1;
}
