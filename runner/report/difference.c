/* Finding the place where two quoted texts part; see difference.h. Quotes inside a text are escaped (\"), as text for people is. */
#include "report/difference.h"

#include <string.h>

/* The bytes between the first pair of quotes. */
static const char *quoted(const char *sentence, size_t *len)
{
    const char *start = strchr(sentence, '"');
    if (!start)
        return NULL;
    start++;
    for (*len = 0; start[*len] && start[*len] != '"'; (*len)++)
        if (start[*len] == '\\' && start[*len + 1])
            (*len)++;
    return start[*len] == '"' ? start : NULL;
}

bool difference_find(const char *expected, const char *seen, struct difference *difference)
{
    size_t left_len = 0, right_len = 0, same = 0;
    const char *left = quoted(expected, &left_len), *right = quoted(seen, &right_len);
    if (!left || !right)
        return false;
    while (same < left_len && same < right_len && left[same] == right[same])
        same++;
    if (same == left_len && same == right_len)
        return false;
    while (same > 0 &&
           ((unsigned char)left[same] & 0xc0) == 0x80) /* back to the beginning of the character */
        same--;
    if (same > 0 && left[same - 1] == '\\')
        same--;
    *difference = (struct difference){(size_t)(left - expected) + same, (size_t)(right - seen) + same, same};
    return same > 0;
}
