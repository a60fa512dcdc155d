/* Rest and time: what waits for ever is told without waiting for it, what time alone ends is given its time, who polls can go on, and the safety limits say what they are.
 *
 * No test looks at a clock. A hang that were not proved would meet the wall limit, which is told as a safety limit; the rows below demand that it is not one. Waits
 * of an hour stand where a play that waited for them would never pass.
 */
#include "judge/playing.h"

#define HOUR_MS "3600000"

static const struct play_row rests[] = {
    {.title = "a hang is no limit",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, r, print, in]}\n  - expect: {p: "
             "{stdout: \"in\\n\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "\"in\\n\"",
     .seen = "is blocked in open"},
    {.title = "two that wait for each other",
     .yaml = "given: {a: fifo, b: fifo}\n"
             "steps:\n  - start: {p: [does, open, a, r, open, b, w], q: [does, open, b, r, open, a, w]}\n  - "
             "expect: {p: {exit: 0}, q: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends with status 0",
     .seen = "open(\"a\"",
     .also = "open(\"b\""},
    {.title = "it holds the other end itself",
     .yaml = "steps:\n  - start: {p: [does, pipe, cat, 3]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "status 0",
     .seen = "is blocked in read(3"},
    {.title = "each takes the other's semaphore",
     .yaml = "given: {s: {is: semaphores, values: [1, 1]}, go: fifo}\n"
             "steps:\n"
             "  - start: {p: [does, semop, <s>, 0, -1, line, semop, <s>, 1, -1], q: [does, semop, <s>, 1, "
             "-1, line, semop, <s>, 0, -1]}\n"
             "  - send: {p: \"\\n\", q: \"\\n\"}\n  - expect: {p: {ends: any}, go: present}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p ends",
     .seen = "is blocked in semop"},
    {.title = "a parent that waits for a child that waits",
     .yaml = "given: {q: queue}\nsteps:\n  - start: {p: [does, fork, msgrcv, <q>, 0, done, wait]}\n  - "
             "expect: {p: {ends: any}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends",
     .seen = "wait",
     .also = "msgrcv"},
    {.title = "a thread that waits keeps the program",
     .yaml =
         "steps:\n  - start: {p: [does, thread, pause, done, threads_end]}\n  - expect: {p: {ends: any}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends",
     .seen = "is blocked in pause"},
};

static const struct play_row times[] = {
    {.title = "who sleeps before it acts is looked at after the act",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, sleep, 30, open, box, r]}\n  - expect: {p: "
             "{blocks: {open: box}}}\n  - do: {peer: {open: box, flags: O_WRONLY}}\n"},
    {.title = "a wait with a time limit is looked at while it waits",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\n"
             "steps:\n  - start: {p: [does, semtimed, <s>, 0, -1, " HOUR_MS
             "]}\n  - expect: {p: {blocks: {semop: s}}}\n  - do: {peer: {semop: s, op: 1}}\n  - expect: {p: "
             "{exit: 0, stderr: \"\"}}\n"},
    {.title = "and when it has given up",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\n"
             "steps:\n  - start: {p: [does, semtimed, <s>, 0, -1, 50]}\n  - expect: {p: {exit: 0, stderr: "
             "\"semop: EAGAIN\\n\"}}\n"},
    {.title = "poll gives up",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, poll, 3, 50, print, "
             "nobody]}\n  - expect: {p: {stdout: \"nobody\\n\", exit: 0}}\n"},
    {.title = "an alarm that runs is not rest",
     .yaml = "steps:\n  - start: {p: [does, catch, SIGALRM, alarm, 1, racy_pause]}\n  - expect: {p: {stdout: "
             "\"caught 14\\n\", exit: 0}}\n"},
    {.title = "an alarm that kills",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, alarm, 1, open, box, r]}\n  - expect: {p: "
             "{killed: SIGALRM}}\n"},
    {.title = "a watchdog keeps no turn open",
     .yaml = "steps:\n  - start: {p: [does, catch, SIGUSR1, alarm, 5, racy_pause]}\n  - expect: {p: {blocks: "
             "any}}\n  - signal: {p: SIGUSR1}\n  - expect: {p: {stdout: \"caught 10\\n\", exit: 0}}\n"},
    {.title = "nor does one with a handler, when it is due after the wall limit",
     .yaml = "steps:\n  - start: {p: [does, catch, SIGUSR1, catch, SIGALRM, alarm, 1000, racy_pause]}\n  - "
             "expect: {p: {blocks: any}}\n  - signal: {p: SIGUSR1}\n  - expect: {p: {stdout: \"caught "
             "10\\n\", exit: 0}}\n"},
    {.title = "a poller idles, so the case can go on",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\n"
             "steps:\n  - start: {p: [does, semretry, <s>, 0, -1, 100000]}\n  - expect: {p: {ends: not_yet, "
             "stdout: \"\"}}\n"
             "  - do: {peer: {semop: s, op: 1}}\n  - expect: {p: {stdout: \"got it\\n\", exit: 0}}\n"},
    {.title = "a poller is not blocked, and gives up",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\n"
             "steps:\n  - start: {p: [does, semretry, <s>, 0, -1, 60]}\n  - expect: {p: {blocks: any}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p waits",
     .seen = "p ended with status 0"},
    {.title = "a retry loop that gives up",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\nsteps:\n  - start: {p: [does, semretry, <s>, 0, -1, "
             "60]}\n  - expect: {p: {stdout: \"gave up\\n\", exit: 0}}\n"},
    {.title = "a poller and one that waits for it",
     .yaml =
         "given: {s: {is: semaphores, values: [0]}}\n"
         "steps:\n  - start: {p: [does, semretry, <s>, 0, -1, 100000], q: [does, line, semop, <s>, 0, 1]}\n"
         "  - expect: {p: {stdout: \"\"}, q: {blocks: any}}\n  - send: {q: \"a\\n\"}\n  - expect: {p: "
         "{stdout: \"got it\\n\"}, q: {exit: 0}}\n"},
};

#define THRICE(text) text text text
#define TWELVE(text) THRICE(text) THRICE(text) THRICE(text) THRICE(text)

static const struct play_row limits[] = {
    {.title = "processor time",
     .yaml = "limits: {cpu_seconds: 1}\nsteps:\n  - start: {p: [does, compute]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "used up its 1 seconds of processor time"},
    {.title = "processor time of a child",
     .yaml = "limits: {cpu_seconds: 1}\nsteps:\n  - start: {p: [does, fork, compute, done, wait]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "used up its 1 seconds of processor time"},
    {.title = "processor time, with deaf ears",
     .yaml = "limits: {cpu_seconds: 1}\nsteps:\n  - start: {p: [does, ignore, SIGXCPU, compute]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "used up its 1 seconds of processor time"},
    {.title = "processor time of all together, none of whom has used up his own",
     .yaml = "limits: {cpu_seconds: 1}\nsteps:\n  - start: {p: [does" TWELVE(
         ", fork, compute, done") ", compute]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "all processes together used up 4 seconds of processor time"},
    {.title = "two programs have twice as much",
     .yaml = "limits: {cpu_seconds: 1}\nsteps:\n  - start: {p: [does" TWELVE(
         ", fork, compute, done") ", compute], q: [does, pause]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "all processes together used up 8 seconds of processor time"},
    {.title = "a signal of that name from the case is no limit",
     .yaml = "steps:\n  - start: {p: [does, pause]}\n  - signal: {p: SIGXCPU}\n  - expect: {p: {killed: "
             "SIGXCPU}}\n"},
    {.title = "short sleeps, too many",
     .yaml =
         "limits: {wall_seconds: 2}\nsteps:\n  - start: {p: [does, sleep, 1500, print, a, sleep, 1500]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "after 2 seconds",
     .also = "sleeps in"},
    /* Nobody waits these ten minutes: this test would be over before. */
    {.title = "a sleep of an hour",
     .yaml = "limits: {wall_seconds: 600}\nsteps:\n  - start: {p: [does, sleep, " HOUR_MS "]}\n",
     .verdict = FAILED,
     .step = 0,
     .expected = "safety limits",
     .seen = "nothing more would happen in the 600 seconds",
     .also = "sleeps in"},
    {.title = "a sleep of an hour, beside others that wait",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\nlimits: {wall_seconds: 600}\n"
             "steps:\n  - start: {p: [does, fork, sleep, " HOUR_MS
             ", done, wait], q: [does, semtimed, <s>, 0, -1, " HOUR_MS "], r: [does, pause]}\n",
     .verdict = FAILED,
     .step = 0,
     .expected = "safety limits",
     .seen = "nothing more would happen in the 600 seconds"},
    {.title = "a wait with a limit of an hour, waited for",
     .yaml =
         "given: {s: {is: semaphores, values: [0]}}\nlimits: {wall_seconds: 600}\n"
         "steps:\n  - start: {p: [does, semtimed, <s>, 0, -1, " HOUR_MS "]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "safety limits",
     .seen = "nothing more would happen in the 600 seconds",
     .also = "semtimedop"},
    {.title = "a wait with a limit of an hour, at the end of the case",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\nlimits: {wall_seconds: 600}\n"
             "steps:\n  - start: {p: [does, semtimed, <s>, 0, -1, " HOUR_MS
             "]}\n  - expect: {p: {blocks: any}}\n",
     .verdict = FAILED,
     .step = -1,
     .expected = "safety limits",
     .seen = "nothing more would happen in the 600 seconds"},
    {.title = "a sleep of an hour, which an alarm ends",
     .yaml = "limits: {wall_seconds: 600}\nsteps:\n  - start: {p: [does, alarm, 1, sleep, " HOUR_MS "]}\n"
             "  - expect: {p: {killed: SIGALRM}}\n"},
    {.title = "a sleep of an hour, which another ends when his own is over",
     .yaml = "limits: {wall_seconds: 600}\nsteps:\n  - start: {p: [does, fork, sleep, " HOUR_MS
             ", done, sleep, 300, kill, 0, SIGTERM]}\n"
             "  - expect: {p: {killed: SIGTERM}}\n"},
    {.title = "a wait of an hour, which another ends when his own is over",
     .yaml = "given: {s: {is: semaphores, values: [0]}, t: {is: semaphores, values: [0]}}\nlimits: "
             "{wall_seconds: 600}\n"
             "steps:\n  - start: {p: [does, semtimed, <s>, 0, -1, " HOUR_MS
             "], q: [does, semtimed, <t>, 0, -1, 300, semop, <s>, 0, 1]}\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "a poller that never gets it",
     .yaml = "given: {s: {is: semaphores, values: [0]}}\nlimits: {wall_seconds: 2}\n"
             "steps:\n  - start: {p: [does, semretry, <s>, 0, -1, 1000000]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "after 2 seconds"},
    {.title = "a program that runs gets more than the limit",
     .yaml = "limits: {wall_seconds: 1}\nsteps:\n  - start: {p: [does, busy, 1500, print, done]}\n"
             "  - expect: {p: {stdout: \"done\\n\", exit: 0}}\n"},
    {.title = "a program that ran longer than the limit may still sleep",
     .yaml = "limits: {wall_seconds: 1}\nsteps:\n  - start: {p: [does, busy, 1500, sleep, 50, print, done]}\n"
             "  - expect: {p: {stdout: \"done\\n\", exit: 0}}\n"},
    {.title = "a program that ran all the time was not given the processor",
     .yaml = "limits: {wall_seconds: 1, cpu_seconds: 600}\nsteps:\n  - start: {p: [does, compute]}\n"
             "  - expect: {p: {exit: 0}}\n",
     .verdict = BROKEN,
     .reason = "after 10 seconds the program had still not come to rest, but the processor was not free"},
    {.title = "patience ends as soon as it sleeps",
     .yaml = "limits: {wall_seconds: 1}\nsteps:\n  - start: {p: [does, busy, 1500, sleep, 800, print, a, "
             "sleep, 800]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .seen = "after 1 seconds",
     .also = "sleeps in"},
    {.title = "a flood",
     .yaml = "limits: {output_kib: 64}\nsteps:\n  - start: {p: [hostile, flood]}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "more than 64 KiB were printed"},
    {.title = "a flood through a pipe",
     .yaml = "limits: {output_kib: 64}\nsteps:\n  - start: {p: {run: [hostile, flood], io: pipe}}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "more than 64 KiB were printed"},
    {.title = "round and round without waiting",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, spin, 3]}\n  - expect: {p: "
             "{exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "round and round"},
    {.title = "a spinner is not blocked",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, open, box, rw, spin, 3]}\n  - expect: {p: "
             "{ends: not_yet}}\n  - expect: {p: {blocks: any}}\n",
     .verdict = FAILED,
     .step = 2,
     .is_limit = true,
     .expected = "safety limits",
     .seen = "round and round"},
    {.title = "a fork bomb is refused",
     .yaml = "limits: {processes: 12}\nsteps:\n  - start: {p: [hostile, bomb]}\n  - expect: {p: {stdout: "
             "\"bomb: EAGAIN\\n\", exit: 0}}\n"},
    {.title = "memory is refused",
     .yaml = "limits: {memory_mib: 64}\nsteps:\n  - start: {p: [hostile, memory]}\n  - expect: {p: {stdout: "
             "\"memory: ENOMEM\\n\", exit: 0}}\n"},
    {.title = "a file that is too large",
     .yaml = "limits: {file_kib: 4}\nsteps:\n  - start: {p: [does, open, out, new, flood, 3, 8192, flood, 3, "
             "1]}\n  - expect: {p: {killed: SIGXFSZ}}\n"},
    {.title = "limits of the assignment, and the case's over them",
     .yaml = "limits: {output_kib: 32}\nsteps:\n  - start: {p: [hostile, flood]}\n",
     .assignment = "limits: {output_kib: 16}\n",
     .verdict = FAILED,
     .step = 0,
     .is_limit = true,
     .seen = "more than 32 KiB were printed"},
};

PLAY_ROWS(rests)
PLAY_ROWS(times)
PLAY_ROWS(limits)

int main(void)
{
    Suite *suite = suite_create("play-rest");
    ADD_ROWS(suite, rests);
    ADD_ROWS(suite, times);
    ADD_ROWS(suite, limits);
    return run_suite(suite);
}
