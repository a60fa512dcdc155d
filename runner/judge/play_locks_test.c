/* Locks in plays: who waits, who gets through, and what is told of who is in the way. */
#include "judge/playing.h"

#define GIVEN "given: {log: {is: file, text: \"\"}}\n"
#define PEER_OPENS "steps:\n  - do: {peer: {open: log, flags: O_RDWR, as: f}}\n"

static const struct play_row waits[] = {
    {.title = "a lock of fcntl",
     .yaml =
         GIVEN PEER_OPENS "  - do: {peer: {lock: f}}\n"
                          "  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", print, got]}\n"
                          "  - expect: {p: {blocks: {lock: log}, stdout: \"\"}}\n"
                          "  - expect: {p: {blocks: {lock: log, type: F_WRLCK, start: 0, len: 0}}}\n"
                          "  - do: {peer: {lock: f, type: F_UNLCK}}\n"
                          "  - expect: {p: {stdout: \"got\\n\", exit: 0}}\n"
                          "  - expect: {p: {lock: log, cmd: F_SETLKW}}\n"},
    {.title = "a lock of flock goes with its last descriptor",
     .yaml = GIVEN PEER_OPENS "  - do: {peer: {flock: f, op: LOCK_SH}}\n  - do: {peer: {dup: f, as: g}}\n"
                              "  - start: {p: [does, open, log, rw, flock, \"3\", ex, print, got]}\n"
                              "  - expect: {p: {blocks: {flock: log, op: LOCK_EX}}}\n"
                              "  - do: {peer: {close: f}}\n"
                              "  - expect: {p: {blocks: {flock: log}}}\n"
                              "  - do: {peer: {close: g}}\n"
                              "  - expect: {p: {stdout: \"got\\n\", exit: 0}}\n"},
    {.title = "a lock of fcntl goes with the first descriptor that is closed",
     .yaml =
         GIVEN PEER_OPENS "  - do: {peer: {open: log, as: g}}\n  - do: {peer: {lock: f}}\n"
                          "  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", print, got]}\n"
                          "  - expect: {p: {blocks: {lock: log}}}\n"
                          "  - do: {peer: {close: g}}\n"
                          "  - expect: {p: {stdout: \"got\\n\", exit: 0}}\n"},
    {.title = "a lock of an open file description",
     .yaml = GIVEN PEER_OPENS
     "  - do: {peer: {lock: f, cmd: F_OFD_SETLK}}\n"
     "  - start: {p: [does, open, log, rw, ofdlock, \"3\", r, \"5\", \"2\", print, got]}\n"
     "  - expect: {p: {blocks: {lock: log, cmd: F_OFD_SETLKW, type: F_RDLCK, start: 5, len: 2}}}\n"
     "  - do: {peer: {close: f}}\n"
     "  - expect: {p: {stdout: \"got\\n\"}}\n"},
    {.title = "locks go when their process is killed",
     .yaml = GIVEN
     "steps:\n"
     "  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", flock, \"3\", ex, pause]}\n"
     "  - expect: {p: {blocks: any}}\n"
     "  - start: {q: [does, open, log, rw, lock, \"3\", r, \"0\", \"1\", flock, \"3\", sh]}\n"
     "  - expect: {q: {blocks: {lock: log}}}\n"
     "  - signal: {p: SIGKILL}\n"
     "  - expect: {q: {exit: 0, stderr: \"\"}}\n"},
    {.title = "a signal ends the waiting",
     .yaml = GIVEN PEER_OPENS
     "  - do: {peer: {lock: f}}\n  - do: {peer: {flock: f}}\n"
     "  - start: {p: [does, catch, SIGUSR1, open, log, rw, lock, \"3\", w, \"0\", \"0\", flock, \"3\", ex]}\n"
     "  - expect: {p: {blocks: {lock: log}}}\n"
     "  - signal: {p: SIGUSR1}\n"
     "  - expect: {p: {stderr: \"lock: EINTR\\n\", blocks: {flock: log}}}\n"
     "  - signal: {p: SIGUSR1}\n"
     "  - expect: {p: {stderr: \"flock: EINTR\\n\", exit: 0}}\n"
     "  - expect: {p: [{lock: log, error: EINTR}, {flock: log, error: EINTR}]}\n"},
    {.title = "a poller that locks to look",
     .yaml = GIVEN "steps:\n"
                   "  - start: {p: [does, open, log, rw, lockretry, \"3\", \"100000\"]}\n"
                   "  - expect: {p: {ends: not_yet, stdout: \"\"}}\n"
                   "  - do: {peer: {open: log, flags: O_RDWR, as: f}}\n"
                   "  - do: {peer: {write: f, text: x}}\n"
                   "  - expect: {p: {stdout: \"got it\\n\", exit: 0}}\n"},
};

static const struct play_row answers[] = {
    {.title = "refused at once",
     .yaml = GIVEN PEER_OPENS
     "  - do: {peer: {lock: f, start: 10, len: 10}}\n  - do: {peer: {flock: f}}\n"
     "  - start: {p: [does, open, log, rw, trylock, \"3\", r, \"19\", \"1\", trylock, \"3\", w, \"20\", "
     "\"0\", flock, "
     "\"3\", exn, "
     "pause]}\n"
     "  - expect: {p: {blocks: {sigsuspend: any}, stderr: \"lock: EAGAIN\\nflock: EAGAIN\\n\"}}\n"
     "  - expect: {p: {lock: log, error: [EAGAIN, EACCES]}}\n"
     "  - do: {peer: {lock: f, start: 30, len: 1, cmd: F_SETLK, error: [EAGAIN, EACCES]}}\n"
     "  - do: {peer: {lock: f, cmd: F_GETLK, start: 30, len: 1, returns: <p>}}\n"
     "  - do: {peer: {lock: f, cmd: F_GETLK, start: 5, len: 1, returns: 0}}\n"
     "  - signal: {p: SIGTERM}\n"},
    {.title = "a deadlock is refused to who comes last",
     .yaml = "puppets: [ann]\n" GIVEN PEER_OPENS "  - do: {ann: {open: log, flags: O_RDWR, as: f}}\n"
             "  - do: {peer: {lock: f, start: 0, len: 1}, ann: {lock: f, start: 1, len: 1}}\n"
             "  - do: {ann: {blocks: {lock: f, start: 0, len: 1}}}\n"
             "  - do: {peer: {lock: f, start: 1, len: 1, error: EDEADLK}}\n"
             "  - do: {peer: {lock: f, start: 0, len: 1, type: F_UNLCK}}\n"
             "  - expect: {ann: {lock: log}}\n"
             "  - start: {p: [does]}\n"},
    {.title = "who only asks has locked nothing",
     .yaml = GIVEN "steps:\n  - start: {p: [does, open, log, rw, asklock, \"3\", w, \"0\", \"0\"]}\n"
                   "  - expect: {p: {lock: log, cmd: F_GETLK}}\n  - expect: {p: {lock: log}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p locks file log",
     .seen = "no such call"},
    {.title = "no locks to be had",
     .yaml = GIVEN
     "inject: [{p: {lock: log, error: ENOLCK}}, {p: {flock: log, error: ENOLCK}}]\n"
     "steps:\n  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", flock, \"3\", ex]}\n"
     "  - expect: {p: {stderr: \"lock: ENOLCK\\nflock: ENOLCK\\n\"}}\n"},
    {.title = "held before it unlocks",
     .yaml = GIVEN
     "steps:\n"
     "  - hold: {p: {before: {lock: log, type: F_UNLCK}}}\n"
     "  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", lock, \"3\", u, \"0\", \"0\"]}\n"
     "  - do: {peer: {open: log, flags: O_RDWR, as: f}}\n"
     "  - do: {peer: {lock: f, cmd: F_GETLK, returns: <p>}}\n"
     "  - release: p\n"
     "  - do: {peer: {lock: f, cmd: F_GETLK, returns: 0}}\n"},
};

static const struct play_row told[] = {
    {.title = "who is in the way of fcntl",
     .yaml =
         GIVEN PEER_OPENS "  - do: {peer: {lock: f}}\n"
                          "  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", print, got]}\n"
                          "  - expect: {p: {stdout: \"got\\n\"}}\n",
     .verdict = FAILED,
     .step = 3,
     .seen = "is blocked in fcntl(3, F_SETLKW, {F_WRLCK, SEEK_SET, 0, 0}) ... at does.c:",
     .also = "; peer (pid "},
    {.title = "who is in the way of flock",
     .yaml = GIVEN "steps:\n  - start: {q: [does, open, log, rw, flock, \"3\", sh, pause]}\n"
                   "  - expect: {q: {blocks: any}}\n"
                   "  - start: {p: [does, open, log, rw, flock, \"3\", ex, print, got]}\n"
                   "  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 3,
     .expected = "p ends with status 0",
     .seen = "is blocked in flock(3, LOCK_EX) ...",
     .also = "; q (pid "},
    {.title = "no lock to wait for",
     .yaml = GIVEN "steps:\n  - start: {p: [does, open, log, rw, lock, \"3\", w, \"0\", \"0\", pause]}\n"
                   "  - expect: {p: {blocks: {lock: log}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p is blocked locking",
     .seen = "is blocked in pause()"},
};

PLAY_ROWS(waits)
PLAY_ROWS(answers)
PLAY_ROWS(told)

int main(void)
{
    Suite *suite = suite_create("play-locks");
    ADD_ROWS(suite, waits);
    ADD_ROWS(suite, answers);
    ADD_ROWS(suite, told);
    return run_suite(suite);
}
