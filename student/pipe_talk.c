/*
 * pipe_talk WORD WORD...
 *
 * Read the rules for all programs and the section "pipe_talk" in README.md first. Then, one after the other:
 *   1. Make two pipes, then the child. Draw which process reads and writes which end. See pipe(2), fork(2).
 *   2. Which two of the four ends does the parent not need, and which two does the child not need? Close them.
 *   3. How does the one that hears know where a word ends? An empty word is a word.
 *   4. Say and hear in turns; print before you answer. What does stdio do with a line when output is a pipe?
 *   5. What does read() give when the other side has gone, and what does write() do? See pipe(7), signal(7).
 *   6. The parent waits for the child and looks how it ended. See wait(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pipe_talk: not written yet\n");
	return 1;
}
