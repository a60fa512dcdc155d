/*
 * popen_prompt FILTER
 *
 * Read the rules for all programs and the section "popen_prompt" in README.md first. Then, one after the other:
 *   1. Start FILTER so that you can read what it prints. See popen(3). Who reads your standard input now?
 *   2. Print the prompt. It has no newline: when does it leave your program? See fflush(3).
 *   3. Read one line of the filter, however long, and print it. See getline(3). Again from 2.
 *   4. At the end: a newline; wait for the filter, and look how it ended. See pclose(3).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "popen_prompt: not written yet\n");
	return 1;
}
