/* The end of a case: what is checked without being asked, what it costs, and what may be left behind. */
#include "judge/playing.h"

static const struct play_row endings[] = {
    { .title = "who still waits when everybody has left",
      .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, r]}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "p ends by itself", .seen = "is blocked in open(\"box\", O_RDONLY)", .also = "does.c:" },
    { .title = "a child that stays",
      .yaml = "steps:\n  - start: {p: [does, fork, pause, done]}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "p leaves no process behind", .seen = "is blocked in pause" },
    { .title = "another status than 0",
      .yaml = "steps:\n  - start: {p: [does, close, 44, exit, 2]}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "p ends with status 0", .seen = "p ended with status 2", .also = "close: EBADF" },
    { .title = "a death that nobody asked for",
      .yaml = "steps:\n  - start: {p: [does, raise, SIGTERM]}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "p ends with status 0", .seen = "was killed by SIGTERM" },
    { .title = "a death by the case's own signal", .yaml = "steps:\n  - start: {p: [does, pause]}\n  - signal: {p: SIGTERM}\n" },
    { .title = "a child's status is its own affair", .yaml = "steps:\n  - start: {p: [does, fork, exit, 3, done, wait]}\n" },
    { .title = "it ends when the other side has left",
      .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, r, cat, 3]}\n  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n" },
    { .title = "a stand-in that leaves has status 0",
      .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, system, ./filter]}\n  - expect: {filter: {starts: 1}}\n" },
    { .title = "one that restarts its filter once",
      .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, system, ./filter, system, ./filter, print, two]}\n  - expect: {filter: {starts: 1}}\n" },
};

#define CRASHING_CHILD "steps:\n  - start: {p: [does, fork, crash, done, wait]}\n"

static const struct play_row crashes[] = {
    { .title = "the program crashes",
      .yaml = "steps:\n  - start: {p: [does, crash]}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "no process of the program crashes", .seen = "was killed by SIGSEGV at does.c:" },
    { .title = "a child crashes", .yaml = CRASHING_CHILD, .verdict = FAILED, .step = AT_THE_END, .expected = "crashes", .seen = "was killed by SIGSEGV at does.c:" },
    { .title = "an end was asked for, but no crash",
      .yaml = "steps:\n  - start: {p: [does, crash]}\n  - expect: {p: {ends: any}}\n",
      .verdict = FAILED, .step = AT_THE_END, .expected = "crashes", .seen = "SIGSEGV" },
    { .title = "a crash that was asked for", .yaml = "steps:\n  - start: {p: [does, crash]}\n  - expect: {p: {killed: SIGSEGV}}\n" },
    { .title = "a crash that was sent", .yaml = "steps:\n  - start: {p: [does, pause]}\n  - signal: {p: SIGABRT}\n" },
    { .title = "a crash has a price",
      .yaml = "points: 3\n" CRASHING_CHILD "rules: {crash: 1}\n", .verdict = FAILED, .score = 200, .step = AT_THE_END, .expected = "crashes", .seen = "SIGSEGV" },
    { .title = "a crash is ignored", .yaml = CRASHING_CHILD "rules: {crash: ignored}\n" },
    { .title = "a crash has a price in the assignment",
      .yaml = "points: 3\n" CRASHING_CHILD, .assignment = "rules: {crash: 0.5}\n", .verdict = FAILED, .score = 250, .step = AT_THE_END, .expected = "crashes", .seen = "SIGSEGV" },
    { .title = "the case's price goes before the assignment's",
      .yaml = "points: 3\n" CRASHING_CHILD "rules: {crash: 2}\n", .assignment = "rules: {crash: ignored}\n",
      .verdict = FAILED, .score = 100, .step = AT_THE_END, .expected = "crashes", .seen = "SIGSEGV" },
    { .title = "a price above the points takes them all",
      .yaml = "points: 1\n" CRASHING_CHILD "rules: {crash: 2}\n", .verdict = FAILED, .score = 0, .step = AT_THE_END, .expected = "crashes", .seen = "SIGSEGV" },
    { .title = "a crash of somebody else's program", .yaml = "steps:\n  - start: {p: [does, system, \"kill -SEGV $$\"]}\n" },
};

#define LEFT(run) "steps:\n  - start: {p: [does, " run "]}\n"

static const struct play_row lefts[] = {
    { .title = "what was given stays", .yaml = "given: {box: fifo, q: queue, s: {is: semaphores, values: [0]}, m: {is: segment, size: 8}, f: file, d: dir}\n"
                                               LEFT("open, box, rw, semset, <s>, \"0\", 1, shmput, <m>, a, msgsnd, <q>, 1, a, unlink, f, open, d, r") },
    { .title = "a FIFO that was given is gone",
      .yaml = "given: {box: fifo}\n" LEFT("unlink, box"), .verdict = FAILED, .step = AT_THE_END, .expected = "box is still there at the end", .seen = "box is gone" },
    { .title = "a plain file in its place",
      .yaml = "given: {box: fifo}\n" LEFT("unlink, box, open, box, new"), .verdict = FAILED, .step = AT_THE_END, .expected = "box is still there", .seen = "box is gone" },
    { .title = "a FIFO that was removed and made again is not the one that was given",
      .unless = LACKS_MOUNT_NS,
      .yaml = "given: {box: fifo}\n" LEFT("unlink, box, mkfifo, box"), .verdict = FAILED, .step = AT_THE_END, .expected = "box is still there", .seen = "box is gone: the one that is there was made anew" },
    { .title = "a queue that was removed and made again",
      .yaml = "given: {q: queue}\n" LEFT("msgrm, <q>, msgmake, <q>"), .verdict = FAILED, .step = AT_THE_END, .expected = "q is still there", .seen = "made anew" },
    { .title = "made again where the case asks for the name alone", .yaml = "given: {box: fifo}\n" LEFT("unlink, box, mkfifo, box") "left: box\n" },
    { .title = "the case put another FIFO in its place",
      .yaml = "given: {box: fifo, new: fifo}\n" LEFT("open, box, rw") "  - do: {peer: {rename: new, to: box}}\n" },
    { .title = "a queue that was given is gone",
      .yaml = "given: {q: queue}\n" LEFT("msgrm, <q>"), .verdict = FAILED, .step = AT_THE_END, .expected = "q is still there", .seen = "q is gone" },
    { .title = "a queue that the case removed", .yaml = "given: {q: queue}\n" LEFT("msgsnd, <q>, 1, a") "  - do: {peer: {msgctl: q, cmd: IPC_RMID}}\n" },
    { .title = "a FIFO that the case removed", .yaml = "given: {box: fifo}\n" LEFT("print, a") "  - do: {peer: {unlink: box}}\n" },
    { .title = "a queue too many",
      .yaml = LEFT("msgmake, 0x4d5347"), .verdict = FAILED, .step = AT_THE_END, .expected = "nothing that the program made is left behind",
      .seen = "key 0x004d5347", .also = "made by p: msgget(0x004d5347, IPC_CREAT", .left = { "0x004d5347" } },
    { .title = "one of each kind",
      .yaml = LEFT("mkfifo, box, msgmake, 0x41, semmake, 0x42, 2, shmmake, 0x43, 100"), .verdict = FAILED, .step = AT_THE_END, .seen = "made by p",
      .left = { "box", "0x00000041", "0x00000042", "0x00000043" } },
    { .title = "a declared one is too many as well",
      .yaml = "names: {q: {is: queue, key: 0x51}}\n" LEFT("msgmake, <q>") "  - expect: {q: present}\n",
      .verdict = FAILED, .step = AT_THE_END, .seen = "made by p", .left = { "0x00000051" } },
    { .title = "a FIFO in /tmp and one in a directory",
      .unless = LACKS_MOUNT_NS,
      .yaml = LEFT("mkfifo, /tmp/box, system, \"mkdir sub; mkfifo sub/other\""), .verdict = FAILED, .step = AT_THE_END, .left = { "/tmp/box", "sub/other" } },
    { .title = "it must be left, and is", .yaml = "names: {q: queue}\n" LEFT("msgmake, <q>") "left: q\n" },
    { .title = "it must be left, and is not",
      .yaml = "names: {q: queue}\n" LEFT("print, a") "left: q\n", .verdict = FAILED, .step = AT_THE_END, .expected = "q is still there", .seen = "q is gone" },
    { .title = "it may be left, and is", .yaml = "names: {q: queue}\n" LEFT("msgmake, <q>") "may_be_left: q\n" },
    { .title = "it may be left, and is not", .yaml = "given: {box: fifo}\n" LEFT("unlink, box") "may_be_left: box\n" },
    { .title = "nothing must be left",
      .yaml = "given: {box: fifo}\n" LEFT("open, box, rw") "left: nothing\n", .verdict = FAILED, .step = AT_THE_END, .expected = "left behind", .seen = "box", .left = { "box" } },
    { .title = "given, removed by the program as asked", .yaml = "given: {box: fifo}\n" LEFT("unlink, box") "left: nothing\n" },
    { .title = "what a puppet made is not judged",
      .yaml = "names: {q: queue, box: fifo}\n" LEFT("print, a") "  - do: {peer: {msgget: q, flags: IPC_CREAT}}\n  - do: {peer: {mkfifo: box}}\n" },
    { .title = "made anew by the program in place of the puppet's",
      .yaml = "names: {q: {is: queue, key: 0x51}}\n" LEFT("line, msgrm, <q>, msgmake, <q>") "  - do: {peer: {msgget: q, flags: IPC_CREAT}}\n  - send: {p: \"\\n\"}\n",
      .verdict = FAILED, .step = AT_THE_END, .seen = "made by p", .left = { "0x00000051" } },
    { .title = "left has a price", .yaml = "points: 3\n" LEFT("msgmake, 0x41") "rules: {left: 1}\n", .verdict = FAILED, .score = 200, .step = AT_THE_END, .seen = "0x00000041", .left = { "0x00000041" } },
    { .title = "left is ignored", .yaml = LEFT("msgmake, 0x41") "rules: {left: ignored}\n", .left = { "0x00000041" } },
    { .title = "a private segment stays", .yaml = LEFT("privates") "rules: {left: 0.5}\n", .verdict = FAILED, .score = 0, .step = AT_THE_END, .left = { "0x00000000", "0x00000000", "0x00000000" } },
    { .title = "plain files and directories are not judged", .yaml = LEFT("open, note, new, system, mkdir sub") },
    { .title = "what a killed child left",
      .yaml = LEFT("fork, msgmake, 0x41, raise, SIGKILL, done, wait"), .verdict = FAILED, .step = AT_THE_END, .seen = "made by p: msgget(", .left = { "0x00000041" } },
};

PLAY_ROWS(endings)
PLAY_ROWS(crashes)
PLAY_ROWS(lefts)

int main(void)
{
    Suite *suite = suite_create("play-end");
    ADD_ROWS(suite, endings);
    ADD_ROWS(suite, crashes);
    ADD_ROWS(suite, lefts);
    return run_suite(suite);
}
