/* SARIF 2.1.0 (OASIS), which code scanning services and editors read: a result for each case that lost points, a rule for each such case; and
 * what the rules have found beside the cases.
 *
 * What passed is left out: services show every result as an alert. A result without a line of the submission names the program as a logical location. What
 * broke or could not be run is no finding about the source, but a notification of the run, as is that the result is not whole; then the
 * run was not successful.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/compiler.h"
#include "report/failure.h"
#include "report/findings.h"
#include "report/json_value.h"
#include "report/writer.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define BUILD_RULE "build"

/* RFC 3986: a path as a relative reference, or as a file URI. */
static json_t *uri_of(const char *path)
{
    cleanup_bytes struct bytes uri = {0};
    if (*path == '/')
        bytes_print(&uri, "file://");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                        strchr("-._~/", *c) != NULL;
        bytes_print(&uri, is_plain ? "%c" : "%%%02X", *c);
    }
    return json_string(bytes_text(&uri));
}

static json_t *message(char *safe)
{
    json_t *object = json_object();
    json_object_set_new(object, "text", json_value_taken(safe));
    return object;
}

static json_t *list_of(json_t *item)
{
    json_t *list = json_array();
    json_array_append_new(list, item);
    return list;
}

static json_t *line_location(const struct result *result, const char *file, int line, int column)
{
    cleanup_free char *path = brief_path(result, file);
    json_t *location = json_object(), *physical = json_object(), *artifact = json_object(),
           *region = json_object();
    json_object_set_new(artifact, "uri", uri_of(path ? path : ""));
    json_object_set_new(region, "startLine", json_integer(line));
    if (column > 0)
        json_object_set_new(region, "startColumn", json_integer(column));
    json_object_set_new(physical, "artifactLocation", artifact);
    json_object_set_new(physical, "region", region);
    json_object_set_new(location, "physicalLocation", physical);
    return location;
}

static json_t *program_location(const struct case_result *one)
{
    json_t *location = json_object(), *logical = json_object();
    json_object_set_new(logical, "name", json_value_taken(brief_line(one->program)));
    json_object_set_new(logical, "kind", json_string("module"));
    json_object_set_new(location, "logicalLocations", list_of(logical));
    return location;
}

static bool is_result(const struct case_result *one)
{
    return brief_is_lost(one) && verdict_is_judged(one->verdict);
}

static json_t *case_result_of(const struct result *result, const struct case_result *one,
                              const struct report_options *options)
{
    struct brief_place place = brief_place(one);
    json_t *object = json_object(), *properties = json_object();
    json_object_set_new(object, "ruleId", json_value_taken(brief_line(one->id)));
    json_object_set_new(object, "level", json_string(one->verdict == FAILED ? "error" : "warning"));
    json_object_set_new(object, "message", message(brief_why(one, options)));
    if (place.file)
        json_object_set_new(object, "locations", list_of(line_location(result, place.file, place.line, 0)));
    else if (one->program)
        json_object_set_new(object, "locations", list_of(program_location(one)));
    json_object_set_new(properties, "points", json_value_points(one->score));
    json_object_set_new(properties, "maxPoints", json_value_points(one->max_score));
    json_object_set_new(object, "properties", properties);
    return object;
}

static void add_build_results(json_t *results, const struct result *result)
{
    const char *rest = result->build.output;
    struct compiler_error error;
    while (!result->build.is_ok && compiler_next(&rest, &error)) {
        json_t *object = json_object();
        json_object_set_new(object, "ruleId", json_string(BUILD_RULE));
        json_object_set_new(object, "level", json_string("error"));
        json_object_set_new(object, "message", message(brief_line(error.text)));
        json_object_set_new(object, "locations",
                            list_of(line_location(result, error.file, error.line, error.column)));
        json_array_append_new(results, object);
    }
}

/* Told once for each place, so that a place is one alert. */
static void add_findings(json_t *results, const struct result *result)
{
    size_t count = 0;
    cleanup_free struct found *all = findings_collect(result, true, &count);
    for (size_t i = 0; all && i < count; i++) {
        const struct result_finding *finding = all[i].finding;
        json_t *object = json_object();
        json_object_set_new(object, "ruleId", json_value_taken(brief_line(finding->rule)));
        json_object_set_new(object, "level", json_string(findings_severity(&all[i])));
        json_object_set_new(object, "message", message(brief_line(finding->text)));
        if (finding->at.file)
            json_object_set_new(object, "locations",
                                list_of(line_location(result, finding->at.file, finding->at.line, 0)));
        json_array_append_new(results, object);
    }
}

/* The laws behind the findings, each once. */
static void add_laws(json_t *rules, const struct result *result)
{
    size_t count = 0;
    cleanup_free struct found *all = findings_collect(result, true, &count);
    for (size_t i = 0; all && i < count; i++) {
        const struct result_finding *finding = all[i].finding;
        bool is_there = false;
        for (size_t k = 0; k < i; k++)
            is_there = is_there || strcmp(finding->rule ? finding->rule : "",
                                          all[k].finding->rule ? all[k].finding->rule : "") == 0;
        if (is_there)
            continue;
        json_t *rule = json_object();
        json_object_set_new(rule, "id", json_value_taken(brief_line(finding->rule)));
        json_object_set_new(rule, "shortDescription", message(brief_line(finding->law)));
        json_array_append_new(rules, rule);
    }
}

static json_t *case_rule(const struct case_result *one, const struct report_options *options)
{
    json_t *rule = json_object();
    cleanup_free char *hint = brief_line(report_words(one->hint, options));
    json_object_set_new(rule, "id", json_value_taken(brief_line(one->id)));
    json_object_set_new(rule, "shortDescription", message(brief_line(report_words(one->title, options))));
    if (hint && *hint)
        json_object_set_new(rule, "help", message(steal_ptr(&hint)));
    return rule;
}

static json_t *tool_of(const struct result *result, const struct report_options *options)
{
    json_t *tool = json_object(), *driver = json_object(), *rules = json_array();
    if (!result->build.is_ok) {
        json_t *rule = json_object();
        json_object_set_new(rule, "id", json_string(BUILD_RULE));
        json_object_set_new(rule, "shortDescription", message(strdup(_("The submission does not build"))));
        json_array_append_new(rules, rule);
    }
    for (size_t i = 0; i < result->count; i++)
        if (is_result(&result->cases[i]))
            json_array_append_new(rules, case_rule(&result->cases[i], options));
    add_laws(rules, result);
    json_object_set_new(driver, "name", json_string("ipcgrade"));
    json_object_set_new(driver, "version", json_string(IPCGRADE_VERSION));
    json_object_set_new(driver, "rules", rules);
    json_object_set_new(tool, "driver", driver);
    return tool;
}

static void notify(json_t *notifications, const char *level, char *safe)
{
    json_t *object = json_object();
    json_object_set_new(object, "level", json_string(level));
    json_object_set_new(object, "message", message(safe));
    json_array_append_new(notifications, object);
}

static json_t *invocation_of(const struct result *result, const struct report_options *options)
{
    json_t *invocation = json_object(), *notifications = json_array();
    bool is_whole = !result->is_partial;
    if (result->is_partial)
        notify(notifications, "error", brief_partial(result));
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        if (one->verdict != BROKEN && one->verdict != SKIPPED)
            continue;
        cleanup_free char *id = brief_line(one->id), *why = brief_why(one, options);
        cleanup_bytes struct bytes text = {0};
        bytes_print(&text, "%s: %s: %s", id ? id : "", report_verdict(one->verdict), why ? why : "");
        notify(notifications, one->verdict == BROKEN ? "error" : "warning", strdup(bytes_text(&text)));
        is_whole = is_whole && one->verdict != BROKEN;
    }
    json_object_set_new(invocation, "executionSuccessful", json_boolean(is_whole));
    json_object_set_new(invocation, "toolExecutionNotifications", notifications);
    return invocation;
}

static json_t *run_of(const struct result *result, const struct report_options *options)
{
    json_t *run = json_object(), *results = json_array(), *properties = json_object();
    add_build_results(results, result);
    for (size_t i = 0; i < result->count; i++)
        if (is_result(&result->cases[i]))
            json_array_append_new(results, case_result_of(result, &result->cases[i], options));
    add_findings(results, result);
    json_object_set_new(properties, "points", json_value_points(result->score));
    json_object_set_new(properties, "maxPoints", json_value_points(result->max_score));
    json_object_set_new(properties, "unjudgedPoints", json_value_points(result->unjudged));
    json_object_set_new(properties, "partial", json_boolean(result->is_partial));
    json_object_set_new(run, "tool", tool_of(result, options));
    json_object_set_new(run, "invocations", list_of(invocation_of(result, options)));
    json_object_set_new(run, "columnKind", json_string("unicodeCodePoints"));
    json_object_set_new(run, "results", results);
    json_object_set_new(run, "properties", properties);
    return run;
}

static bool write_sarif(FILE *to, const struct result *result, const struct report_options *options)
{
    json_t *root = json_object();
    json_object_set_new(root, "$schema", json_string(SCHEMA));
    json_object_set_new(root, "version", json_string("2.1.0"));
    json_object_set_new(root, "runs", list_of(run_of(result, options)));
    return json_value_write(to, root);
}

const struct writer writer_sarif = {
    .name = "sarif",
    .law = "SARIF 2.1.0 for code scanning",
    .is_live = true,
    .write = write_sarif,
};
