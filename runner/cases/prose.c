/* Texts, numbers, patterns, values and deeds in words. What is said of a deed stands in its row of the vocabulary. */
#include "cases/prose.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { SHOWN_BYTES = 400 };

static const char *name_word(struct prose prose, int name)
{
    return prose.scenario->names[name].word;
}

static void add_reference(struct bytes *out, struct prose prose, int name, enum ref_what what)
{
    static const char *const parts[] = {
        [REF_VALUE] = "",         [REF_ID] = ".id",       [REF_DEC] = ".dec",
        [REF_PARENT] = ".parent", [REF_CHILD] = ".child",
    };
    cleanup_bytes struct bytes now = {0};
    if (!prose.expand || !prose.expand(prose.context, name, what, &now)) {
        bytes_print(out, "<%s%s>", name_word(prose, name), parts[what]);
        return;
    }
    cleanup_free char *shown = text_printable(bytes_text(&now), now.len, SHOWN_BYTES);
    bytes_print(out, "%s", shown);
}

static void add_part(struct bytes *out, struct prose prose, const struct part *part)
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
    case PART_REF: add_reference(out, prose, part->name, part->what); break;
    case PART_WILD: bytes_print(out, "%s", wilds[part->wild]); break;
    }
}

void prose_text(struct bytes *out, struct prose prose, const struct text *text)
{
    bool is_fill = text->count == 1 && text->parts[0].kind == PART_FILL;
    bytes_print(out, "%s", is_fill ? "" : "\"");
    for (size_t i = 0; i < text->count; i++)
        add_part(out, prose, &text->parts[i]);
    bytes_print(out, "%s", is_fill ? "" : "\"");
}

static void add_number(struct bytes *out, struct prose prose, const struct number *number)
{
    if (number->is_ref)
        add_reference(out, prose, number->name, number->what);
    else
        bytes_print(out, "%lld", (long long)number->value);
}

void prose_range(struct bytes *out, struct prose prose, const struct range *range)
{
    for (size_t i = 0; i < range->count; i++) {
        bytes_print(out, "%s", i == 0 ? "" : i + 1 < range->count ? ", " : _(" or "));
        add_number(out, prose, &range->one_of[i]);
    }
    if (range->has_min) {
        bytes_print(out, "%s", _("at least "));
        add_number(out, prose, &range->min);
    }
    if (range->has_max) {
        bytes_print(out, "%s%s", range->has_min ? ", " : "", _("at most "));
        add_number(out, prose, &range->max);
    }
    if (range->count == 0 && !range->has_min && !range->has_max)
        bytes_print(out, "%s", _("any number"));
}

void prose_who(struct bytes *out, struct prose prose, const struct who *who)
{
    const char *name = name_word(prose, who->name);
    switch (who->part) {
    case WHO_ALL: bytes_print(out, "%s", name); break;
    case WHO_PARENT: bytes_print(out, _("the started process of %s"), name); break;
    case WHO_CHILD: bytes_print(out, _("a child of %s"), name); break;
    case WHO_HELD: bytes_print(out, _("the held process of %s"), name); break;
    }
}

void prose_thing(struct bytes *out, struct prose prose, int name)
{
    const struct name *row = &prose.scenario->names[name];
    if (row->role == NAME_OBJECT)
        bytes_print(out, "%s ", _(row->kind->noun));
    bytes_print(out, "%s", row->word);
}

static void add_texts(struct bytes *out, struct prose prose, const struct text_list *list,
                      const char *between)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_print(out, "%s", i > 0 ? between : "");
        prose_text(out, prose, &list->texts[i]);
    }
}

static void add_groups(struct bytes *out, struct prose prose, const struct pattern *pattern)
{
    for (size_t i = 0; i < pattern->group_count; i++) {
        bytes_print(out, "%s", i > 0 ? "; " : "");
        add_texts(out, prose, &pattern->groups[i], _(", then "));
    }
}

void prose_pattern(struct bytes *out, struct prose prose, const struct pattern *pattern)
{
    static const char *const before[] = {
        [PATTERN_EXACT] = "",
        [PATTERN_CONTAINS] = N_("something that contains"),
        [PATTERN_MATCHES] = N_("something that matches"),
        [PATTERN_LINES] = N_("the lines"),
        [PATTERN_ANY_ORDER] = N_("in any order the lines"),
    };
    if (*before[pattern->kind])
        bytes_print(out, "%s ", _(before[pattern->kind]));
    if (pattern->kind == PATTERN_EXACT && pattern->texts.count == 0)
        bytes_print(out, "\"\"");
    if (pattern->kind == PATTERN_ANY_ORDER)
        add_groups(out, prose, pattern);
    else
        add_texts(out, prose, &pattern->texts, pattern->kind == PATTERN_CONTAINS ? _(" and ") : ", ");
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

/* " of type 3 with .." */
static void add_message(struct bytes *out, struct prose prose, const struct message *message)
{
    if (message->has_type) {
        cleanup_bytes struct bytes type = {0};
        prose_range(&type, prose, &message->type);
        bytes_print(out, message->is_prio ? _(" of priority %s") : _(" of type %s"), bytes_text(&type));
    }
    if (message->has_text) {
        cleanup_bytes struct bytes text = {0};
        prose_pattern(&text, prose, &message->text);
        bytes_print(out, _(" with %s"), bytes_text(&text));
    }
}

static void add_messages(struct bytes *out, struct prose prose, const struct value *value)
{
    if (value->count == 0)
        bytes_print(out, "%s", _("no message"));
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s%s", i > 0 ? ", " : "", _("a message"));
        add_message(out, prose, &value->messages[i]);
    }
}

static void add_numbers(struct bytes *out, struct prose prose, const struct value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s", i > 0 ? ", " : "");
        add_number(out, prose, &value->numbers[i]);
    }
}

static void add_ops(struct bytes *out, struct prose prose, const struct value *value,
                    const struct word_row *words)
{
    for (size_t i = 0; i < value->count; i++) {
        bytes_print(out, "%s[", i > 0 ? ", " : "");
        add_number(out, prose, &value->ops[i].num);
        bytes_print(out, ", ");
        add_number(out, prose, &value->ops[i].op);
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

static void add_blocks(struct bytes *out, struct prose prose, const struct value *value)
{
    if (value->deed)
        prose_deed(out, prose, value->deed, true);
    else
        bytes_print(out, "%s", _("in some call"));
}

void prose_value(struct bytes *out, struct prose prose, const struct value *value,
                 const struct word_row *words)
{
    switch (value->kind) {
    case VALUE_NUMBER:
    case VALUE_RANGE: prose_range(out, prose, &value->range); break;
    case VALUE_EXIT:
        if (value->is_nonzero)
            bytes_print(out, "%s", _("other than 0"));
        else
            prose_range(out, prose, &value->range);
        break;
    case VALUE_MODE: bytes_print(out, "%04llo", (unsigned long long)value->bits); break;
    case VALUE_FLAGS: add_flags(out, value->bits, words); break;
    case VALUE_WORD: add_word(out, value->bits, words); break;
    case VALUE_NAME: bytes_print(out, "%s", value->word); break;
    case VALUE_TEXT: prose_pattern(out, prose, &value->pattern); break;
    case VALUE_MESSAGE: add_message(out, prose, &value->message); break;
    case VALUE_MESSAGES: add_messages(out, prose, value); break;
    case VALUE_NUMBERS: add_numbers(out, prose, value); break;
    case VALUE_OPS: add_ops(out, prose, value, words); break;
    case VALUE_TEXTS: add_texts(out, prose, &value->texts, " "); break;
    case VALUE_SIGNAL: bytes_print(out, "%s", signal_name((int)value->bits)); break;
    case VALUE_SIGNALS: add_signals(out, value); break;
    case VALUE_WHO: prose_who(out, prose, &value->who); break;
    case VALUE_OBJECT: prose_thing(out, prose, value->object); break;
    case VALUE_ENDS: add_ends(out, value); break;
    case VALUE_OWNER: bytes_print(out, "%s", value->bits ? "other" : "user"); break;
    case VALUE_DEED: add_blocks(out, prose, value); break;
    }
}

/* ---- deeds ---------------------------------------------------------------------------------------------------------- */

static void add_target(struct bytes *out, struct prose prose, const struct target *target)
{
    switch (target->kind) {
    case TARGET_ANY: bytes_print(out, "%s", _("anything")); break;
    case TARGET_NAME: prose_thing(out, prose, target->name); break;
    case TARGET_KIND:
        if (target->object == OBJECT_STDIN || target->object == OBJECT_STDOUT ||
            target->object == OBJECT_STDERR)
            bytes_print(out, "%s", _(object_kind_noun(target->object)));
        else
            bytes_print(out, _("some %s"), _(object_kind_noun(target->object)));
        break;
    case TARGET_END: bytes_print(out, "%s", target->word); break;
    case TARGET_PAIR: bytes_print(out, "%s, %s", target->word, target->word2); break;
    case TARGET_WHO: prose_who(out, prose, &target->who); break;
    case TARGET_STATUS: add_number(out, prose, &target->status); break;
    }
}

/* The row's phrase with the object in place of its %s; a phrase without one gets a pair or a status behind it. */
static void add_phrase(struct bytes *out, struct prose prose, const struct deed *deed, const char *phrase)
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
    add_target(out, prose, &deed->first);
    if (hole)
        bytes_print(out, "%s", hole + 2);
}

bool prose_is_nothing(const struct value *value)
{
    const struct text_list *texts = &value->pattern.texts;
    return value->kind == VALUE_TEXT && value->pattern.kind == PATTERN_EXACT &&
           (texts->count == 0 || texts->texts[0].count == 0);
}

/* What is moved, and how far: these have sentences of their own. */
static bool speaks_for_itself(const struct param_value *param)
{
    enum param which = param->row->param;
    return which == PARAM_TEXT || which == PARAM_GIVES || which == PARAM_UNTIL;
}

static void add_moved(struct bytes *out, struct prose prose, const struct param_value *param)
{
    cleanup_bytes struct bytes text = {0};
    prose_value(&text, prose, &param->value, param->row->words);
    if (param->row->param == PARAM_UNTIL)
        bytes_print(out, "%s", _(" to the end of file"));
    else if (param->row->kind == VALUE_MESSAGE)
        bytes_print(out, "%s", bytes_text(&text));
    else if (param->row->param == PARAM_GIVES)
        bytes_print(out, _(" and gets %s"),
                    prose_is_nothing(&param->value) ? _("nothing") : bytes_text(&text));
    else
        bytes_print(out, " %s", bytes_text(&text));
}

static void add_params(struct bytes *out, struct prose prose, const struct deed *deed)
{
    const char *before = " (";
    for (size_t i = 0; i < deed->count; i++) {
        const struct param_row *row = deed->params[i].row;
        if (speaks_for_itself(&deed->params[i]))
            continue;
        bytes_print(out, "%s%s ", before, row->word);
        prose_value(out, prose, &deed->params[i].value, row->words);
        before = ", ";
    }
    bytes_print(out, "%s", *before == ',' ? ")" : "");
    for (size_t i = 0; i < deed->count; i++)
        if (speaks_for_itself(&deed->params[i]))
            add_moved(out, prose, &deed->params[i]);
}

void prose_deed(struct bytes *out, struct prose prose, const struct deed *deed, bool is_doing)
{
    add_phrase(out, prose, deed, is_doing ? _(deed->row->doing) : _(deed->row->done));
    add_params(out, prose, deed);
    for (size_t i = 0; i < deed->error_count; i++)
        bytes_print(out, "%s%s", i == 0 ? _(", which fails with ") : _(" or "), errno_name(deed->errors[i]));
    if (deed->has_returns) {
        bytes_print(out, "%s", _(", which returns "));
        prose_range(out, prose, &deed->returns);
    }
}

void prose_points(struct bytes *out, int hundredths)
{
    if (hundredths % 100 == 0)
        bytes_print(out, "%d", hundredths / 100);
    else
        bytes_print(out, "%d.%d", hundredths / 100, hundredths % 100 / 10);
}
