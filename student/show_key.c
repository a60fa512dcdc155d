/*
 * show_key PATH ID
 *
 * Read the rules for all programs and the section "show_key" in README.md first. Then, one after the other:
 *   1. Are there two arguments? Is ID a number from 1 to 255? See strtol(3), base 0. Where did it stop?
 *   2. Make the key. See ftok(3). Which value means that there is none?
 *   3. Print it: 0x and eight digits.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "show_key: not written yet\n");
	return 1;
}
