/* Numbers, ranges, modes, points. The text is read, never a YAML type: 0600 is a mode, 0x2a a number, 1e3 neither. */
#include "cases/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/reference_text.h"

static bool is_c_number(const char *text)
{
    const char *digits = *text == '-' ? text + 1 : text;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return digits[2] && strspn(digits + 2, "0123456789abcdefABCDEF") == strlen(digits + 2);
    if (digits[0] == '0' && digits[1])
        return false;
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

static bool parse(struct reader *reader, const struct node *node, int64_t *value)
{
    const char *text = node->text, *digits = *text == '-' ? text + 1 : text;
    if (node->len != strlen(text) || !is_c_number(text)) {
        bool is_octal = digits[0] == '0' && digits[1] && strspn(digits, "0123456789") == strlen(digits);
        return reader_fail(reader, node->at, "'%s' is not a number as C writes it%s", text,
                           is_octal ? ": decimal without a leading 0, or 0x" : "");
    }
    errno = 0;
    *value = strtoll(text, NULL, 0);
    return errno == 0 || reader_fail(reader, node->at, "'%s' is too large a number", text);
}

bool number_read(struct reader *reader, const struct node *node, struct number *number)
{
    *number = (struct number){.at = node->at};
    if (!reader_is_text(reader, node, "one number is expected here"))
        return false;
    struct part part = {0};
    size_t len = reference_scan(node->text, node->len);
    if (len == 0 || len != node->len)
        return parse(reader, node, &number->value);
    if (!reference_resolve(reader, node->at, node->text, len, &part))
        return false;
    number->is_ref = true;
    number->name = part.name;
    number->what = part.what;
    return true;
}

bool number_read_plain(struct reader *reader, const struct node *node, const char *what, int64_t least,
                       int64_t most, int64_t *value)
{
    if (!reader_is_text(reader, node, "one number is expected here") || !parse(reader, node, value))
        return false;
    if (*value >= least && *value <= most)
        return true;
    return reader_fail(reader, node->at, "%s a number from %lld to %lld", what, (long long)least,
                       (long long)most);
}

static bool read_min_max(struct reader *reader, const struct node *node, struct range *range)
{
    bool is_right =
        node->count > 0 || reader_fail(reader, node->at, "a range is {min: N, max: N}, or one of the two");
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->keys[i];
        bool is_min = node_is(key, "min");
        if (!is_min && !node_is(key, "max")) {
            is_right =
                key->kind == NODE_TEXT && reader_fail(reader, key->at, "'%s' is not min or max", key->text);
            continue;
        }
        *(is_min ? &range->has_min : &range->has_max) = true;
        is_right &= number_read(reader, node->items[i], is_min ? &range->min : &range->max);
    }
    bool is_known = is_right && range->has_min && range->has_max && !range->min.is_ref && !range->max.is_ref;
    if (is_known && range->min.value > range->max.value)
        return reader_fail(reader, node->at, "min is more than max");
    return is_right;
}

bool numbers_read(struct reader *reader, const struct node *node, const struct number **numbers,
                  size_t *count)
{
    struct number *list = NULL;
    bool is_right =
        node->kind != NODE_MAP || reader_fail(reader, node->at, "a list of numbers is expected here");
    *count = 0;
    for (size_t i = 0; node->kind != NODE_MAP && i < node_count(node); i++)
        is_right &= number_read(reader, node_item(node, i), ARENA_ADD(reader->arena, list, *count));
    *numbers = list;
    return is_right;
}

bool range_read(struct reader *reader, const struct node *node, bool is_single, struct range *range)
{
    *range = (struct range){.at = node->at};
    if (is_single && node->kind != NODE_TEXT)
        return !node->is_told && reader_fail(reader, node->at, "one number is expected here");
    if (node->kind == NODE_MAP)
        return read_min_max(reader, node, range);
    if (node->kind == NODE_LIST && node->count == 0)
        return reader_fail(reader, node->at, "an empty list allows no number");
    return numbers_read(reader, node, &range->one_of, &range->count);
}

bool mode_read(struct reader *reader, const struct node *node, int64_t *mode)
{
    if (!reader_is_text(reader, node, "a mode is octal and begins with 0, as in C: 0600"))
        return false;
    const char *text = node->text;
    bool is_octal = node->len > 0 && strspn(text, "01234567") == node->len && node->len <= 5;
    if (is_octal && text[0] == '0') {
        *mode = strtol(text, NULL, 8);
        return *mode <= 07777 || reader_fail(reader, node->at, "a mode is at most 07777");
    }
    if (is_octal && node->len <= 4)
        return reader_fail(reader, node->at, "a mode is octal and begins with 0, as in C: '0%s'?", text);
    return reader_fail(reader, node->at,
                       "'%s' is not a mode; a mode is octal and begins with 0, as in C: 0600", text);
}

bool hundredths_read(struct reader *reader, const struct node *node, const char *what, int *hundredths)
{
    if (!reader_is_text(reader, node,
                        arena_print(reader->arena, "%s a number with at most one decimal", what)))
        return false;
    const char *text = node->text;
    size_t whole = strspn(text, "0123456789");
    bool has_decimal = text[whole] == '.' && isdigit((unsigned char)text[whole + 1]);
    size_t len = whole + (has_decimal ? 2 : 0);
    if (whole == 0 || len != node->len)
        return reader_fail(reader, node->at, "'%s': %s a number with at most one decimal", text, what);
    if (whole > 4)
        return reader_fail(reader, node->at, "'%s': %s at most 9999.9", text, what);
    *hundredths = (int)strtol(text, NULL, 10) * 100 + (has_decimal ? (text[whole + 1] - '0') * 10 : 0);
    return true;
}

const char *hundredths_text(struct arena *arena, int hundredths)
{
    if (hundredths % 100 == 0)
        return arena_print(arena, "%d", hundredths / 100);
    return arena_print(arena, "%d.%d", hundredths / 100, hundredths % 100 / 10);
}
