/* Findings as JSON; see findings.h. Keys stay in the order in which they are set. */
#include "commands/findings.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"

static json_t *text_json(const char *text)
{
    cleanup_free char *safe = text_printable(text, strlen(text), SIZE_MAX);
    return json_string(safe ? safe : "");
}

static void set_count(json_t *json, const char *key, size_t count)
{
    json_object_set_new(json, key, json_integer((json_int_t)count));
}

/* wait(2) in one object: {"exited": 3} or {"signal": "SIGINT"}. */
static json_t *status_json(int status)
{
    json_t *json = json_object();
    if (WIFSIGNALED(status))
        json_object_set_new(json, "signal", json_string(signal_name(WTERMSIG(status))));
    else
        json_object_set_new(json, "exited", json_integer(WEXITSTATUS(status)));
    return json;
}

static json_t *call_json(const struct study *study, const struct event *event)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    cleanup_free char *line = call_text(&event->call);
    struct source_at at;
    json_t *json = json_object();
    json_object_set_new(json, "program", text_json(process->program));
    json_object_set_new(json, "pid", json_integer(process->pid));
    json_object_set_new(json, "text", text_json(line ? line : ""));
    if (event->stack && source_find(study_tracer(study), event, NULL, &at)) {
        json_object_set_new(json, "file", text_json(at.file));
        json_object_set_new(json, "line", json_integer(at.line));
        if (at.function[0])
            json_object_set_new(json, "function", text_json(at.function));
    }
    return json;
}

static json_t *finding_json(const struct study *study, const struct finding *finding)
{
    json_t *json = json_object();
    json_object_set_new(json, "rule", json_string(finding->rule->id));
    json_object_set_new(json, "severity", json_string(severity_word(finding->severity)));
    json_object_set_new(json, "text", text_json(finding->text));
    set_count(json, "count", finding->count);
    json_object_set_new(json, "law", json_string(finding->rule->law));
    json_object_set_new(json, "see", json_string(finding->rule->see));
    if (finding->place.event)
        json_object_set_new(json, "call", call_json(study, finding->place.event));
    if (finding->place.other) {
        json_t *other = call_json(study, finding->place.other);
        json_object_set_new(other, "what",
                            json_string(finding->place.other_words ? finding->place.other_words : ""));
        json_object_set_new(json, "other", other);
    }
    return json;
}

static json_t *processes_json(struct tracer *tracer)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tracer_process_count(tracer); i++) {
        const struct process *process = tracer_process(tracer, i);
        json_t *json = json_object();
        json_object_set_new(json, "pid", json_integer(process->pid));
        json_object_set_new(json, "program", text_json(process->program));
        if (process->parent >= 0)
            json_object_set_new(json, "parent",
                                json_integer(tracer_process(tracer, (size_t)process->parent)->pid));
        json_object_set_new(json, "status", status_json(process->wait_status));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *left_json(const struct findings *findings)
{
    cleanup_free struct left_object *left = NULL;
    size_t count = ledger_find(findings->before, study_tracer(findings->study), &left);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *json = json_object();
        json_object_set_new(json, "kind", json_string(object_kind_noun(left[i].id.kind)));
        json_object_set_new(json, "name", text_json(left[i].name));
        if (left[i].id.device == 0)
            json_object_set_new(json, "id", json_integer((json_int_t)left[i].id.number));
        if (left[i].event && left[i].event->call.row)
            json_object_set_new(json, "made_by", call_json(findings->study, left[i].event));
        json_array_append_new(list, json);
    }
    return list;
}

static void set_run(json_t *json, const struct findings *findings)
{
    const struct trace_run_result *result = findings->result;
    json_object_set_new(json, "status", status_json(result->wait_status));
    json_object_set_new(json, "was_ended", json_boolean(result->was_ended));
    json_object_set_new(json, "was_killed_by_us", json_boolean(result->was_killed_by_us));
    json_object_set_new(json, "is_complete", json_boolean(!findings_gap(findings, 0)));
    set_count(json, "calls", result->calls);
    set_count(json, "failed_calls", result->failed);
}

char *findings_json(const struct findings *findings)
{
    const struct study *study = findings->study;
    json_t *json = json_object(), *words = json_array(), *list = json_array();
    for (size_t i = 0; findings->command[i]; i++)
        json_array_append_new(words, text_json(findings->command[i]));
    for (size_t i = 0; i < study_count(study); i++)
        json_array_append_new(list, finding_json(study, study_finding(study, i)));
    json_object_set_new(json, "command", words);
    set_run(json, findings);
    set_count(json, "errors", findings_count(study, SEVERITY_ERROR));
    set_count(json, "warnings", findings_count(study, SEVERITY_WARNING));
    set_count(json, "notes", findings_count(study, SEVERITY_NOTE));
    json_object_set_new(json, "findings", list);
    json_object_set_new(json, "left", left_json(findings));
    json_object_set_new(json, "processes", processes_json(study_tracer(study)));
    char *text = json_dumps(json, JSON_INDENT(2));
    json_decref(json);
    return text;
}
