/* POSIX shared memory and message queues, played: given and looked at, deeds of puppets, looks at calls, who waits, what is left. */
#include "judge/playing.h"

#define DONE "steps:\n  - start: {p: [does]}\n"

static const struct play_row memory[] = {
    {.title = "text, ints, size, mode and owner of shared memory",
     .yaml =
         "given: {m: {is: shm, size: 100, text: hello, mode: 0640}, n: {is: shm, ints: [5, -1]}, o: "
         "{is: shm, owner: other}}\n" DONE
         "  - expect: {m: {text: hello, size: 100, mode: 0640, owner: user}, n: {ints: [5, -1], size: 8}, "
         "o: {size: 0, owner: other}}\n"},
    {.title = "another text in shared memory",
     .yaml = "given: {m: {is: shm, size: 100, text: hello}}\n" DONE "  - expect: {m: {text: hallo}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "shared memory object m has text \"hallo\"",
     .seen = "text \"hello\""},
    {.title = "what a program made, and its calls",
     .yaml =
         "names: {m: shm}\n"
         "steps:\n  - start: {p: [does, memmake, <m>, 64, shared, line, memrm, <m>]}\n"
         "  - expect: {m: {text: shared, size: 64, mode: 0600}, p: [{shm_open: m, flags: [O_CREAT, O_EXCL, "
         "O_RDWR], mode: 0600}, {truncate: m, size: 64}, {mmap: m, prot: PROT_WRITE}, {munmap: m}]}\n"
         "  - send: {p: \"\\n\"}\n  - expect: {p: {shm_unlink: m}, m: absent}\n"},
    {.title = "a call that was not made",
     .yaml = "names: {m: shm}\n"
             "steps:\n  - start: {p: [does, memmake, <m>, 64, shared]}\n"
             "  - expect: {p: {shm_unlink: m}}\nleft: m\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "removes shared memory object m",
     .seen = "no such call"},
    {.title = "calls that fail",
     .yaml =
         "given: {m: {is: shm, mode: 0000}}\nnames: {n: shm}\n"
         "steps:\n  - start: {p: [does, memopen, <m>, memmake, <m>, 1, x, memopen, <n>, memrm, <n>]}\n"
         "  - expect: {p: {stderr: \"shm_open: EACCES\\nshm_open: EEXIST\\nshm_open: ENOENT\\nshm_unlink: "
         "ENOENT\\n\"}}\n"
         "  - expect: {p: [{shm_open: m, error: EACCES}, {shm_open: m, error: EEXIST}, {shm_open: n, error: "
         "ENOENT}, {shm_unlink: n, error: ENOENT}]}\n"},
    {.title = "held before",
     .yaml = "names: {m: shm}\n"
             "steps:\n  - hold: {p: {before: {mmap: m}}}\n  - start: {p: [does, memmake, <m>, 64, shared]}\n"
             "  - expect: {m: {size: 64, text: \"\"}}\n  - release: p\n"
             "  - expect: {m: {text: shared}, p: {exit: 0}}\nleft: m\n"},
    {.title = "held after",
     .yaml =
         "names: {m: shm}\n"
         "steps:\n  - hold: {p: {after: {shm_open: m}}}\n  - start: {p: [does, memmake, <m>, 64, shared]}\n"
         "  - expect: {m: {size: 0}, p: {ends: not_yet}}\n  - release: p\nleft: m\n"},
    {.title = "faults",
     .yaml = "names: {m: shm, n: shm}\ninject: [{p: {shm_open: m, error: EMFILE}}, {p: {mmap: n, error: "
             "ENOMEM}}]\n"
             "steps:\n  - start: {p: [does, memmake, <m>, 1, x, memmake, <n>, 1, x]}\n"
             "  - expect: {p: {stderr: \"shm_open: EMFILE\\nmmap: ENOMEM\\n\"}, m: absent}\nleft: n\n"},
    {.title = "a puppet makes, sizes, maps, fills, unmaps and removes",
     .yaml = "names: {m: shm}\npuppets: [ann]\n"
             "steps:\n  - do: {peer: {shm_open: m, flags: [O_RDWR, O_CREAT, O_EXCL], mode: 0640, as: fd}}\n"
             "  - do: {ann: {shm_open: m, flags: [O_RDWR, O_CREAT, O_EXCL], error: EEXIST}}\n"
             "  - do: {peer: {truncate: fd, size: 16}}\n  - do: {peer: {mmap: fd, as: map}}\n"
             "  - do: {peer: {poke: map, text: hello}}\n  - do: {ann: {mmap: m, prot: PROT_READ, as: it}}\n"
             "  - start: {p: [does]}\n  - expect: {m: {text: hello, size: 16, mode: 0640}}\n"
             "  - do: {ann: {truncate: m, size: 2}}\n  - expect: {m: {text: he, size: 2}}\n"
             "  - do: {peer: {munmap: map}}\n  - do: {peer: {close: fd}}\n  - do: {peer: {shm_unlink: m}}\n"
             "  - do: {ann: {shm_open: m, error: ENOENT}}\n  - expect: {m: absent}\n"},
    {.title = "shared memory that is left behind",
     .yaml = "steps:\n  - start: {p: [does, memmake, /rubbish, 4, x]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "nothing that the program made is left behind",
     .seen = "shared memory object /rubbish",
     .also = "shm_open(\"/rubbish\", O_RDWR|O_CREAT|O_EXCL, 0600)",
     .left = {"/rubbish"}},
    {.title = "given shared memory that is gone",
     .yaml = "given: {m: shm}\nsteps:\n  - start: {p: [does, memrm, <m>]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "m is still there",
     .seen = "m is gone"},
    {.title = "given shared memory that a puppet removes",
     .yaml = "given: {m: shm}\nsteps:\n  - start: {p: [does]}\n  - do: {peer: {shm_unlink: m}}\n"},
};

static const struct play_row queues[] = {
    {.title = "count, sizes, mode and owner of a queue",
     .yaml = "given: {m: {is: mq, maxmsg: 3, msgsize: 16, mode: 0640, messages: [{prio: 1, text: a}, {text: "
             "b}]}, n: mq, o: {is: mq, owner: other, mode: 0600}}\n" DONE
             "  - expect: {m: {count: 2, maxmsg: 3, msgsize: 16, mode: 0640, owner: user}, n: {count: 0, "
             "maxmsg: 10, msgsize: 8192}, o: {owner: other}}\n"
             "  - do: {peer: {mq_receive: m, gives: {prio: 1, text: a}}}\n"
             "  - do: {peer: {mq_receive: m, gives: {prio: 0, text: b}}}\n"},
    {.title = "another count",
     .yaml = "given: {m: mq}\n" DONE "  - expect: {m: {count: 1}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "POSIX message queue m has count 1",
     .seen = "count 0"},
    {.title = "another message",
     .yaml = "given: {m: {is: mq, messages: {prio: 2, text: a}}}\n" DONE
             "  - do: {peer: {mq_receive: m, gives: {prio: 1, text: a}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "of priority 1",
     .seen = "a message of priority 2 with \"a\""},
    {.title = "what a program made, and its calls",
     .yaml = "names: {m: mq}\n"
             "steps:\n  - start: {p: [does, mqmake, <m>, 4, 32, mqput, <m>, 7, hello, mqtake, <m>, b, line, "
             "mqrm, "
             "<m>]}\n"
             "  - expect: {m: {count: 0, maxmsg: 4, msgsize: 32, mode: 0600}, p: {stdout: \"7 hello\\n\"}}\n"
             "  - expect: {p: [{mq_open: m, flags: [O_CREAT, O_EXCL, O_RDWR], maxmsg: 4, msgsize: 32, mode: "
             "0600}, "
             "{mq_send: m, prio: 7, text: hello}, {mq_receive: m, gives: {prio: 7, text: hello}}]}\n"
             "  - send: {p: \"\\n\"}\n  - expect: {p: {mq_unlink: m}, m: absent}\n"},
    {.title = "calls that fail",
     .yaml = "given: {m: {is: mq, mode: 0000}, small: {is: mq, msgsize: 4}}\nnames: {n: mq}\n"
             "steps:\n  - start: {p: [does, mqput, <m>, 0, x, mqmake, <m>, 1, 1, mqtake, <n>, b, mqrm, <n>, "
             "mqput, "
             "<small>, 0, hello, mqtake, <small>, n]}\n"
             "  - expect: {p: {stderr: \"mq_open: EACCES\\nmq_open: EEXIST\\nmq_open: ENOENT\\nmq_unlink: "
             "ENOENT\\nmq_send: EMSGSIZE\\nmq_receive: EAGAIN\\n\"}}\n"
             "  - expect: {p: [{mq_open: m, error: EACCES}, {mq_open: m, error: EEXIST}, {mq_open: n, error: "
             "ENOENT}, {mq_unlink: n, error: ENOENT}, {mq_send: small, error: EMSGSIZE}, {mq_receive: small, "
             "error: "
             "EAGAIN}]}\n"},
    {.title = "an empty queue stops its receiver",
     .yaml = "given: {m: mq}\n"
             "steps:\n  - start: {p: [does, mqtake, <m>, b]}\n  - expect: {p: {blocks: {mq_receive: m}}}\n"
             "  - do: {peer: {mq_send: m, prio: 3, text: x}}\n  - expect: {p: {stdout: \"3 x\\n\"}}\n"},
    {.title = "a full queue stops its sender",
     .yaml =
         "given: {m: {is: mq, maxmsg: 1, messages: {text: a}}}\n"
         "steps:\n  - start: {p: [does, mqput, <m>, 0, b]}\n  - expect: {p: {blocks: {mq_send: m}}}\n"
         "  - do: {peer: {mq_receive: m, gives: {text: a}}}\n  - expect: {p: {exit: 0}, m: {count: 1}}\n"},
    {.title = "in poll it waits for the queue as well",
     .yaml = "given: {m: mq}\n"
             "steps:\n  - start: {p: [does, mqtake, <m>, poll]}\n  - expect: {p: {blocks: {mq_receive: m}}}\n"
             "  - do: {peer: {mq_send: m, text: x}}\n  - expect: {p: {stdout: \"0 x\\n\"}}\n"},
    {.title = "it waits for another queue",
     .yaml =
         "given: {m: mq, n: mq}\n"
         "steps:\n  - start: {p: [does, mqtake, <n>, poll]}\n  - expect: {p: {blocks: {mq_receive: m}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "receiving a message from POSIX message queue m",
     .seen = "poll"},
    {.title = "a puppet that waits for a message, and for room",
     .yaml =
         "given: {m: {is: mq, maxmsg: 1}}\npuppets: [ann]\n"
         "steps:\n  - start: {p: [does, line, mqput, <m>, 5, x]}\n"
         "  - do: {peer: {blocks: {mq_receive: m, gives: {prio: 5, text: x}}}}\n  - send: {p: \"\\n\"}\n"
         "  - expect: {peer: {mq_receive: m}}\n  - do: {peer: {mq_send: m, text: a}}\n"
         "  - do: {ann: {blocks: {mq_send: m, text: b}}}\n  - do: {peer: {mq_receive: m, gives: {text: a}}}\n"
         "  - expect: {ann: {mq_send: m}}\n"},
    {.title = "puppets' descriptors and failures",
     .yaml =
         "names: {m: mq}\n"
         "steps:\n  - do: {peer: {mq_open: m, flags: [O_RDWR, O_CREAT, O_NONBLOCK], maxmsg: 1, msgsize: 4, "
         "mode: 0600, as: q}}\n"
         "  - do: {peer: {mq_receive: q, error: EAGAIN}}\n  - do: {peer: {mq_receive: m, error: EAGAIN}}\n"
         "  - do: {peer: {mq_send: q, text: hello, error: EMSGSIZE}}\n  - do: {peer: {mq_send: q, text: "
         "four}}\n"
         "  - do: {peer: {mq_send: m, text: four, error: EAGAIN}}\n  - start: {p: [does]}\n"
         "  - do: {peer: {close: q}}\n  - do: {peer: {mq_unlink: m}}\n"
         "  - do: {peer: {mq_open: m, error: ENOENT}}\n"},
    {.title = "told by a thread of the library",
     .yaml =
         "given: {m: mq}\n"
         "steps:\n  - start: {p: [does, mqbell, <m>, thread]}\n"
         "  - expect: {p: {mq_notify: m}}\n  - expect: {p: {blocks: any, children: 0, zombies: 0}}\n"
         "  - do: {peer: {mq_send: m, prio: 2, text: ding}}\n  - expect: {p: {stdout: \"2 ding\\n\", blocks: "
         "any, ends: not_yet}, m: {count: 0}}\n  - signal: {p: SIGTERM}\n  - expect: {p: {killed: "
         "SIGTERM}}\n"},
    {.title = "told by a signal, and only one is told",
     .yaml = "given: {m: mq}\n"
             "steps:\n  - start: {p: [does, mqbell, <m>, signal]}\n  - expect: {p: {blocks: any}}\n"
             "  - start: {r: [does, mqbell, <m>, signal]}\n"
             "  - expect: {r: {stderr: \"mq_notify: EBUSY\\n\", exit: 0}}\n"
             "  - expect: {r: {mq_notify: m, error: EBUSY}}\n"
             "  - do: {peer: {mq_send: m, text: dong}}\n  - expect: {p: {stdout: \"0 dong\\n\", exit: 0}}\n"},
    {.title = "faults",
     .yaml = "given: {m: mq}\ninject: [{p: {mq_open: m, error: ENOSPC}}]\n"
             "steps:\n  - start: {p: [does, mqput, <m>, 1, x]}\n  - expect: {p: {stderr: \"mq_open: "
             "ENOSPC\\n\"}}\n"},
    {.title = "a queue that is left behind",
     .yaml = "steps:\n  - start: {p: [does, mqmake, /rubbish, 1, 1]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "nothing that the program made is left behind",
     .seen = "POSIX message queue /rubbish",
     .also = "mq_open(\"/rubbish\", O_RDWR|O_CREAT|O_EXCL, 0600)",
     .left = {"/rubbish"}},
    {.title = "a given queue that is gone, and one that was made anew",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: [does, mqrm, <m>, mqmake, <m>, 1, 1]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .seen = "the one that is there was made anew"},
    {.title = "a given queue that a puppet removes",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: [does]}\n  - do: {peer: {mq_unlink: m}}\n"},
    {.title = "the limit of bytes in queues",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>2, 10, 8192], limits: "
             "{msgqueue_bytes: 100}}}\n  - expect: {p: {stderr: \"mq_open: EMFILE\\n\"}}\n"},
    {.title = "no room for a queue on a machine that gives less than the case promises",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>2, 10, 8192], limits: "
             "{msgqueue_bytes: 80000}}}\n  - expect: {p: {stderr: \"\"}}\n",
     .verdict = SKIPPED,
     .reason = "RLIMIT_MSGQUEUE is 70000 here, and the case promises 819200",
     .queue_bytes = 70000,
     .is_taken_back = true},
    {.title = "no room for a queue, and neighbours who have the rest of what the case promises",
     .broken_by = "make the message queue /m: Too many open files", /* it is the same user's */
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>2, 10, 8192], limits: "
             "{msgqueue_bytes: 80000}}}\n  - expect: {p: {stderr: \"\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .queue_bytes = 70000,
     .has_neighbours = true,
     .is_crowded = true},
    {.title = "more queues than there are, in a case that is about none",
     .yaml = "steps:\n  - start: {p: {run: [does, mqmake, /a, 10, 8192], limits: {msgqueue_bytes: 80000}}}\n"
             "  - expect: {p: {stderr: \"\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .queue_bytes = 70000},
    {.title = "more queues than the table of descriptors holds",
     .yaml = "names: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>, 1, 1, mqmake, <m>2, 1, 1], "
             "limits: {nofile: 4}}}\n  - expect: {p: {stderr: \"\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .seen = "EMFILE",
     .queue_bytes = 70000,
     .has_neighbours = true},
    {.title = "no room for a queue, by a limit that is lower than what neighbours have left",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>2, 10, 8192], limits: "
             "{msgqueue_bytes: 60000}}}\n  - expect: {p: {stderr: \"\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .queue_bytes = 70000},
    {.title = "no room for a queue, which is the program's own doing",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: {run: [does, mqmake, <m>2, 10, 8192], limits: "
             "{msgqueue_bytes: 100}}}\n  - expect: {p: {stderr: \"\"}}\n",
     .verdict = FAILED,
     .step = 1},
    {.title = "another mistake is no question of room",
     .yaml = "given: {m: mq}\nsteps:\n  - start: {p: [does, mqmake, <m>2, 10, 8192]}\n"
             "  - expect: {p: {stderr: \"x\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .queue_bytes = 200000},
};

PLAY_ROWS(memory)
PLAY_ROWS(queues)

/* A machine that has no queues for the sandbox alone: nothing is charged to the student. */
START_TEST(without_queues_it_is_skipped)
{
    static const struct play_row row = {.title = "a queue",
                                        .yaml = "given: {m: mq}\n" DONE "  - expect: {m: present}\n"};
    struct played played;
    setenv("IPCGRADE_WITHOUT", "mqueue", 1);
    play_row(&played, &row);
    ck_assert_int_eq(played.result.verdict, SKIPPED);
    ck_assert_ptr_nonnull(strstr(played.result.reason, "POSIX message queues"));
    played_free(&played);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("play-posix");
    ADD_ROWS(suite, memory);
    ADD_ROWS(suite, queues);
    TCase *lacking = tcase_create("lacking");
    tcase_add_test(lacking, without_queues_it_is_skipped);
    suite_add_tcase(suite, lacking);
    return run_suite(suite);
}
