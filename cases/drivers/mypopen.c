/*
 * mypopen [-c] [-w] [-n N] TYPE COMMAND [TYPE COMMAND]...: the grader's half of the exercise "mypopen".
 *
 * Opens all commands in their order (N times the whole list), and puts the line "hello" into each stream of
 * type w. Then, in the same order, prints all that a stream of type r gives, closes the stream, and prints
 * "status N" or "signal N". What fails is printed, too, as popen: WHY or pclose: WHY.
 *   -c   before anything is closed, waits for all children itself
 *   -w   waits for the end of its input before it ends
 * A signal SIGUSR1 interrupts whatever it waits in; SIGPIPE is ignored. The C library's popen, pclose and system,
 * which the exercise is about to make, are not there.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

FILE *mypopen(const char *command, const char *type);
int mypclose(FILE *stream);

enum { MOST = 64 };

FILE *popen(const char *command, const char *type)
{
	errx(99, "mypopen(\"%s\", \"%s\") is to do without popen", command, type);
}

int pclose(FILE *stream)
{
	errx(99, "mypclose(%p) is to do without pclose", (void *)stream);
}

int system(const char *command)
{
	errx(99, "mypopen(\"%s\") is to do without system", command);
}

static void on_signal(int number)
{
	(void)number;
}

static void tell(const char *call)
{
	dprintf(STDOUT_FILENO, "%s: %s\n", call, strerror(errno));
}

static FILE *open_one(const char *type, const char *command)
{
	FILE *stream = mypopen(command, type);

	if (!stream)
		tell("popen");
	else if (type[0] == 'w')
		fputs("hello\n", stream);	/* stays in the buffer */
	return stream;
}

/* Line by line, so that a case can look at what came before the end. */
static void print_all(FILE *stream)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t count;

	while ((count = getline(&line, &room, stream)) > 0)
		if (write(STDOUT_FILENO, line, count) < 0)
			err(99, "write");
	free(line);
}

static void close_one(const char *type, FILE *stream)
{
	if (type[0] == 'r')
		print_all(stream);
	int status = mypclose(stream);
	if (status == -1)
		tell("pclose");
	else if (WIFEXITED(status))
		dprintf(STDOUT_FILENO, "status %d\n", WEXITSTATUS(status));
	else
		dprintf(STDOUT_FILENO, "signal %d\n", WTERMSIG(status));
}

static void wait_for_end_of_input(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	struct sigaction interrupts = {.sa_handler = on_signal};	/* without SA_RESTART */
	FILE *streams[MOST];
	int option, takes = 0, waits = 0, times = 1;

	while ((option = getopt(argc, argv, "+cwn:")) != -1)
		switch (option) {
		case 'c': takes = 1; break;
		case 'w': waits = 1; break;
		case 'n': times = (int)strtol(optarg, NULL, 10); break;
		default: errx(99, "the case has an option that the driver does not know");
		}
	int pairs = (argc - optind) / 2, count = pairs * times;
	if (count < 1 || count > MOST)
		errx(99, "usage: mypopen [-c] [-w] [-n N] TYPE COMMAND...");
	sigaction(SIGUSR1, &interrupts, NULL);
	signal(SIGPIPE, SIG_IGN);
	char **list = argv + optind;
	for (int i = 0; i < count; i++)
		streams[i] = open_one(list[i % pairs * 2], list[i % pairs * 2 + 1]);
	while (takes && wait(NULL) > 0)
		;
	for (int i = 0; i < count; i++)
		if (streams[i])
			close_one(list[i % pairs * 2], streams[i]);
	if (waits)
		wait_for_end_of_input();
	return 0;
}
