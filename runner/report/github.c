/* The log of a GitHub Actions step: the terminal report, then annotations, which GitHub shows beside the source.
 *
 * The runner obeys lines such as "::error ..." of a step's output, so whoever prints can forge them. The report, which quotes students, therefore stands between
 * ::stop-commands::TOKEN and ::TOKEN:: with a token that nobody can guess. An annotation's own text is escaped and on one line. GitHub
 * shows about ten annotations of a kind for a step: those with a source line come first, cases that failed alike are told once, and one of the
 * last counts the rest.
 *
 * Source: GitHub's documentation, "Workflow commands for GitHub Actions".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/compiler.h"
#include "report/findings.h"
#include "report/writer.h"

enum { ROOM = 8, MOST_BUILD = 5, TOKEN_BYTES = 16 }; /* two notices more are about the whole */

struct token {
    char text[TOKEN_BYTES * 2 + 1];
};

static bool token_draw(struct token *token)
{
    uint8_t bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (int i = 0; i < TOKEN_BYTES; i++)
        snprintf(token->text + (ptrdiff_t)2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* As the runner takes it back; a property (file, title) must not hold what separates properties either. */
static void put_escaped(FILE *to, const char *text, bool is_property)
{
    cleanup_free char *line = brief_line(text);
    for (const char *c = line ? line : ""; *c; c++) {
        if (*c == '%' || (is_property && strchr(":,", *c)))
            fprintf(to, "%%%02X", (unsigned char)*c);
        else
            fputc(*c, to);
    }
}

struct annotation {
    const char *kind, *path, *title, *text; /* path NULL: none; borrowed */
    int line;
};

static void put(FILE *to, const struct annotation *annotation)
{
    fprintf(to, "::%s ", annotation->kind);
    if (annotation->path) {
        fputs("file=", to);
        put_escaped(to, annotation->path, true);
        fprintf(to, ",line=%d,", annotation->line);
    }
    fputs("title=", to);
    put_escaped(to, annotation->title, true);
    fputs("::", to);
    put_escaped(to, annotation->text, false);
    fputs("\n", to);
}

/* What the compiler said first. Returns how many. */
static int put_build(FILE *to, const struct result *result)
{
    const char *rest = result->build.output;
    struct compiler_error error;
    int count = 0;
    if (result->build.is_ok)
        return 0;
    while (count < MOST_BUILD && compiler_next(&rest, &error)) {
        cleanup_free char *path = brief_path(result, error.file);
        put(to,
            &(struct annotation){"error", path, _("The submission does not build"), error.text, error.line});
        count++;
    }
    if (count == 0)
        put(to,
            &(struct annotation){"error", NULL, _("The submission does not build"), result->submission, 0});
    return count + (count == 0);
}

static const char *kind_of(const struct case_result *one)
{
    static const char *const kinds[VERDICTS] = {"warning", "error", "warning", "notice"};
    return kinds[one->verdict];
}

static void put_case(FILE *to, const struct result *result, size_t index,
                     const struct report_options *options)
{
    const struct case_result *one = &result->cases[index];
    struct brief_place place = brief_place(one);
    size_t alike = brief_alike(result, index);
    cleanup_free char *path = place.file ? brief_path(result, place.file) : NULL,
                      *why = brief_why(one, options), *points = brief_points(one);
    cleanup_bytes struct bytes title = {0};
    bytes_print(&title, "%s", one->id ? one->id : "");
    if (alike > 0)
        bytes_print(&title, _(" and %zu more"), alike);
    bytes_print(&title, ": %s", points ? points : "");
    put(to, &(struct annotation){kind_of(one), path, bytes_text(&title), why, place.line});
}

/* Cases of this kind that lost points, those with a line before those without. Returns how many had no room. */
static size_t put_cases(FILE *to, const struct result *result, const struct report_options *options,
                        const char *kind, int *room)
{
    size_t left = 0;
    for (int has_place = 1; has_place >= 0; has_place--) {
        for (size_t i = 0; i < result->count; i++) {
            const struct case_result *one = &result->cases[i];
            if (!brief_is_lost(one) || strcmp(kind_of(one), kind) != 0 ||
                (brief_place(one).file != NULL) != has_place || brief_is_told(result, i))
                continue;
            if (*room > 0)
                put_case(to, result, i, options);
            else
                left++;
            *room -= *room > 0;
        }
    }
    return left;
}

/* What the rules have found, errors and warnings, where room is left by the cases. */
static void put_findings(FILE *to, const struct result *result, int error_room, int warning_room)
{
    size_t count = 0;
    cleanup_free struct found *all = findings_collect(result, false, &count);
    for (size_t i = 0; all && i < count; i++) {
        const struct result_finding *finding = all[i].finding;
        const char *kind = findings_severity(&all[i]);
        int *room = strcmp(kind, "error") == 0 ? &error_room : &warning_room;
        cleanup_free char *path = finding->at.file ? brief_path(result, finding->at.file) : NULL;
        if ((*room)-- > 0)
            put(to, &(struct annotation){kind, path, finding->rule, finding->text, finding->at.line});
    }
}

static void put_annotations(FILE *to, const struct result *result, const struct report_options *options)
{
    cleanup_free char *partial = brief_partial(result), *score = brief_score(result), *rest = NULL;
    int errors = ROOM, warnings = ROOM, notices = ROOM;
    if (partial && *partial) {
        put(to, &(struct annotation){"error", NULL, "ipcgrade", partial, 0});
        errors--;
    }
    errors -= put_build(to, result);
    size_t left = put_cases(to, result, options, "error", &errors);
    left += put_cases(to, result, options, "warning", &warnings);
    left += put_cases(to, result, options, "notice", &notices);
    put_findings(to, result, errors, warnings);
    if (left > 0 && asprintf(&rest, _("%zu further cases lost points; the log tells all of them."), left) > 0)
        put(to, &(struct annotation){"notice", NULL, "ipcgrade", rest, 0});
    put(to, &(struct annotation){"notice", NULL, "ipcgrade", score ? score : "", 0});
}

static bool write_github(FILE *to, const struct result *result, const struct report_options *options)
{
    struct token token;
    struct report_options plain = *options;
    plain.has_colour = false;
    if (!token_draw(&token))
        return false;
    fprintf(to, "::stop-commands::%s\n", token.text);
    bool is_written = writer_terminal.write(to, result, &plain);
    fprintf(to, "::%s::\n", token.text);
    put_annotations(to, result, options);
    return is_written && !ferror(to);
}

static const struct writer *const companions[] = {&writer_github_summary, &writer_classroom, NULL};

const struct writer writer_github = {
    .name = "github",
    .law = "log and annotations of a GitHub Actions step, and the two below where their variables are set",
    .is_live = false,
    .companions = companions,
    .write = write_github,
};
