/* Lines that editors and IDEs take one to the place of: `FILE:LINE: error: TEXT [CASE]`, as compilers print them (GNU Coding Standards, "Formatting Error
 * Messages"). What the compiler said stands first, as it said it. Without a line of the student's source a message names the program instead of a
 * file. Points that were lost are errors where the case failed, and warnings where it passed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/compiler.h"
#include "report/findings.h"
#include "report/writer.h"

/* What a student printed must not look like a message itself: "error :" is none. */
static void put_text(FILE *to, const char *text)
{
    static const char *const words[] = {"error:", "warning:", "note:"};
    for (const char *c = text; *c;) {
        size_t len = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strncmp(c, words[i], strlen(words[i])) == 0)
                len = strlen(words[i]) - 1;
        if (len > 0)
            fprintf(to, "%.*s ", (int)len, c);
        else
            fputc(*c, to);
        c += len ? len : 1;
    }
}

static const char *severity(const struct case_result *one)
{
    switch (one->verdict) {
    case PASSED: return "warning";
    case FAILED: return "error";
    case BROKEN:
    case SKIPPED: break;
    }
    return "note";
}

static void put_case(FILE *to, const struct result *result, size_t index,
                     const struct report_options *options)
{
    const struct case_result *one = &result->cases[index];
    size_t alike = brief_alike(result, index);
    struct brief_place place = brief_place(one);
    cleanup_free char *path = place.file ? brief_path(result, place.file) : NULL,
                      *why = brief_why(one, options), *id = brief_line(one->id);
    if (path)
        fprintf(to, "%s:%d: ", path, place.line);
    else
        fputs("ipcgrade: ", to);
    fprintf(to, "%s: ", severity(one));
    put_text(to, why ? why : "");
    if (place.is_last_call)
        fprintf(to, " (%s)", _("the last call was here"));
    fputs(" [", to);
    put_text(to, id ? id : "");
    if (alike > 0)
        fprintf(to, _(" and %zu more"), alike);
    fputs("]\n", to);
}

static void put_build(FILE *to, const struct result *result)
{
    const char *rest = result->build.output;
    struct compiler_error error;
    if (result->build.is_ok)
        return;
    while (compiler_next(&rest, &error)) {
        cleanup_free char *path = brief_path(result, error.file), *text = brief_line(error.text);
        fprintf(to, "%s:%d:%d: error: ", path ? path : "", error.line, error.column);
        put_text(to, text ? text : "");
        fputs("\n", to);
    }
    fprintf(to, "ipcgrade: error: %s\n", _("The submission does not build"));
}

/* What the rules have found: `FILE:LINE: SEVERITY: TEXT [RULE]`. */
static void put_findings(FILE *to, const struct result *result, const struct report_options *options)
{
    size_t count = 0;
    cleanup_free struct found *all = findings_collect(result, options->is_verbose, &count);
    for (size_t i = 0; all && i < count; i++) {
        const struct result_finding *finding = all[i].finding;
        cleanup_free char *path = finding->at.file ? brief_path(result, finding->at.file) : NULL,
                          *text = brief_line(finding->text), *rule = brief_line(finding->rule);
        if (path)
            fprintf(to, "%s:%d: ", path, finding->at.line);
        else
            fputs("ipcgrade: ", to);
        fprintf(to, "%s: ", findings_severity(&all[i]));
        put_text(to, text ? text : "");
        fprintf(to, " [%s]\n", rule ? rule : "");
    }
}

static bool write_gnu(FILE *to, const struct result *result, const struct report_options *options)
{
    cleanup_free char *partial = brief_partial(result), *score = brief_score(result);
    put_build(to, result);
    for (size_t i = 0; i < result->count; i++)
        if (brief_is_lost(&result->cases[i]) && !brief_is_told(result, i))
            put_case(to, result, i, options);
    put_findings(to, result, options);
    if (partial && *partial)
        fprintf(to, "ipcgrade: error: %s\n", partial);
    fprintf(to, "ipcgrade: note: %s\n", score ? score : "");
    return !ferror(to);
}

const struct writer writer_gnu = {
    .name = "gnu",
    .law = "lines FILE:LINE: error: TEXT, for editors",
    .is_live = true,
    .write = write_gnu,
};
