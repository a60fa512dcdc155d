/* Between reader.c and reader_serve.c: what is told and asked. */
#ifndef IPCGRADE_TRACE_READER_MESSAGE_H
#define IPCGRADE_TRACE_READER_MESSAGE_H

#include "trace/reader.h"
#include "trace/stack.h"
#include "trace/tracer.h"

enum { READER_NAMES = 16 };

enum message_kind {
    TELL_FILE,
    TELL_LAYOUT,
    ASK_LINE,
    ASK_FUNCTION,
    ASK_VARIABLE,
    ASK_LACK,
    ASK_EXTENT,
    ASK_STREAMS
};

struct question {
    enum message_kind kind;
    bool has_root;
    int layout; /* ASK_STREAMS */
    uint64_t address;
    char call[32]; /* the name of the event's */
    char root[256];
    char names[READER_NAMES][32]; /* up to the first empty one */
};

struct answer {
    bool is_found;
    int number;
    uint64_t address;
    struct source_at at;
    struct extent extent;
    char variable[128];
};

struct message { /* with: what is told, or the stack that was kept */
    struct question question;
    union {
        struct mapped_file file;
        struct layout layout;
        struct {
            struct stack_capture capture;
            unsigned char room[STACK_KEPT_STDERR];
        } stack;
    } with;
};

/* Be the reader, at the other end of the tracer's socket. `parent` is the tracer's process. */
__attribute__((noreturn)) void reader_serve(int socket, pid_t parent);

#endif
