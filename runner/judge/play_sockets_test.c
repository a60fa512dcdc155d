/* Sockets, played: ports and paths, both ends of a connection, datagrams, descriptors that are passed, who waits, who polls, what is left. */
#include "judge/playing.h"

static const struct play_row connections[] = {
    {.title = "a program that listens, and a puppet that connects",
     .yaml =
         "names: {door: tcp}\n"
         "steps:\n  - start: {p: [does, listen, <door>, accept, 3, cat, 4]}\n"
         "  - expect: {p: {blocks: {accept: door}}, door: present}\n"
         "  - do: {peer: {connect: door, as: s}}\n"
         "  - expect: {p: {blocks: {read: door}}}\n"
         "  - do: {peer: {write: s, text: hel}}\n  - do: {peer: {write: s, text: lo}}\n"
         "  - expect: {p: {ends: not_yet}}\n"
         "  - do: {peer: {close: s}}\n"
         "  - expect: {p: {stdout: hello, exit: 0}}\n"
         "  - expect: {p: [{bind: door}, {listen: door}, {accept: door}, {read: door, gives: hello, until: "
         "eof}]}\n"},
    {.title = "a puppet that listens, and a program that connects",
     .yaml =
         "names: {door: tcp}\n"
         "steps:\n  - do: {peer: {listen: door, as: l}}\n"
         "  - start: {p: [does, connect, <door>, write, 3, hello, shut, 3, cat, 3]}\n"
         "  - do: {peer: {accept: l, as: s}}\n"
         "  - do: {peer: {read: s, until: eof, gives: hello}}\n"
         "  - do: {peer: {write: s, text: good}}\n  - do: {peer: {write: s, text: bye}}\n"
         "  - do: {peer: {close: s}}\n"
         "  - expect: {p: {stdout: goodbye, exit: 0}}\n"
         "  - expect: {p: [{connect: door}, {write: door, text: hello}, {shutdown: door, how: write}]}\n"},
    {.title = "nobody listens there",
     .yaml =
         "names: {door: tcp}\n"
         "steps:\n  - start: {p: [does, connect, <door>]}\n"
         "  - expect: {p: {stderr: \"connect: ECONNREFUSED\\n\", connect: door, error: ECONNREFUSED}, door: "
         "absent}\n  - do: {peer: {connect: door, error: ECONNREFUSED}}\n"},
    {.title = "a port that is taken",
     .yaml = "given: {door: tcp, second: udp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, receive_at, <second>]}\n"
             "  - expect: {p: [{bind: door, error: EADDRINUSE}, {bind: second, error: EADDRINUSE}]}\n"},
    {.title = "a connection that is reset",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, accept, 3, read, 4]}\n"
             "  - do: {peer: {connect: door, as: s}}\n  - do: {peer: {close: s, how: reset}}\n"
             "  - expect: {p: {read: door, error: ECONNRESET, exit: 0}}\n"},
    {.title = "a look that does not hold",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, accept, 3]}\n"
             "  - expect: {p: {blocks: {read: door}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "reading from TCP port door",
     .seen = "accept"},
    {.title = "another port is another object",
     .yaml =
         "names: {door: tcp, second: tcp}\n"
         "steps:\n  - start: {p: [does, listen, <door>, accept, 3], q: [does, listen, <second>, accept, 3]}\n"
         "  - expect: {p: {blocks: {accept: door}}, q: {blocks: {accept: second}}}\n"
         "  - expect: {q: {blocks: {accept: door}}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "accepting a connection at TCP port door"},
    {.title = "a connection that a child has is the same",
     .yaml =
         "names: {door: tcp}\n"
         "steps:\n  - start: {p: [does, listen, <door>, accept, 3, fork, read, 4, done, close, 4, wait]}\n"
         "  - do: {peer: {connect: door, as: s}}\n"
         "  - expect: {p.child: {blocks: {read: door}}}\n"},
    {.title = "held before it takes a connection",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - hold: {p: {before: {accept: door}}}\n"
             "  - start: {p: [does, listen, <door>, accept, 3]}\n"
             "  - do: {peer: {connect: door, as: s}}\n  - release: p\n  - expect: {p: {exit: 0}}\n"},
    {.title = "a connection that cannot be taken",
     .yaml = "names: {door: tcp}\ninject:\n  - {p: {accept: door, error: EMFILE}}\n"
             "steps:\n  - start: {p: [does, listen, <door>, accept, 3, accept, 3]}\n"
             "  - do: {peer: {connect: door, as: s}}\n"
             "  - expect: {p: {stderr: \"accept: EMFILE\\n\", exit: 0}}\n"},
    {.title = "through poll, select and epoll",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, poll, 3, -1, select, 3, epoll, 3, accept, 3, "
             "poll, 5, -1]}\n"
             "  - expect: {p: {blocks: {accept: door}}}\n  - do: {peer: {connect: door, as: s}}\n"
             "  - expect: {p: {blocks: {read: door}}}\n"},
};
PLAY_ROWS(connections)

static const struct play_row files[] = {
    {.title = "a UNIX socket of the program",
     .yaml = "names: {door: unix}\n"
             "steps:\n  - start: {p: [does, listen, <door>, accept, 3, cat, 4, unlink, <door>]}\n"
             "  - expect: {p: {blocks: {accept: door}}, door: {owner: user}}\n"
             "  - do: {peer: {connect: door, as: s}}\n"
             "  - do: {peer: {write: s, text: hello}}\n  - do: {peer: {close: s}}\n"
             "  - expect: {p: {stdout: hello, read: door, gives: hello}, door: absent}\n"},
    {.title = "a UNIX socket that gets its name when it listens",
     .yaml = "names: {door: unix}\n"
             "steps:\n  - start: {p: [does, listen, ./own, rename, own, <door>, accept, 3, cat, 4]}\n"
             "  - expect: {p: {blocks: {accept: door}}, door: {owner: user}}\n"
             "  - do: {peer: {connect: door, as: s}}\n"
             "  - do: {peer: {write: s, text: hello}}\n  - do: {peer: {close: s}}\n"
             "  - expect: {p: {stdout: hello, read: door, gives: hello}}\nleft: door\n"},
    {.title = "a UNIX socket by what leads a process to its folder",
     .yaml = "names: {door: unix}\n"
             "steps:\n  - start: {p: [does, listen, /proc/self/cwd/door, accept, 3, cat, 4]}\n"
             "  - expect: {p: {blocks: {accept: door}}}\n"
             "  - start: {q: [does, connect, /proc/self/cwd/door, write, 3, hello]}\n"
             "  - expect: {p: {stdout: hello, read: door, gives: hello}, q: {connect: door}}\nleft: door\n"},
    {.title = "a socket file that nobody serves",
     .yaml =
         "given: {door: {is: unix, mode: 0640}, post: unix_dgram}\n"
         "steps:\n  - start: {p: [does, connect, <door>, listen, <door>, send_to, <post>]}\n"
         "  - expect: {p: [{connect: door, error: ECONNREFUSED}, {bind: door, error: EADDRINUSE}, {connect: "
         "post, error: ECONNREFUSED}], door: {mode: 0640}}\n"},
    {.title = "a socket file is left behind",
     .yaml = "names: {door: unix}\nsteps:\n  - start: {p: [does, listen, <door>]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .seen = "UNIX socket door",
     .also = "bind(3, \"door\")",
     .left = {"door"}},
    {.title = "a socket file that may stay, and one that a puppet made",
     .yaml = "names: {door: unix_dgram, post: unix}\nsteps:\n  - start: {p: [does, receive_at, <door>]}\n"
             "  - do: {peer: {listen: post, as: l}}\nleft: door\n"},
    {.title = "what was given is gone",
     .yaml = "given: {door: unix}\nsteps:\n  - start: {p: [does, unlink, <door>]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .seen = "is gone"},
    {.title = "no room for another connection",
     .yaml = "puppets: [ann]\nnames: {door: unix}\n"
             "steps:\n  - do: {peer: {listen: door, backlog: 0, as: l}}\n"
             "  - do: {ann: {connect: door, as: s}}\n"
             "  - start: {p: [does, connect, <door>]}\n"
             "  - expect: {p: {blocks: {connect: door}}}\n"
             "  - do: {peer: {accept: l, as: a}}\n  - expect: {p: {exit: 0}}\n"},
};
PLAY_ROWS(files)

static const struct play_row datagrams[] = {
    {.title = "datagrams to a program, one by one",
     .yaml = "names: {door: udp}\n"
             "steps:\n  - start: {p: [does, receive_at, <door>, read, 3, read, 3, read, 3]}\n"
             "  - do: {peer: {connect: door, as: s}}\n"
             "  - do: {peer: {write: s, text: one}}\n  - do: {peer: {write: s, text: \"\"}}\n"
             "  - expect: {p: {read: door, returns: 0, blocks: {read: door}}}\n"
             "  - do: {peer: {write: s, text: three}}\n"
             "  - expect: {p: {read: door, gives: onethree, exit: 0}}\n"},
    {.title = "datagrams to a puppet, which answers",
     .yaml = "names: {door: udp}\n"
             "steps:\n  - do: {peer: {bind: door, as: s}}\n"
             "  - start: {p: [does, send_to, <door>, write, 3, one, write, 3, two, read, 3]}\n"
             "  - do: {peer: {read: s, gives: one}}\n  - do: {peer: {read: s, gives: two}}\n"
             "  - do: {peer: {write: s, text: answer}}\n"
             "  - expect: {p: [{write: door, text: onetwo}, {read: door, gives: answer}]}\n"},
    {.title = "by paths, with an address of one's own",
     .yaml = "names: {door: unix_dgram, mine: unix_dgram}\n"
             "steps:\n  - start: {p: [does, receive_at, <door>, read, 3, unlink, <door>]}\n"
             "  - do: {peer: {connect: door, from: mine, as: s}}\n"
             "  - do: {peer: {write: s, text: hello}}\n"
             "  - expect: {p: {read: door, gives: hello}, mine: present}\n"},
    {.title = "another datagram than expected",
     .yaml =
         "names: {door: udp}\n"
         "steps:\n  - do: {peer: {bind: door, as: s}}\n"
         "  - start: {p: [does, send_to, <door>, write, 3, one]}\n  - do: {peer: {read: s, gives: two}}\n",
     .verdict = FAILED,
     .step = 2,
     .seen = "\"one\""},
};
PLAY_ROWS(datagrams)

static const struct play_row passed[] = {
    {.title = "a descriptor from a program to a puppet",
     .yaml = "given: {note: {is: file, text: secret}}\nnames: {door: unix}\n"
             "steps:\n  - do: {peer: {listen: door, as: l}}\n"
             "  - start: {p: [does, open, note, r, connect, <door>, pass, 4, 3]}\n"
             "  - do: {peer: {accept: l, as: s}}\n  - do: {peer: {read: s, gives: x, fds: [f]}}\n"
             "  - do: {peer: {read: f, until: eof, gives: secret}}\n"
             "  - expect: {p: {write: door, text: x, fds: [any]}}\n"},
    {.title = "a descriptor from a puppet to a program",
     .yaml = "given: {note: {is: file, text: secret}}\nnames: {door: unix}\n"
             "steps:\n  - start: {p: [does, listen, <door>, accept, 3, take, 4, cat, 5, unlink, <door>]}\n"
             "  - do: {peer: {open: note, as: f}}\n  - do: {peer: {connect: door, as: s}}\n"
             "  - do: {peer: {write: s, fds: [f]}}\n"
             "  - expect: {p: {stdout: secret, read: door, fds: [any]}}\n"},
    {.title = "a byte without its descriptor",
     .yaml = "names: {door: unix}\n"
             "steps:\n  - do: {peer: {listen: door, as: l}}\n"
             "  - start: {p: [does, connect, <door>, write, 3, x]}\n"
             "  - do: {peer: {accept: l, as: s}}\n  - do: {peer: {read: s, fds: [f]}}\n",
     .verdict = FAILED,
     .step = 3,
     .seen = "0 descriptors came"},
    {.title = "looked for, a descriptor that was not sent",
     .yaml = "names: {door: unix}\n"
             "steps:\n  - do: {peer: {listen: door, as: l}}\n"
             "  - start: {p: [does, connect, <door>, write, 3, x]}\n"
             "  - expect: {p: {write: door, fds: [any]}}\n",
     .verdict = FAILED,
     .step = 2},
};
PLAY_ROWS(passed)

static const struct play_row waits[] = {
    {.title = "who asks for connections without a pause idles, and goes on when one comes",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, spin_accept, 3]}\n"
             "  - expect: {p: {ends: not_yet, stdout: \"\"}}\n"
             "  - do: {peer: {connect: door, as: s}}\n  - expect: {p: {stdout: \"taken\\n\", exit: 0}}\n"},
    {.title = "two of them",
     .yaml =
         "names: {door: tcp}\n"
         "steps:\n  - start: {p: [does, listen, <door>, fork, spin_accept, 3, done, spin_accept, 3, wait]}\n"
         "  - expect: {p: {ends: not_yet, children: 1}}\n"
         "  - do: {peer: {connect: door, as: s}}\n  - do: {peer: {connect: door, as: t}}\n"
         "  - expect: {p: {stdout: \"taken\\ntaken\\n\", exit: 0}}\n"},
    {.title = "polling is not waiting",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, listen, <door>, spin_accept, 3]}\n"
             "  - expect: {p: {blocks: {accept: door}}}\n",
     .verdict = FAILED,
     .step = 1,
     .is_limit = true},
    {.title = "who tries to connect again and again idles",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - start: {p: [does, retry_connect, <door>, 1], q: [does, retry_connect, <door>, 0]}\n"
             "  - expect: {p: {ends: not_yet}, q: {ends: not_yet}}\n"
             "  - do: {peer: {listen: door, as: l}}\n"
             "  - expect: {p: {stdout: \"connected\\n\", exit: 0}, q: {exit: 0}}\n"},
    {.title = "a limit of the socket ends the wait",
     .yaml = "names: {door: udp}\n"
             "steps:\n  - start: {p: [does, receive_at, <door>, patience, 3, 30, read, 3]}\n"
             "  - expect: {p: {stderr: \"read: EAGAIN\\n\", exit: 0}}\n"},
    {.title = "small pieces that wait for each other's acknowledgement all arrive within the turn",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - do: {peer: {listen: door, as: l}}\n"
             "  - hold: {p: {before: {write: door}}}\n"
             "  - start: {p: [does, connect, <door>, write, 3, a, write, 3, b, write, 3, c, write, 3, d, "
             "pause]}\n"
             "  - do: {peer: {accept: l, as: s}}\n  - release: p\n"
             "  - do: {peer: {read: s, gives: abcd}}\n  - signal: {p: SIGTERM}\n"},
    {.title = "a writer whose reader does not read",
     .yaml = "names: {door: tcp}\n"
             "steps:\n  - do: {peer: {listen: door, as: l}}\n"
             "  - start: {p: [does, connect, <door>, flood, 3, 20000000]}\n"
             "  - do: {peer: {accept: l, as: s}}\n"
             "  - expect: {p: {blocks: {write: door}}}\n"
             "  - do: {peer: {close: s, how: reset}}\n"
             "  - expect: {p: {ends: any}}\n"},
};
PLAY_ROWS(waits)

int main(void)
{
    Suite *suite = suite_create("play: sockets");
    ADD_ROWS(suite, connections);
    ADD_ROWS(suite, files);
    ADD_ROWS(suite, datagrams);
    ADD_ROWS(suite, passed);
    ADD_ROWS(suite, waits);
    return run_suite(suite);
}
