/* Findings for people and as JSON; see findings.h. */
#include "commands/findings.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"

size_t findings_count(const struct study *study, enum severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < study_count(study); i++)
        count += study_finding(study, i)->severity == severity;
    return count;
}

/* ---- for people ---------------------------------------------------------------------------------------------------------- */

static void put_call(const struct study *study, const struct event *event, FILE *to)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    cleanup_free char *line = call_text(&event->call);
    struct source_at at;
    fprintf(to, "[%s %d] %s", process->program, (int)process->pid, line ? line : "");
    if (event->stack && source_find(study_tracer(study), event, NULL, &at))
        fprintf(to, _("  at %s:%d"), at.file, at.line);
    fputc('\n', to);
}

static void put_finding(const struct study *study, const struct finding *finding, FILE *to, bool has_colour)
{
    static const char *const colours[SEVERITIES] = {"\033[1;31m", "\033[33m", "\033[36m"};
    fprintf(to, "%s%s%s: %s", has_colour ? colours[finding->severity] : "",
            _(severity_word(finding->severity)), has_colour ? "\033[0m" : "", finding->rule->id);
    if (finding->count > 1)
        fprintf(to, _(" (%zu times)"), finding->count);
    fprintf(to, "\n  %s\n", finding->text);
    if (finding->place.event) {
        fputs("  ", to);
        put_call(study, finding->place.event, to);
    }
    if (finding->place.other) {
        fprintf(to, "  %s: ", finding->place.other_words ? _(finding->place.other_words) : _("see also"));
        put_call(study, finding->place.other, to);
    }
    fprintf(to, _("  law: %s\n"), _(finding->rule->law));
    fprintf(to, _("  see: %s\n"), finding->rule->see);
}

void findings_print(const struct study *study, FILE *to, bool has_colour)
{
    for (int severity = 0; severity < SEVERITIES; severity++)
        for (size_t i = 0; i < study_count(study); i++)
            if (study_finding(study, i)->severity == (enum severity)severity)
                put_finding(study, study_finding(study, i), to, has_colour);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------------- */

static json_t *text_json(const char *text)
{
    cleanup_free char *safe = text_printable(text, strlen(text), SIZE_MAX);
    return json_string(safe ? safe : "");
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
    json_object_set_new(json, "count", json_integer((json_int_t)finding->count));
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

char *findings_json(const struct study *study, char *const command[])
{
    json_t *json = json_object(), *words = json_array(), *list = json_array();
    for (size_t i = 0; command[i]; i++)
        json_array_append_new(words, text_json(command[i]));
    for (size_t i = 0; i < study_count(study); i++)
        json_array_append_new(list, finding_json(study, study_finding(study, i)));
    json_object_set_new(json, "command", words);
    json_object_set_new(json, "errors", json_integer((json_int_t)findings_count(study, SEVERITY_ERROR)));
    json_object_set_new(json, "warnings", json_integer((json_int_t)findings_count(study, SEVERITY_WARNING)));
    json_object_set_new(json, "notes", json_integer((json_int_t)findings_count(study, SEVERITY_NOTE)));
    json_object_set_new(json, "findings", list);
    char *text = json_dumps(json, JSON_INDENT(2));
    json_decref(json);
    return text;
}
