/* A page on a run; see trace_page.h.
 *
 * The judge tells a failed case from a stage. Here a stage is made up that has a single actor, to whom every process belongs, no sandbox and no case.
 */
#include "commands/trace_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/process_text.h"
#include "judge/stage.h"
#include "judge/tell.h"
#include "judge/timeline.h"
#include "judge/why.h"
#include "report/writer.h"
#include "trace/source.h"

enum { PROCESSES_TOLD = 12 };

static void tell_processes(struct stage *stage, struct result_actor *row)
{
    size_t count = tracer_process_count(stage->tracer);
    row->processes = calloc(PROCESSES_TOLD, sizeof *row->processes);
    for (size_t i = 0; row->processes && i < count && i < PROCESSES_TOLD; i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        struct result_process *told = &row->processes[row->process_count++];
        cleanup_bytes struct bytes state = {0};
        process_text(stage, process, &state);
        told->pid = (int)process->inner_pid;
        result_set(&told->program, process->program);
        result_set(&told->state, bytes_text(&state));
    }
}

void trace_page_tell(struct case_result *one, struct tracer *tracer, enum scene scene,
                     const struct inspector *inspector)
{
    const struct play_request request = {.source_root = NULL};
    const struct process *main = tracer_process_count(tracer) > 0 ? tracer_process(tracer, 0) : NULL;
    struct actor actor = {.word = main ? main->program : "", .role = ROLE_STUDENT};
    const struct event *first = tracer_event(tracer, 0);
    struct stage stage = {.request = &request,
                          .result = one,
                          .tracer = tracer,
                          .inspector = *inspector,
                          .actors = &actor,
                          .actor_count = 1,
                          .scene = scene,
                          .began_ns = first ? first->time_ns : 0};
    const int rows[] = {0};
    case_result_free(one);
    one->actors = calloc(1, sizeof *one->actors);
    if (!one->actors)
        abort();
    one->actor_count = 1;
    result_set(&one->actors[0].name, actor.word);
    tell_processes(&stage, &one->actors[0]);
    timeline_tell(&stage, rows);
    why_tell(&stage);
}

static void place_of(const struct findings *findings, const struct event *event, struct source_line *at)
{
    struct source_at found;
    if (!event->stack || !source_find(study_tracer(findings->study), event, NULL, &found))
        return;
    result_set(&at->file, found.file);
    at->line = found.line;
}

static void add_finding(struct result_finding *row, const struct findings *findings,
                        const struct finding *finding)
{
    result_set(&row->rule, finding->rule->id);
    result_set(&row->severity, severity_word(finding->severity));
    result_set(&row->law, _(finding->rule->law));
    result_set(&row->see, finding->rule->see);
    result_set(&row->text, finding->text);
    row->count = finding->count;
    if (finding->place.event) {
        cleanup_free char *call = call_text(&finding->place.event->call);
        result_set(&row->call, call);
        place_of(findings, finding->place.event, &row->at);
    }
    if (finding->place.other) {
        cleanup_free char *other = call_text(&finding->place.other->call);
        result_set(&row->other, other);
    }
}

void trace_page_find(struct case_result *one, const struct findings *findings)
{
    cleanup_free struct left_object *left = NULL;
    size_t count = study_count(findings->study),
           left_count = ledger_find(findings->before, study_tracer(findings->study), &left);
    one->findings = calloc(count + 1, sizeof *one->findings);
    one->left = calloc(left_count + 1, sizeof *one->left);
    if (!one->findings || !one->left)
        abort();
    for (int severity = 0; severity < SEVERITIES; severity++)
        for (size_t i = 0; i < count; i++)
            if (study_finding(findings->study, i)->severity == (enum severity)severity)
                add_finding(&one->findings[one->finding_count++], findings,
                            study_finding(findings->study, i));
    for (size_t i = 0; i < left_count; i++) {
        struct result_left *row = &one->left[one->left_count++];
        result_set(&row->kind, object_kind_noun(left[i].id.kind));
        result_set(&row->name, left[i].name);
        if (left[i].event)
            place_of(findings, left[i].event, &row->at);
    }
    const char *gap;
    for (int i = 0; (gap = findings_gap(findings, i)) != NULL; i++)
        tell_note(one, gap);
    one->verdict = findings_count(findings->study, SEVERITY_ERROR) > 0 ? FAILED : PASSED;
}

bool trace_page_write(FILE *to, const struct case_result *one, char *const *command, int language)
{
    const struct report_options options = {.language = language, .has_utf8 = true};
    cleanup_bytes struct bytes words = {0};
    struct case_result shown = *one; /* borrows */
    struct result_group group = {.name = "trace"};
    struct result result = {.submission = ".",
                            .build.is_ok = true,
                            .cases = &shown,
                            .count = 1,
                            .planned = 1,
                            .groups = &group,
                            .group_count = 1};
    for (size_t i = 0; command[i]; i++)
        bytes_print(&words, "%s%s", i ? " " : "", command[i]);
    char *title = strdup(bytes_text(&words));
    result.assignment[0] = title;
    shown.id = title;
    shown.group = group.name;
    bool is_written = writer_html.write(to, &result, &options);
    free(title);
    return is_written;
}
