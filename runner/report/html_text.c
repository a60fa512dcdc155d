/* Text within markup; see html_text.h. */
#include "report/html_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "report/page.h"

void html_escape(FILE *to, const char *safe, size_t len)
{
    static const struct {
        char character;
        const char *entity;
    } entities[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (const char *c = safe; c < safe + len && *c; c++) {
        size_t i = 0;
        while (i < sizeof entities / sizeof *entities && entities[i].character != *c)
            i++;
        if (i < sizeof entities / sizeof *entities)
            fputs(entities[i].entity, to);
        else
            fputc(*c, to);
    }
}

char *html_safe(const char *text)
{
    size_t len = text ? strnlen(text, HTML_TEXT_MOST + 1) : 0;
    if (len <= HTML_TEXT_MOST)
        return page_safe(text ? text : "");
    for (len = HTML_TEXT_MOST; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--; /* no character is cut */
    cleanup_bytes struct bytes cut = {0};
    bytes_print(&cut, "%.*s ... (%zu bytes)", (int)len, text, strlen(text));
    return page_safe(bytes_text(&cut));
}

static void put_text(FILE *to, const char *text)
{
    cleanup_free char *safe = html_safe(text);
    html_escape(to, safe, strlen(safe));
}

void html_print(FILE *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (const char *c = format; *c; c++) {
        if (*c != '%' || *++c == '%')
            fputc(*c, to);
        else if (*c == 's')
            put_text(to, va_arg(arguments, const char *));
        else if (*c == 'd')
            fprintf(to, "%d", va_arg(arguments, int));
        else if (*c == 'z' && *++c == 'u')
            fprintf(to, "%zu", va_arg(arguments, size_t));
        else
            abort(); /* our own mistake */
    }
    va_end(arguments);
}

void html_json(FILE *to, const char *text)
{
    cleanup_free char *safe = html_safe(text);
    fputc('"', to);
    for (const char *c = safe; *c; c++) {
        if (strchr("<>&\"'\\\n", *c))
            fprintf(to, "\\u%04x", (unsigned)*c);
        else
            fputc(*c, to);
    }
    fputc('"', to);
}
