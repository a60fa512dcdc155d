/* What all decoders share; see call.h. A decoder reads a tracee's memory only through call_read() and its sisters, so that an
 * address that leads nowhere (a student's mistake) leaves a field empty and nothing else happens.
 */
#include "calls/call.h"

#include <fcntl.h>
#include <string.h>

void call_init(struct call *call)
{
    *call = (struct call){
        .fd = -1, .made = {-1, -1}, .dirfd = AT_FDCWD, .ipc_id = -1, .data_wanted = CALL_DATA_SHOWN};
}

void call_free(struct call *call)
{
    bytes_free(&call->data);
}

void call_set(struct call *call, enum param param, int64_t value)
{
    call->value[param] = value;
    call->known |= 1ULL << param;
}

bool call_read(const struct call *call, uint64_t address, void *to, size_t len)
{
    return address != 0 && call->memory.read && call->memory.read(call->memory.context, address, to, len);
}

enum { PAGE = 4096 };

void call_read_string(const struct call *call, uint64_t address, char *to, size_t room)
{
    size_t have = 0;
    to[0] = '\0';
    /* Never across a page in one step: the page behind the string's last may not be there. */
    while (have + 1 < room) {
        size_t left_in_page = PAGE - (size_t)((address + have) % PAGE);
        size_t take = room - 1 - have < left_in_page ? room - 1 - have : left_in_page;
        if (!call_read(call, address + have, to + have, take))
            break;
        if (memchr(to + have, '\0', take))
            return;
        have += take;
    }
    to[have] = '\0';
}

void call_read_data(struct call *call, uint64_t address, size_t len)
{
    char piece[PAGE];
    size_t wanted = call->data_wanted > call->data.len ? call->data_wanted - call->data.len : 0;
    size_t take = len < wanted ? len : wanted;
    call->data_len += len;
    while (take > 0) {
        size_t step = take < sizeof piece ? take : sizeof piece;
        if (!call_read(call, address, piece, step) || !bytes_add(&call->data, piece, step, call->data_wanted))
            return;
        address += step;
        take -= step;
    }
}
