/* Runs a command under the tracer and prints nothing of what it does: the cost of the tracer alone.
 *
 *     traced COMMAND [ARG...]       as in a graded case: stacks are kept, and the scene is judged whenever nothing is to be handled
 *     traced -b COMMAND [ARG...]    bare: events only, neither stacks nor proofs
 *     traced -c                     prints the names of the traced calls, for strace's -e trace=
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "calls/vocabulary.h"
#include "trace/trace.h"

static void print_calls(const struct call_row *row, const char **comma)
{
    for (; row && row->name; row++) {
        if (row->traits & CALL_DENIED)
            continue;
        printf("%s?%s", *comma, row->name); /* ?: strace may not know it */
        *comma = ",";
    }
}

static void print_vocabulary(void)
{
    const char *comma = "";
    for (size_t i = 0; vocabulary[i]; i++) {
        for (const struct deed_row *deed = vocabulary[i]->deeds; deed && deed->word; deed++)
            print_calls(deed->calls, &comma);
        print_calls(vocabulary[i]->calls, &comma);
    }
    putchar('\n');
}

struct start {
    int go[2];
    struct sock_filter *filter;
    size_t length;
    sigset_t mask;
};

__attribute__((noreturn)) static void become(const struct start *start, char **argv)
{
    struct sock_fprog program = {(unsigned short)start->length, start->filter};
    char word;
    sigprocmask(SIG_SETMASK, &start->mask, NULL);
    close(start->go[1]);
    if (read(start->go[0], &word, 1) == 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        execvp(argv[0], argv);
    _exit(127);
}

static bool start_command(struct tracer *tracer, struct start *start, char **argv, struct process **process,
                          struct err *err)
{
    if (!tracer_filter(&start->filter, &start->length, err))
        return false;
    if (pipe2(start->go, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe");
    pid_t pid = fork();
    if (pid == 0)
        become(start, argv);
    if (pid < 0)
        return err_sys(err, "make a process");
    if (!tracer_seize(tracer, pid, 0, process, err))
        return false;
    return write(start->go[1], "", 1) == 1 || err_sys(err, "let it go");
}

static void follow(struct tracer *tracer, bool is_bare)
{
    struct pollfd wait = {.fd = tracer_poll_fd(tracer), .events = POLLIN};
    const struct timespec soon = {.tv_nsec = 20000}; /* the director's first pause: a proof is tried again */
    while (!tracer_trouble(tracer)) {
        if (tracer_pump(tracer) > 0)
            continue;
        if (tracer_task_count(tracer) == 0)
            return;
        bool is_unproved = !is_bare && scene_prove(tracer) == SCENE_UNPROVED;
        ppoll(&wait, 1, is_unproved ? &soon : NULL, NULL);
    }
}

static int run(char **argv, bool is_bare)
{
    const struct tracer_config config = {.wants_stacks = !is_bare};
    struct tracer *tracer = NULL;
    struct process *process = NULL;
    struct start start = {.filter = NULL};
    struct err err = {0};
    sigprocmask(SIG_BLOCK, NULL, &start.mask);
    if (!tracer_new(&tracer, &config, &err) || !start_command(tracer, &start, argv, &process, &err)) {
        err_print(stderr, &err);
        return 3;
    }
    follow(tracer, is_bare);
    if (tracer_trouble(tracer))
        fprintf(stderr, "traced: %s\n", tracer_trouble(tracer));
    else if (tracer_dropped_detail(tracer))
        fprintf(stderr, "traced: over the budget of calls: the figure is too good\n");
    int status = tracer_trouble(tracer) ? 3 : !process || process->wait_status ? 1 : 0;
    tracer_free(tracer);
    free(start.filter);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "-c") == 0) {
        print_vocabulary();
        return 0;
    }
    bool is_bare = argc > 2 && strcmp(argv[1], "-b") == 0;
    if (argc < 2 + is_bare) {
        fprintf(stderr, "usage: traced -c | traced [-b] COMMAND [ARG...]\n");
        return 2;
    }
    return run(argv + 1 + is_bare, is_bare);
}
