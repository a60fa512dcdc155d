/* One reader for each kind of value in a table; the vocabulary's rows say which one reads what. */
#include "cases/value.h"

#include <string.h>

#include "calls/vocabulary.h"
#include "cases/names.h"
#include "cases/number.h"
#include "cases/pattern.h"

const struct word_row value_owners[] = {{"user", 0}, {"other", 1}, {0}};

static const char **signal_words(struct reader *reader)
{
    const char **words = NULL;
    size_t count = 0;
    for (int number = 1; number < SIGNALS; number++)
        *ARENA_ADD(reader->arena, words, count) = signal_name(number);
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return words;
}

bool value_signal(struct reader *reader, const struct node *node, int *number)
{
    if (!reader_is_text(reader, node, "one signal is expected here, like SIGTERM"))
        return false;
    *number = signal_by_name(node->text);
    if (node->text[0] && strspn(node->text, "0123456789") == strlen(node->text))
        return reader_fail(reader, node->at, "a signal is written by its name, like SIGUSR1, not as %s",
                           node->text);
    return *number != 0 || reader_fail(reader, node->at, "'%s' is not a signal%s", node->text,
                                       reader_nearest(reader, node->text, signal_words(reader)));
}

static const char **errno_words(struct reader *reader)
{
    const char **words = NULL;
    size_t count = 0;
    for (int number = 1; number <= HIGHEST_ERRNO; number++)
        if (errno_by_name(errno_name(number)) == number)
            *ARENA_ADD(reader->arena, words, count) = errno_name(number);
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return words;
}

bool value_errnos(struct reader *reader, const struct node *node, const int **numbers, size_t *count)
{
    int *list = NULL;
    bool is_right = node_count(node) > 0 || reader_fail(reader, node->at, "an empty list allows no error");
    for (size_t i = 0; i < node_count(node); i++) {
        const struct node *item = node_item(node, i);
        if (!reader_is_text(reader, item, "an errno is expected here, like ENXIO")) {
            is_right = false;
            continue;
        }
        int number = errno_by_name(item->text);
        if (number == 0)
            is_right = reader_fail(reader, item->at, "'%s' is not an errno%s", item->text,
                                   reader_nearest(reader, item->text, errno_words(reader)));
        *ARENA_ADD(reader->arena, list, *count) = number;
    }
    *numbers = list;
    return is_right;
}

/* ---- one reader for each kind --------------------------------------------------------------------------------------- */

typedef bool value_reader(struct reader *, const struct node *, const struct value_place *, struct value *);

static bool read_number(struct reader *r, const struct node *node, const struct value_place *place,
                        struct value *value)
{
    (void)place;
    return range_read(r, node, true, &value->range);
}

static bool read_range(struct reader *r, const struct node *node, const struct value_place *place,
                       struct value *value)
{
    return range_read(r, node, place->use != USE_LOOKED, &value->range);
}

static bool read_mode(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    (void)place;
    return mode_read(r, node, &value->bits);
}

/* "A|B" as "A, B". */
static const char *with_commas(struct reader *r, const char *text)
{
    const char *list = "";
    while (*text) {
        size_t blank = strspn(text, "|,+ "), len = strcspn(text + blank, "|,+ ");
        if (len > 0)
            list = arena_print(r->arena, "%s%s%.*s", list, *list ? ", " : "", (int)len, text + blank);
        text += blank + len;
    }
    return list;
}

static bool read_flags(struct reader *r, const struct node *node, const struct value_place *place,
                       struct value *value)
{
    const char *what = arena_print(r->arena, "a value of %s", place->word);
    bool is_right = true;
    for (size_t i = 0; i < node_count(node); i++) {
        const struct node *item = node_item(node, i);
        int64_t flag = 0;
        if (item->kind == NODE_TEXT && strpbrk(item->text, "|,+"))
            is_right = reader_fail(r, item->at, "several flags are a list: [%s]", with_commas(r, item->text));
        else
            is_right &= reader_word(r, item, place->words, what, &flag);
        value->bits |= flag;
    }
    return is_right;
}

static bool read_word(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    return reader_word(r, node, place->words, arena_print(r->arena, "a value of %s", place->word),
                       &value->bits);
}

static bool read_name(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    if (place->use == USE_LOOKED)
        return reader_fail(r, node->at, "'%s' names what a puppet gets; a look names nothing", place->word);
    value->word = node->text;
    return names_check_new(r, node);
}

static bool read_text(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    if (!pattern_read(r, node, place->use != USE_LOOKED, &value->pattern))
        return false;
    if (place->use == USE_DONE && text_length(value->pattern.texts.texts) > DEED_BYTES_MAX)
        return reader_fail(r, node->at, "one deed carries at most %d bytes", DEED_BYTES_MAX);
    return true;
}

static bool read_one_message(struct reader *r, const struct node *node, const struct value_place *place,
                             struct message *message)
{
    const char *number = place->has_prio ? "prio" : "type";
    const char *const words[] = {number, "text", NULL};
    *message = (struct message){.at = node->at, .is_prio = place->has_prio};
    bool is_right = reader_is_map(
        r, node,
        arena_print(r->arena, "a message is {%s: N, text: TEXT}; what is not written is not asked", number));
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++) {
        const struct node *key = node->keys[i], *item = node->items[i];
        if (node_is(key, "text")) {
            message->has_text = true;
            is_right &= pattern_read(r, item, place->use != USE_LOOKED, &message->text);
        } else if (node_is(key, number)) {
            message->has_type = true;
            is_right &= range_read(r, item, place->use != USE_LOOKED, &message->type);
        } else {
            is_right = key->kind == NODE_TEXT && reader_fail(r, key->at, "'%s' is not part of a message%s",
                                                             key->text, reader_nearest(r, key->text, words));
        }
    }
    return is_right;
}

static bool check_given_type(struct reader *r, const struct message *message)
{
    bool is_plain = message->has_type && message->type.count == 1 && !message->type.one_of[0].is_ref;
    int64_t number = is_plain ? message->type.one_of[0].value : 1;
    if (message->is_prio && (number < 0 || number > PRIORITY_MAX))
        return reader_fail(r, message->type.at, "a priority is a number from 0 to %d", PRIORITY_MAX);
    if (!message->is_prio && number < 1)
        return reader_fail(r, message->type.at, "the type of a message is at least 1");
    return true;
}

static bool read_message(struct reader *r, const struct node *node, const struct value_place *place,
                         struct value *value)
{
    return read_one_message(r, node, place, &value->message);
}

static bool read_messages(struct reader *r, const struct node *node, const struct value_place *place,
                          struct value *value)
{
    struct message *list = NULL;
    bool is_right = true;
    for (size_t i = 0; i < node_count(node); i++) {
        struct message *message = ARENA_ADD(r->arena, list, value->count);
        is_right &= read_one_message(r, node_item(node, i), place, message);
        if (place->use == USE_GIVEN)
            is_right &= check_given_type(r, message);
    }
    value->messages = list;
    return is_right;
}

static bool read_numbers(struct reader *r, const struct node *node, const struct value_place *place,
                         struct value *value)
{
    if (!numbers_read(r, node, &value->numbers, &value->count))
        return false;
    if (place->use != USE_LOOKED && value->count > NUMBERS_MAX)
        return reader_fail(r, node->at, "at most %d numbers", NUMBERS_MAX);
    return true;
}

static bool read_op(struct reader *r, const struct node *node, const struct value_place *place, struct op *op)
{
    if (node->kind != NODE_LIST || node->count < 2)
        return !node->is_told &&
               reader_fail(r, node->at,
                           "an operation is a list: [number of the semaphore, what is added, flag..]");
    bool is_right = number_read(r, node->items[0], &op->num);
    is_right &= number_read(r, node->items[1], &op->op);
    for (size_t i = 2; i < node->count; i++) {
        int64_t flag = 0;
        is_right &= reader_word(r, node->items[i], place->words, "a flag of an operation", &flag);
        op->flags |= flag;
    }
    return is_right;
}

static bool read_ops(struct reader *r, const struct node *node, const struct value_place *place,
                     struct value *value)
{
    struct op *list = NULL;
    bool is_right = node->kind == NODE_LIST ||
                    reader_fail(r, node->at, "ops is a list of operations: [[num, op, flag..], ..]");
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
        is_right &= read_op(r, node->items[i], place, ARENA_ADD(r->arena, list, value->count));
    value->ops = list;
    if (value->count > OPS_MAX)
        return reader_fail(r, node->at, "at most %d operations at once", OPS_MAX);
    return is_right;
}

static bool read_texts(struct reader *r, const struct node *node, const struct value_place *place,
                       struct value *value)
{
    (void)place;
    return text_read_arguments(r, node, "argument", &value->texts);
}

static bool read_signal(struct reader *r, const struct node *node, const struct value_place *place,
                        struct value *value)
{
    (void)place;
    int number = 0;
    bool is_right = value_signal(r, node, &number);
    value->bits = number;
    return is_right;
}

static bool read_signals(struct reader *r, const struct node *node, const struct value_place *place,
                         struct value *value)
{
    (void)place;
    int *list = NULL;
    bool is_right = true;
    for (size_t i = 0; i < node_count(node); i++)
        is_right &= value_signal(r, node_item(node, i), ARENA_ADD(r->arena, list, value->count));
    value->signals = list;
    return is_right;
}

#define EXIT_LAW "an exit status is a number from 0 to %d, a list of them, or nonzero"

static bool read_exit(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    (void)place;
    value->is_nonzero = node_is(node, "nonzero");
    if (value->is_nonzero)
        return true;
    if (node->kind == NODE_TEXT && !node->is_told && !strpbrk(node->text, "0123456789<"))
        return reader_fail(r, node->at, "'%s': " EXIT_LAW, node->text, STATUS_MAX);
    if (!range_read(r, node, false, &value->range))
        return false;
    for (size_t i = 0; i < value->range.count; i++) {
        const struct number *status = &value->range.one_of[i];
        if (!status->is_ref && (status->value < 0 || status->value > STATUS_MAX))
            return reader_fail(r, status->at, EXIT_LAW, STATUS_MAX);
    }
    return true;
}

static bool read_object(struct reader *r, const struct node *node, const struct value_place *place,
                        struct value *value)
{
    (void)place;
    value->object = names_object(r, node);
    return value->object >= 0;
}

static bool read_ends(struct reader *r, const struct node *node, const struct value_place *place,
                      struct value *value)
{
    const char **words = NULL;
    bool is_right = true;
    for (size_t i = 0; i < node_count(node); i++) {
        const struct node *item = node_item(node, i);
        bool is_any = node_is(item, "any");
        if (place->use == USE_LOOKED && !is_any)
            is_right =
                !item->is_told &&
                reader_fail(r, item->at, "a look at %s counts descriptors: a list of any", place->word);
        else if (!is_any)
            is_right &= names_is_word(r, item);
        *ARENA_ADD(r->arena, words, value->count) = item->kind == NODE_TEXT ? item->text : "";
    }
    value->words = words;
    return is_right;
}

static bool read_owner(struct reader *r, const struct node *node, const struct value_place *place,
                       struct value *value)
{
    (void)place;
    return reader_word(r, node, value_owners, "an owner", &value->bits);
}

/* In the order of enum value_kind. VALUE_WHO and VALUE_DEED are read where names and deeds are (deed.c, look.c). */
static const struct {
    value_reader *read;
    const char *text; /* for the reference */
} kinds[] = {
    [VALUE_NUMBER] = {read_number, "number"},
    [VALUE_RANGE] = {read_range, "RANGE"},
    [VALUE_MODE] = {read_mode, "mode"},
    [VALUE_FLAGS] = {read_flags, "flag, or a list"},
    [VALUE_WORD] = {read_word, "word"},
    [VALUE_NAME] = {read_name, "a new name"},
    [VALUE_TEXT] = {read_text, "text"},
    [VALUE_MESSAGE] = {read_message, "message"},
    [VALUE_MESSAGES] = {read_messages, "list of messages"},
    [VALUE_NUMBERS] = {read_numbers, "list of numbers"},
    [VALUE_OPS] = {read_ops, "list of [num, op, flag..]"},
    [VALUE_TEXTS] = {read_texts, "list of texts"},
    [VALUE_SIGNAL] = {read_signal, "signal"},
    [VALUE_SIGNALS] = {read_signals, "signal, or a list"},
    [VALUE_EXIT] = {read_exit, "number, list, or nonzero"},
    [VALUE_WHO] = {NULL, "who"},
    [VALUE_OBJECT] = {read_object, "object"},
    [VALUE_ENDS] = {read_ends, "list of names"},
    [VALUE_OWNER] = {read_owner, "user or other"},
    [VALUE_DEED] = {NULL, "deed, or any"},
};

bool value_read(struct reader *reader, const struct node *node, const struct value_place *place,
                struct value *value)
{
    *value = (struct value){.at = node->at, .kind = place->kind};
    if (node->is_told || !kinds[place->kind].read)
        return false;
    return kinds[place->kind].read(reader, node, place, value);
}

const char *value_kind_text(enum value_kind kind)
{
    return kinds[kind].text;
}
