/* Text for people; see text.h. */
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Length of the well-formed UTF-8 character at s (1 to 4), 0 when there is none (overlong, surrogate, cut, C1 control). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max, length;
    } rows[] = {
        /* Unicode 15, table 3-7; c2 80..9f are the C1 controls, left out */
        {0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (s[0] < rows[i].first_min || s[0] > rows[i].first_max)
            continue;
        if (left < rows[i].length || s[1] < rows[i].second_min || s[1] > rows[i].second_max)
            return 0;
        for (size_t k = 2; k < rows[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].length;
    }
    return 0;
}

static void add_escaped(struct bytes *out, unsigned char c, bool digit_follows)
{
    switch (c) {
    case '\n': bytes_print(out, "\\n"); break;
    case '\t': bytes_print(out, "\\t"); break;
    case '\r': bytes_print(out, "\\r"); break;
    case '\\': bytes_print(out, "\\\\"); break;
    case 0x1b: bytes_print(out, "\\e"); break;
    case '\0': bytes_print(out, digit_follows ? "\\x00" : "\\0"); break;
    default: bytes_print(out, "\\x%02x", c);
    }
}

char *text_printable(const void *data, size_t len, size_t max)
{
    const unsigned char *s = data;
    size_t shown = len < max ? len : max;
    struct bytes out = {0};
    for (size_t i = 0; i < shown;) {
        size_t wide = s[i] >= 0x80 ? utf8_length(s + i, len - i) : 0;
        if (i + wide > shown) { /* never half a character */
            shown = i;
            break;
        }
        if (wide > 0 || (s[i] >= 0x20 && s[i] < 0x7f && s[i] != '\\')) {
            wide = wide ? wide : 1;
            bytes_add(&out, s + i, wide, SIZE_MAX / 4);
            i += wide;
            continue;
        }
        bool digit_follows = i + 1 < len && s[i + 1] >= '0' && s[i + 1] <= '9';
        add_escaped(&out, s[i], digit_follows);
        i++;
    }
    if (shown < len)
        bytes_print(&out, "... (%zu bytes)", len);
    if (!out.data)
        bytes_print(&out, "%s", "");
    return out.data ? out.data : strdup("");
}

void text_tame(char *name)
{
    unsigned char *s = (unsigned char *)name;
    for (size_t left = strlen(name); left > 0;) {
        size_t wide = *s >= 0x80 ? utf8_length(s, left) : 0;
        if (wide == 0 && (*s < 0x20 || *s >= 0x7f))
            *s = '?';
        wide = wide ? wide : 1;
        s += wide;
        left -= wide;
    }
}

enum { LONGEST_WORD = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t low = a < b ? a : b;
    return low < c ? low : c;
}

/* Levenshtein distance with neighbours exchanged as one step (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST_WORD || lb > LONGEST_WORD)
        return SIZE_MAX;
    size_t row[3][LONGEST_WORD + 1];
    for (size_t j = 0; j <= lb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            now[j] = least(up[j] + 1, now[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 1 < now[j])
                now[j] = up2[j - 2] + 1;
        }
    }
    return row[la % 3][lb];
}

const char *text_nearest(const char *word, const char *const *list)
{
    size_t len = strlen(word), best = len == 2 ? 1 : len / 2; /* one letter is like no other */
    const char *nearest = NULL;
    for (; *list; list++) {
        size_t far = distance(word, *list);
        if (far < best || (far == best && !nearest)) {
            best = far;
            nearest = *list;
        }
    }
    return nearest;
}

char text_fill(size_t at)
{
    if (at % 64 == 63)
        return '\n';
    /* Near lines, pages and other blocks differ, so that lost, doubled or swapped ones show. */
    return (char)('0' + (at / 64 * 8 + at % 64 * 11 + at / 4096 * 5) % 75);
}
