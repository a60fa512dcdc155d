/* Inside the reader: what it may do, what it is told, and its answers; see reader.h. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "trace/reader_message.h"

enum {
    SECONDS_MOST =
        2, /* of processor time for an answer; the usual one takes some 100 us, the first of a large program 50 ms */
    MEMORY_MOST = 1 << 30,
    SOCKET = 3, /* the only descriptor but for the files */
};

/* What libdw and malloc() need once the files are there, and AddressSanitizer in the end (sigaltstack). Anything else fails. */
static bool wall_in(void)
{
    static const int calls[] = {
        SCMP_SYS(read),        SCMP_SYS(pread64),     SCMP_SYS(recvmsg),    SCMP_SYS(sendto),
        SCMP_SYS(write),       SCMP_SYS(mmap),        SCMP_SYS(munmap),     SCMP_SYS(mremap),
        SCMP_SYS(mprotect),    SCMP_SYS(madvise),     SCMP_SYS(brk),        SCMP_SYS(close),
        SCMP_SYS(fstat),       SCMP_SYS(newfstatat),  SCMP_SYS(lseek),      SCMP_SYS(dup),
        SCMP_SYS(fcntl),       SCMP_SYS(futex),       SCMP_SYS(getcwd),     SCMP_SYS(exit),
        SCMP_SYS(setitimer),   SCMP_SYS(sched_yield), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
        SCMP_SYS(sigaltstack),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool is_made = filter != NULL;
    for (size_t i = 0; is_made && i < sizeof calls / sizeof *calls; i++)
        is_made = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
    is_made = is_made && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_made;
}

static bool limit_memory(void)
{
#if defined(__SANITIZE_ADDRESS__) /* its shadow alone takes terabytes of addresses */
    return true;
#else
    const struct rlimit limit = {MEMORY_MOST, MEMORY_MOST};
    return setrlimit(RLIMIT_AS, &limit) == 0;
#endif
}

/* A sanitizer wants to say what it has found; nobody else has anything to say. */
static bool close_others(void)
{
#if defined(__SANITIZE_ADDRESS__)
    const unsigned last = 1;
#else
    const unsigned last = 2;
#endif
    return close_range(0, last, 0) == 0 && close_range(SOCKET + 1, ~0U, 0) == 0;
}

/* Its processor time runs only while an answer is being found. */
static void count_time(bool counts)
{
    const struct itimerval limit = {.it_value.tv_sec = counts ? SECONDS_MOST : 0};
    setitimer(ITIMER_PROF, &limit, NULL);
}

static bool take_message(struct message *message, ssize_t *len, int *fd)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec all = {message, sizeof *message};
    struct msghdr header = {
        .msg_iov = &all, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *len = recvmsg(SOCKET, &header, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *part = CMSG_FIRSTHDR(&header);
    *fd = -1;
    if (*len > 0 && part && part->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(part), sizeof *fd);
    return *len > 0;
}

static bool learn_file(struct maps *maps, struct mapped_file *file, int fd)
{
    if (!tasks_grow(&maps->files, maps->file_count + 1, &maps->file_room, sizeof *maps->files))
        return false;
    file->fd = fd;
    maps->files[maps->file_count++] = *file;
    return true;
}

static bool learn_layout(struct maps *maps, const struct layout *told)
{
    struct layout *layout = malloc(sizeof *layout);
    if (!layout || !tasks_grow(&maps->layouts, maps->layout_count + 1, &maps->layout_room, sizeof(void *))) {
        free(layout);
        return false;
    }
    *layout = *told;
    layout->dwfl = NULL;
    maps->layouts[maps->layout_count++] = layout;
    return true;
}

static void find_answer(struct tracer *tracer, struct message *message, struct answer *answer)
{
    const struct question *question = &message->question;
    const struct call_row row = {.name = question->call};
    const struct event event = {.stack = &message->with.stack.capture, .call.row = &row};
    const char *names[READER_NAMES + 1] = {NULL};
    for (int i = 0; i < READER_NAMES && question->names[i][0]; i++)
        names[i] = question->names[i];
    switch (question->kind) {
    case ASK_LINE:
        answer->is_found = line_of(tracer, &event, question->has_root ? question->root : NULL, &answer->at);
        break;
    case ASK_FUNCTION: answer->number = function_around(tracer, &event, names); break;
    case ASK_VARIABLE:
        answer->is_found =
            variable_at(tracer, &event, question->address, answer->variable, sizeof answer->variable);
        break;
    case ASK_LACK: answer->number = (int)lack_of(tracer, &event); break;
    case ASK_EXTENT: answer->is_found = extent_of(tracer, &event, question->address, &answer->extent); break;
    case ASK_STREAMS:
        answer->address = streams_of(&tracer->maps, tracer->maps.layouts[question->layout]);
        break;
    default: break;
    }
}

/* Takes messages until the tracer has gone. */
static void serve(void)
{
    static struct message message;
    static struct tracer tracer; /* only its maps are used here */
    ssize_t len;
    int fd;
    while (take_message(&message, &len, &fd)) {
        struct answer answer = {0};
        bool is_told = message.question.kind == TELL_FILE || message.question.kind == TELL_LAYOUT;
        if (message.question.kind == TELL_FILE && !learn_file(&tracer.maps, &message.with.file, fd))
            return;
        if (message.question.kind == TELL_LAYOUT && !learn_layout(&tracer.maps, &message.with.layout))
            return;
        if (is_told)
            continue;
        count_time(true);
        find_answer(&tracer, &message, &answer);
        count_time(false);
        if (send(SOCKET, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
            return;
    }
}

/* Keys of the terminal are not meant for it, and it dies with us. */
void reader_serve(int socket, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    setsid();
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    bool is_ready = getppid() == parent && dup2(socket, SOCKET) == SOCKET && close_others() &&
                    limit_memory() && wall_in();
    if (is_ready)
        serve();
    _exit(is_ready ? 0 : 1);
}
