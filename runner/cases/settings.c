/* Texts in two languages, limits and prices, each from its table. */
#include "cases/settings.h"

#include <string.h>

#include "cases/number.h"
#include "cases/pattern.h"

const struct word_row language_words[] = {{"en", ENGLISH}, {"ko", KOREAN}, {0}};

bool words_read(struct reader *reader, const struct node *node, struct words *words)
{
    if (node->kind == NODE_TEXT) {
        words->in[ENGLISH] = text_read_plain(reader, node);
        return words->in[ENGLISH] != NULL;
    }
    if (!reader_has_items(reader, node, "a text, or {en: .., ko: ..}"))
        return false;
    bool is_right = true;
    for (size_t i = 0; i < node->count; i++) {
        int64_t language = ENGLISH;
        if (!reader_word(reader, node->keys[i], language_words, "a language", &language)) {
            is_right = false;
            continue;
        }
        words->in[language] = text_read_plain(reader, node->items[i]);
        is_right &= words->in[language] != NULL;
    }
    if (!node_get(node, "en"))
        return reader_fail(reader, node->at, "the English text is missing: {en: .., ko: ..}");
    return is_right;
}

/* ---- limits --------------------------------------------------------------------------------------------------------- */

const struct limit_row limit_rows[] = {
    {"cpu_seconds", offsetof(struct limits, cpu_seconds), 1,
     "processor time of each process; all of a case together have four times as much for each program that "
     "is started"},
    {"wall_seconds", offsetof(struct limits, wall_seconds), 1,
     "time of the whole case, a safety net: no verdict waits for it. Who has slept, polled or waited for so "
     "long has failed, "
     "and so has, at once, who begins a wait of at least that length beside nobody who can go on; "
     "who runs gets ten times as long, and after that the case is *broken*, since the machine was too busy"},
    {"build_seconds", offsetof(struct limits, build_seconds), 1,
     "processor time of the build and what it sleeps, a safety net; of the assignment, 600 where it says "
     "nothing. On a busy machine it may last ten times as long; then the grading is broken, not the build "
     "failed"},
    {"memory_mib", offsetof(struct limits, memory_mib), 1, "address space of each process"},
    {"processes", offsetof(struct limits, processes), 1,
     "processes and threads at one time; those that have ended and were not waited for count, too"},
    {"output_kib", offsetof(struct limits, output_kib), 1,
     "what each of standard output and standard error may hold"},
    {"file_kib", offsetof(struct limits, file_kib), 0, "size of a file that is written"},
    {"nofile", offsetof(struct limits, nofile), 0, "one more than the highest descriptor"},
    {"msgqueue_bytes", offsetof(struct limits, msgqueue_bytes), 0, "bytes in POSIX message queues"},
    {0},
};

struct limits limits_unsaid(void)
{
    struct limits limits = {0};
    for (const struct limit_row *row = limit_rows; row->word; row++)
        *(long *)((char *)&limits + row->offset) = -1;
    return limits;
}

bool limits_read(struct reader *reader, const struct node *node, struct limits *limits)
{
    if (!reader_is_map(reader, node, "limits are a map: {cpu_seconds: 5, ..}"))
        return false;
    bool is_right = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->keys[i];
        const struct limit_row *row = limit_rows;
        while (row->word && !node_is(key, row->word))
            row++;
        int64_t value = 0;
        const char *what = arena_print(reader->arena, "%s is", row->word ? row->word : "it");
        if (!row->word && key->kind == NODE_TEXT)
            is_right = reader_fail(reader, key->at, "'%s' is not a limit%s", key->text,
                                   reader_nearest(reader, key->text, ROW_WORDS(reader, limit_rows)));
        else if (row->word && number_read_plain(reader, node->items[i], what, row->least, LIMIT_MAX, &value))
            *(long *)((char *)limits + row->offset) = (long)value;
    }
    return is_right;
}

/* ---- rules ---------------------------------------------------------------------------------------------------------- */

/* The words of rules/; a rule that is missing here cannot have a price (price_test.c sees to that). Their laws are told by `ipcgrade rules`. */
const struct rule_row rule_rows[] = {
    {"crash", "no process of the submission died of SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT"},
    {"left", "given IPC objects are still there, and nothing else that actors made is"},
    {"busy-wait", NULL},
    {"closed-descriptor", NULL},
    {"connection-kept", NULL},
    {"datagram-cut", NULL},
    {"deadlock", NULL},
    {"decimal-mode", NULL},
    {"detach-missing", NULL},
    {"double-close", NULL},
    {"dup2-reversed", NULL},
    {"eintr-ignored", NULL},
    {"fatal-signal", NULL},
    {"fd-leak-exec", NULL},
    {"fifo-no-writer", NULL},
    {"fifo-read-write", NULL},
    {"init-race", NULL},
    {"key-is-minus-one", NULL},
    {"leak-fifo", NULL},
    {"leak-posix", NULL},
    {"leak-socket-file", NULL},
    {"leak-sysv", NULL},
    {"left-locked", NULL},
    {"left-open", NULL},
    {"lock-ignored", NULL},
    {"lock-inherited", NULL},
    {"lock-lost", NULL},
    {"lock-order", NULL},
    {"lost-signal", NULL},
    {"lost-write", NULL},
    {"map-beyond-end", NULL},
    {"misused-call", NULL},
    {"msgsz-counts-mtype", NULL},
    {"msgsz-too-large", NULL},
    {"mtype-not-long", NULL},
    {"name-is-option", NULL},
    {"never-ends", NULL},
    {"nonatomic-write", NULL},
    {"not-shared", NULL},
    {"option-too-late", NULL},
    {"orphan", NULL},
    {"own-message", NULL},
    {"pointer-sent", NULL},
    {"port-byte-order", NULL},
    {"read-past-end", NULL},
    {"refused-call", NULL},
    {"removed-twice", NULL},
    {"rmid-early", NULL},
    {"select-nfds", NULL},
    {"self-held-end", NULL},
    {"sent-to-nobody", NULL},
    {"short-io-ignored", NULL},
    {"signal-too-early", NULL},
    {"sigpipe-kills", NULL},
    {"sigpipe-kills-server", NULL},
    {"sleep-sync", NULL},
    {"status-cut", NULL},
    {"text-lost", NULL},
    {"unchecked-failure", NULL},
    {"unclosed-end", NULL},
    {"unlocked-too-early", NULL},
    {"unread-bytes", NULL},
    {"unread-messages", NULL},
    {"use-after-detach", NULL},
    {"use-after-removal", NULL},
    {"vfork-misused", NULL},
    {"wait-for-nobody", NULL},
    {"world-writable", NULL},
    {"write-to-read-only", NULL},
    {"written-twice", NULL},
    {"wrong-end", NULL},
    {"zombie", NULL},
    {0},
};

static const struct rule_row *read_rule(struct reader *reader, const struct node *key)
{
    for (const struct rule_row *row = rule_rows; row->word; row++)
        if (node_is(key, row->word))
            return row;
    if (key->kind == NODE_TEXT)
        reader_fail(reader, key->at, "there is no rule '%s'%s", key->text,
                    reader_nearest(reader, key->text, ROW_WORDS(reader, rule_rows)));
    return NULL;
}

static struct price *price_of(struct reader *reader, struct price **prices, size_t *count, const char *rule)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*prices)[i].rule, rule) == 0)
            return &(*prices)[i];
    return ARENA_ADD(reader->arena, *prices, *count);
}

bool prices_read(struct reader *reader, const struct node *node, const struct price *defaults,
                 size_t default_count, const struct price **prices, size_t *count)
{
    struct price *list = NULL;
    bool is_right = reader_is_map(reader, node, "rules are a map: {left: 1, crash: ignored}");
    *count = 0;
    for (size_t i = 0; i < default_count; i++)
        *ARENA_ADD(reader->arena, list, *count) = defaults[i];
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++) {
        const struct rule_row *row = read_rule(reader, node->keys[i]);
        int cost = -1;
        bool is_read = row && (node_is(node->items[i], "ignored") ||
                               hundredths_read(reader, node->items[i], "a price is ignored, or", &cost));
        is_right &= is_read;
        if (!is_read)
            continue;
        *price_of(reader, &list, count, row->word) = (struct price){row->word, cost};
    }
    *prices = list;
    return is_right;
}
