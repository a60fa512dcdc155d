/* Texts, numbers, patterns, values and deeds in words. What is said of a deed stands in its row of the vocabulary. */
#include "cases/prose.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { SHOWN_BYTES = 200 };

static const char *name_word(const struct scenario *scenario, int name)
{
    return scenario->names[name].word;
}

static void add_reference(struct bytes *out, const struct scenario *scenario, int name, enum ref_what what)
{
    static const char *const parts[] = {
        [REF_VALUE] = "",         [REF_ID] = ".id",       [REF_DEC] = ".dec",
        [REF_PARENT] = ".parent", [REF_CHILD] = ".child",
    };
    bytes_print(out, "<%s%s>", name_word(scenario, name), parts[what]);
}

static void add_part(struct bytes *out, const struct scenario *scenario, const struct part *part)
{
    static const char *const wilds[] = {
        [WILD_INT] = "<int>",
        [WILD_WORD] = "<word>",
        [WILD_LINE] = "<line>",
        [WILD_ANY] = "<any>",
    };
    switch (part->kind) {
    case PART_BYTES: {
        cleanup_free char *shown = text_printable(part->data, part->len, SHOWN_BYTES);
        bytes_print(out, "%s", shown);
        break;
    }
    case PART_FILL: bytes_print(out, _("(%zu bytes of the runner's filling)"), part->len); break;
    case PART_REF: add_reference(out, scenario, part->name, part->what); break;
    case PART_WILD: bytes_print(out, "%s", wilds[part->wild]); break;
    }
}

void prose_text(struct bytes *out, const struct scenario *scenario, const struct text *text)
{
    bool is_fill = text->count == 1 && text->parts[0].kind == PART_FILL;
    bytes_print(out, "%s", is_fill ? "" : "\"");
    for (size_t i = 0; i < text->count; i++)
        add_part(out, scenario, &text->parts[i]);
    bytes_print(out, "%s", is_fill ? "" : "\"");
}

static void add_number(struct bytes *out, const struct scenario *scenario, const struct number *number)
{
    if (number->is_ref)
        add_reference(out, scenario, number->name, number->what);
    else
        bytes_print(out, "%lld", (long long)number->value);
}

void prose_range(struct bytes *out, const struct scenario *scenario, const struct range *range)
{
    for (size_t i = 0; i < range->count; i++) {
        bytes_print(out, "%s", i == 0 ? "" : i + 1 < range->count ? ", " : _(" or "));
        add_number(out, scenario, &range->one_of[i]);
    }
    if (range->has_min) {
        bytes_print(out, "%s ", _("at least"));
        add_number(out, scenario, &range->min);
    }
    if (range->has_max) {
        bytes_print(out, "%s%s ", range->has_min ? ", " : "", _("at most"));
        add_number(out, scenario, &range->max);
    }
}

void prose_who(struct bytes *out, const struct scenario *scenario, const struct who *who)
{
    const char *name = name_word(scenario, who->name);
    switch (who->part) {
    case WHO_ALL: bytes_print(out, "%s", name); break;
    case WHO_PARENT: bytes_print(out, _("the started process of %s"), name); break;
    case WHO_CHILD: bytes_print(out, _("a child of %s"), name); break;
    case WHO_HELD: bytes_print(out, _("the held process of %s"), name); break;
    }
}

static void add_texts(struct bytes *out, const struct scenario *scenario, const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_print(out, "%s", i > 0 ? ", " : "");
        prose_text(out, scenario, &list->texts[i]);
    }
}

static void add_groups(struct bytes *out, const struct scenario *scenario, const struct pattern *pattern)
{
    bytes_print(out, "%s ", _("in any order the lines"));
    for (size_t i = 0; i < pattern->group_count; i++) {
        bytes_print(out, "%s", i > 0 ? ", " : "");
        if (pattern->groups[i].count != 1)
            bytes_print(out, "[");
        add_texts(out, scenario, &pattern->groups[i]);
        if (pattern->groups[i].count != 1)
            bytes_print(out, "] %s", _("(these in this order)"));
    }
}

void prose_pattern(struct bytes *out, const struct scenario *scenario, const struct pattern *pattern)
{
    bool is_empty = pattern->kind == PATTERN_EXACT && pattern->texts.texts[0].count == 0;
    switch (pattern->kind) {
    case PATTERN_EXACT: bytes_print(out, "%s", is_empty ? _("nothing") : ""); break;
    case PATTERN_CONTAINS: bytes_print(out, "%s ", _("something that contains")); break;
    case PATTERN_MATCHES: bytes_print(out, "%s ", _("something that matches")); break;
    case PATTERN_LINES: bytes_print(out, "%s ", _("the lines")); break;
    case PATTERN_ANY_ORDER: add_groups(out, scenario, pattern); break;
    }
    if (!is_empty)
        add_texts(out, scenario, &pattern->texts);
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static void add_flags(struct bytes *out, int64_t bits, const struct word_row *words)
{
    bool is_first = true;
    for (const struct word_row *row = words; row && row->word; row++) {
        bool is_set = row->value == 0 ? bits == 0 : (bits & row->value) == row->value;
        if (!is_set)
            continue;
        bytes_print(out, "%s%s", is_first ? "" : "|", row->word);
        is_first = false;
    }
    if (is_first)
        bytes_print(out, "%lld", (long long)bits);
}

static void add_word(struct bytes *out, int64_t value, const struct word_row *words)
{
    for (const struct word_row *row = words; row && row->word; row++) {
        if (row->value == value) {
            bytes_print(out, "%s", row->word);
            return;
        }
    }
}

static void add_message(struct bytes *out, const struct scenario *scenario, const struct message *message)
{
    bytes_print(out, "{");
    if (message->has_type) {
        bytes_print(out, "%s ", message->is_prio ? _("priority") : _("type"));
        prose_range(out, scenario, &message->type);
    }
    if (message->has_text) {
        bytes_print(out, "%s%s ", message->has_type ? ", " : "", _("text"));
        prose_pattern(out, scenario, &message->text);
    }
    bytes_print(out, "}");
}

static void add_messages(struct bytes *out, const struct scenario *scenario, const struct value *value)
{
    if (value->count == 0)
        bytes_print(out, "%s", _("none"));
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s", i > 0 ? ", " : "");
        add_message(out, scenario, &value->messages[i]);
    }
}

static void add_numbers(struct bytes *out, const struct scenario *scenario, const struct value *value)
{
    bytes_print(out, "[");
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s", i > 0 ? ", " : "");
        add_number(out, scenario, &value->numbers[i]);
    }
    bytes_print(out, "]");
}

static void add_ops(struct bytes *out, const struct scenario *scenario, const struct value *value,
                    const struct word_row *words)
{
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s[", i > 0 ? ", " : "");
        add_number(out, scenario, &value->ops[i].num);
        bytes_print(out, ", ");
        add_number(out, scenario, &value->ops[i].op);
        if (value->ops[i].flags != 0) {
            bytes_print(out, ", ");
            add_flags(out, value->ops[i].flags, words);
        }
        bytes_print(out, "]");
    }
}

static void add_signals(struct bytes *out, const struct value *value)
{
    for (size_t i = 0; i < value->count; i++)
        bytes_print(out, "%s%s", i > 0 ? _(" or ") : "", signal_name(value->signals[i]));
}

static void add_ends(struct bytes *out, const struct value *value)
{
    for (size_t i = 0; i < value->count; i++)
        bytes_print(out, "%s%s", i > 0 ? ", " : "", value->words[i]);
}

static void add_blocks(struct bytes *out, const struct scenario *scenario, const struct value *value)
{
    if (value->deed)
        prose_deed(out, scenario, value->deed, true);
    else
        bytes_print(out, "%s", _("in some call"));
}

void prose_value(struct bytes *out, const struct scenario *scenario, const struct value *value,
                 const struct word_row *words)
{
    switch (value->kind) {
    case VALUE_NUMBER:
    case VALUE_RANGE: prose_range(out, scenario, &value->range); break;
    case VALUE_EXIT:
        if (value->is_nonzero)
            bytes_print(out, "%s", _("other than 0"));
        else
            prose_range(out, scenario, &value->range);
        break;
    case VALUE_MODE: bytes_print(out, "%04llo", (unsigned long long)value->bits); break;
    case VALUE_FLAGS: add_flags(out, value->bits, words); break;
    case VALUE_WORD: add_word(out, value->bits, words); break;
    case VALUE_NAME: bytes_print(out, "%s", value->word); break;
    case VALUE_TEXT: prose_pattern(out, scenario, &value->pattern); break;
    case VALUE_MESSAGE: add_message(out, scenario, &value->message); break;
    case VALUE_MESSAGES: add_messages(out, scenario, value); break;
    case VALUE_NUMBERS: add_numbers(out, scenario, value); break;
    case VALUE_OPS: add_ops(out, scenario, value, words); break;
    case VALUE_TEXTS: add_texts(out, scenario, &value->texts); break;
    case VALUE_SIGNAL: bytes_print(out, "%s", signal_name((int)value->bits)); break;
    case VALUE_SIGNALS: add_signals(out, value); break;
    case VALUE_WHO: prose_who(out, scenario, &value->who); break;
    case VALUE_OBJECT: bytes_print(out, "%s", name_word(scenario, value->object)); break;
    case VALUE_ENDS: add_ends(out, value); break;
    case VALUE_OWNER:
        bytes_print(out, "%s", value->bits ? _("the second user") : _("the student's user"));
        break;
    case VALUE_DEED: add_blocks(out, scenario, value); break;
    }
}

/* ---- deeds ---------------------------------------------------------------------------------------------------------- */

static void add_target(struct bytes *out, const struct scenario *scenario, const struct target *target)
{
    switch (target->kind) {
    case TARGET_ANY: bytes_print(out, "%s", _("anything")); break;
    case TARGET_NAME: bytes_print(out, "%s", name_word(scenario, target->name)); break;
    case TARGET_KIND:
        if (target->object == OBJECT_STDIN || target->object == OBJECT_STDOUT ||
            target->object == OBJECT_STDERR)
            bytes_print(out, "%s", _(object_kind_noun(target->object)));
        else
            bytes_print(out, _("some %s"), _(object_kind_noun(target->object)));
        break;
    case TARGET_END: bytes_print(out, "%s", target->word); break;
    case TARGET_PAIR: bytes_print(out, "%s, %s", target->word, target->word2); break;
    case TARGET_WHO: prose_who(out, scenario, &target->who); break;
    case TARGET_STATUS: add_number(out, scenario, &target->status); break;
    }
}

/* The row's phrase with the object in place of its %s; a phrase without one gets a pair or a status behind it. */
static void add_phrase(struct bytes *out, const struct scenario *scenario, const struct deed *deed,
                       const char *phrase)
{
    const char *hole = strstr(phrase, "%s");
    bytes_print(out, "%.*s", (int)(hole ? hole - phrase : (long)strlen(phrase)), phrase);
    enum target_kind kind = deed->first.kind;
    if (!hole && kind == TARGET_STATUS)
        bytes_print(out, " %s ", _("with status"));
    else if (!hole && kind == TARGET_PAIR)
        bytes_print(out, " %s ", _("with the ends"));
    else if (!hole)
        return;
    add_target(out, scenario, &deed->first);
    if (hole)
        bytes_print(out, "%s", hole + 2);
}

static void add_params(struct bytes *out, const struct scenario *scenario, const struct deed *deed)
{
    for (size_t i = 0; i < deed->count; i++) {
        const struct param_row *row = deed->params[i].row;
        bytes_print(out, "%s%s ", i == 0 ? " (" : ", ", row->word);
        prose_value(out, scenario, &deed->params[i].value, row->words);
    }
    bytes_print(out, "%s", deed->count > 0 ? ")" : "");
}

void prose_deed(struct bytes *out, const struct scenario *scenario, const struct deed *deed, bool is_doing)
{
    add_phrase(out, scenario, deed, is_doing ? _(deed->row->doing) : _(deed->row->done));
    add_params(out, scenario, deed);
    for (size_t i = 0; i < deed->error_count; i++)
        bytes_print(out, "%s%s", i == 0 ? _(", which fails with ") : _(" or "), errno_name(deed->errors[i]));
    if (deed->has_returns) {
        bytes_print(out, "%s", _(", which returns "));
        prose_range(out, scenario, &deed->returns);
    }
}

void prose_points(struct bytes *out, int hundredths)
{
    if (hundredths % 100 == 0)
        bytes_print(out, "%d", hundredths / 100);
    else
        bytes_print(out, "%d.%d", hundredths / 100, hundredths % 100 / 10);
}
