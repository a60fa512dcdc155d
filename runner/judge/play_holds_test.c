/* Holds and releases, faults that are injected, what must never happen, and looks that cost. */
#include "judge/playing.h"

static const struct play_row holds[] = {
    {.title = "before a write: the reader has gone",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - hold: {p: {before: {write: box}}}\n"
             "  - start: {p: [does, open, box, w, write, 3, a]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - do: {peer: {close: r}}\n"
             "  - release: p\n"
             "  - expect: {p: {killed: SIGPIPE}}\n"},
    {.title = "before: nothing has happened yet",
     .yaml = "names: {box: fifo}\n"
             "steps:\n  - hold: {p: {before: {mkfifo: box}}}\n  - start: {p: [does, mkfifo, box]}\n  - "
             "expect: {box: absent}\n"
             "  - release: p\n  - expect: {box: present}\nleft: box\n"},
    {.title = "after: it has been carried out, and is not seen yet",
     .yaml = "names: {box: fifo}\n"
             "steps:\n  - hold: {p: {after: {mkfifo: box}}}\n  - start: {p: [does, mkfifo, box, print, "
             "made]}\n  - expect: {box: present, p: {stdout: \"\"}}\n"
             "  - release: p\n  - expect: {p: {stdout: \"made\\n\"}}\nleft: box\n"},
    {.title = "before a read of what the program itself has made",
     .yaml = "names: {box: fifo}\n"
             "steps:\n  - hold: {p: {before: {read: box}}}\n"
             "  - start: {p: [does, mkfifo, box, open, box, rw, write, 3, a, read, 3]}\n"
             "  - expect: {p: {write: box, text: a, ends: not_yet}}\n"
             "  - release: p\n  - expect: {p: {read: box, gives: a}}\nleft: box\n"},
    {.title = "after a call that failed",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - hold: {p: {after: {mkfifo: box, error: EEXIST}}}\n  - start: {p: [does, mkfifo, "
             "box]}\n  - expect: {p: {stderr: \"\"}}\n"
             "  - release: p\n  - expect: {p: {stderr: \"mkfifo: EEXIST\\n\"}}\n"},
    {.title = "a signal before pause is noticed too late: the race of textbooks",
     .yaml = "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, catch, SIGUSR1, racy_pause]}\n"
             "  - signal: {p.held: SIGUSR1}\n"
             "  - release: p\n"
             "  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 4,
     .expected = "p ends with status 0",
     .seen = "is blocked in pause"},
    {.title = "blocks any is not the wait for what the runner gives",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, line, open, box, r]}\n"
             "  - send: {p: \"a\\n\"}\n"
             "  - expect: {p: {stdout: \"a\\n\", blocks: {open: box}}}\n"
             "  - release: p\n",
     .verdict = FAILED,
     .step = 3,
     .expected = "box",
     .seen = "is held by the case at open(\"box\""},
    {.title = "nor what cannot wait: a device, a file that is new, a pipe that has something",
     .yaml = "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, open, /dev/null, r, open, new, new, pipe, write, 6, a, read, 5, block, "
             "SIGUSR1, sigwait, SIGUSR1, exit, \"0\"]}\n"
             "  - signal: {p: SIGUSR1}\n  - expect: {p: {ends: not_yet}}\n  - release: p\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "SIGKILL reaches who is held",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - hold: {p: {before: {open: box}}}\n  - start: {p: [does, open, box, r]}\n  - "
             "signal: {p: SIGKILL}\n"
             "  - expect: {p: {killed: SIGKILL}}\n  - release: p\n",
     .verdict = FAILED,
     .step = 4,
     .expected = "p comes to the point before it opens FIFO box",
     .seen = "it came there, but did not live until it was released"},
    {.title = "and who was killed while held need not be released",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - hold: {p: {before: {open: box}}}\n  - start: {p: [does, open, box, r]}\n  - "
             "signal: {p.held: SIGKILL}\n"
             "  - expect: {p: {killed: SIGKILL}}\n"},
    {.title = "a kill of the held that finds nobody held",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - hold: {p: {before: {open: box}}}\n  - start: {p: [does, line]}\n  - "
             "signal: {p.held: SIGKILL}\n",
     .verdict = FAILED,
     .step = 2},
    {.title = "one of two children is held, the other passes",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - hold: {p.child: {before: {open: box}}}\n"
             "  - start: {p: [does, fork, open, box, rw, print, in, done, fork, open, box, rw, print, in, "
             "done, wait, wait]}\n"
             "  - expect: {p: {stdout: \"in\\n\", children: 1}}\n"
             "  - release: p\n"
             "  - expect: {p: {stdout: \"in\\n\", exit: 0}}\n"},
    {.title = "two holds, one after the other",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - hold: {p: {before: {open: box}}}\n"
             "  - start: {p: [does, open, box, rw, print, one, line, unlink, box, print, two]}\n"
             "  - release: p\n"
             "  - hold: {p: {before: {unlink: box}}}\n"
             "  - send: {p: \"-\\n\"}\n"
             "  - expect: {p: {stdout: \"one\\n-\\n\"}, box: present}\n"
             "  - release: p\n"
             "  - expect: {p: {stdout: \"two\\n\"}, box: absent}\nleft: nothing\n"},
    {.title = "nobody came there",
     .yaml = "given: {box: fifo}\nsteps:\n  - hold: {p: {before: {open: box}}}\n  - start: {p: [does]}\n  - "
             "release: p\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p comes to the point before it",
     .seen = "it never came there"},
    {.title = "a thread is held, the others run",
     .yaml =
         "given: {box: fifo}\n"
         "steps:\n"
         "  - hold: {p: {before: {open: box}}}\n"
         "  - start: {p: [does, thread, open, box, rw, print, in, exit, \"0\", done, print, beside, pause]}\n"
         "  - expect: {p: {stdout: \"beside\\n\"}}\n"
         "  - release: p\n"
         "  - expect: {p: {stdout: \"in\\n\", exit: 0}}\n"},
};

#define BESIDE                                                                                               \
    "thread, block, SIGUSR1, pause, done, " /* a thread that waits and has nothing to do with signals */
#define SIGNALLED(run)                                                                                       \
    "steps:\n  - hold: {p: {before: {blocks: any}}}\n  - start: {p: [does, " run "]}\n"                      \
    "  - signal: {p: SIGUSR1}\n  - release: p\n"

static const struct play_row threads[] = {
    {.title = "it is about to wait when all its threads are: nobody takes the signal yet",
     .yaml = SIGNALLED(
         "block, SIGUSR1, " BESIDE
         "sigwait, SIGUSR1, print, got, exit, \"0\"") "  - expect: {p: {stdout: \"got\\n\", exit: 0}}\n"},
    {.title = "and a thread beside hides no race",
     .yaml = SIGNALLED(BESIDE "catch, SIGUSR1, racy_pause, exit, \"0\"") "  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 4,
     .expected = "p ends with status 0",
     .seen = "is blocked in pause"},
    {.title = "nor does one that comes to its wait last",
     .yaml = SIGNALLED("thread, block, SIGUSR1, busy, 20, pause, done, catch, SIGUSR1, racy_pause, exit, "
                       "\"0\"") "  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 4,
     .expected = "p ends with status 0",
     .seen = "is blocked in pause"},
    {.title = "what another thread has given meanwhile is not waited for",
     .yaml = SIGNALLED(
         "seminit, 0, thread, block, SIGUSR1, busy, 20, sempost, pause, done, semwait, block, SIGUSR1, "
         "sigwait, SIGUSR1, print, got, exit, \"0\"") "  - expect: {p: {stdout: \"got\\n\", exit: 0}}\n"},
    {.title = "nor what it has written",
     .yaml = SIGNALLED("pipe, thread, block, SIGUSR1, busy, 20, write, 4, a, pause, done, read, 3, block, "
                       "SIGUSR1, sigwait, SIGUSR1, exit, \"0\"") "  - expect: {p: {exit: 0}}\n"},
    {.title = "who waits for his input may still go on",
     .yaml = "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, block, SIGUSR1, " BESIDE "line, sigwait, SIGUSR1, exit, \"0\"]}\n"
             "  - send: {p: \"a\\n\"}\n"
             "  - signal: {p: SIGUSR1}\n"
             "  - expect: {p: {stdout: \"a\\n\", ends: not_yet}}\n"
             "  - release: p\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "but when the case asks for it that is enough",
     .yaml = "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, block, SIGUSR1, thread, line, done, sigwait, SIGUSR1, exit, \"0\"]}\n"
             "  - signal: {p: SIGUSR1}\n"
             "  - expect: {p: {ends: not_yet}}\n"
             "  - release: p\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "a thread that is there already before a later hold",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, block, SIGUSR1, " BESIDE "open, box, r, sigwait, SIGUSR1, exit, \"0\"]}\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n"
             "  - signal: {p: SIGUSR1}\n"
             "  - expect: {p: {ends: not_yet}}\n"
             "  - release: p\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "a child that is there before its parent's last thread",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, " BESIDE "fork, open, box, r, done, line, wait, exit, \"0\"]}\n"
             "  - do: {peer: {blocks: {open: box, flags: O_WRONLY, as: w}}}\n"
             "  - release: p\n"
             "  - expect: {peer: {open: box}}\n"
             "  - send: {p: \"a\\n\"}\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "it ends before its last thread comes there",
     .yaml = "steps:\n  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, " BESIDE "busy, 20, exit, \"0\"]}\n  - release: p\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p comes to the point before it waits",
     .seen = "it never came there"},
    {.title = "it was there, and is killed",
     .yaml = "steps:\n  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, " BESIDE "pause]}\n  - signal: {p: SIGKILL}\n  - release: p\n",
     .verdict = FAILED,
     .step = 3,
     .seen = "it came there, but did not live until it was released"},
    {.title = "killed by the name of who is held",
     .yaml = "steps:\n  - hold: {p: {before: {blocks: any}}}\n"
             "  - start: {p: [does, " BESIDE "pause]}\n  - signal: {p.held: SIGKILL}\n"
             "  - expect: {p: {killed: SIGKILL}}\n"},
};

#define INJECT(given, fault, run)                                                                            \
    given "inject: [{p: {" fault "}}]\nsteps:\n  - start: {p: [does, " run "]}\n"
#define FAILS_WITH(text) "  - expect: {p: {stderr: \"" text "\\n\", exit: 0}}\n"

static const struct play_row faults[] = {
    {.title = "fork EAGAIN",
     .yaml = INJECT("", "fork: any, error: EAGAIN", "fork, done") FAILS_WITH("fork: EAGAIN"),
     .note = "injected: EAGAIN in fork"},
    {.title = "a call that is held counts, and fails when it is released",
     .yaml = "inject: [{p: {pipe: any, error: EMFILE}}]\nsteps:\n  - hold: {p: {before: {pipe: any}}}\n"
             "  - start: {p: [does, pipe, print, end]}\n  - expect: {p: {stderr: \"\"}}\n  - release: p\n"
             "  - expect: {p: {stderr: \"pipe: EMFILE\\n\", stdout: \"end\\n\", exit: 0}}\n"},
    {.title = "a read that is held comes up short when it is released",
     .yaml = "given: {box: fifo}\ninject: [{p: {read: box, short: 2}}]\nsteps:\n"
             "  - hold: {p: {before: {read: box}}}\n"
             "  - start: {p: [does, open, box, rw, write, 3, hello, read, 3]}\n"
             "  - release: p\n  - expect: {p: {read: box, gives: he, exit: 0}}\n"},
    {.title = "fork ENOMEM, by posix_spawn",
     .yaml = INJECT("", "fork: any, error: ENOMEM", "spawn, true, done") FAILS_WITH("spawn: ENOMEM")},
    {.title = "pipe EMFILE",
     .yaml = INJECT("", "pipe: any, error: EMFILE", "pipe") FAILS_WITH("pipe: EMFILE")},
    {.title = "pipe ENFILE",
     .yaml = INJECT("", "pipe: any, error: ENFILE", "pipe") FAILS_WITH("pipe: ENFILE")},
    {.title = "dup EMFILE",
     .yaml = INJECT("", "dup: any, error: EMFILE", "dup2, 1, 5") FAILS_WITH("dup2: EMFILE")},
    {.title = "open EMFILE",
     .yaml = INJECT("given: {box: fifo}\n", "open: box, error: EMFILE", "open, box, rw")
         FAILS_WITH("open: EMFILE")},
    {.title = "open ENOSPC",
     .yaml = INJECT("given: {f: {is: file, text: abc}}\n", "open: f, error: ENOSPC", "open, f, replace")
         FAILS_WITH("open: ENOSPC")},
    {.title = "mkfifo ENOSPC",
     .yaml = INJECT("", "mkfifo: any, error: ENOSPC", "mkfifo, new") FAILS_WITH("mkfifo: ENOSPC")},
    {.title = "mkfifo EROFS",
     .yaml = INJECT("", "mkfifo: any, error: EROFS", "mkfifo, new") FAILS_WITH("mkfifo: EROFS")},
    {.title = "write ENOSPC",
     .yaml = INJECT("given: {f: {is: file, text: abc}}\n", "write: f, error: ENOSPC",
                    "open, f, w, write, 3, a") FAILS_WITH("write: ENOSPC")},
    {.title = "write EIO",
     .yaml = INJECT("given: {f: {is: file, text: abc}}\n", "write: f, error: EIO", "open, f, w, write, 3, a")
         FAILS_WITH("write: EIO")},
    {.title = "read EIO",
     .yaml = INJECT("given: {f: {is: file, text: abc}}\n", "read: f, error: EIO", "open, f, r, cat, 3")
         FAILS_WITH("read: EIO")},
    {.title = "msgget ENOSPC",
     .yaml = INJECT("", "msgget: any, error: ENOSPC", "msgmake, 0x77") FAILS_WITH("msgget: ENOSPC")},
    {.title = "semget ENOMEM",
     .yaml = INJECT("", "semget: any, error: ENOMEM", "semmake, 0x77, 1") FAILS_WITH("semget: ENOMEM")},
    {.title = "shmget ENOSPC",
     .yaml = INJECT("", "shmget: any, error: ENOSPC", "shmmake, 0x77, 9") FAILS_WITH("shmget: ENOSPC")},
    {.title = "shmat ENOMEM",
     .yaml = INJECT("given: {m: {is: segment, size: 8}}\n", "shmat: m, error: ENOMEM", "shmput, <m>, a")
         FAILS_WITH("shmat: ENOMEM")},
    {.title = "exec ENOMEM",
     .yaml = "given: {filter: standin}\ninject: [{p: {exec: filter, error: ENOMEM}}]\nsteps:\n  - start: {p: "
             "[does, exec, ./filter, done]}\n" FAILS_WITH("exec: ENOMEM")},
    {.title = "the second time only",
     .yaml = INJECT("", "pipe: any, error: EMFILE, nth: 2",
                    "pipe, pipe, pipe, print, end") "  - expect: {p: {stderr: \"pipe: EMFILE\\n\", stdout: "
                                                    "\"end\\n\"}}\n"},
    {.title = "short reads",
     .yaml = INJECT("given: {box: fifo}\n", "read: box, short: 2",
                    "open, box, rw, write, 3, hello, read, 3, read, 3") "  - expect: {p: {exit: 0}}\n"},
    {.title = "a short read brings so much",
     .yaml =
         INJECT("", "read: stdin, short: 2", "line") "  - send: {p: \"hello\\n\"}\n  - expect: {p: [{read: "
                                                     "stdin, returns: 2}, {read: stdin, returns: 4}]}\n"},
    {.title = "a fault that is never reached is told, not judged",
     .yaml = INJECT("", "pipe: any, error: EMFILE", "print, a"),
     .note = "the injected fault (EMFILE in pipe) was never reached"},
    {.title = "a child's fault alone",
     .yaml = "inject: [{p.child: {pipe: any, error: EMFILE}}]\nsteps:\n  - start: {p: [does, pipe, fork, "
             "pipe, done, wait]}\n" FAILS_WITH("pipe: EMFILE")},
};

static const struct play_row nevers[] = {
    {.title = "what never happened",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does]}\nnever: [{p: {unlink: box}}]\n"},
    {.title = "it happened, and is told at once",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, unlink, box, pause]}\n  - expect: {p: {exit: "
             "0}}\nnever: [{p: {unlink: box}}]\nleft: nothing\n",
     .verdict = FAILED,
     .step = 0,
     .expected = "at no time: p removes",
     .seen = "unlink(\"box\")"},
    {.title = "it happened after the last step",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - start: {p: [does, open, box, r, cat, 3, unlink, box]}\n  - do: {peer: {open: box, "
             "flags: O_WRONLY, as: w}}\n"
             "never: [{p: {unlink: box}}]\nleft: nothing\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "at no time: p removes",
     .seen = "unlink(\"box\")"},
    {.title = "a failing one is another matter",
     .yaml =
         "names: {box: fifo}\nsteps:\n  - start: {p: [does, unlink, box]}\nnever: [{p: {unlink: box}}]\n"},
};

static const struct play_row costs[] = {
    {.title = "it costs, and the play goes on",
     .yaml = "points: 3\nsteps:\n  - start: {p: [does, print, a]}\n  - expect: {p: {stdout: \"b\\n\"}}\n    "
             "cost: 1\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .score = 200,
     .step = 1,
     .expected = "\"b\\n\"",
     .seen = "\"a\\n\""},
    {.title = "it costs half a point, twice",
     .yaml = "points: 3\nsteps:\n  - start: {p: [does, print, a]}\n  - expect: {p: {stdout: \"b\\n\"}}\n    "
             "cost: 0.5\n"
             "  - expect: {p: {exit: 7}}\n    cost: 0.5\n",
     .verdict = FAILED,
     .score = 200,
     .step = 2,
     .expected = "status 7",
     .seen = "status 0"},
    {.title = "then it fails altogether",
     .yaml = "points: 3\nsteps:\n  - start: {p: [does, print, a]}\n  - expect: {p: {stdout: \"b\\n\"}}\n    "
             "cost: 1\n  - expect: {p: {exit: 1}}\n",
     .verdict = FAILED,
     .score = 0,
     .step = 2,
     .expected = "status 1",
     .seen = "status 0"},
    {.title = "a look that holds costs nothing",
     .yaml = "points: 3\nsteps:\n  - start: {p: [does, print, a]}\n  - expect: {p: {stdout: \"a\\n\"}}\n    "
             "cost: 1\n"},
};

static const struct play_row deeds[] = {
    {.title = "a call that was made",
     .yaml = "given: {m: {is: segment, size: 9}}\nsteps:\n  - start: {p: [does, shmput, <m>, a]}\n  - "
             "expect: {p: {shmat: m}}\n"},
    {.title = "a call that was not made",
     .yaml =
         "given: {m: {is: segment, size: 9}}\nsteps:\n  - start: {p: [does]}\n  - expect: {p: {shmat: m}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "m",
     .seen = "p ended with status 0"},
    {.title = "a call that failed so",
     .yaml = "names: {q: queue}\nsteps:\n  - start: {p: [does, msgrm, <q>]}\n  - expect: {p: {msgget: q, "
             "error: ENOENT}}\n"},
    {.title = "calls in this order",
     .yaml = "given: {a: fifo, b: fifo}\nsteps:\n  - start: {p: [does, unlink, a, unlink, b]}\n  - expect: "
             "{p: [{unlink: a}, {unlink: b}]}\nleft: nothing\n"},
    {.title = "calls in the other order",
     .yaml = "given: {a: fifo, b: fifo}\nsteps:\n  - start: {p: [does, unlink, a, unlink, b]}\n  - expect: "
             "{p: [{unlink: b}, {unlink: a}]}\nleft: nothing\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "a",
     .seen = "p ended with status 0"},
    {.title = "bytes, however they are written",
     .yaml =
         "given: {box: fifo}\n"
         "steps:\n  - start: {p: [does, open, box, w, write, 3, hel, write, 3, lo]}\n  - do: {peer: {open: "
         "box, as: r}}\n"
         "  - do: {peer: {read: r, until: eof, gives: hello}}\n  - expect: {p: {write: box, text: hello}}\n"},
    {.title = "the loader's and the shell's calls do not count",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, system, rm box]}\n  - expect: {p: {unlink: "
             "box}}\nleft: nothing\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p removes",
     .seen = "p ended with status 0"},
};

PLAY_ROWS(holds)
PLAY_ROWS(threads)
PLAY_ROWS(faults)
PLAY_ROWS(nevers)
PLAY_ROWS(costs)
PLAY_ROWS(deeds)

int main(void)
{
    Suite *suite = suite_create("play-holds");
    ADD_ROWS(suite, holds);
    ADD_ROWS(suite, threads);
    ADD_ROWS(suite, faults);
    ADD_ROWS(suite, nevers);
    ADD_ROWS(suite, costs);
    ADD_ROWS(suite, deeds);
    return run_suite(suite);
}
