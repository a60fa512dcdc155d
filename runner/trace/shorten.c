/* A call that is to move fewer bytes than it was asked to: its count is lowered at the entry. The arguments are restored at the exit. */
#include "trace/tracer.h"

#include <string.h>
#include <sys/uio.h>

/* Where the count of bytes stands; -1: a vector call, or a message. */
static int count_index(const struct event *event)
{
    static const struct {
        const char *name;
        int index;
    } rows[] = {{"sendfile", 3}, {"splice", 4},    {"copy_file_range", 4}, {"readv", -1},    {"writev", -1},
                {"preadv", -1},  {"pwritev", -1},  {"preadv2", -1},        {"pwritev2", -1}, {"sendmsg", -1},
                {"recvmsg", -1}, {"sendmmsg", -1}, {"recvmmsg", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (call_is(&event->call, rows[i].name))
            return rows[i].index;
    return 2;
}

/* readv and writev become read and write of their first piece: the same kind of short count, as if the rest had not fitted. */
static void shorten_vector(struct tracee *tracee, const struct event *event, uint64_t most)
{
    struct iovec first;
    if (!call_is(&event->call, "readv") && !call_is(&event->call, "writev"))
        return;
    if (!memory_read(tracee, event->call.arg[1], &first, sizeof first))
        return;
    for (size_t nr = 0; nr < tracee->tracer->row_count; nr++) {
        const struct call_row *row = tracee->tracer->rows[nr];
        if (!row || strcmp(row->name, call_is(&event->call, "readv") ? "read" : "write") != 0)
            continue;
        registers_set_nr(tracee, nr);
        registers_set_arg(tracee, 1, (uint64_t)(uintptr_t)first.iov_base);
        registers_set_arg(tracee, 2, first.iov_len < most ? first.iov_len : most);
    }
}

void shorten_call(struct tracee *tracee, struct event *event)
{
    uint64_t most = tracee->ruling.bytes > 0 ? (uint64_t)tracee->ruling.bytes : 0;
    int index = count_index(event);
    event->is_injected = true;
    for (size_t i = 0; i < sizeof tracee->saved / sizeof *tracee->saved; i++)
        tracee->saved[i] = event->call.arg[i];
    if (index < 0)
        shorten_vector(tracee, event, most);
    else if (event->call.arg[index] > most)
        registers_set_arg(tracee, index, most);
}
