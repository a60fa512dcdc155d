/* Every fact that a look can ask, and every state of an object: when it holds, and what is told when it does not. */
#include "judge/playing.h"

static const struct play_row ends[] = {
    {.title = "a status", .yaml = "steps:\n  - start: {p: [does, exit, 3]}\n  - expect: {p: {exit: 3}}\n"},
    {.title = "one of several",
     .yaml = "steps:\n  - start: {p: [does, exit, 3]}\n  - expect: {p: {exit: [1, 3]}}\n"},
    {.title = "any but 0",
     .yaml = "steps:\n  - start: {p: [does, exit, 3]}\n  - expect: {p: {exit: nonzero}}\n"},
    {.title = "another status",
     .yaml = "steps:\n  - start: {p: [does, exit, 3]}\n  - expect: {p: {exit: [1, 2]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends with status 1",
     .seen = "p ended with status 3"},
    {.title = "0 is not nonzero",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {exit: nonzero}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "a status other than 0",
     .seen = "p ended with status 0"},
    {.title = "a death is no status",
     .yaml = "steps:\n  - start: {p: [does, raise, SIGTERM]}\n  - expect: {p: {exit: nonzero}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "a status other than 0",
     .seen = "p was killed by SIGTERM"},
    {.title = "killed by one of several",
     .yaml =
         "steps:\n  - start: {p: [does, raise, SIGPIPE]}\n  - expect: {p: {killed: [SIGHUP, SIGPIPE]}}\n"},
    {.title = "writing to nobody kills",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, open, box, w, line, write, 3, a]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - do: {peer: {close: r}}\n"
             "  - send: {p: \"\\n\"}\n"
             "  - expect: {p: {killed: SIGPIPE}}\n"},
    {.title = "not killed",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {killed: SIGPIPE}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p is killed by SIGPIPE",
     .seen = "p ended with status 0"},
    {.title = "any end",
     .yaml = "steps:\n  - start: {p: [does, raise, SIGTERM]}\n  - expect: {p: {ends: any}}\n"},
    {.title = "not yet",
     .yaml =
         "steps:\n  - start: {p: [does, line]}\n  - expect: {p: {ends: not_yet}}\n  - send: {p: \"\\n\"}\n"},
    {.title = "already",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {ends: not_yet}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p has not ended yet",
     .seen = "p ended with status 0"},
    {.title = "never, told with the line where it waits",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, r]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends with status 0",
     .seen = "is blocked in open",
     .also = "does.c:"},
    {.title = "one of two maps",
     .yaml = "steps:\n  - start: {p: [does, exit, 4]}\n  - expect: {any: [{p: {killed: SIGPIPE}}, {p: {exit: "
             "nonzero}}]}\n"},
    {.title = "neither of two maps",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {any: [{p: {killed: SIGPIPE}}, {p: {exit: "
             "nonzero}}]}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "or:",
     .seen = "p ended with status 0"},
};

static const struct play_row outputs[] = {
    {.title = "what was printed since the last look",
     .yaml = "steps:\n"
             "  - start: {p: [does, print, one, line, print, two]}\n"
             "  - expect: {p: {stdout: \"one\\n\"}}\n"
             "  - send: {p: \"-\\n\"}\n"
             "  - expect: {p: {stdout: \"-\\ntwo\\n\", stderr: \"\"}}\n"},
    {.title = "another text",
     .yaml = "steps:\n  - start: {p: [does, print, one]}\n  - expect: {p: {stdout: \"two\\n\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p prints \"two\\n\"",
     .seen = "\"one\\n\""},
    {.title = "patterns",
     .yaml = "steps:\n"
             "  - start: {p: [does, print, pid 17 of 3, print, last]}\n"
             "  - expect: {p: [{stdout: {contains: [last, \"of 3\"]}}]}\n"},
    {.title = "wildcards and lines",
     .yaml = "steps:\n  - start: {p: [does, print, pid 17 of 3, print, last]}\n  - expect: {p: {stdout: "
             "{lines: [\"pid <int> of <word>\", last]}}}\n"},
    {.title = "in any order",
     .yaml = "steps:\n"
             "  - start: {p: [does, fork, print, a 1, print, a 2, done, fork, print, b, done, wait, wait]}\n"
             "  - expect: {p: {stdout: {any_order: [b, [a 1, a 2]]}}}\n"},
    {.title = "the pid of the child",
     .yaml = "steps:\n"
             "  - start: {p: [does, fork, system, \"echo $PPID\", done, wait]}\n"
             "  - expect: {p: {stdout: {matches: \"<int>\\\\nstatus 0\\\\n\"}}}\n"},
    {.title = "standard error",
     .yaml = "steps:\n  - start: {p: [does, close, 44]}\n  - expect: {p: {stderr: {contains: EBADF}}}\n"},
    {.title = "nothing on standard error",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {stderr: {contains: EBADF}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "on standard error",
     .seen = "p has printed nothing on standard error"},
    {.title = "control bytes and NULs are made visible",
     .yaml = "steps:\n  - start: {p: [does, raw]}\n  - expect: {p: {stdout: plain}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "plain",
     .seen = "\\e[31m\\0",
     .also = "\\xff"},
    {.title = "bytes that are no text",
     .yaml = "steps:\n  - start: {p: [does, raw]}\n  - expect: {p: {stdout: {hex: \"1b 5b 33 31 6d 00 ff 9b "
             "0a\"}}}\n"},
};

#define BLOCKED(how)                                                                                         \
    "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, " how                                  \
    "]}\n  - expect: {p: {blocks: {read: box}}}\n  - signal: {p: SIGKILL}\n"
#define NOT_BLOCKED(how, deed)                                                                               \
    "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, " how                                  \
    "]}\n  - expect: {p: {blocks: " deed "}}\n"

static const struct play_row blocked[] = {
    {.title = "in read", .yaml = BLOCKED("read, 3")},
    {.title = "in poll", .yaml = BLOCKED("poll, 3, -1")},
    {.title = "in poll with a time limit", .yaml = BLOCKED("poll, 3, 3600000")},
    {.title = "in select", .yaml = BLOCKED("select, 3")},
    {.title = "in epoll", .yaml = BLOCKED("epoll, 3")},
    {.title = "in a thread", .yaml = BLOCKED("thread, read, 3, done, pause")},
    {.title = "in a thread whose leader has gone", .yaml = BLOCKED("thread, read, 3, done, threads_end")},
    {.title = "in a child",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, fork, read, 3, done, wait]}\n"
             "  - expect: {p.child: {blocks: {read: box}}, p.parent: {blocks: {wait: any}}}\n  - signal: "
             "{p.child: SIGKILL}\n"},
    {.title = "any",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - expect: {p: {blocks: any}}\n  - expect: {p: "
             "{blocks: {sigsuspend: any}}}\n  - signal: {p: SIGKILL}\n"},
    {.title = "in another call",
     .yaml = NOT_BLOCKED("pause", "{read: box}"),
     .verdict = FAILED,
     .step = 1,
     .expected = "p is blocked",
     .seen = "is blocked in pause"},
    {.title = "on another object",
     .yaml = NOT_BLOCKED("pipe, read, 4", "{read: box}"),
     .verdict = FAILED,
     .step = 1,
     .expected = "box",
     .seen = "is blocked in read(4"},
    {.title = "a pipe is a kind",
     .yaml = "steps:\n  - start: {p: [does, pipe, read, 3]}\n  - expect: {p: {blocks: {read: pipe}}}\n  - "
             "signal: {p: SIGKILL}\n"},
    {.title = "not when it has ended",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {blocks: any}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p waits",
     .seen = "p ended with status 0"},
    {.title = "a full FIFO stops its writer",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, open, box, w, flood, 3, 70000]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - expect: {p: {blocks: {write: box}}}\n"
             "  - do: {peer: {read: r, until: eof}}\n"},
};

static const struct play_row families[] = {
    {.title = "a zombie now",
     .yaml = "steps:\n  - start: {p: [does, fork, done, line]}\n  - expect: {p: {zombies: 1, children: 0}}\n "
             " - send: {p: \"\\n\"}\n"},
    {.title = "zombies at the end",
     .yaml = "steps:\n  - start: {p: [does, fork, exit, 1, done, fork, done, line]}\n  - send: {p: "
             "\"\\n\"}\n  - expect: {p: {exit: 0, zombies: 2}}\n"},
    {.title = "no zombie, since it waits",
     .yaml = "steps:\n  - start: {p: [does, fork, done, wait]}\n  - expect: {p: {exit: 0, zombies: 0}}\n"},
    {.title = "a zombie where none should be",
     .yaml = "steps:\n  - start: {p: [does, fork, done, line]}\n  - expect: {p: {zombies: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p leaves 0 ended children unwaited for",
     .seen = "p leaves 1"},
    {.title = "no zombie where children are ignored",
     .yaml = "steps:\n  - start: {p: [does, ignore, SIGCHLD, fork, done, line]}\n  - expect: {p: {zombies: "
             "0, children: 0}}\n  - send: {p: \"\\n\"}\n"},
    {.title = "children of children",
     .yaml = "steps:\n  - start: {p: [does, fork, fork, pause, done, pause, done, pause]}\n  - expect: {p: "
             "{children: 2}}\n"
             "  - signal: {p.child: SIGTERM}\n  - signal: {p.parent: SIGTERM}\n"},
    {.title = "too few children",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - expect: {p: {children: {min: 1}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "living children",
     .seen = "p has 0"},
};

static const struct play_row standins[] = {
    {.title = "it has these descriptors and arguments",
     .yaml = "given: {filter: standin}\n"
             "steps:\n"
             "  - start: {p: [does, exec, ./filter, -v, two words, done]}\n"
             "  - expect: {filter: {starts: 1, args: [-v, two words], fds: [0, 1, 2]}}\n"
             "  - do: {filter: {write: stdout, text: \"from it\\n\"}}\n"
             "  - do: {filter: {exit: 3}}\n"
             "  - expect: {p: {exit: 3}}\n"},
    {.title = "a descriptor too many",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, pipe, exec, ./filter, done]}\n  - "
             "expect: {filter: {fds: [0, 1, 2]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "0, 1, 2",
     .seen = "3 (pipe), 4 (pipe)"},
    {.title = "the program has left it no standard input",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: {run: [does, exec, ./filter, done], stdin: "
             "closed}}\n  - do: {filter: {read: stdin, until: eof}}\n",
     .verdict = FAILED,
     .step = 1,
     .seen = "Bad file descriptor"},
    {.title = "other arguments",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, exec, ./filter, a, done]}\n  - expect: "
             "{filter: {args: [a, b]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "\"a\" \"b\"",
     .seen = "last executed with: \"a\""},
    {.title = "never executed",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does]}\n  - expect: {filter: {starts: 1}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "filter is executed 1 times",
     .seen = "filter was executed 0 times"},
    {.title = "an order to one that was never executed",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does]}\n  - do: {filter: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "filter",
     .seen = "filter was never executed"},
    {.title = "its standard output was closed by who executed it",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, close, 1, exec, ./filter, done]}\n  - "
             "do: {filter: {write: stdout, text: a}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "filter",
     .seen = "Bad file descriptor"},
    {.title = "over a program of the system",
     .unless = LACKS_MOUNT_NS,
     .yaml = "given: {tr: {is: standin, path: /usr/bin/tr}}\n"
             "steps:\n"
             "  - start: {p: [does, popen, tr a b]}\n"
             "  - do: {tr: {write: stdout, text: \"not tr\\n\"}}\n"
             "  - do: {tr: {exit: 2}}\n"
             "  - expect: {p: {stdout: \"not tr\\nstatus 2\\n\", exit: 0}, tr: {args: [a, b]}}\n"},
    {.title = "executed twice; everything goes to the latest",
     .yaml = "given: {filter: standin}\n"
             "steps:\n"
             "  - start: {p: [does, system, ./filter one, system, ./filter two]}\n"
             "  - do: {filter: {exit: 1}}\n"
             "  - expect: {filter: {starts: 2, args: two, ends: not_yet}}\n"
             "  - do: {filter: {exit: 2}}\n"
             "  - expect: {p: {stdout: \"status 1\\nstatus 2\\n\"}, filter: {exit: 2}}\n"},
    {.title = "by vfork",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, vfork, ./filter, a, done, wait]}\n  - "
             "do: {filter: {exit: 0}}\n  - expect: {filter: {starts: 1}}\n"},
    {.title = "by posix_spawn",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, spawn, ./filter, a, done, wait]}\n  - "
             "do: {filter: {exit: 0}}\n  - expect: {filter: {starts: 1}}\n"},
    {.title = "by popen, left without an order",
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, popen, ./filter]}\n  - expect: "
             "{filter: {starts: 1}, p: {blocks: {read: pipe}}}\n"},
    {.title = "one that is killed by its starter",
     .yaml = "given: {filter: standin}\n"
             "steps:\n  - start: {p: [does, fork, exec, ./filter, done, done, line, kill, \"0\", SIGTERM]}\n"
             "  - send: {p: \"\\n\"}\n  - expect: {p: {killed: SIGTERM}}\n"},
};

PLAY_ROWS(ends)
PLAY_ROWS(outputs)
PLAY_ROWS(blocked)
PLAY_ROWS(families)
PLAY_ROWS(standins)

int main(void)
{
    Suite *suite = suite_create("play-facts");
    ADD_ROWS(suite, ends);
    ADD_ROWS(suite, outputs);
    ADD_ROWS(suite, blocked);
    ADD_ROWS(suite, families);
    ADD_ROWS(suite, standins);
    return run_suite(suite);
}
