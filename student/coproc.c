/*
 * coproc [-1] PROGRAM
 *
 * Read the rules for all programs and the section "coproc" in README.md first. Then, one after the other:
 *   1. Start PROGRAM with two pipes, one to its standard input and one from its standard output.
 *      Four ends: who keeps which?
 *   2. Read a line of your input, send it, read the answer up to its newline, print it. See getline(3).
 *   3. At the end of your input: how does the filter learn of it? What may it still say?
 *   4. What happens when you write to a filter that has gone? See "SIGPIPE" in pipe(7).
 *   5. Start it again, and send the line once more; with -1 end instead.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "coproc: not written yet\n");
	return 1;
}
