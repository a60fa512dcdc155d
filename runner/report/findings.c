/* Findings of the rules for people; see findings.h. */
#include "report/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/scene.h"

enum { INDENT = 2, BESIDE = 11, SHOWN = 10 };

static const struct {
    const char *word;
    enum style style;
} severities[] = {
    {N_("error"), STYLE_BAD},
    {N_("warning"), STYLE_WARN},
    {N_("note"), STYLE_QUIET},
};
enum { NOTE = 2 };

static int grade_of(const struct result_finding *finding)
{
    int grade = 0;
    while (grade < NOTE && (!finding->severity || strcmp(finding->severity, severities[grade].word) != 0))
        grade++;
    return grade;
}

static bool is_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same(const struct result_finding *a, const struct result_finding *b)
{
    if (!is_equal(a->rule, b->rule) || !is_equal(a->program, b->program) || a->at.line != b->at.line ||
        !is_equal(a->at.file, b->at.file))
        return false;
    return a->at.file || is_equal(a->call, b->call);
}

static void add(struct found *all, size_t *count, const struct result_finding *finding)
{
    for (size_t i = 0; i < *count; i++)
        if (is_same(all[i].finding, finding)) {
            all[i].cases++;
            all[i].is_told = all[i].is_told && finding->is_told;
            return;
        }
    all[(*count)++] = (struct found){finding, 1, finding->is_told, grade_of(finding)};
}

static int by_grade(const void *a, const void *b)
{
    const struct found *left = a, *right = b;
    if (left->grade != right->grade)
        return left->grade - right->grade;
    if (!is_equal(left->finding->program, right->finding->program))
        return strcmp(left->finding->program ? left->finding->program : "",
                      right->finding->program ? right->finding->program : "");
    if (left->finding->at.line != right->finding->at.line)
        return left->finding->at.line - right->finding->at.line;
    return strcmp(left->finding->rule ? left->finding->rule : "",
                  right->finding->rule ? right->finding->rule : "");
}

const char *findings_severity(const struct found *found)
{
    return severities[found->grade].word;
}

struct found *findings_collect(const struct result *result, bool is_verbose, size_t *count)
{
    size_t most = 0, found = 0;
    for (size_t i = 0; i < result->count; i++)
        most += result->cases[i].finding_count;
    struct found *all = calloc(most + 1, sizeof *all);
    *count = 0;
    for (size_t i = 0; all && i < result->count; i++)
        for (size_t k = 0; k < result->cases[i].finding_count; k++)
            add(all, &found, &result->cases[i].findings[k]);
    for (size_t i = 0; i < found; i++)
        if (!all[i].is_told && (is_verbose || all[i].grade < NOTE))
            all[(*count)++] = all[i];
    if (all)
        qsort(all, *count, sizeof *all, by_grade);
    return all;
}

static void put_head(const struct page *page, const struct found *found)
{
    const struct result_finding *finding = found->finding;
    struct line_text line = scene_line(&finding->at);
    cleanup_bytes struct bytes head = {0};
    bytes_print(&head, "%s  %s", finding->rule ? finding->rule : "",
                *line.text         ? line.text
                : finding->program ? finding->program
                                   : "");
    if (found->cases > 1)
        bytes_print(&head, _("  (in %zu cases)"), found->cases);
    page_labelled(page, INDENT, BESIDE, _(severities[found->grade].word), severities[found->grade].style,
                  bytes_text(&head));
}

static void put_one(const struct page *page, const struct found *found)
{
    const struct result_finding *finding = found->finding;
    cleanup_bytes struct bytes text = {0}, law = {0};
    put_head(page, found);
    bytes_print(&text, "%s", finding->text ? finding->text : "");
    if (finding->call)
        bytes_print(&text, "\n%s", finding->call);
    if (finding->other)
        bytes_print(&text, "\n- %s", finding->other);
    page_text(page, BESIDE, STYLE_PLAIN, bytes_text(&text));
    bytes_print(&law, _("law: %s (%s)"), finding->law ? finding->law : "", finding->see ? finding->see : "");
    page_text(page, BESIDE, STYLE_QUIET, bytes_text(&law));
    fputc('\n', page->to);
}

void findings_put(const struct page *page, const struct result *result, const struct report_options *options)
{
    size_t count = 0;
    char more[128];
    cleanup_free struct found *all = findings_collect(result, options->is_verbose, &count);
    size_t shown = !options->is_verbose && count > SHOWN ? SHOWN : count;
    if (!all || count == 0)
        return;
    page_rule(page, STYLE_STRONG, _("Found beside the cases"), STYLE_PLAIN, _("this costs nothing"));
    fputc('\n', page->to);
    for (size_t i = 0; i < shown; i++)
        put_one(page, &all[i]);
    if (shown == count)
        return;
    snprintf(more, sizeof more, _("%zu more: see --verbose"), count - shown);
    page_text(page, INDENT, STYLE_QUIET, more);
    fputc('\n', page->to);
}
