/*
 * transfer BOOK FROM TO AMOUNT
 *
 * Read the rules for all programs and the section "transfer" in README.md first. Then, one after the other:
 *   1. Look at the arguments and open the book. See strtol(3), open(2).
 *   2. Lock FROM's record, then TO's, and nothing else. Which bytes are they? See fcntl(2), "Advisory record locking".
 *   3. EDEADLK: somebody waits for what you have, and you for what he has. Who must give way, and how?
 *   4. Read both balances. What do they mean if they were read before the locks were there?
 *   5. Write both, and give the locks back.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "transfer: not written yet\n");
	return 1;
}
