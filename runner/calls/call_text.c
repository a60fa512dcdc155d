/* One readable line for a call: names for flags, commands, signals and errnos, text for data.
 *
 * Each call has a row that says how its arguments read, as a short pattern: one letter per argument, in order. Calls without a row show their
 * arguments as numbers.
 */
#include "calls/call.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "calls/text_rows.h"

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

/* `whole`: how long it is in earnest, of which `len` bytes are known. */
static void add_text(struct writer *writer, const char *data, size_t len, size_t whole)
{
    enum { SHOWN = 64 };
    size_t shown = len < SHOWN ? len : SHOWN;
    cleanup_free char *text = text_printable(data, shown, shown);
    bytes_print(&writer->out, "\"%s\"", text);
    if (whole > shown)
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
    bool is_reading = writer->row->is_open && (flags & O_ACCMODE) == O_RDONLY;
    if (is_reading && flags != 0)
        bytes_print(&writer->out, "O_RDONLY|");
    add_flags(writer, flags, writer->row->words, is_reading ? "O_RDONLY" : "0");
}

/* As it was written: IPC_CREAT|0600. */
static void add_flags_and_mode(struct writer *writer)
{
    const struct call *call = writer->call;
    int64_t flags = call->value[PARAM_FLAGS], mode = call->value[PARAM_MODE];
    add_flags(writer, flags, writer->row->words, mode ? "" : "0");
    if (mode)
        bytes_print(&writer->out, "%s0%03llo", flags ? "|" : "", (unsigned long long)mode);
}

static void add_lock(struct writer *writer)
{
    static const char *const types[] = {[F_RDLCK] = "F_RDLCK", [F_WRLCK] = "F_WRLCK", [F_UNLCK] = "F_UNLCK"};
    static const char *const whences[] = {
        [SEEK_SET] = "SEEK_SET", [SEEK_CUR] = "SEEK_CUR", [SEEK_END] = "SEEK_END"};
    const int64_t *value = writer->call->value;
    uint64_t type = (uint64_t)value[PARAM_TYPE], whence = (uint64_t)value[PARAM_HOW];
    bytes_print(&writer->out, "{%s, %s, %lld, %lld}", type <= F_UNLCK ? types[type] : "?",
                whence <= SEEK_END ? whences[whence] : "?",
                (long long)value[whence == SEEK_SET ? PARAM_START : PARAM_AT], (long long)value[PARAM_LEN]);
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
    static const enum param places[] = {PARAM_CMD, PARAM_OP, PARAM_TYPE, PARAM_HOW};
    if (letter == 'F')
        return call_knows(call, PARAM_FLAGS) ? call->value[PARAM_FLAGS] : call->value[PARAM_OP];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (call_knows(call, places[i]))
            return call->value[places[i]];
    return 0;
}

/* Of clone: the signal at the end, and what the thread library keeps for itself. */
enum {
    CLONE_UNTOLD =
        0xff | CLONE_SETTLS | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID
};

/* As shm_open was called: "/name", without what the C library puts in front of it. */
static void add_shm_name(struct writer *writer)
{
    const char *name = writer->call->path + strlen("/dev/shm");
    add_text(writer, name, strlen(name), strlen(name));
}

static void add_protection(struct writer *writer)
{
    static const struct word_row words[] = {
        {"PROT_READ", PROT_READ}, {"PROT_WRITE", PROT_WRITE}, {"PROT_EXEC", PROT_EXEC}, {0}};
    add_flags(writer, writer->call->value[PARAM_PROT], words, "PROT_NONE");
}

static void add_priority(struct writer *writer)
{
    const struct call *call = writer->call;
    if (call_knows(call, PARAM_GIVES))
        bytes_print(&writer->out, "[%lld]", (long long)call->value[PARAM_GIVES]);
    else
        bytes_print(&writer->out, call->arg[writer->argument] ? "..." : "NULL");
}

static void add_event(struct writer *writer)
{
    const struct call *call = writer->call;
    if (!call_knows(call, PARAM_OP)) {
        bytes_print(&writer->out, call->arg[writer->argument] ? "..." : "NULL");
        return;
    }
    switch (call->value[PARAM_OP]) {
    case SIGEV_SIGNAL:
        bytes_print(&writer->out, "{SIGEV_SIGNAL, %s}", signal_name((int)call->value[PARAM_SIG]));
        break;
    case SIGEV_THREAD: bytes_print(&writer->out, "{SIGEV_THREAD}"); break;
    default: bytes_print(&writer->out, "{SIGEV_NONE}");
    }
}

/* An address says nothing; what lies there does. */
static void add_meaning(struct writer *writer)
{
    const struct call *call = writer->call;
    cleanup_free char *text = text_printable(call->path2, strlen(call->path2), sizeof call->path2);
    if (call->path2[0] == '\0')
        bytes_print(&writer->out, "%#llx", (unsigned long long)call->arg[writer->argument]);
    else
        bytes_print(&writer->out, "%s", text);
}

/* "door" for a name in the file system, 127.0.0.1:5000, or at least the family. */
static void add_address(struct writer *writer)
{
    const struct call *call = writer->call;
    if (call->family == AF_UNIX)
        add_text(writer, call->path, strlen(call->path), strlen(call->path));
    else if (call->path2[0])
        bytes_print(&writer->out, "%s", call->path2);
    else
        add_word(writer, call->family, text_families);
}

static void add_decoded(struct writer *writer, char letter)
{
    const struct call *call = writer->call;
    switch (letter) {
    case 'n': add_shm_name(writer); break;
    case 'H': add_open_flags(writer, flags_or_command(call, 'F') & ~(int64_t)(O_NOFOLLOW | O_CLOEXEC)); break;
    case 'r': add_protection(writer); break;
    case 'i': add_priority(writer); break;
    case 'e': add_event(writer); break;
    case 'p': add_text(writer, call->path, strlen(call->path), strlen(call->path)); break;
    case 'P': add_text(writer, call->path2, strlen(call->path2), strlen(call->path2)); break;
    case 'N': add_meaning(writer); break;
    case 'b': add_data(writer); break;
    case 'F':
        add_open_flags(writer,
                       flags_or_command(call, letter) & ~(call->row->name[0] == 'c' ? CLONE_UNTOLD : 0));
        break;
    case 'G': add_flags_and_mode(writer); break;
    case 'C': add_word(writer, flags_or_command(call, letter), writer->row->words); break;
    case 'y': add_message(writer); break;
    case 'O': add_operations(writer); break;
    case 'w': add_descriptors(writer); break;
    case 't': add_time(writer); break;
    case 'S': add_status(writer); break;
    case 'A': add_arguments(writer); break;
    case 'l': add_lock(writer); break;
    case 'a': add_address(writer); break;
    case 'm': add_word(writer, call->family, text_families); break;
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
    bool is_missing = letter == '.' || (letter == 'o' && !call_knows(writer->call, PARAM_MODE)) ||
                      (letter == 'a' && writer->call->family == 0);
    if (!is_missing) {
        separate(writer);
        add_decoded(writer, letter);
    }
    writer->argument++;
}

/* A lock of an open file description belongs to no process: its pid is -1. */
static void add_holder(struct writer *writer, int64_t pid)
{
    if (pid == 0)
        bytes_print(&writer->out, " (nobody has locked it)");
    else if (pid < 0)
        bytes_print(&writer->out, " (it is locked)");
    else
        bytes_print(&writer->out, " (pid %lld has locked it)", (long long)pid);
}

static void add_result(struct writer *writer)
{
    const struct call *call = writer->call;
    if (!call->is_done && call->deed && strcmp(call->deed->word, "exit") == 0)
        return; /* it never comes back */
    if (!call->is_done)
        bytes_print(&writer->out, " ...");
    else if (call->error != 0)
        bytes_print(&writer->out, " = -1 %s (%s)", errno_name(call->error), error_words(call->error));
    else if (strcmp(call->row->name, "shmat") == 0 || strcmp(call->row->name, "mmap") == 0)
        bytes_print(&writer->out, " = %#llx", (unsigned long long)call->result);
    else if (strcmp(call->row->name, "sem_open") == 0) /* where it lies says nothing */
        bytes_print(&writer->out, " = (sem_t *)");
    else if (strcmp(call->row->name, "ftok") == 0)
        bytes_print(&writer->out, " = 0x%08x", (unsigned)call->result);
    else
        bytes_print(&writer->out, " = %lld", (long long)call->result);
    if (call->is_done && call->error == 0 && call_asks_for_lock(call) && call_knows(call, PARAM_ID))
        add_holder(writer, call->value[PARAM_ID]);
}

char *call_text(const struct call *call)
{
    static const struct text_row plain = {"", "xxx", NULL, false};
    const struct text_row *row = text_row_of(call);
    struct writer writer = {.call = call, .row = row ? row : &plain};
    bytes_print(&writer.out, "%s(", row ? row->name : call->row->name);
    for (const char *letter = writer.row->pattern; *letter; letter++)
        add_argument(&writer, *letter);
    bytes_print(&writer.out, ")");
    add_result(&writer);
    return writer.out.data ? writer.out.data : strdup("");
}
