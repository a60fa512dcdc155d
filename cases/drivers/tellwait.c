/*
 * tellwait PARENT CHILD: the grader's half of the exercise "tellwait".
 *
 * Calls TELL_WAIT and fork; then each of the two does what its argument says, word by word:
 *   tell, wait     TELL_CHILD and WAIT_CHILD in the parent, TELL_PARENT and WAIT_PARENT in the child
 *   say:TEXT       prints the line TEXT
 *   go, go:NAME    reads a line from the FIFO go, or NAME, which the case gives: so the case holds it back
 *   end:N          ends at once with status N
 * At its end the parent waits for the child. A signal SIGUSR1 interrupts whatever they wait in.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void TELL_WAIT(void);
void TELL_PARENT(pid_t parent);
void WAIT_PARENT(void);
void TELL_CHILD(pid_t child);
void WAIT_CHILD(void);

struct side {
	pid_t other;
	void (*tell)(pid_t);
	void (*wait)(void);
};

static void on_signal(int number)
{
	(void)number;
}

static void go(const char *path)
{
	char byte = 0;
	ssize_t count;
	int fd;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		if (errno != EINTR)
			err(99, "%s", path);
	while (byte != '\n')
		if ((count = read(fd, &byte, 1)) == 0 || (count < 0 && errno != EINTR))
			err(99, "%s", path);
	close(fd);
}

static void do_word(const struct side *side, const char *word)
{
	if (strcmp(word, "tell") == 0)
		side->tell(side->other);
	else if (strcmp(word, "wait") == 0)
		side->wait();
	else if (strncmp(word, "say:", 4) == 0)
		dprintf(STDOUT_FILENO, "%s\n", word + 4);
	else if (strncmp(word, "end:", 4) == 0)
		_exit((int)strtol(word + 4, NULL, 10));
	else if (strcmp(word, "go") == 0 || strncmp(word, "go:", 3) == 0)
		go(word[2] ? word + 3 : word);
	else
		errx(99, "the case has a word that the driver does not know: %s", word);
}

static void do_words(const struct side *side, char *words)
{
	for (char *rest = words, *word; (word = strtok_r(rest, " ", &rest));)
		do_word(side, word);
}

int main(int argc, char **argv)
{
	struct sigaction interrupts = {.sa_handler = on_signal};	/* without SA_RESTART */
	int status;

	if (argc != 3)
		errx(99, "usage: tellwait PARENT CHILD");
	sigaction(SIGUSR1, &interrupts, NULL);
	TELL_WAIT();
	pid_t child = fork();
	if (child < 0)
		err(99, "fork");
	if (child == 0) {
		do_words(&(struct side){getppid(), TELL_PARENT, WAIT_PARENT}, argv[2]);
		_exit(0);
	}
	do_words(&(struct side){child, TELL_CHILD, WAIT_CHILD}, argv[1]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(99, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
