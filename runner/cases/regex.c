/* A regular expression is compiled with something harmless in place of its references: what they become is quoted when it is
 * put in, so that it cannot break the expression.
 */
#include "cases/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

bool regex_check(const struct text *text, char *why, size_t room)
{
    cleanup_bytes struct bytes source = {0};
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        if (part->kind == PART_BYTES)
            bytes_add(&source, part->data, part->len, SIZE_MAX / 4);
        else
            bytes_print(&source, "x");
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)bytes_text(&source), source.len, 0, &error, &offset, NULL);
    pcre2_code_free(code);
    if (code)
        return true;
    PCRE2_UCHAR message[160];
    if (pcre2_get_error_message(error, message, sizeof message) < 0)
        snprintf((char *)message, sizeof message, "error %d", error);
    snprintf(why, room, "%s at position %zu", (const char *)message, (size_t)offset);
    return false;
}
