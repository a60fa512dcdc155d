/* A build that failed; see build.h.
 *
 * make goes on after a failure (the student's Makefile asks for it), so what matters stands between commands that went well, and warnings. Of what failed first
 * the errors are told with the lines of source that the compiler quotes; of what failed later the errors alone. Where no line looks like an error (a
 * make of another kind), the end of the output is shown.
 */
#include "report/build.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { INDENT = 2, FIRST_LINES = 16, REST_LINES = 12, LAST_LINES = 12 };

/* make's own line that a target failed: it ends what belongs to that target. */
static bool is_verdict(const char *line)
{
    return strncmp(line, "make", 4) == 0 && strstr(line, ": *** ");
}

static bool is_error(const char *line)
{
    static const char *const signs[] = {
        ": error:",       ": fatal error:",     "undefined reference to", "multiple definition of",
        ": cannot find ", "error while loading"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(line, signs[i]))
            return true;
    return is_verdict(line);
}

/* The compiler quotes source below an error, indented. */
static bool is_quoted(const char *line)
{
    return *line == ' ';
}

struct lines {
    char *text;        /* owned */
    const char **line; /* owned; into text */
    size_t count;
};

static struct lines split(const char *output)
{
    struct lines lines = {.text = strdup(output)};
    size_t most = 1;
    for (const char *c = output; *c; c++)
        most += *c == '\n';
    lines.line = calloc(most, sizeof *lines.line);
    char *rest = lines.text;
    for (char *line; lines.line && rest && (line = strsep(&rest, "\n")) != NULL;)
        if (*line || rest)
            lines.line[lines.count++] = line;
    return lines;
}

/* Which lines are shown; returns how many. */
static size_t choose(const struct lines *lines, bool *is_shown)
{
    size_t first = 0, later = 0;
    bool is_first = true, is_below = false;
    for (size_t i = 0; i < lines->count; i++) {
        const char *line = lines->line[i];
        is_below = is_error(line) || (is_below && is_first && is_quoted(line));
        size_t *used = is_first ? &first : &later, room = is_first ? FIRST_LINES : REST_LINES;
        if (is_below && (*used < room || (is_first && is_verdict(line)))) {
            is_shown[i] = true;
            (*used)++;
        }
        is_first = is_first && !is_verdict(line);
    }
    if (first + later > 0)
        return first + later;
    for (size_t i = lines->count; i > 0 && lines->count - i < LAST_LINES; i--)
        is_shown[i - 1] = true;
    return lines->count < LAST_LINES ? lines->count : LAST_LINES;
}

static void put_lines(const struct page *page, const struct lines *lines, bool is_cut)
{
    cleanup_free bool *is_shown = calloc(lines->count + 1, sizeof *is_shown);
    size_t shown = is_shown ? choose(lines, is_shown) : 0;
    for (size_t i = 0; is_shown && i < lines->count; i++)
        if (is_shown[i])
            page_text(page, INDENT, STYLE_PLAIN, lines->line[i]);
    if (shown < lines->count || is_cut)
        page_text(page, INDENT, STYLE_QUIET, _("... (the rest is left out; make shows it)"));
}

void build_put(const struct page *page, const struct build_result *build)
{
    char status[64];
    if (build->is_ok)
        return;
    snprintf(status, sizeof status, _("status %d"), build->status);
    page_rule(page, STYLE_STRONG, _("The submission does not build"), STYLE_BAD, status);
    struct lines lines = split(build->output ? build->output : "");
    put_lines(page, &lines, build->is_cut);
    free(lines.line);
    free(lines.text);
    fputc('\n', page->to);
}
