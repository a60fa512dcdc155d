/*
 * dup_lowest COUNT [FD...]
 *
 * Read the rules for all programs and the section "dup_lowest" in README.md first. Then, one after the other:
 *   1. Read all numbers, to their last character, before you close anything. See strtol(3).
 *   2. Close what is to be closed. Is it open at all? See close(2).
 *   3. Duplicate descriptor 2 and print the number. Which results are failures? See dup(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "dup_lowest: not written yet\n");
	return 1;
}
