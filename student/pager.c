/*
 * pager FILE
 *
 * Read the rules for all programs and the section "pager" in README.md first. Then, one after the other:
 *   1. Open the file, before there is a child. See open(2).
 *   2. Make the pipe, then the child. See pipe(2), fork(2).
 *   3. The child puts the read end in the place of its standard input and executes the pager. Which descriptors
 *      are open then that the pager does not need? See dup2(2), exec(3), getenv(3).
 *   4. The parent copies the file into the pipe, closes it, and waits. See read(2), write(2), wait(2).
 *   5. What happens when the user leaves the pager on the first page of a long file? See pipe(7), signal(7).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pager: not written yet\n");
	return 1;
}
