/* Look-ups in the vocabulary; the tables themselves stand one per mechanism beside this file. */
#include "calls/vocabulary.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct mechanism mechanism_stream, mechanism_pipe, mechanism_process, mechanism_sysv_key,
    mechanism_sysv_message, mechanism_sysv_semaphore, mechanism_sysv_memory;
extern const struct mechanism mechanism_posix_semaphore, mechanism_library, mechanism_posix_memory,
    mechanism_posix_message;
extern const struct mechanism mechanism_lock;
extern const struct mechanism mechanism_socket;

/* A further mechanism is one line here. */
// clang-format off
const struct mechanism *const vocabulary[] = {
    &mechanism_stream,
    &mechanism_pipe,
    &mechanism_process,
    &mechanism_sysv_key,
    &mechanism_sysv_message,
    &mechanism_sysv_semaphore,
    &mechanism_sysv_memory,
    &mechanism_posix_semaphore,
    &mechanism_posix_memory,
    &mechanism_posix_message,
    &mechanism_lock,
    &mechanism_library,
    &mechanism_socket,
    NULL,
};
// clang-format on

const struct deed_row *vocabulary_deed(const char *word)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++)
            if (strcmp(row->word, word) == 0)
                return row;
    return NULL;
}

const struct kind_row *vocabulary_kind(const char *word)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++)
            if (strcmp(row->word, word) == 0)
                return row;
    return NULL;
}

const struct kind_row *vocabulary_kind_row(enum object_kind kind)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++)
            if (row->kind == kind)
                return row;
    return NULL;
}

const struct param_row *deed_param(const struct deed_row *deed, const char *word)
{
    for (const struct param_row *row = deed->params; row && row->word; row++)
        if (strcmp(row->word, word) == 0)
            return row;
    return NULL;
}

const struct state_row *kind_state(const struct kind_row *kind, const char *word)
{
    for (const struct state_row *row = kind->states; row && row->word; row++)
        if (strcmp(row->word, word) == 0)
            return row;
    return NULL;
}

static const struct call_row *call_in(const struct call_row *row, const char *name)
{
    for (; row && row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const struct call_row *vocabulary_call(const char *syscall_name, const struct deed_row **deed)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++) {
            const struct call_row *call = call_in(row->calls, syscall_name);
            if (call) {
                if (deed)
                    *deed = row;
                return call;
            }
        }
        const struct call_row *call = call_in((*m)->calls, syscall_name);
        if (call) {
            if (deed)
                *deed = NULL;
            return call;
        }
    }
    return NULL;
}

const char **vocabulary_deed_words(void)
{
    size_t count = 0;
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++)
            count++;
    const char **words = calloc(count + 1, sizeof *words);
    if (!words)
        return NULL;
    count = 0;
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++)
            words[count++] = row->word;
    return words;
}

const char **vocabulary_kind_words(void)
{
    const char **words = calloc(OBJECT_KINDS + 1, sizeof *words);
    size_t count = 0;
    if (!words)
        return NULL;
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++)
            words[count++] = row->word;
    return words;
}

const char *object_kind_noun(enum object_kind kind)
{
    static const char *const undeclared[OBJECT_KINDS] = {
        [OBJECT_PIPE] = "pipe",
        [OBJECT_STDIN] = "standard input",
        [OBJECT_STDOUT] = "standard output",
        [OBJECT_STDERR] = "standard error",
        [OBJECT_OTHER] = "descriptor",
        [OBJECT_SEM] = "POSIX semaphore",
    };
    const struct kind_row *row = vocabulary_kind_row(kind);
    if (row)
        return row->noun;
    return undeclared[kind] ? undeclared[kind] : "object";
}

bool object_same(const struct object_id *a, const struct object_id *b)
{
    /* System V numbers are counted per kind; everything else by device and inode. */
    if ((a->device == 0 || b->device == 0) && a->kind != b->kind)
        return false;
    return a->device == b->device && a->number == b->number;
}

int object_compare(const void *a, const void *b)
{
    const struct object_id *one = a, *two = b;
    if (one->device != two->device)
        return one->device < two->device ? -1 : 1;
    if (one->device == 0 && one->kind != two->kind)
        return one->kind < two->kind ? -1 : 1;
    return (one->number > two->number) - (one->number < two->number);
}

enum { HIGHEST_ERRNO = 133 };

int errno_by_name(const char *name)
{
    for (int number = 1; number <= HIGHEST_ERRNO; number++) {
        const char *known = strerrorname_np(number);
        if (known && strcmp(known, name) == 0)
            return number;
    }
    return 0;
}

const char *errno_name(int number)
{
    const char *known = strerrorname_np(number);
    return known ? known : "unknown errno";
}

const char *error_words(int number)
{
    const char *known = strerrordesc_np(number);
    return known ? known : "Unknown error";
}

/* "SIG" and each name of sigabbrev_np, made once per process would need a mutable table; so they are spelled here by number. */
static const char *const signal_names[] = {
    [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",       [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
    [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",     [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
    [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
    [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM",     [SIGTERM] = "SIGTERM", [SIGSTKFLT] = "SIGSTKFLT",
    [SIGCHLD] = "SIGCHLD", [SIGCONT] = "SIGCONT",     [SIGSTOP] = "SIGSTOP", [SIGTSTP] = "SIGTSTP",
    [SIGTTIN] = "SIGTTIN", [SIGTTOU] = "SIGTTOU",     [SIGURG] = "SIGURG",   [SIGXCPU] = "SIGXCPU",
    [SIGXFSZ] = "SIGXFSZ", [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF", [SIGWINCH] = "SIGWINCH",
    [SIGIO] = "SIGIO",     [SIGPWR] = "SIGPWR",       [SIGSYS] = "SIGSYS",
};

int signal_by_name(const char *name)
{
    for (int number = 1; number < (int)(sizeof signal_names / sizeof *signal_names); number++)
        if (signal_names[number] && strcmp(signal_names[number], name) == 0)
            return number;
    return 0;
}

const char *signal_name(int number)
{
    if (number > 0 && number < (int)(sizeof signal_names / sizeof *signal_names) && signal_names[number])
        return signal_names[number];
    return number >= 32 && number <= 64 ? "a real-time signal" : "an unknown signal";
}
