/*
 * dup_to FROM TO
 *
 * Read the rules for all programs and the section "dup_to" in README.md first. Then, one after the other:
 *   1. Read the two numbers, to their last character. See strtol(3).
 *   2. Make the copy. What happens when both numbers are equal, and what is done about what has the number TO
 *      already? See dup2(2).
 *   3. Write the two lines, each on its descriptor. See dprintf(3).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "dup_to: not written yet\n");
	return 1;
}
