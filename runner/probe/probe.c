/* The probe: a small library that is preloaded into programs of the submission and announces library calls that the kernel does not see.
 *
 * Theory of operation. An uncontended sem_wait() makes no system call, EAGAIN of sem_trywait() is set in user space, and popen() is a name that only the
 * student knows. Each wrapper makes the marker call (mark.h), calls the real function, and makes the marker call again with what it gave.
 *
 * It must not be noticed. It keeps no state but the addresses of the real functions, takes no lock, allocates nothing, opens nothing, touches no signal; errno is
 * what the real function left. So it is as safe in signal handlers, threads, forked and vforked children as the functions that it wraps. The variable
 * LD_PRELOAD that brought it here is taken out of the environment before main() begins: neither the program nor what it executes finds it there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "probe/mark.h"

#if !defined(__x86_64__)
#error "probe.c: this architecture has not been ported yet"
#endif

#define EXPORT __attribute__((visibility("default")))

typedef void any_function(void);

static any_function *real[PROBE_FUNCTIONS];

/* One place for all markers; without the C library, so that errno stays as it is. */
static __attribute__((noinline)) long mark(long what, const long value[4], const void *frame)
{
    long answer;
    // cppcheck-suppress constStatement
    register long third __asm__("r10") = value[2];
    // cppcheck-suppress constStatement
    register long fourth __asm__("r8") = value[3];
    register const void *at __asm__("r9") = frame;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"((long)PROBE_MARKER), "D"(what), "S"(value[0]), "d"(value[1]), "r"(third),
                       "r"(fourth), "r"(at)
                     : "rcx", "r11", "memory");
    return answer;
}

/* The next one behind this library. Before the constructor has run (another library's constructor) it is looked up then. */
static any_function *function(enum probe_function which)
{
    static const char *const names[] = PROBE_NAMES;
    if (!real[which])
        *(void **)&real[which] = dlsym(RTLD_NEXT, names[which]);
    return real[which]; // cppcheck-suppress CastIntegerToAddressAtReturn
}

/* False: the function shall fail, errno is set. */
static bool enter(enum probe_function which, const void *frame, long a, long b, long c, long d)
{
    long error = mark(PROBE_ENTER | (long)which, (const long[4]){a, b, c, d}, frame);
    if (error <= 0)
        return true;
    errno = (int)error;
    return false;
}

static void leave(enum probe_function which, const void *frame, long result, bool has_failed)
{
    mark(PROBE_LEAVE | (long)which, (const long[4]){result, has_failed ? errno : 0, 0, 0}, frame);
}

/* ---- functions that give an int, -1 for a failure ---------------------------------------------------------------------- */

#define AS_LONG(pointer) ((long)(uintptr_t)(pointer))

/* The whole of such a wrapper; `type` is a pointer to the function's type. */
#define ANNOUNCED(which, type, arguments, a, b, c)                                                           \
    do {                                                                                                     \
        const void *frame = __builtin_frame_address(0);                                                      \
        if (!enter(which, frame, a, b, c, 0))                                                                \
            return -1;                                                                                       \
        int result = ((type)function(which))arguments; /* NOLINT(bugprone-macro-parentheses) */              \
        leave(which, frame, result, result == -1);                                                           \
        return result;                                                                                       \
    } while (0)

typedef int on_sem(sem_t *);
typedef int on_text(const char *);
typedef int on_file(FILE *);
typedef int init_sem(sem_t *, int, unsigned);
typedef int wait_until(sem_t *, const struct timespec *);
typedef int wait_by_clock(sem_t *, clockid_t, const struct timespec *);
typedef sem_t *open_sem(const char *, int, ...);
typedef FILE *open_command(const char *, const char *);
typedef key_t make_key(const char *, int);

EXPORT int sem_close(sem_t *sem)
{
    ANNOUNCED(PROBE_SEM_CLOSE, on_sem *, (sem), AS_LONG(sem), 0, 0);
}

EXPORT int sem_unlink(const char *name)
{
    ANNOUNCED(PROBE_SEM_UNLINK, on_text *, (name), AS_LONG(name), 0, 0);
}

EXPORT int sem_init(sem_t *sem, int shared, unsigned value)
{
    ANNOUNCED(PROBE_SEM_INIT, init_sem *, (sem, shared, value), AS_LONG(sem), shared, (long)value);
}

EXPORT int sem_destroy(sem_t *sem)
{
    ANNOUNCED(PROBE_SEM_DESTROY, on_sem *, (sem), AS_LONG(sem), 0, 0);
}

EXPORT int sem_wait(sem_t *sem)
{
    ANNOUNCED(PROBE_SEM_WAIT, on_sem *, (sem), AS_LONG(sem), 0, 0);
}

EXPORT int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict abstime)
{
    ANNOUNCED(PROBE_SEM_TIMEDWAIT, wait_until *, (sem, abstime), AS_LONG(sem), AS_LONG(abstime), 0);
}

EXPORT int sem_clockwait(sem_t *restrict sem, clockid_t clock, const struct timespec *restrict abstime)
{
    ANNOUNCED(PROBE_SEM_CLOCKWAIT, wait_by_clock *, (sem, clock, abstime), AS_LONG(sem), AS_LONG(abstime),
              clock);
}

EXPORT int sem_trywait(sem_t *sem)
{
    ANNOUNCED(PROBE_SEM_TRYWAIT, on_sem *, (sem), AS_LONG(sem), 0, 0);
}

EXPORT int sem_post(sem_t *sem)
{
    ANNOUNCED(PROBE_SEM_POST, on_sem *, (sem), AS_LONG(sem), 0, 0);
}

EXPORT int pclose(FILE *stream)
{
    ANNOUNCED(PROBE_PCLOSE, on_file *, (stream), AS_LONG(stream), 0, 0);
}

/* ---- the others ------------------------------------------------------------------------------------------------------- */

EXPORT sem_t *sem_open(const char *name, int oflag, ...)
{
    mode_t mode = 0;
    unsigned value = 0;
    const void *frame = __builtin_frame_address(0);
    if (oflag & O_CREAT) {
        va_list more;
        va_start(more, oflag);
        mode = va_arg(more, mode_t);
        value = va_arg(more, unsigned);
        va_end(more);
    }
    if (!enter(PROBE_SEM_OPEN, frame, AS_LONG(name), oflag, mode, value))
        return SEM_FAILED;
    sem_t *sem = ((open_sem *)function(PROBE_SEM_OPEN))(name, oflag, mode, value);
    leave(PROBE_SEM_OPEN, frame, AS_LONG(sem), sem == SEM_FAILED);
    return sem;
}

EXPORT FILE *popen(const char *command, const char *modes)
{
    const void *frame = __builtin_frame_address(0);
    if (!enter(PROBE_POPEN, frame, AS_LONG(command), AS_LONG(modes), 0, 0))
        return NULL;
    FILE *stream = ((open_command *)function(PROBE_POPEN))(command, modes);
    const long value[4] = {stream ? fileno(stream) : -1, stream ? 0 : errno, AS_LONG(stream)};
    mark(PROBE_LEAVE | PROBE_POPEN, value, frame);
    return stream;
}

/* A key may be any number; of all that look like a failure only (key_t)-1 is one. */
EXPORT key_t ftok(const char *pathname, int proj_id)
{
    const void *frame = __builtin_frame_address(0);
    if (!enter(PROBE_FTOK, frame, AS_LONG(pathname), proj_id, 0, 0))
        return -1;
    key_t key = ((make_key *)function(PROBE_FTOK))(pathname, proj_id);
    leave(PROBE_FTOK, frame, (long)(uint32_t)key, key == -1);
    return key;
}

/* ---- coming in -------------------------------------------------------------------------------------------------------- */

/* The tracer's entry is the last one, and its text lies in memory that /proc/self/environ shows. */
static void clean_environment(void)
{
    static const char variable[] = "LD_PRELOAD=";
    char **entry = environ, **last = NULL;
    for (; entry && *entry; entry++)
        last = entry;
    if (!last || strncmp(*last, variable, sizeof variable - 1) != 0)
        return;
    memset(*last, 0, strlen(*last));
    *last = NULL;
}

__attribute__((constructor)) static void begin(void)
{
    int error = errno;
    for (int i = 0; i < PROBE_FUNCTIONS; i++)
        (void)function((enum probe_function)i);
    (void)dlerror();
    if (mark(PROBE_HELLO, (const long[4]){0}, &error) == PROBE_IS_INJECTED)
        clean_environment();
    errno = error;
}
