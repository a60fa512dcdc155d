/* Findings for people; see findings.h. The JSON is findings_json.c. */
#include "commands/findings.h"

#include <string.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"

enum { INDENT = 2, BESIDE = 8 };

size_t findings_count(const struct study *study, enum severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < study_count(study); i++)
        count += study_finding(study, i)->severity == severity;
    return count;
}

/* ---- one ------------------------------------------------------------------------------------------------------------------ */

static bool is_of_its_program(const struct tracer *tracer, const struct process *parent, size_t index)
{
    const struct process *child = tracer_process(tracer, index);
    return child->parent == parent->index && strcmp(child->program, parent->program) == 0;
}

/* Which of the processes of one program it is: "parent", "child", "child 2"; nothing where there is only one. */
static void put_role(struct tracer *tracer, const struct process *process, struct bytes *to)
{
    size_t place = 0, brothers = 0, children = 0;
    const struct process *parent =
        process->parent >= 0 ? tracer_process(tracer, (size_t)process->parent) : NULL;
    bool is_child = parent && strcmp(parent->program, process->program) == 0;
    for (size_t i = 0; i < tracer_process_count(tracer); i++) {
        brothers += is_child && is_of_its_program(tracer, parent, i);
        place = (int)i == process->index ? brothers : place;
        children += is_of_its_program(tracer, process, i);
    }
    if (is_child && brothers > 1)
        bytes_print(to, _(", child %zu"), place);
    else if (is_child)
        bytes_print(to, "%s", _(", child"));
    else if (children > 0)
        bytes_print(to, "%s", _(", parent"));
}

/* "[own 12, child] read(3, ..., 64) ... at own.c:5" */
static void call_words(const struct study *study, const struct event *event, struct bytes *to)
{
    struct tracer *tracer = study_tracer(study);
    const struct process *process = tracer_process(tracer, (size_t)event->process);
    cleanup_free char *line = call_text(&event->call);
    struct source_at at;
    bytes_print(to, "[%s %d", process->program, (int)process->pid);
    put_role(tracer, process, to);
    bytes_print(to, "] %s", line ? line : "");
    if (event->stack && source_find(tracer, event, NULL, &at))
        bytes_print(to, _("  at %s:%d"), at.file, at.line);
}

static void put_places(const struct study *study, const struct place *place, const struct page *page)
{
    cleanup_bytes struct bytes call = {0}, other = {0};
    if (place->event) {
        call_words(study, place->event, &call);
        page_labelled(page, INDENT, BESIDE, _("call"), STYLE_PLAIN, bytes_text(&call));
    }
    if (place->other) {
        bytes_print(&other, "%s: ", place->other_words ? _(place->other_words) : _("see also"));
        call_words(study, place->other, &other);
        page_labelled(page, INDENT, BESIDE, _("other"), STYLE_PLAIN, bytes_text(&other));
    }
}

/* The same circle stands above, with all who take part: one line is enough. */
static void put_circle(const struct study *study, const struct finding *finding, struct bytes *head,
                       const struct page *page)
{
    bytes_print(head, "%s", _(", as told above: "));
    call_words(study, finding->place.event, head);
    page_text(page, 0, finding->severity == SEVERITY_ERROR ? STYLE_BAD : STYLE_WARN, bytes_text(head));
}

static void put_finding(const struct study *study, const struct finding *finding, bool is_first,
                        bool is_circle_told, const struct page *page)
{
    static const enum style styles[SEVERITIES] = {STYLE_BAD, STYLE_WARN, STYLE_STRONG};
    extern const struct rule rule_deadlock;
    cleanup_bytes struct bytes head = {0};
    bytes_print(&head, "%s: %s", _(severity_word(finding->severity)), finding->rule->id);
    if (is_circle_told && finding->rule == &rule_deadlock && finding->place.other) {
        put_circle(study, finding, &head, page);
        return;
    }
    if (finding->count > 1)
        bytes_print(&head, _(" (%zu times)"), finding->count);
    page_text(page, 0, styles[finding->severity], bytes_text(&head));
    page_text(page, INDENT, STYLE_PLAIN, finding->text);
    put_places(study, &finding->place, page);
    if (is_first) /* what a rule says is told once */
        page_labelled(page, INDENT, BESIDE, _("law"), STYLE_QUIET, _(finding->rule->law));
    if (is_first)
        page_labelled(page, INDENT, BESIDE, _("see"), STYLE_QUIET, finding->rule->see);
}

/* ---- all ------------------------------------------------------------------------------------------------------------------ */

/* Is it the first of its rule that is told with this severity or a graver one? */
static bool is_first_of_rule(const struct study *study, size_t index)
{
    const struct finding *finding = study_finding(study, index);
    for (size_t i = 0; i < study_count(study); i++) {
        const struct finding *other = study_finding(study, i);
        bool is_before =
            other->severity < finding->severity || (other->severity == finding->severity && i < index);
        if (is_before && other->rule == finding->rule)
            return false;
    }
    return true;
}

/* "sh exited with 3", "sh was killed by SIGINT" */
static void status_words(const struct findings *findings, struct bytes *to)
{
    int status = findings->result->wait_status;
    const char *name = findings->command[0];
    if (findings->result->was_killed_by_us)
        bytes_print(to, _("%s was still there and has been ended"), name);
    else if (WIFSIGNALED(status))
        bytes_print(to, _("%s was killed by %s"), name, signal_name(WTERMSIG(status)));
    else
        bytes_print(to, _("%s exited with %d"), name, WEXITSTATUS(status));
    if (findings->result->lost.error != 0) {
        bytes_print(to, "%s", _(" when it was to execute a program: "));
        lost_text(&findings->result->lost, to);
    }
}

const char *findings_gap(const struct findings *findings, int nth)
{
    const char *const gaps[] = {
        findings->result->is_cut
            ? _("There were too many calls to keep them all: what could be an error is told as a warning.")
            : NULL,
        study_is_tired(findings->study)
            ? _("the program made so many calls that not each was held against every rule")
            : NULL,
    };
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        if (gaps[i] && nth-- == 0)
            return gaps[i];
    return NULL;
}

static void put_end(const struct findings *findings, const struct page *page)
{
    const struct trace_run_result *result = findings->result;
    cleanup_bytes struct bytes text = {0};
    status_words(findings, &text);
    bytes_print(&text, _("; processes: %zu, calls: %zu, failed: %zu, left behind: %zu"), result->processes,
                result->calls, result->failed, result->left);
    page_text(page, 0, STYLE_PLAIN, bytes_text(&text));
    const char *gap;
    for (int i = 0; (gap = findings_gap(findings, i)) != NULL; i++)
        page_text(page, 0, STYLE_WARN, gap);
}

/* "2 errors, 1 note", or "none" */
static void total_words(const struct study *study, struct bytes *to)
{
    size_t errors = findings_count(study, SEVERITY_ERROR), warnings = findings_count(study, SEVERITY_WARNING),
           notes = findings_count(study, SEVERITY_NOTE);
    if (errors > 0)
        bytes_print(to, ngettext("%zu error", "%zu errors", errors), errors);
    bytes_print(to, "%s", errors > 0 && warnings > 0 ? ", " : "");
    if (warnings > 0)
        bytes_print(to, ngettext("%zu warning", "%zu warnings", warnings), warnings);
    bytes_print(to, "%s", errors + warnings > 0 && notes > 0 ? ", " : "");
    if (notes > 0)
        bytes_print(to, ngettext("%zu note", "%zu notes", notes), notes);
    if (to->len == 0)
        bytes_print(to, "%s", _("none"));
}

static void put_total(const struct findings *findings, const struct page *page)
{
    cleanup_bytes struct bytes text = {0}, line = {0};
    total_words(findings->study, &text);
    bytes_print(&line, _("findings: %s"), bytes_text(&text));
    page_text(page, 0, findings_count(findings->study, SEVERITY_ERROR) ? STYLE_BAD : STYLE_STRONG,
              bytes_text(&line));
}

void findings_print(const struct findings *findings, const struct page *page, bool is_apart)
{
    const struct study *study = findings->study;
    if (is_apart)
        fputc('\n', page->to);
    for (int severity = 0; severity < SEVERITIES; severity++)
        for (size_t i = 0; i < study_count(study); i++) {
            const struct finding *finding = study_finding(study, i);
            if (finding->severity != (enum severity)severity)
                continue;
            put_finding(study, finding, is_first_of_rule(study, i), findings->is_circle_told, page);
            fputc('\n', page->to);
        }
    put_end(findings, page);
    put_total(findings, page);
}
