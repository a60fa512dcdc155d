/* Every kind of step, played with real programs: that it does what it says, and what is told when it fails. */
#include "judge/playing.h"

static const struct play_row starting[] = {
    {.title = "a program that does nothing passes", .yaml = "steps:\n  - start: {p: [does]}\n"},
    {.title = "several start together",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {w: [does, open, box, w, write, 3, hello], r: [does, open, box, r, cat, 3]}\n"
             "  - expect: {r: {stdout: hello, exit: 0}, w: {exit: 0}}\n"},
    {.title = "what was not handed in",
     .yaml = "steps:\n  - start: {p: [missing]}\n",
     .verdict = FAILED,
     .expected = "handed in",
     .seen = "missing was not handed in"},
    {.title = "nobody starts when one was not handed in",
     .yaml = "steps:\n  - start: {p: [does, pause], q: [missing]}\n",
     .verdict = FAILED,
     .expected = "handed in",
     .seen = "missing was not handed in"},
    {.title = "a file that no kernel executes",
     .yaml = "steps:\n  - start: {p: [garbage]}\n",
     .verdict = FAILED,
     .expected = "executable",
     .seen = "garbage cannot be executed: Exec format error"},
    {.title = "a script without its interpreter",
     .yaml = "steps:\n  - start: {p: [orphan]}\n",
     .verdict = FAILED,
     .expected = "executable",
     .seen = "orphan cannot be executed: No such file or directory"},
    {.title = "a program that asks for more memory than it may have",
     .yaml = "steps:\n  - start: {p: [vast]}\n",
     .verdict = FAILED,
     .expected = "executable",
     .seen = "vast cannot be executed: its file asks for 3072 MiB of memory, and the limit is 2048 MiB"},
    {.title = "a program that asks for addresses which nobody has",
     .yaml = "steps:\n  - start: {p: [nowhere]}\n",
     .verdict = FAILED,
     .expected = "executable",
     .seen = "nowhere cannot be executed: its file asks for addresses that no process has"},
    {.title = "a program that executes one which is too large",
     .yaml = "steps:\n  - start: {p: [does, fork, exec, ./vast, done, wait]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .seen = "was killed by SIGSEGV when it was to execute a program: its file asks for 3072 MiB"},
    {.title = "arguments, environment, references",
     .yaml = "given: {q: {is: queue, key: 0x2a}, box: fifo}\n"
             "steps:\n"
             "  - start: {p: {run: [does, system, \"echo $WHO $0 $HOME <q> <q.dec>\"], env: {WHO: \"me "
             "<box>\"}}}\n"
             "  - expect: {p: {stdout: {matches: \"me box sh /case 0x0000002a 42\\\\nstatus 0\\\\n\"}}}\n"},
    {.title = "input on a pipe, then end of file",
     .yaml = "steps:\n"
             "  - start: {p: {run: [does, cat, 0], input: \"one\\ntwo\"}}\n"
             "  - expect: {p: {stdout: \"one\\ntwo\", exit: 0}}\n"},
    {.title = "much input and output",
     .yaml = "steps:\n"
             "  - start: {p: {run: [does, cat, 0], input: {fill: 300000}, io: pipe}}\n"
             "  - expect: {p: {stdout: {fill: 300000}}}\n"},
    {.title = "a closed input",
     .yaml = "steps:\n  - start: {p: {run: [does, read, 0], stdin: closed}}\n  - expect: {p: {stderr: "
             "\"read: EBADF\\n\"}}\n"},
    {.title = "no input",
     .yaml =
         "steps:\n  - start: {p: {run: [does, line], stdin: none}}\n  - expect: {p: {stdout: \"end\\n\"}}\n"},
    {.title = "a closed output",
     .yaml = "steps:\n  - start: {p: {run: [does, write, 1, a], stdout: closed}}\n  - expect: {p: {stderr: "
             "\"write: EBADF\\n\"}}\n"},
    {.title = "a full output",
     .yaml = "steps:\n  - start: {p: {run: [does, write, 1, a], stdout: full}}\n  - expect: {p: {stderr: "
             "\"write: ENOSPC\\n\"}}\n"},
    {.title = "no descriptor left, but the loader had them",
     .unless = LACKS_USER_NS,
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - start: {p: {run: [does, open, box, rw], limits: {nofile: 3}}}\n  - expect: {p: "
             "{stderr: \"open: EMFILE\\n\"}}\n"},
    {.title = "on a terminal what is not flushed comes once",
     .yaml = "steps:\n  - start: {p: [does, keep, once, fork, done, wait]}\n  - expect: {p: {stdout: "
             "\"once\\n\"}}\n"},
    {.title = "a program of the other user may not open a private FIFO",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - start: {p: {run: [does, open, box, rw], user: other}}\n  - expect: {p: {stderr: "
             "\"open: EACCES\\n\"}}\n"},
};

static const struct play_row doing[] = {
    {.title = "a puppet's deeds",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, open, box, w, write, 3, hello]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - do: {peer: {read: r, until: eof, gives: hello}}\n"},
    {.title = "it gives something else",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, open, box, w, write, 3, hallo]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - do: {peer: {read: r, until: eof, gives: hello}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "hello",
     .seen = "hallo",
     .also = "end of file"},
    {.title = "it fails",
     .yaml = "names: {box: fifo}\nsteps:\n  - start: {p: [does]}\n  - do: {peer: {open: box, as: r}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "box",
     .seen = "No such file or directory",
     .also = "p ended with status 0"},
    {.title = "it fails as it should",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does]}\n  - do: {peer: {open: box, flags: "
             "[O_WRONLY, O_NONBLOCK], error: ENXIO}}\n"},
    {.title = "it succeeds and should not",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - start: {p: [does, open, box, r]}\n  - do: {peer: {open: box, flags: O_WRONLY, "
             "error: ENXIO}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "ENXIO",
     .seen = "succeeded"},
    {.title = "it is still blocked at rest",
     .yaml =
         "given: {box: fifo}\nsteps:\n  - start: {p: [does, pause]}\n  - do: {peer: {open: box, as: r}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "box",
     .seen = "peer is not done: it is blocked in open",
     .also = "is blocked in pause"},
    {.title = "it has to wait, and does",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, line, open, box, w, write, 3, hello]}\n"
             "  - do: {peer: {blocks: {open: box, as: r}}}\n"
             "  - send: {p: \"\\n\"}\n"
             "  - expect: {peer: {open: box}}\n"
             "  - do: {peer: {read: r, until: eof, gives: hello}}\n"},
    {.title = "it has to wait, and does not",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, w]}\n  - do: {peer: {blocks: "
             "{open: box, as: r}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "has to wait",
     .seen = "succeeded at once"},
    {.title = "two puppets meet in one step",
     .yaml = "given: {box: fifo}\npuppets: [ann, bob]\n"
             "steps:\n"
             "  - start: {p: [does]}\n"
             "  - do: {ann: {open: box, as: r}, bob: {open: box, flags: O_WRONLY, as: w}}\n"
             "  - do: {ann: {blocks: {read: r, gives: hello}}}\n"
             "  - do: {bob: {write: w, text: hello}}\n"
             "  - expect: {ann: {read: box, gives: hello}}\n"},
    {.title = "a read goes on until all is there",
     .yaml = "given: {box: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, open, box, w, write, 3, hel, line, write, 3, lo, pause]}\n"
             "  - do: {peer: {open: box, as: r}}\n"
             "  - do: {peer: {blocks: {read: r, gives: hello}}}\n"
             "  - send: {p: \"\\n\"}\n"
             "  - expect: {peer: {read: box, gives: hello}}\n"
             "  - signal: {p: SIGTERM}\n"},
    {.title = "messages, semaphores, segments by puppets",
     .yaml = "given: {q: queue, s: {is: semaphores, values: [0, 1]}, m: {is: segment, size: 64}}\n"
             "steps:\n"
             "  - start: {p: [does, msgrcv, <q>, 0, msgsnd, <q>, 5, back, semop, <s>, 0, -2, shmput, <m>, "
             "there, line]}\n"
             "  - expect: {p: {blocks: {msgrcv: q}}}\n"
             "  - do: {peer: {msgsnd: q, type: 9, text: to}}\n"
             "  - expect: {p: {stdout: \"9 to\\n\", blocks: {semop: s}}}\n"
             "  - do: {peer: {msgrcv: q, gives: {type: 5, text: back}}}\n"
             "  - do: {peer: {semop: s, op: 2}}\n"
             "  - expect: {m: {text: there, attached: 1}}\n"
             "  - send: {p: \"\\n\"}\n"},
    {.title = "a message of another type",
     .yaml = "given: {q: queue}\n"
             "steps:\n  - start: {p: [does, msgsnd, <q>, 5, back]}\n  - do: {peer: {msgrcv: q, gives: {type: "
             "6, text: back}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "6",
     .seen = "a message of type 5 with \"back\""},
};

static const struct play_row sending[] = {
    {.title = "lines on a terminal",
     .yaml = "steps:\n"
             "  - start: {p: [does, line, line]}\n"
             "  - expect: {p: {blocks: {read: stdin}, stdout: \"\"}}\n"
             "  - send: {p: \"one\\n\"}\n"
             "  - expect: {p: {stdout: \"one\\n\", ends: not_yet}}\n"
             "  - send: {p: \"two\\n\"}\n"
             "  - expect: {p: {stdout: \"two\\n\", exit: 0}}\n"},
    {.title = "end of file stays on a terminal",
     .yaml = "steps:\n"
             "  - start: {p: [does, line, line, line]}\n"
             "  - send: {p: \"one\\n\"}\n"
             "  - eof: p\n"
             "  - expect: {p: {stdout: \"one\\nend\\nend\\n\", exit: 0}}\n"},
    {.title = "end of file stays on a terminal, for a child too",
     .yaml = "steps:\n"
             "  - start: {p: [does, fork, line, done, line, wait]}\n"
             "  - eof: p\n"
             "  - expect: {p: {stdout: \"end\\nend\\n\", exit: 0}}\n"},
    {.title = "end of file on a terminal is met by poll",
     .yaml = "steps:\n  - start: {p: [does, poll, 0, -1, line]}\n  - eof: p\n  - expect: {p: {stdout: "
             "\"end\\n\"}}\n"},
    {.title = "end of file on a terminal is met by epoll and select",
     .yaml = "steps:\n  - start: {p: [does, epoll, 0, line, select, 0, line]}\n  - eof: p\n  - expect: {p: "
             "{stdout: \"end\\nend\\n\"}}\n"},
    {.title = "end of file on a pipe",
     .yaml = "steps:\n"
             "  - start: {p: {run: [does, line, line, line], io: pipe}}\n"
             "  - send: {p: \"one\\n\"}\n"
             "  - expect: {p: {stdout: \"one\\n\"}}\n"
             "  - eof: p\n"
             "  - expect: {p: {stdout: \"end\\nend\\n\", exit: 0}}\n"},
    {.title = "a control character interrupts",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - send: {p: \"\\x03\"}\n  - expect: {p: {killed: "
             "SIGINT}}\n"},
    {.title = "nobody reads what is sent",
     .yaml = "steps:\n  - start: {p: {run: [does], io: pipe}}\n  - send: {p: \"one\\n\"}\n  - expect: {p: "
             "{exit: 0}}\n"},
};

static const struct play_row signalling[] = {
    {.title = "a signal to the started process",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - signal: {p: SIGTERM}\n  - expect: {p: {killed: "
             "SIGTERM}}\n"},
    {.title = "a signal that is caught",
     .yaml = "steps:\n  - start: {p: [does, catch, SIGUSR1, racy_pause]}\n  - signal: {p: SIGUSR1}\n  - "
             "expect: {p: {stdout: \"caught 10\\n\"}}\n"},
    {.title = "a signal to every child",
     .yaml = "steps:\n"
             "  - start: {p: [does, fork, pause, done, fork, pause, done, wait, wait, print, both]}\n"
             "  - expect: {p.parent: {blocks: {wait: any}}}\n"
             "  - signal: {p.child: SIGTERM}\n"
             "  - expect: {p: {stdout: \"both\\n\", exit: 0}}\n"},
    {.title = "a signal to the parent alone",
     .yaml = "steps:\n"
             "  - start: {p: [does, fork, line, done, pause]}\n"
             "  - signal: {p.parent: SIGTERM}\n"
             "  - expect: {p: {killed: SIGTERM, children: 1}}\n"
             "  - send: {p: \"\\n\"}\n"},
    {.title = "a signal to nobody",
     .yaml = "steps:\n  - start: {p: [does]}\n  - signal: {p: SIGTERM}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p lives, to be sent SIGTERM",
     .seen = "p ended with status 0"},
    {.title = "a signal to no child",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - signal: {p.child: SIGTERM}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "a child of p lives, to be sent SIGTERM",
     .seen = "p does not live"},
    {.title = "a signal to a stand-in",
     .yaml = "given: {filter: standin}\n"
             "steps:\n"
             "  - start: {p: [does, system, ./filter]}\n"
             "  - signal: {filter: SIGKILL}\n"
             "  - expect: {p: {stdout: \"status <int>\\n\"}, filter: {killed: SIGKILL}}\n"},
    {.title = "stopped, the scene rests; continued, it goes on",
     .yaml = "steps:\n"
             "  - start: {p: [does, line, print, on]}\n"
             "  - signal: {p: SIGSTOP}\n"
             "  - send: {p: \"a\\n\"}\n"
             "  - expect: {p: {ends: not_yet, stdout: \"\"}}\n"
             "  - signal: {p: SIGCONT}\n"
             "  - expect: {p: {stdout: \"a\\non\\n\", exit: 0}}\n"},
    {.title = "who stays stopped never ends",
     .yaml = "steps:\n  - start: {p: [does, line]}\n  - signal: {p: SIGSTOP}\n  - expect: {p: {ends: any}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p ends",
     .seen = "is stopped"},
};

PLAY_ROWS(starting)
PLAY_ROWS(doing)
PLAY_ROWS(sending)
PLAY_ROWS(signalling)

int main(void)
{
    Suite *suite = suite_create("play-steps");
    ADD_ROWS(suite, starting);
    ADD_ROWS(suite, doing);
    ADD_ROWS(suite, sending);
    ADD_ROWS(suite, signalling);
    return run_suite(suite);
}
