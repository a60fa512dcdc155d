/* Growing bytes; see bytes.h. */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct bytes *bytes, size_t more)
{
    size_t wanted = bytes->len + more + 1;
    if (wanted <= bytes->room)
        return true;
    size_t room = bytes->room ? bytes->room : 64;
    while (room < wanted)
        room *= 2;
    char *data = realloc(bytes->data, room);
    if (!data)
        return false;
    bytes->data = data;
    bytes->room = room;
    return true;
}

bool bytes_add(struct bytes *bytes, const void *data, size_t len, size_t max)
{
    size_t left = max > bytes->len ? max - bytes->len : 0;
    size_t take = len < left ? len : left;
    if (!make_room(bytes, take))
        return false;
    if (take > 0)
        memcpy(bytes->data + bytes->len, data, take);
    bytes->len += take;
    bytes->data[bytes->len] = '\0';
    return take == len;
}

bool bytes_print(struct bytes *bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return false;
    bool added = bytes_add(bytes, text, (size_t)len, SIZE_MAX / 4);
    free(text);
    return added;
}

const char *bytes_text(const struct bytes *bytes)
{
    return bytes->data ? bytes->data : "";
}

void bytes_clear(struct bytes *bytes)
{
    bytes->len = 0;
    if (bytes->data)
        bytes->data[0] = '\0';
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}
