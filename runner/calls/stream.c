/* Streams and FIFOs: open, read, write, close, and the names in the file system behind them. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "calls/decode.h"

#define KIND(kind) (1ULL << (kind))

static const struct state_row fifo_states[] = {
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct state_row file_states[] = {
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {"text", STATE_TEXT, VALUE_TEXT, GIVEN | LOOKED, "what it holds"},
    {"size", STATE_SIZE, VALUE_RANGE, LOOKED, "bytes"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_FIFO, "fifo", "FIFO", IDENTITY_PATH, fifo_states, true, "a named pipe"},
    {OBJECT_FILE, "file", "file", IDENTITY_PATH, file_states, false, "a plain file"},
    {OBJECT_DIR, "dir", "directory", IDENTITY_PATH, fifo_states, false, "a directory"},
    {OBJECT_STANDIN, "standin", "stand-in", IDENTITY_PATH, NULL, false,
     "an executable that the student's program runs and that does only what the case says"},
    {0},
};

static const struct word_row open_flags[] = {
    {"O_RDONLY", O_RDONLY},   {"O_WRONLY", O_WRONLY},
    {"O_RDWR", O_RDWR},       {"O_NONBLOCK", O_NONBLOCK},
    {"O_CREAT", O_CREAT},     {"O_EXCL", O_EXCL},
    {"O_APPEND", O_APPEND},   {"O_TRUNC", O_TRUNC},
    {"O_CLOEXEC", O_CLOEXEC}, {0},
};

static const struct word_row until_words[] = {{"eof", 1}, {0}};
static const struct word_row how_words[] = {{"reset", 1}, {0}};

static const struct param_row open_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, open_flags, O_RDONLY, "how it is opened"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions of a file that is made"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the descriptor"},
    {0},
};
static const struct param_row read_params[] = {
    {"gives", PARAM_GIVES, VALUE_TEXT, NULL, 0, "the bytes that come"},
    {"until", PARAM_UNTIL, VALUE_WORD, until_words, 0, "`eof`: to the end of file"},
    {"fds", PARAM_FDS, VALUE_ENDS, NULL, 0, "names for the descriptors that come with it"},
    {0},
};
static const struct param_row write_params[] = {
    {"text", PARAM_TEXT, VALUE_TEXT, NULL, 0, "the bytes"},
    {"fds", PARAM_FDS, VALUE_ENDS, NULL, 0, "descriptors to send with it"},
    {0},
};
static const struct param_row close_params[] = {
    {"how", PARAM_HOW, VALUE_WORD, how_words, 0, "`reset`: a connection is reset, not ended"},
    {0},
};
static const struct param_row mkfifo_params[] = {
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions"},
    {0},
};
static const struct param_row rename_params[] = {
    {"to", PARAM_TO, VALUE_OBJECT, NULL, 0, "the object whose name it takes"},
    {0},
};
static const struct param_row chmod_params[] = {
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "the new permissions"},
    {0},
};
static const struct param_row truncate_params[] = {
    {"size", PARAM_SIZE, VALUE_RANGE, NULL, 0, "the new size in bytes"},
    {0},
};

static const int open_faults[] = {EMFILE, ENFILE, ENOSPC, 0};
static const int read_faults[] = {EIO, 0};
static const int write_faults[] = {ENOSPC, EIO, 0};
static const int mkfifo_faults[] = {ENOSPC, EROFS, 0};

/* The families (CASES, section 7). Decoders are filled in beside each row. */
static const struct call_row open_calls[] = {
    {"open", decode_open, CALL_WAITS | CALL_BY_EXIT},
    {"openat", decode_openat, CALL_WAITS | CALL_BY_EXIT},
    {"openat2", decode_openat2, CALL_WAITS | CALL_BY_EXIT},
    {"creat", decode_creat, CALL_WAITS | CALL_BY_EXIT},
    {0},
};
static const struct call_row read_calls[] = {
    {"read", decode_read, CALL_WAITS | CALL_BY_EXIT},
    {"readv", decode_readv, CALL_WAITS | CALL_BY_EXIT},
    {"pread64", decode_read, CALL_WAITS | CALL_BY_EXIT},
    {"preadv", decode_readv, CALL_WAITS | CALL_BY_EXIT},
    {"preadv2", decode_readv, CALL_WAITS | CALL_BY_EXIT},
    {"recvfrom", decode_recvfrom, CALL_WAITS | CALL_BY_EXIT},
    {"recvmsg", decode_recvmsg, CALL_WAITS | CALL_BY_EXIT},
    {"recvmmsg", decode_recvmmsg, CALL_WAITS | CALL_BY_EXIT},
    {"splice", decode_splice, CALL_WAITS | CALL_BY_EXIT},
    {"tee", decode_splice, CALL_WAITS | CALL_BY_EXIT},
    {"sendfile", decode_sendfile, CALL_WAITS | CALL_BY_EXIT},
    {"copy_file_range", decode_splice, CALL_WAITS | CALL_BY_EXIT},
    {0},
};
static const struct call_row write_calls[] = {
    {"write", decode_write, CALL_WAITS | CALL_BY_EXIT},
    {"writev", decode_writev, CALL_WAITS | CALL_BY_EXIT},
    {"pwrite64", decode_write, CALL_WAITS | CALL_BY_EXIT},
    {"pwritev", decode_writev, CALL_WAITS | CALL_BY_EXIT},
    {"pwritev2", decode_writev, CALL_WAITS | CALL_BY_EXIT},
    {"sendto", decode_sendto, CALL_WAITS | CALL_BY_EXIT},
    {"sendmsg", decode_sendmsg, CALL_WAITS | CALL_BY_EXIT},
    {"sendmmsg", decode_sendmmsg, CALL_WAITS | CALL_BY_EXIT},
    {"vmsplice", decode_vmsplice, CALL_WAITS | CALL_BY_EXIT},
    {0},
};
static const struct call_row close_calls[] = {
    {"close", decode_fd, 0}, {"close_range", decode_close_range, 0}, {0}};
static const struct call_row mkfifo_calls[] = {
    {"mknod", decode_mknod, 0}, {"mknodat", decode_mknodat, 0}, {0}};
static const struct call_row unlink_calls[] = {
    {"unlink", decode_unlink, 0}, {"unlinkat", decode_unlinkat, 0}, {0}};
static const struct call_row rename_calls[] = {
    {"rename", decode_rename, 0},
    {"renameat", decode_renameat, 0},
    {"renameat2", decode_renameat, 0},
    {0},
};
static const struct call_row chmod_calls[] = {
    {"chmod", decode_chmod, 0},
    {"fchmod", decode_fchmod, 0},
    {"fchmodat", decode_fchmodat, 0},
    {0},
};
static const struct call_row truncate_calls[] = {
    {"truncate", decode_truncate, 0}, {"ftruncate", decode_ftruncate, 0}, {0}};

/* What is made under another name may be put in place so. */
static const struct call_row other_calls[] = {
    {"link", decode_rename, 0}, {"linkat", decode_renameat, 0}, {0}};

static const unsigned long long paths = KIND(OBJECT_FIFO) | KIND(OBJECT_FILE) | KIND(OBJECT_DIR) |
                                        KIND(OBJECT_STANDIN) | KIND(OBJECT_UNIX) | KIND(OBJECT_UNIX_DGRAM);

static const struct deed_row deeds[] = {
    {"open", FIRST_OBJECT, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, open_params, open_calls, open_faults, false,
     paths, "Opens a FIFO or file (open, openat, openat2, creat, fopen).", "opens %s", "opening %s"},
    {"read", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, read_params, read_calls, read_faults, true, 0,
     "Reads or receives from a stream, datagram socket or file; also splice, tee and sendfile from it.",
     "reads from %s", "reading from %s"},
    {"write", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, write_params, write_calls, write_faults, true,
     0, "Writes or sends to a stream, datagram socket or file; also splice, vmsplice and sendfile into it.",
     "writes to %s", "writing to %s"},
    {"close", FIRST_END, DEED_DONE | DEED_LOOKED, close_params, close_calls, NULL, false, 0,
     "Closes a descriptor (close, close_range).", "closes %s", "closing %s"},
    {"mkfifo", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, mkfifo_params, mkfifo_calls, mkfifo_faults, false,
     KIND(OBJECT_FIFO), "Makes a FIFO (mkfifo, mkfifoat, mknod).", "makes %s", "making %s"},
    {"unlink", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, NULL, unlink_calls, NULL, false, paths,
     "Removes a name (unlink, unlinkat, remove).", "removes %s", "removing %s"},
    {"rename", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, rename_params, rename_calls, NULL, false, paths,
     "Gives another name, taking the place of what is there.", "renames %s", "renaming %s"},
    {"chmod", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, chmod_params, chmod_calls, NULL, false, paths,
     "Changes permissions (chmod, fchmod).", "changes the permissions of %s",
     "changing the permissions of %s"},
    {"truncate", FIRST_END, DEED_DONE | DEED_LOOKED, truncate_params, truncate_calls, NULL, false,
     KIND(OBJECT_FILE) | KIND(OBJECT_SHM), "Sets the size (truncate, ftruncate).", "sets the size of %s",
     "setting the size of %s"},
    {0},
};

const struct mechanism mechanism_stream = {"Streams and FIFOs", kinds, deeds, other_calls};
