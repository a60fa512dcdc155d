/* libyaml's errors in words.
 *
 * A scanner's or parser's error has a place and says what was expected; what stands there instead is taken from the file, and
 * advice is added for the traps that YAML sets again and again. A reader's error (bytes that are not UTF-8) carries only a byte
 * offset: its line is counted here.
 */
#include "cases/yaml_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cases/complaint.h"

static struct where byte_place(const char *file, const char *source, size_t len, size_t offset)
{
    struct where at = {file, 1, 1};
    for (size_t i = 0; i < offset && i < len; i++) {
        if (source[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)source[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

static void tell_reader(const yaml_parser_t *parser, struct complaints *complaints, struct where at)
{
    if (strstr(parser->problem, "control characters"))
        complain(complaints, at,
                 "a control character (0x%02x) stands here; in double quotes it can be written \\x%02x",
                 (unsigned)parser->problem_value, (unsigned)parser->problem_value);
    else
        complain(complaints, at, "this is not UTF-8: %s", parser->problem);
}

/* The character at that byte, in quotes, or what is there instead. */
static void name_character(char *to, size_t room, const char *source, size_t len, size_t byte)
{
    if (byte >= len) {
        snprintf(to, room, "the end of the file");
        return;
    }
    if (source[byte] == '\n' || source[byte] == '\r') {
        snprintf(to, room, "the end of the line");
        return;
    }
    size_t wide = 1;
    while (byte + wide < len && ((unsigned char)source[byte + wide] & 0xc0) == 0x80)
        wide++;
    cleanup_free char *shown = text_printable(source + byte, wide, wide);
    snprintf(to, room, "'%s'", shown);
}

static const char *advice_on_character(const yaml_parser_t *parser, char c, char *to, size_t room)
{
    bool is_start = strstr(parser->problem, "cannot start any token") || strstr(parser->problem, "tag") ||
                    strstr(parser->problem, "alphabetic or numeric");
    if (is_start && c == '\t')
        return " (indent with blanks, not with tabs)";
    if (is_start) {
        snprintf(to, room, " (a text that begins with '%c' wants quotes)", c);
        return to;
    }
    bool in_flow = parser->context && strstr(parser->context, "flow");
    if (in_flow && c == '\0')
        return " (a '[' or '{' is left open)";
    if (in_flow && c != ':' && parser->context_mark.line < parser->problem_mark.line) {
        snprintf(to, room, " (is a '%c' missing before this line?)",
                 strstr(parser->context, "mapping") ? '}' : ']');
        return to;
    }
    if (in_flow && strchr("[]{}", c)) {
        snprintf(to, room, " (a text with '%c' in it wants quotes)", c);
        return to;
    }
    if (in_flow || strstr(parser->problem, "mapping values are not allowed"))
        return " (a text with a colon and a blank in it wants quotes)";
    if (strstr(parser->problem, "unexpected end of stream"))
        return " (is the closing quote missing?)";
    return "";
}

/* "did not find expected X" becomes "expected X, but got 'c'". */
static void name_problem(char *to, size_t room, const char *problem, const char *got)
{
    static const char expected[] = "did not find expected ", character[] = "found character that";
    if (strncmp(problem, expected, sizeof expected - 1) == 0)
        snprintf(to, room, "expected %s, but got %s", problem + sizeof expected - 1, got);
    else if (strncmp(problem, character, sizeof character - 1) == 0)
        snprintf(to, room, "found character %s that%s", got, problem + sizeof character - 1);
    else
        snprintf(to, room, "%s", problem);
}

void yaml_error_tell(const yaml_parser_t *parser, struct complaints *complaints, const char *file,
                     const char *source, size_t len, const uint32_t *byte_of, size_t chars)
{
    if (parser->error == YAML_READER_ERROR) {
        tell_reader(parser, complaints, byte_place(file, source, len, parser->problem_offset));
        return;
    }
    if (!parser->problem) {
        complain_unread(complaints, (struct where){file, 1, 1}, ENOMEM);
        return;
    }
    yaml_mark_t mark = parser->problem_mark;
    size_t byte = byte_of[mark.index < chars ? mark.index : chars];
    char got[64], problem[256], context[128] = "", room[96];
    name_character(got, sizeof got, source, len, byte);
    name_problem(problem, sizeof problem, parser->problem, got);
    if (parser->context && strcmp(parser->context, "while scanning for the next token") != 0)
        snprintf(context, sizeof context, ", %s that begins at %zu:%zu", parser->context,
                 parser->context_mark.line + 1, parser->context_mark.column + 1);
    complain(complaints, (struct where){file, (int)mark.line + 1, (int)mark.column + 1}, "%s%s%s", problem,
             context, advice_on_character(parser, source[byte], room, sizeof room));
}
