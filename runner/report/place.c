/* Finding FILE:LINE, or what the program has said, in a sentence; see place.h. */
#include "report/place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '+';
}

/* The end of a text between quotes that begins here. */
static const char *behind_quotes(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    return *at ? at + 1 : at;
}

static bool find(const char *sentence, struct place_text *place)
{
    for (const char *at = sentence; *at;) {
        if (*at == '"') {
            at = behind_quotes(at);
            continue;
        }
        size_t name = 0, number = 0;
        while (is_of_name(at[name]))
            name++;
        while (at[name] == ':' && isdigit((unsigned char)at[name + 1 + number]))
            number++;
        if (number > 0 && memchr(at, '.', name)) {
            snprintf(place->text, sizeof place->text, "%.*s", (int)(name + 1 + number), at);
            return true;
        }
        at += name ? name : 1;
    }
    return false;
}

/* What the program has said itself on its way out: "NAME: ..." between quotes, shown without its newline. */
static bool find_message(const char *sentence, const char *program, struct place_text *place)
{
    size_t len = strlen(program);
    for (const char *at = sentence; (at = strchr(at, '"')) != NULL; at = behind_quotes(at)) {
        if (strncmp(at + 1, program, len) != 0 || strncmp(at + 1 + len, ": ", 2) != 0)
            continue;
        size_t size = (size_t)(behind_quotes(at) - at) - 1; /* without the last quote */
        if (at[size] == '"' && strncmp(at + size - 2, "\\n", 2) == 0)
            size -= 2;
        snprintf(place->text, sizeof place->text, "%.*s\"", (int)size, at);
        return true;
    }
    return false;
}

bool place_find(const struct case_result *one, struct place_text *place)
{
    const struct failure *last = one->failure_count ? &one->failures[one->failure_count - 1] : NULL;
    if (one->verdict != FAILED || !last || !last->seen || !one->program)
        return false;
    return find(last->seen, place) || find_message(last->seen, one->program, place);
}

bool place_is_shared(const struct case_result *a, const struct case_result *b)
{
    struct place_text one, two;
    return a->program && b->program && strcmp(a->program, b->program) == 0 && !a->is_skeleton &&
           !b->is_skeleton && place_find(a, &one) && place_find(b, &two) && strcmp(one.text, two.text) == 0;
}
