/* What the probe and the tracer say to each other: a system call that does not exist.
 *
 * The probe is preloaded into programs of the submission, wraps the library functions below, and makes the marker call before and behind each. A
 * marker is a claim: the tracer believes it only when its instruction lies in the probe's own text (trace/library.h). Without a tracer the
 * marker gives -ENOSYS, and nothing else happens.
 *
 * Arguments of the call: what, then four values, then the frame (an address on the caller's stack that pairs entry and exit).
 *   PROBE_HELLO            nothing; the answer PROBE_IS_INJECTED says that the tracer has put LD_PRELOAD into the environment
 *   PROBE_ENTER | function the function's arguments; a positive answer is an errno that the function shall fail with
 *   PROBE_LEAVE | function result, errno (0: it went well); of popen, whose result is the descriptor, the stream
 *
 * Layer: shared by probe/ (libc only) and trace/; names nothing.
 */
#ifndef IPCGRADE_PROBE_MARK_H
#define IPCGRADE_PROBE_MARK_H

/* A system call number that no architecture uses; the agent has the one before. */
enum { PROBE_MARKER = 7778 };

enum { PROBE_HELLO = 0x100, PROBE_ENTER = 0x200, PROBE_LEAVE = 0x300, PROBE_FUNCTION = 0xff };
enum { PROBE_IS_INJECTED = 1 };

enum probe_function {
    PROBE_SEM_OPEN,
    PROBE_SEM_CLOSE,
    PROBE_SEM_UNLINK,
    PROBE_SEM_INIT,
    PROBE_SEM_DESTROY,
    PROBE_SEM_WAIT,
    PROBE_SEM_TIMEDWAIT,
    PROBE_SEM_CLOCKWAIT,
    PROBE_SEM_TRYWAIT,
    PROBE_SEM_POST,
    PROBE_POPEN,
    PROBE_PCLOSE,
    PROBE_FTOK,
    PROBE_FUNCTIONS
};

#define PROBE_NAMES                                                                                          \
    {                                                                                                        \
        [PROBE_SEM_OPEN] = "sem_open", [PROBE_SEM_CLOSE] = "sem_close", [PROBE_SEM_UNLINK] = "sem_unlink",   \
        [PROBE_SEM_INIT] = "sem_init", [PROBE_SEM_DESTROY] = "sem_destroy", [PROBE_SEM_WAIT] = "sem_wait",   \
        [PROBE_SEM_TIMEDWAIT] = "sem_timedwait", [PROBE_SEM_CLOCKWAIT] = "sem_clockwait",                    \
        [PROBE_SEM_TRYWAIT] = "sem_trywait", [PROBE_SEM_POST] = "sem_post", [PROBE_POPEN] = "popen",         \
        [PROBE_PCLOSE] = "pclose", [PROBE_FTOK] = "ftok",                                                    \
    }

#endif
