/* One readable line for a call: names for flags, commands, signals and errnos, text for data.
 *
 * Each call has a row that says how its arguments read, as a short pattern: one letter per argument, in order. Calls without a row show their
 * arguments as numbers.
 */
#include "calls/call.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Letters of a pattern:
 *   d number   u unsigned   x hexadecimal (addresses)   f descriptor   D directory descriptor   p path   P second path
 *   b data     o octal mode (only when it was decoded)  F flags of the row's table             C command of the row's table
 *   k key      s signal     y message (its data and type) O semaphore operations               w poll's descriptors
 *   t nanoseconds as seconds  2 both new descriptors    A arguments of exec                     S status that wait gave
 *   . passed over
 */
struct text_row {
    const char *name;
    const char *pattern;
    const struct word_row *words;
};

#define WORD(name)                                                                                           \
    {                                                                                                        \
#name, name                                                                                          \
    }

static const struct word_row open_words[] = {
    WORD(O_WRONLY),
    WORD(O_RDWR),
    WORD(O_CREAT),
    WORD(O_EXCL),
    WORD(O_NOCTTY),
    WORD(O_TRUNC),
    WORD(O_APPEND),
    WORD(O_NONBLOCK),
    WORD(O_CLOEXEC),
    WORD(O_DIRECTORY),
    WORD(O_NOFOLLOW),
    WORD(O_PATH),
    {0},
};
static const struct word_row wait_words[] = {
    WORD(WNOHANG), WORD(WUNTRACED), WORD(WEXITED), WORD(WCONTINUED), WORD(WNOWAIT), {0},
};
static const struct word_row get_words[] = {WORD(IPC_CREAT), WORD(IPC_EXCL), {0}};
static const struct word_row send_words[] = {WORD(IPC_NOWAIT), {0}};
static const struct word_row receive_words[] = {WORD(IPC_NOWAIT), WORD(MSG_NOERROR), WORD(MSG_EXCEPT), {0}};
static const struct word_row operation_words[] = {WORD(IPC_NOWAIT), WORD(SEM_UNDO), {0}};
static const struct word_row attach_words[] = {WORD(SHM_RDONLY), WORD(SHM_RND), {0}};
static const struct word_row control_words[] = {
    WORD(IPC_RMID), WORD(IPC_SET), WORD(IPC_STAT), WORD(IPC_INFO), WORD(SETVAL),  WORD(SETALL),
    WORD(GETVAL),   WORD(GETALL),  WORD(GETPID),   WORD(GETNCNT),  WORD(GETZCNT), {0},
};
static const struct word_row pipe_words[] = {WORD(O_NONBLOCK), WORD(O_CLOEXEC), {0}};
static const struct word_row fcntl_words[] = {
    WORD(F_DUPFD),     WORD(F_DUPFD_CLOEXEC), WORD(F_SETLK), WORD(F_SETLKW),
    WORD(F_OFD_SETLK), WORD(F_OFD_SETLKW),    {0},
};
static const struct word_row flock_words[] = {
    WORD(LOCK_SH), WORD(LOCK_EX), WORD(LOCK_UN), WORD(LOCK_NB), {0}};
static const struct word_row at_words[] = {
    WORD(AT_REMOVEDIR), WORD(AT_SYMLINK_NOFOLLOW), WORD(AT_EMPTY_PATH), {0}};
static const struct word_row message_words[] = {
    WORD(MSG_PEEK), WORD(MSG_DONTWAIT), WORD(MSG_WAITALL), WORD(MSG_NOSIGNAL), WORD(MSG_TRUNC), {0},
};
static const struct word_row epoll_words[] = {
    WORD(EPOLL_CTL_ADD), WORD(EPOLL_CTL_DEL), WORD(EPOLL_CTL_MOD), {0}};
static const struct word_row futex_words[] = {
    WORD(FUTEX_WAIT),     WORD(FUTEX_WAIT_BITSET),     WORD(FUTEX_LOCK_PI),
    WORD(FUTEX_LOCK_PI2), WORD(FUTEX_WAIT_REQUEUE_PI), {0},
};
static const struct word_row itimer_words[] = {
    WORD(ITIMER_REAL), WORD(ITIMER_VIRTUAL), WORD(ITIMER_PROF), {0}};
static const struct word_row clone_words[] = {
    WORD(CLONE_VM),      WORD(CLONE_VFORK),  WORD(CLONE_FS),     WORD(CLONE_FILES),
    WORD(CLONE_SIGHAND), WORD(CLONE_THREAD), WORD(CLONE_PARENT), {0},
};

static const struct text_row rows[] = {
    {"open", "pFo", open_words},
    {"openat", "DpFo", open_words},
    {"openat2", "DpF", open_words},
    {"creat", "po", NULL},
    {"read", "fbu", NULL},
    {"pread64", "fbud", NULL},
    {"readv", "fb.", NULL},
    {"preadv", "fb.d", NULL},
    {"preadv2", "fb.d", NULL},
    {"recvfrom", "fbuF", message_words},
    {"recvmsg", "fbF", message_words},
    {"recvmmsg", "fb.F", message_words},
    {"splice", "f.d.u", NULL},
    {"tee", "ffu", NULL},
    {"sendfile", "ff.u", NULL},
    {"copy_file_range", "f.d.u", NULL},
    {"write", "fbu", NULL},
    {"pwrite64", "fbud", NULL},
    {"writev", "fb.", NULL},
    {"pwritev", "fb.d", NULL},
    {"pwritev2", "fb.d", NULL},
    {"sendto", "fbuF", message_words},
    {"sendmsg", "fbF", message_words},
    {"sendmmsg", "fb.F", message_words},
    {"vmsplice", "fb.", NULL},
    {"close", "f", NULL},
    {"close_range", "uu", NULL},
    {"mknod", "po", NULL},
    {"mknodat", "Dpo", NULL},
    {"unlink", "p", NULL},
    {"unlinkat", "DpF", at_words},
    {"rename", "pP", NULL},
    {"renameat", "DpDP", NULL},
    {"renameat2", "DpDP", NULL},
    {"chmod", "po", NULL},
    {"fchmod", "fo", NULL},
    {"fchmodat", "Dpo", NULL},
    {"truncate", "pd", NULL},
    {"ftruncate", "fd", NULL},
    {"pipe", "2", NULL},
    {"pipe2", "2F", pipe_words},
    {"socketpair", ".d.2", NULL},
    {"dup", "f", NULL},
    {"dup2", "ff", NULL},
    {"dup3", "ff", NULL},
    {"fcntl", "fCd", fcntl_words},
    {"flock", "fF", flock_words},
    {"fork", "", NULL},
    {"vfork", "", NULL},
    {"clone", "F", clone_words},
    {"execve", "pA", NULL},
    {"execveat", "DpA", NULL},
    {"wait4", "dSF", wait_words},
    {"waitid", ".dSF", wait_words},
    {"kill", "ds", NULL},
    {"tkill", "ds", NULL},
    {"tgkill", "dds", NULL},
    {"rt_sigqueueinfo", "ds", NULL},
    {"rt_tgsigqueueinfo", "dds", NULL},
    {"pidfd_send_signal", "fs", NULL},
    {"exit_group", "d", NULL},
    {"rt_sigsuspend", "", NULL},
    {"pause", "", NULL},
    {"rt_sigtimedwait", "", NULL},
    {"nanosleep", "t", NULL},
    {"clock_nanosleep", "..t", NULL},
    {"poll", "w.d", NULL},
    {"ppoll", "w", NULL},
    {"select", "w", NULL},
    {"pselect6", "w", NULL},
    {"epoll_wait", "f.dd", NULL},
    {"epoll_pwait", "f.dd", NULL},
    {"epoll_pwait2", "f.d", NULL},
    {"epoll_ctl", "fCd", epoll_words},
    {"alarm", "u", NULL},
    {"setitimer", "Ct", itimer_words},
    {"futex", "xCd", futex_words},
    {"sched_yield", "", NULL},
    {"msgget", "kFo", get_words},
    {"semget", "kdFo", get_words},
    {"shmget", "kuFo", get_words},
    {"msgctl", "dC", control_words},
    {"semctl", "ddC", control_words},
    {"shmctl", "dC", control_words},
    {"msgsnd", "dyuF", send_words},
    {"msgrcv", "dyudF", receive_words},
    {"semop", "dO", operation_words},
    {"semtimedop", "dO", operation_words},
    {"shmat", "dxF", attach_words},
    {"shmdt", "x", NULL},
    {0},
};

struct writer {
    struct bytes out;
    const struct call *call;
    const struct text_row *row;
    int argument; /* the next one */
    bool has_one;
};

static void separate(struct writer *writer)
{
    if (writer->has_one)
        bytes_print(&writer->out, ", ");
    writer->has_one = true;
}

static void add_flags(struct writer *writer, int64_t flags, const struct word_row *words, const char *none)
{
    const char *bar = "";
    for (; words && words->word; words++)
        if (words->value != 0 && (flags & words->value) == words->value) {
            bytes_print(&writer->out, "%s%s", bar, words->word);
            flags &= ~words->value;
            bar = "|";
        }
    if (flags != 0)
        bytes_print(&writer->out, "%s%#llx", bar, (unsigned long long)flags);
    else if (*bar == '\0')
        bytes_print(&writer->out, "%s", none);
}

static void add_word(struct writer *writer, int64_t value, const struct word_row *words)
{
    for (; words && words->word; words++)
        if (words->value == value) {
            bytes_print(&writer->out, "%s", words->word);
            return;
        }
    bytes_print(&writer->out, "%lld", (long long)value);
}

static void add_text(struct writer *writer, const char *data, size_t len, size_t whole)
{
    enum { SHOWN = 64 };
    cleanup_free char *text = text_printable(data, len, SHOWN);
    bytes_print(&writer->out, "\"%s\"", text);
    if (whole > len && len <= SHOWN)
        bytes_print(&writer->out, "... (%zu bytes)", whole);
}

static void add_data(struct writer *writer)
{
    const struct call *call = writer->call;
    if (call->data.len == 0 && (!call->is_done || call->error != 0))
        bytes_print(&writer->out, "...");
    else
        add_text(writer, bytes_text(&call->data), call->data.len, call->data_len);
}

static void add_message(struct writer *writer)
{
    const struct call *call = writer->call;
    bool is_received = call_knows(call, PARAM_GIVES);
    if (!is_received && writer->row->name[3] == 'r') {
        bytes_print(&writer->out, "...");
        return;
    }
    bytes_print(&writer->out, "{type %lld, ", (long long)call->value[is_received ? PARAM_GIVES : PARAM_TYPE]);
    add_text(writer, bytes_text(&call->data), call->data.len, call->data_len);
    bytes_print(&writer->out, "}");
}

static void add_operations(struct writer *writer)
{
    for (int i = 0; i < writer->call->op_count; i++) {
        const struct call_op *op = &writer->call->ops[i];
        bytes_print(&writer->out, "%s{%u, %+d", i ? ", " : "[", op->num, op->op);
        if (op->flags) {
            bytes_print(&writer->out, ", ");
            add_flags(writer, op->flags, writer->row->words, "0");
        }
        bytes_print(&writer->out, "}");
    }
    bytes_print(&writer->out, writer->call->op_count ? "]" : "...");
}

static void add_descriptors(struct writer *writer)
{
    bytes_print(&writer->out, "[");
    for (int i = 0; i < writer->call->fd_count; i++) {
        const struct call_fd *fd = &writer->call->fds[i];
        const char *what = fd->is_read && fd->is_write ? "in+out"
                           : fd->is_read               ? "in"
                           : fd->is_write              ? "out"
                                                       : "error";
        bytes_print(&writer->out, "%s%d %s", i ? ", " : "", fd->fd, what);
    }
    bytes_print(&writer->out, "]");
}

static void add_status(struct writer *writer)
{
    const struct call *call = writer->call;
    int status = (int)call->value[PARAM_STATUS];
    if (!call_knows(call, PARAM_STATUS))
        bytes_print(&writer->out, "...");
    else if (WIFEXITED(status))
        bytes_print(&writer->out, "exited %d", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        bytes_print(&writer->out, "killed by %s", signal_name(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        bytes_print(&writer->out, "stopped by %s", signal_name(WSTOPSIG(status)));
    else
        bytes_print(&writer->out, "continued");
}

static void add_arguments(struct writer *writer)
{
    const struct call *call = writer->call;
    bytes_print(&writer->out, "[");
    for (size_t at = 0; at < call->data.len;) {
        size_t len = strnlen(call->data.data + at, call->data.len - at);
        if (at > 0)
            bytes_print(&writer->out, ", ");
        add_text(writer, call->data.data + at, len, len);
        at += len + 1;
    }
    bytes_print(&writer->out, "]");
}

static void add_directory(struct writer *writer)
{
    int fd = (int)writer->call->arg[writer->argument];
    if (fd == AT_FDCWD) { /* the usual one says nothing */
        writer->argument++;
        return;
    }
    separate(writer);
    bytes_print(&writer->out, "%d", fd);
    writer->argument++;
}

static void add_open_flags(struct writer *writer, int64_t flags)
{
    bool is_reading = writer->row->words == open_words && (flags & O_ACCMODE) == O_RDONLY;
    if (is_reading && flags != 0)
        bytes_print(&writer->out, "O_RDONLY|");
    add_flags(writer, flags, writer->row->words, is_reading ? "O_RDONLY" : "0");
}

static void add_time(struct writer *writer)
{
    const struct call *call = writer->call;
    enum param param =
        call_knows(call, PARAM_LEN) && call->row->traits & CALL_SLEEPS ? PARAM_LEN : PARAM_VALUE;
    bytes_print(&writer->out, "%.6g s", (double)call->value[param] / 1e9);
}

static void add_number(struct writer *writer, char letter)
{
    const struct call *call = writer->call;
    uint64_t raw = call->arg[writer->argument];
    switch (letter) {
    case 'u': bytes_print(&writer->out, "%llu", (unsigned long long)raw); break;
    case 'x': bytes_print(&writer->out, raw ? "%#llx" : "NULL", (unsigned long long)raw); break;
    case 'o': bytes_print(&writer->out, "0%03llo", (unsigned long long)call->value[PARAM_MODE]); break;
    case 's': bytes_print(&writer->out, raw ? "%s" : "0", signal_name((int)raw)); break;
    case 'k': bytes_print(&writer->out, raw & 0xffffffff ? "0x%08x" : "IPC_PRIVATE", (unsigned)raw); break;
    default: bytes_print(&writer->out, "%d", (int)raw);
    }
}

static int64_t flags_or_command(const struct call *call, char letter)
{
    static const enum param places[] = {PARAM_CMD, PARAM_OP, PARAM_TYPE};
    if (letter == 'F')
        return call_knows(call, PARAM_FLAGS) ? call->value[PARAM_FLAGS] : call->value[PARAM_OP];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (call_knows(call, places[i]))
            return call->value[places[i]];
    return 0;
}

static void add_decoded(struct writer *writer, char letter)
{
    const struct call *call = writer->call;
    switch (letter) {
    case 'p': add_text(writer, call->path, strlen(call->path), 0); break;
    case 'P': add_text(writer, call->path2, strlen(call->path2), 0); break;
    case 'b': add_data(writer); break;
    case 'F':
        add_open_flags(writer, flags_or_command(call, letter) & ~(call->row->name[0] == 'c' ? 0xff : 0));
        break;
    case 'C': add_word(writer, flags_or_command(call, letter), writer->row->words); break;
    case 'y': add_message(writer); break;
    case 'O': add_operations(writer); break;
    case 'w': add_descriptors(writer); break;
    case 't': add_time(writer); break;
    case 'S': add_status(writer); break;
    case 'A': add_arguments(writer); break;
    case '2':
        bytes_print(&writer->out, call->made[0] < 0 ? "..." : "[%d, %d]", call->made[0], call->made[1]);
        break;
    default: add_number(writer, letter);
    }
}

static void add_argument(struct writer *writer, char letter)
{
    if (letter == 'D') {
        add_directory(writer);
        return;
    }
    bool is_missing = letter == '.' || (letter == 'o' && !call_knows(writer->call, PARAM_MODE));
    if (!is_missing) {
        separate(writer);
        add_decoded(writer, letter);
    }
    writer->argument++;
}

static const struct text_row *find_row(const char *name)
{
    for (const struct text_row *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static void add_result(struct writer *writer)
{
    const struct call *call = writer->call;
    if (!call->is_done)
        bytes_print(&writer->out, " ...");
    else if (call->error != 0)
        bytes_print(&writer->out, " = -1 %s (%s)", errno_name(call->error), strerror(call->error));
    else if (strcmp(call->row->name, "shmat") == 0)
        bytes_print(&writer->out, " = %#llx", (unsigned long long)call->result);
    else
        bytes_print(&writer->out, " = %lld", (long long)call->result);
}

char *call_text(const struct call *call)
{
    static const struct text_row plain = {"", "xxx", NULL};
    const struct text_row *row = find_row(call->row->name);
    struct writer writer = {.call = call, .row = row ? row : &plain};
    bytes_print(&writer.out, "%s(", call->row->name);
    for (const char *letter = writer.row->pattern; *letter; letter++)
        add_argument(&writer, *letter);
    bytes_print(&writer.out, ")");
    add_result(&writer);
    return writer.out.data ? writer.out.data : strdup("");
}
