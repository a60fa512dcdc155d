/* For the tests of machines only: a suite with one case for each thing that a machine can lack, and one that the program must fail; made on the spot, in a folder that goes with the
 * test, with a copy of the program beside it. The test stands in that folder.
 */
#ifndef IPCGRADE_COMMANDS_MACHINE_SAMPLE_H
#define IPCGRADE_COMMANDS_MACHINE_SAMPLE_H

#include "commands/graded.h"
#include "commands/machines.h"

/* The cases in the order of the letters in a row of the table. */
static const char *const ids[] = {"c/closed",   "c/fifo",    "c/mq",     "c/other",   "c/pipe",
                                  "c/queue",    "c/sem",     "c/socket", "c/standin", "c/stuck",
                                  "c/terminal", "c/signals", "c/locked", "c/piped",   "c/room"};
enum { CASES = sizeof ids / sizeof *ids };

/* What the kernel grants by limits that few know: five queued signals, one locked page. And what is less than a case promises, but not little: 300 MiB of memory, a file of 8 MiB. */
static const char asks_source[] = "#include <fcntl.h>\n"
                                  "#include <signal.h>\n"
                                  "#include <stdlib.h>\n"
                                  "#include <sys/mman.h>\n"
                                  "#include <unistd.h>\n"
                                  "int main(int argc, char **argv)\n"
                                  "{\n"
                                  "    static char page[4096];\n"
                                  "    union sigval value = {0};\n"
                                  "    sigset_t set;\n"
                                  "    if (argc != 2 || argv[1][0] == 'p')\n"
                                  "        return mlock(page, sizeof page) != 0;\n"
                                  "    if (argv[1][0] == 'r') {\n"
                                  "        int fd = open(\"large\", O_RDWR | O_CREAT, 0600);\n"
                                  "        return !malloc(300 << 20) || pwrite(fd, page, 1, 8 << 20) != 1;\n"
                                  "    }\n"
                                  "    sigemptyset(&set);\n"
                                  "    sigaddset(&set, SIGRTMIN);\n"
                                  "    sigprocmask(SIG_BLOCK, &set, 0);\n"
                                  "    for (int i = 0; i < 5; i++)\n"
                                  "        if (sigqueue(getpid(), SIGRTMIN, value) != 0)\n"
                                  "            return 1;\n"
                                  "    for (int i = 0; i < 5; i++)\n"
                                  "        sigwaitinfo(&set, 0);\n"
                                  "    return 0;\n"
                                  "}\n";

static const struct {
    const char *path, *text;
} sample_files[] = {
    {"cases/assignment.yaml",
     "assignment: A\nprograms: {does: {}, asks: {}}\nbuild: make\nlimits: {wall_seconds: 200}\n"},
    {"cases/c/closed.yaml",
     "title: A queue that only its owner may look into\nnames: {q: queue}\nsteps:\n"
     "  - start: {p: [does, msgmake, <q>, msgsnd, <q>, 1, hello, read, 0, msgrm, <q>]}\n"
     "  - expect: {q: {messages: [{text: hello}]}}\n  - send: {p: \"\\n\"}\n"
     "  - expect: {p: {exit: 0}}\n"},
    {"cases/c/fifo.yaml", "title: A FIFO brings bytes to a puppet\ngiven: {box: fifo}\nsteps:\n"
                          "  - do: {peer: {blocks: {open: box, as: r}}}\n"
                          "  - start: {p: [does, open, box, w, write, 3, hello]}\n"
                          "  - do: {peer: {read: r, gives: hello}}\n"},
    {"cases/c/mq.yaml", "title: A message is in the POSIX queue\ngiven: {m: mq}\nsteps:\n"
                        "  - start: {p: [does, mqput, <m>, 7, hello]}\n  - expect: {m: {count: 1}}\n"},
    {"cases/c/other.yaml", "title: Another user may not read\npuppets: {ann: {user: other}}\n"
                           "given: {q: {is: queue, mode: 0600}}\nsteps:\n"
                           "  - do: {ann: {msgrcv: q, error: EACCES}}\n"
                           "  - start: {p: [does, msgsnd, <q>, 1, hello]}\n"},
    {"cases/c/pipe.yaml", "title: Bytes go through a pipe to a child\nsteps:\n"
                          "  - start: {p: [does, pipe, fork, read, 3, done, write, 4, hello, wait]}\n"
                          "  - expect: {p: {exit: 0}}\n"},
    {"cases/c/queue.yaml", "title: A message is in the queue\ngiven: {q: queue}\nsteps:\n"
                           "  - start: {p: [does, msgsnd, <q>, 1, hello]}\n"
                           "  - expect: {q: {messages: [{text: hello}]}}\n"},
    {"cases/c/sem.yaml", "title: A POSIX semaphore is waited for\ngiven: {s: {is: sem, value: 0}}\nsteps:\n"
                         "  - start: {p: [does, semopen, <s>, semwait]}\n"
                         "  - expect: {p: {blocks: {sem_wait: s}}}\n"
                         "  - do: {peer: {sem_post: s}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/socket.yaml", "title: A connection over the loopback interface\nnames: {door: tcp}\nsteps:\n"
                            "  - start: {p: [does, listen, <door>, accept, 3, read, 4]}\n"
                            "  - do: {peer: {connect: door, as: s}}\n"
                            "  - do: {peer: {write: s, text: hello}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/standin.yaml", "title: Another program in place of tr\n"
                             "given: {filter: {is: standin, path: /usr/bin/tr}}\nsteps:\n"
                             "  - start: {p: [does, fork, exec, /usr/bin/tr, done, wait]}\n"
                             "  - do: {filter: {exit: 0}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/stuck.yaml", "title: The program waits for itself, and fails\nsteps:\n"
                           "  - start: {p: [does, pipe, read, 3]}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/terminal.yaml", "title: A line is typed\nsteps:\n  - start: {p: [does, read, 0]}\n"
                              "  - expect: {p: {blocks: {read: stdin}}}\n  - send: {p: \"hello\\n\"}\n"
                              "  - expect: {p: {exit: 0}}\n"},
    {"cases/c/signals.yaml",
     "title: Signals wait in a queue\nsteps:\n  - start: {p: [asks, signals]}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/locked.yaml",
     "title: A page is locked\nsteps:\n  - start: {p: [asks, page]}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/piped.yaml",
     "title: A line comes and goes through pipes, without a terminal\nsteps:\n"
     "  - start: {p: {run: [does, pipe, fork, read, 3, done, line, write, 4, hello, wait], io: pipe}}\n"
     "  - expect: {p: {blocks: {read: stdin}}}\n  - send: {p: \"hello\\n\"}\n"
     "  - expect: {p: {stdout: \"hello\\n\", exit: 0}}\n"},
    {"cases/c/room.yaml", "title: Memory and a file are large\nsteps:\n  - start: {p: [asks, room]}\n  - "
                          "expect: {p: {exit: 0}}\n"},
    {"sub/Makefile",
     "all: does asks\ndoes: does.c\n\tcc -g -pthread -o does does.c\nasks: asks.c\n\tcc -g -o asks asks.c\n"},
    {"sub/asks.c", asks_source},
};

static inline void set_up_sample(void)
{
    char program_path[PATH_MAX];
    cleanup_free char *command = NULL, *build = NULL;
    ck_assert_ptr_nonnull(realpath("fixtures/programs/does.c", program_path));
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-machines-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_gt(asprintf(&build, "%s/bin", folder), 0);
    ck_assert_int_eq(mkdir(build, 0755), 0);
    ck_assert(copy_program(build));
    ck_assert_int_eq(setenv("IPCGRADE_BUILD", build, 1), 0); /* where program() is */
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/c", 0755) + mkdir("sub", 0755), 0);
    for (size_t i = 0; i < sizeof sample_files / sizeof *sample_files; i++)
        write_file(sample_files[i].path, sample_files[i].text);
    ck_assert_int_gt(asprintf(&command, "cp '%s' sub/", program_path), 0);
    ck_assert_int_eq(system(command), 0);
}

static inline char *text_in(const char *path)
{
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    cleanup_file FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s is not there", path);
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    return strdup(bytes_text(&text));
}

/* (P)assed, (F)ailed, (s)kipped, (B)roken. */
static inline char letter_of(const json_t *one)
{
    const char *verdict = text_of(one, "verdict");
    return (char)(strcmp(verdict, "skipped") == 0 ? 's' : *verdict - 'a' + 'A');
}

/* Of all cases, in their order. */
static inline void letters_of(const json_t *json, char letters[CASES + 1])
{
    for (size_t i = 0; i < CASES; i++)
        letters[i] = letter_of(case_of(json, ids[i]));
    letters[CASES] = '\0';
}

#endif
