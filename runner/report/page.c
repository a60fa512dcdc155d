/* Text on a page; see page.h. Tables are in page_table.c. */
#include "report/page.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { TAB = 8, LEAST_WIDTH = 20, LEAST_RULE = 3 };

static const char *const style_codes[STYLES] = {
    [STYLE_PLAIN] = "",       [STYLE_STRONG] = "\033[1m", [STYLE_GOOD] = "\033[32m",
    [STYLE_BAD] = "\033[31m", [STYLE_WARN] = "\033[33m",  [STYLE_QUIET] = "\033[2m",
};

/* Characters that change the order in which a terminal shows the others, or separate lines (Unicode 15, "Bidi_Control"). */
static bool is_misleading(wchar_t c)
{
    return c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Nearly all that is ever shown, and the C library's functions take ten times as long for it. */
static bool is_ascii(char c)
{
    return c >= ' ' && c <= '~';
}

/* The character at `text`: its length in bytes, and itself; 0 when it may not be shown as it is. */
static size_t character(const char *text, wchar_t *c)
{
    if (is_ascii(*text)) {
        *c = (wchar_t)*text;
        return 1;
    }
    mbstate_t state = {0};
    size_t len = mbrtowc(c, text, strnlen(text, MB_LEN_MAX), &state);
    if (len == 0 || len == (size_t)-1 || len == (size_t)-2)
        return 0;
    return *c == L'\n' || (iswprint((wint_t)*c) && wcwidth(*c) >= 0 && !is_misleading(*c)) ? len : 0;
}

int page_width(int columns)
{
    enum { LEAST = 50, MOST = 120 };
    return columns < LEAST ? LEAST : columns > MOST ? MOST : columns;
}

char *page_safe(const char *text)
{
    struct bytes safe = {0};
    size_t line = 0;
    bytes_print(&safe, "%s", "");
    while (*text) {
        wchar_t c = 0;
        size_t len = 0;
        while (is_ascii(text[len]))
            len++;
        len = len ? len : character(text, &c);
        if (*text == '\t') {
            bytes_print(&safe, "%*s", (int)(TAB - (safe.len - line) % TAB), "");
            len = 1;
        } else if (len == 0) {
            cleanup_free char *shown = text_printable(text, 1, 1);
            bytes_print(&safe, "%s", shown);
            len = 1;
        } else {
            bytes_add(&safe, text, len, SIZE_MAX / 4);
        }
        line = *text == '\n' ? safe.len : line;
        text += len;
    }
    return safe.data ? safe.data : strdup("");
}

/* Columns and bytes of one character of a safe text. */
static int columns_of(const char *at, size_t *len)
{
    wchar_t c = 0;
    *len = character(at, &c);
    if (*len == 0 || is_ascii(*at)) {
        *len = 1;
        return 1;
    }
    int columns = wcwidth(c);
    return columns < 0 ? 1 : columns;
}

static int columns_until(const char *text, const char *end)
{
    int columns = 0;
    for (size_t len; text < end; text += len)
        columns += columns_of(text, &len);
    return columns;
}

int page_columns(const char *safe)
{
    return columns_until(safe, safe + strcspn(safe, "\n"));
}

/* Where to break a line that is too long: the last blank that fits, or the last character that does. At least one character. */
static const char *break_at(const char *text, const char *end, int width)
{
    const char *blank = NULL, *at = text;
    int columns = 0;
    for (size_t len; at < end; at += len) {
        columns += columns_of(at, &len);
        if (*at == ' ' && at > text && at[-1] != ' ')
            blank = at;
        if (columns > width)
            return blank && blank > text + strspn(text, " ") ? blank : at > text ? at : at + len;
    }
    return end;
}

char *page_wrapped(const char *safe, int width)
{
    struct bytes lines = {0};
    bytes_print(&lines, "%s", "");
    for (;;) {
        const char *end = safe + strcspn(safe, "\n");
        bool is_item = strncmp(safe, "- ", 2) == 0; /* of a list: its further lines stand below its text */
        int room = width;
        while (safe < end) {
            const char *stop = break_at(safe, end, room);
            bytes_add(&lines, safe, (size_t)(stop - safe), SIZE_MAX / 4);
            safe = stop < end && *stop == ' ' ? stop + strspn(stop, " ") : stop;
            if (safe < end)
                bytes_print(&lines, "%s", is_item ? "\n  " : "\n");
            room = is_item && width > 2 ? width - 2 : width;
        }
        if (!*end)
            return lines.data ? lines.data : strdup("");
        bytes_add(&lines, "\n", 1, SIZE_MAX / 4);
        safe = end + 1;
    }
}

static void put_safe(const struct page *page, enum style style, const char *safe, size_t len)
{
    bool is_styled = page->has_colour && style != STYLE_PLAIN && len > 0;
    fprintf(page->to, "%s%.*s%s", is_styled ? style_codes[style] : "", (int)len, safe,
            is_styled ? "\033[0m" : "");
}

void page_put(const struct page *page, enum style style, const char *text)
{
    cleanup_free char *safe = page_safe(text);
    put_safe(page, style, safe, strlen(safe));
}

void page_labelled(const struct page *page, int indent, int beside, const char *label, enum style style,
                   const char *text)
{
    cleanup_free char *safe_label = page_safe(label ? label : ""), *safe = page_safe(text);
    int room = page->width - beside;
    cleanup_free char *lines = page_wrapped(safe, room < LEAST_WIDTH ? LEAST_WIDTH : room);
    int after = page_columns(safe_label) + indent;
    fprintf(page->to, "%*s", indent, "");
    put_safe(page, STYLE_QUIET, safe_label, strlen(safe_label));
    for (const char *line = lines;; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        if (len > 0)
            fprintf(page->to, "%*s", beside > after ? beside - after : 0, "");
        put_safe(page, style, line, len);
        fputc('\n', page->to);
        after = 0;
        if (!line[len])
            break;
    }
}

void page_text(const struct page *page, int indent, enum style style, const char *text)
{
    page_labelled(page, 0, indent, NULL, style, text);
}

static void put_rule(const struct page *page, int columns)
{
    cleanup_free char *rule = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&rule, &len);
    for (int i = 0; memory && i < columns; i++)
        fputs(page->has_utf8 ? "─" : "-", memory);
    if (memory && fclose(memory) == 0)
        put_safe(page, STYLE_QUIET, rule, len);
}

void page_rule(const struct page *page, enum style left_style, const char *left, enum style right_style,
               const char *right)
{
    cleanup_free char *first = page_safe(left ? left : ""), *last = page_safe(right ? right : "");
    int taken = (*first ? page_columns(first) + 1 : 0) + (*last ? page_columns(last) + 1 : 0);
    if (*first && taken + LEAST_RULE > page->width) { /* no room on one line */
        page_text(page, 0, left_style, first);
        page_rule(page, STYLE_PLAIN, NULL, right_style, last);
        return;
    }
    put_safe(page, left_style, first, strlen(first));
    fputs(*first ? " " : "", page->to);
    put_rule(page, page->width - taken > LEAST_RULE ? page->width - taken : LEAST_RULE);
    fputs(*last ? " " : "", page->to);
    put_safe(page, right_style, last, strlen(last));
    fputc('\n', page->to);
}
