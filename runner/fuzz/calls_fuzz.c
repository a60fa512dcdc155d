/* The decoders of system calls under a fuzzer: any call, any registers, any memory behind them, as a hostile program may have them.
 *
 * The input: which call (a number; or 255, its name and a newline, so that a seed means the same call when others are added), its six arguments (how to take each, then its number), its result, what the memory holds at its exit in the place of what it
 * held at its entry (a program may change it in between, and its other threads at any time), and the memory itself.
 */
#include "fuzz/fuzz.h"

#include <ctype.h>

#include "base/text.h"
#include "calls/call.h"

enum { ARGS = 6, TEXT_MOST = 64 << 10 };
static const uint64_t base_address = 0x10000;

static bool read_feed(void *context, uint64_t address, void *to, size_t len)
{
    const struct feed *memory = context;
    if (address < base_address || address - base_address > memory->size ||
        len > memory->size - (address - base_address))
        return false;
    memcpy(to, memory->data + (address - base_address), len);
    return true;
}

static const struct call_row *row_number(const struct call_row *rows, unsigned *number)
{
    for (; rows && rows->name; rows++)
        if (rows->decode && (*number)-- == 0)
            return rows;
    return NULL;
}

static const struct call_row *row_of_mechanism(const struct mechanism *mechanism, unsigned *number,
                                               const struct deed_row **deed)
{
    *deed = NULL;
    const struct call_row *row = row_number(mechanism->calls, number);
    for (const struct deed_row *one = mechanism->deeds; !row && one && one->word; one++)
        if ((row = row_number(one->calls, number)))
            *deed = one;
    return row;
}

/* The number-th call of the vocabulary that has a decoder, round and round. */
static const struct call_row *any_row(unsigned number, const struct deed_row **deed)
{
    for (;;)
        for (const struct mechanism *const *mechanism = vocabulary; *mechanism; mechanism++) {
            const struct call_row *row = row_of_mechanism(*mechanism, &number, deed);
            if (row)
                return row;
        }
}

/* The first that is called so; NULL: none is. */
static const struct call_row *named_row(const char *name, const struct deed_row **deed)
{
    for (const struct mechanism *const *mechanism = vocabulary; *mechanism; mechanism++)
        for (unsigned number = 0;; number++) {
            unsigned left = number;
            const struct call_row *row = row_of_mechanism(*mechanism, &left, deed);
            if (!row)
                break;
            if (strcmp(row->name, name) == 0)
                return row;
        }
    return NULL;
}

static const struct call_row *chosen_row(struct feed *input, const struct deed_row **deed)
{
    enum { BY_NAME = 255, NAME_ROOM = 32 };
    char name[NAME_ROOM] = "";
    uint8_t number = feed_byte(input);
    if (number != BY_NAME)
        return any_row(number, deed);
    for (size_t i = 0; i + 1 < sizeof name; i++) {
        uint8_t byte = feed_byte(input);
        if (byte == '\n' || byte == '\0')
            break;
        name[i] = (char)byte;
    }
    const struct call_row *row = named_row(name, deed);
    return row ? row : any_row(number, deed);
}

/* Small numbers are descriptors and flags, addresses lead into the memory, the rest is anything. */
static uint64_t argument(struct feed *input)
{
    uint8_t how = feed_byte(input);
    switch (how % 4) {
    case 0: return how / 4;
    case 1: return base_address + (uint64_t)feed_byte(input) * 4;
    case 2: return feed_number(input);
    default: return (uint64_t) - (int64_t)(how / 4);
    }
}

static void check_text(const struct call *call)
{
    char *text = call_text(call);
    must(text != NULL, "a call has a text");
    size_t len = strlen(text);
    must(len > 0 && len < TEXT_MOST, "the text of a call is of a size that can be read");
    for (size_t i = 0; i < len; i++)
        must(!iscntrl((unsigned char)text[i]), "the text of a call is one printable line");
    free(text);
}

static void check_call(const struct call *call)
{
    must(call->op_count >= 0 && call->op_count <= CALL_OPS, "operations fit into the array");
    must(call->fd_count >= 0 && call->fd_count <= CALL_FDS, "descriptors fit into the array");
    must(call->data.len <= call->data_wanted, "no more data than wanted");
    must(memchr(call->path, '\0', sizeof call->path) && memchr(call->path2, '\0', sizeof call->path2),
         "paths end");
    check_text(call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed input = {data, size};
    struct call call;
    call_init(&call);
    call.row = chosen_row(&input, &call.deed);
    for (int i = 0; i < ARGS; i++)
        call.arg[i] = argument(&input);
    int64_t result = (int64_t)argument(&input);
    size_t moved = feed_byte(&input);
    struct feed at_entry = input, at_exit = input;
    if (moved < at_exit.size)
        at_exit = (struct feed){input.data + moved, input.size - moved};
    call.memory = (struct memory){read_feed, &at_entry};
    call.row->decode(&call);
    check_call(&call);
    call.memory.context = &at_exit;
    call.result = result;
    call.error = result < 0 && result > -4096 ? (int)-result : 0;
    call.is_done = true;
    if (call.row->traits & CALL_BY_EXIT)
        call.row->decode(&call);
    check_call(&call);
    call_free(&call);
    return 0;
}
