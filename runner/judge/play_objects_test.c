/* Every state of an object, given and looked at, and how it is told when it is another. */
#include "judge/playing.h"

#define DONE "steps:\n  - start: {p: [does]}\n"

static const struct play_row files[] = {
    {.title = "modes and owners of a FIFO",
     .yaml = "given: {a: {is: fifo, mode: 0640, owner: other}, b: fifo, c: {is: fifo, mode: 0000}}\n" DONE
             "  - expect: {a: {mode: 0640, owner: other}, b: {mode: 0600, owner: user}, c: {mode: 0000}}\n"},
    {.title = "a FIFO that may not be opened",
     .yaml = "given: {box: {is: fifo, mode: 0000}}\nsteps:\n  - start: {p: [does, open, box, rw]}\n  - "
             "expect: {p: {stderr: \"open: EACCES\\n\"}}\n"},
    {.title = "a FIFO of the other user",
     .yaml = "given: {box: {is: fifo, owner: other}}\nsteps:\n  - start: {p: [does, open, box, rw]}\n  - "
             "expect: {p: {stderr: \"open: EACCES\\n\"}}\n"},
    {.title = "a FIFO by whatever leads to it",
     .yaml = "given: {box: fifo}\n"
             "steps:\n  - start: {p: [does, open, /proc/self/cwd/box, w], q: [does, open, ., r, open, "
             "/dev/fd/3/box, "
             "w]}\n"
             "  - expect: {p: {blocks: {open: box}}, q: {blocks: {open: box}}}\n"
             "  - do: {peer: {open: box, flags: O_RDONLY, as: r}}\n"
             "  - expect: {p: {open: box, exit: 0}, q: {open: box, exit: 0}}\n"},
    {.title = "a FIFO that is put in place",
     .yaml = "names: {box: fifo}\n"
             "steps:\n  - start: {p: [does, mkfifo, own, rename, own, box, open, box, w]}\n"
             "  - expect: {p: {blocks: {open: box}}, box: {mode: 0600}}\n"
             "  - do: {peer: {open: box, flags: O_RDONLY, as: r}}\nleft: box\n"},
    {.title = "a fault strikes what has another name, where the case names none",
     .yaml = "inject: [{p: {mkfifo: any, error: ENOSPC}}]\n"
             "steps:\n  - start: {p: [does, mkfifo, own]}\n"
             "  - expect: {p: {stderr: \"mkfifo: ENOSPC\\n\"}}\n"},
    {.title = "another mode",
     .yaml = "given: {box: fifo}\n" DONE "  - expect: {box: {mode: 0644}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "box has mode 0644",
     .seen = "box has mode 0600"},
    {.title = "another owner",
     .yaml = "given: {box: fifo}\n" DONE "  - expect: {box: {owner: other}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "owner other",
     .seen = "owner user"},
    {.title = "the text and size of a file",
     .yaml = "given: {note: {is: file, text: \"a\\0b\", mode: 0400}}\n"
             "steps:\n"
             "  - start: {p: [does, open, note, r, cat, 3, open, note, w]}\n"
             "  - expect: {p: {stdout: \"a\\0b\", stderr: \"open: EACCES\\n\"}, note: {text: \"a\\0b\", "
             "size: 3, mode: 0400}}\n"},
    {.title = "what a program wrote",
     .yaml = "names: {out: {is: file, path: sub/out}}\ngiven: {sub: dir}\n"
             "steps:\n  - start: {p: [does, open, sub/out, new, write, 3, hello]}\n  - expect: {out: {text: "
             "hello, size: {min: 5}}, sub: {mode: 0700}}\n"},
    {.title = "another text",
     .yaml = "given: {note: {is: file, text: one}}\n" DONE "  - expect: {note: {text: two}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "text \"two\"",
     .seen = "text \"one\""},
    {.title = "present and absent",
     .yaml = "given: {a: fifo}\nnames: {b: fifo}\n"
             "steps:\n  - start: {p: [does, mkfifo, b, line, unlink, b]}\n"
             "  - expect: {a: present, b: present}\n  - send: {p: \"\\n\"}\n  - expect: {a: present, b: "
             "absent}\n"},
    {.title = "present though it should not be",
     .yaml = "given: {box: fifo}\n" DONE "  - expect: {box: absent}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "box is not there",
     .seen = "box is there"},
    {.title = "absent though it should be there",
     .yaml = "names: {box: fifo}\n" DONE "  - expect: {box: {mode: 0600}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "box has mode 0600",
     .seen = "there is no"},
};

static const struct play_row systemv[] = {
    {.title = "messages, capacity, mode and owner of a queue",
     .yaml = "given: {q: {is: queue, messages: [{type: 3, text: a}, {type: 2, text: \"b\\0c\"}], capacity: "
             "64, mode: 0644, owner: other}}\n" DONE
             "  - expect: {q: {messages: [{type: 3, text: a}, {type: 2, text: \"b\\0c\"}], count: 2, "
             "capacity: 64, mode: 0644, owner: other}}\n"},
    {.title = "a NUL at the end of a message counts as none",
     .yaml = "given: {q: {is: queue, messages: [{type: 1, text: \"a\\0\"}]}}\n" DONE
             "  - expect: {q: {messages: [{text: a}]}}\n"},
    {.title = "other messages",
     .yaml = "given: {q: {is: queue, messages: [{type: 3, text: a}]}}\n" DONE
             "  - expect: {q: {messages: [{type: 3, text: b}]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "a message of type 3 with \"b\"",
     .seen = "a message of type 3 with \"a\""},
    {.title = "no message",
     .yaml = "given: {q: queue}\n" DONE "  - expect: {q: {count: {min: 1}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "count",
     .seen = "count 0"},
    {.title = "a full queue stops its sender",
     .yaml = "given: {q: {is: queue, capacity: 4, messages: [{type: 1, text: \"1234\"}]}}\n"
             "steps:\n  - start: {p: [does, msgsnd, <q>, 2, \"5\"]}\n  - expect: {p: {blocks: {msgsnd: q}}}\n"
             "  - do: {peer: {msgrcv: q}}\n  - expect: {q: {messages: [{type: 2, text: \"5\"}]}}\n"},
    {.title = "values of semaphores",
     .yaml = "given: {s: {is: semaphores, values: [0, 7], mode: 0660}}\n"
             "steps:\n  - start: {p: [does, semop, <s>, 1, -3]}\n  - expect: {s: {values: [0, 4], mode: "
             "0660, owner: user}}\n"},
    {.title = "other values",
     .yaml = "given: {s: {is: semaphores, values: [0, 7]}}\n" DONE "  - expect: {s: {values: [0]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "values 0",
     .seen = "values 0, 7"},
    {.title = "text, ints, size and attachments of a segment",
     .yaml = "given: {m: {is: segment, size: 100, text: hello, mode: 0666}, n: {is: segment, size: 8, ints: "
             "[5, -1]}}\n"
             "steps:\n  - start: {p: [does, shmput, <m>, there, line]}\n"
             "  - expect: {m: {text: there, size: 100, attached: 1, mode: 0666, owner: user}, n: {ints: [5, "
             "-1], attached: 0}}\n"
             "  - send: {p: \"\\n\"}\n  - expect: {m: {attached: 0}}\n"},
    {.title = "other ints",
     .yaml = "given: {n: {is: segment, size: 8, ints: [5, -1]}}\n" DONE "  - expect: {n: {ints: [5, 1]}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "ints 5, 1",
     .seen = "ints 5, -1"},
    {.title = "another text in a segment",
     .yaml = "given: {m: {is: segment, size: 100, text: hello}}\n" DONE "  - expect: {m: {text: hallo}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "\"hallo\"",
     .seen = "text \"hello\""},
    {.title = "too few attachments",
     .yaml = "given: {m: {is: segment, size: 100}}\n" DONE "  - expect: {m: {attached: 1}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "attached 1",
     .seen = "attached 0"},
    {.title = "objects of the other user",
     .yaml = "given: {q: {is: queue, owner: other}, s: {is: semaphores, values: [1], owner: other}, m: {is: "
             "segment, size: 9, owner: other}}\n"
             "steps:\n  - start: {p: [does, msgrcv, <q>, 0, semop, <s>, 0, -1, shmput, <m>, x]}\n"
             "  - expect: {p: {stderr: {contains: [msgrcv, semop, shmat]}}, s: {values: [1], owner: other}, "
             "m: {owner: other}, q: {owner: other}}\n"},
    {.title = "private objects are the first of their kind",
     .yaml = "names: {q: {is: queue, key: private}, s: {is: semaphores, key: private}, m: {is: segment, key: "
             "private}}\n"
             "steps:\n  - start: {p: [does, privates]}\n"
             "  - expect: {q: {messages: [{type: 7, text: secret}]}, s: {values: [0, 5]}, m: {text: shared, "
             "size: 64}}\n"
             "left: [q, s, m]\n"},
    {.title = "a puppet finds a private object",
     .yaml = "names: {q: {is: queue, key: private}, s: {is: semaphores, key: private}, m: {is: segment, key: "
             "private}}\n"
             "steps:\n  - start: {p: [does, privates]}\n  - do: {peer: {msgrcv: q, gives: {type: 7, text: "
             "secret}}}\n"
             "  - do: {peer: {msgctl: q, cmd: IPC_RMID}}\n  - expect: {q: absent}\n"
             "left: [s, m]\n"},
    {.title = "no private object yet",
     .yaml = "names: {q: {is: queue, key: private}}\nsteps:\n  - start: {p: [does]}\n  - do: {peer: {msgrcv: "
             "q}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "q",
     .seen = "there is no message queue 'q' yet"},
    {.title = "a key that is written, in decimal too",
     .yaml = "given: {q: {is: queue, key: 42, messages: [{type: 1, text: a}]}}\n"
             "steps:\n  - start: {p: [does, msgrcv, 0x2a, 0, print, <q> <q.dec>]}\n  - expect: {p: {stdout: "
             "\"1 a\\n0x0000002a 42\\n\"}}\n"},
    {.title = "an identifier",
     .yaml = "given: {p_q: queue, q: queue}\n"
             "steps:\n  - start: {p: [does, system, \"ipcs -q | grep -c '^<q> <q.id> '\"]}\n  - expect: {p: "
             "{stdout: \"1\\nstatus 0\\n\"}}\nmay_be_left: p_q\n"},
};

static const struct play_row keys[] = {
    {.title = "the key of a file, in hexadecimal and decimal",
     .yaml = "given: {kf: file, k: {is: ftok, path: kf, id: 7}}\n"
             "steps:\n  - start: {p: [does, ftok, kf, 7, system, \"test $((<k>)) = <k.dec>\"]}\n"
             "  - expect: {p: {stdout: \"<k>\\nstatus 0\\n\"}}\n"},
    {.title = "of a path that is no declared object",
     .yaml = "names: {k: {is: ftok, path: ., id: 1}}\n"
             "steps:\n  - start: {p: [does, ftok, ., 1]}\n  - expect: {p: {stdout: \"<k>\\n\"}}\n"},
    {.title = "another number is another key",
     .yaml = "given: {kf: file, k: {is: ftok, path: kf, id: 1}}\n"
             "steps:\n  - start: {p: [does, ftok, kf, 2]}\n  - expect: {p: {stdout: \"<k>\\n\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "0x01",
     .seen = "0x02"},
    {.title = "a path that holds the pid of the program that makes it",
     .yaml = "names: {own: {is: fifo, path: own.<p>}}\n"
             "steps:\n  - start: {p: [does, system, \"mkfifo own.$PPID\", line]}\n"
             "  - expect: {own: present}\n  - do: {peer: {unlink: own}}\n  - expect: {own: absent}\n  - eof: "
             "p\n"},
    {.title = "a file made anew has another key",
     .yaml =
         "given: {kf: file, fresh: file, k: {is: ftok, path: kf, id: 1}, f: {is: ftok, path: fresh, id: 1}}\n"
         "steps:\n  - start: {p: [does, print, <k>, line, print, <k>]}\n"
         "  - start: {r: [does, ftok, fresh, 1]}\n  - expect: {r: {stdout: \"<f>\\n\", exit: 0}}\n"
         "  - do: {peer: {rename: fresh, to: kf}}\n"
         "  - start: {s: [does, ftok, kf, 1]}\n  - expect: {s: {stdout: \"<k>\\n\", exit: 0}}\n"
         "  - send: {p: \"\\n\"}\n  - expect: {p: {stdout: {matches: \"(0x01.*)\\\\n.*\\n\\\\1\\n\"}}}\n"},
    {.title = "without the file a look at the key does not hold",
     .yaml = "given: {kf: file, k: {is: ftok, path: kf, id: 1}}\n"
             "steps:\n  - start: {p: [does, unlink, kf, ftok, kf, 1]}\n"
             "  - expect: {p: {stdout: \"<k>\\n\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "<k>",
     .seen = "0xffffffff"},
    {.title = "a queue with the key of a file, made by the program",
     .yaml = "given: {kf: file, k: {is: ftok, path: kf, id: 1}}\nnames: {q: {is: queue, key: <k>}}\n"
             "steps:\n  - start: {p: [does, msgmake, <k>, msgsnd, <q>, 3, hi]}\n"
             "  - expect: {q: {messages: [{type: 3, text: hi}]}}\nleft: [q]\n"},
    {.title = "given, also when its file is declared after it",
     .yaml =
         "given: {q: {is: queue, key: <k>, messages: [{type: 1, text: a}]}, k: {is: ftok, path: kf, id: 1}, "
         "kf: file}\n"
         "steps:\n  - start: {p: [does, msgrcv, <k>, 0]}\n  - expect: {p: {stdout: \"1 a\\n\"}}\n"
         "  - do: {peer: {msgsnd: q, type: 2, text: b}}\n  - expect: {q: {count: 1}}\n"},
    {.title = "what was given keeps its key, what is looked for has that of the new file",
     .yaml =
         "given: {kf: file, fresh: file, k: {is: ftok, path: kf, id: 1}, old: {is: queue, key: <k>}}\n"
         "names: {new: {is: queue, key: <k>}}\n"
         "steps:\n  - start: {p: [does, msgrcv, <k>, 0]}\n  - expect: {p: {blocks: {msgrcv: old}}}\n"
         "  - do: {peer: {rename: fresh, to: kf}}\n  - expect: {new: absent, old: {count: 0}}\n"
         "  - start: {s: [does, msgmake, <k>, msgsnd, <new>, 1, b]}\n"
         "  - expect: {p: {ends: not_yet}, new: {count: 1}, s: {msgsnd: new}}\n"
         "  - do: {peer: {msgsnd: old, text: a}}\n  - expect: {p: {stdout: \"1 a\\n\"}}\nleft: [old, new]\n"},
    {.title = "the key -1 is nobody's",
     .yaml = "given: {kf: file, k: {is: ftok, path: kf, id: 1}}\nnames: {q: {is: queue, key: <k>}}\n"
             "steps:\n  - start: {p: [does, unlink, kf, msgmake, 0xffffffff]}\n  - expect: {q: absent}\n"
             "  - do: {peer: {msgsnd: q, text: a}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "q",
     .seen = "there is no message queue 'q' yet"},
};

PLAY_ROWS(keys)
PLAY_ROWS(files)
PLAY_ROWS(systemv)

int main(void)
{
    Suite *suite = suite_create("play-objects");
    ADD_ROWS(suite, keys);
    ADD_ROWS(suite, files);
    ADD_ROWS(suite, systemv);
    return run_suite(suite);
}
