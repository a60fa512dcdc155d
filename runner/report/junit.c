/* JUnit XML, in the dialect that GitLab, Jenkins and most dashboards read: a suite for each group, a test for each case. *failed* is a failure, *broken* an
 * error, *skipped* is skipped. GitLab shows the text of these elements and Jenkins also the attribute, so the first line is in both. Names are the
 * cases' ids, which are unique: GitLab drops a second test of the same name.
 *
 * junit-strict leaves out `file` and `line`, which the schema of Jenkins' xunit plugin refuses. What is not about a case (a build that
 * failed, a result that is not whole, what the rules have found) is a test of the suite "ipcgrade", so that it cannot be overlooked.
 */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/brief.h"
#include "report/writer.h"

struct junit {
    xmlTextWriterPtr xml;
    const struct result *result;
    const struct report_options *options;
    bool is_strict;
};

enum own { OWN_BUILD, OWN_PARTIAL, OWN_FINDINGS, OWN_TESTS };

/* A test that is not a case. */
struct own_test {
    const char *name, *element; /* element NULL: it passes, and the text is its output */
    char *text;                 /* owned; empty: there is none */
};

struct counts {
    size_t tests;
    int failures, errors, skipped;
    double seconds;
};

static void begin(const struct junit *junit, const char *name)
{
    xmlTextWriterStartElement(junit->xml, BAD_CAST name);
}

static void end(const struct junit *junit)
{
    xmlTextWriterEndElement(junit->xml);
}

static void attribute(const struct junit *junit, const char *name, const char *text)
{
    cleanup_free char *line = brief_line(text);
    xmlTextWriterWriteAttribute(junit->xml, BAD_CAST name, BAD_CAST(line ? line : ""));
}

static void number(const struct junit *junit, const char *name, size_t value)
{
    xmlTextWriterWriteFormatAttribute(junit->xml, BAD_CAST name, "%zu", value);
}

static void seconds(const struct junit *junit, double value)
{
    xmlTextWriterWriteFormatAttribute(junit->xml, BAD_CAST "time", "%.3f", value > 0 ? value : 0);
}

/* The text is safe, and so holds nothing that XML 1.0 forbids. */
static void outcome(const struct junit *junit, const char *element, const char *type, const char *message,
                    const char *text)
{
    begin(junit, element);
    attribute(junit, "type", type);
    attribute(junit, "message", message);
    xmlTextWriterWriteString(junit->xml, BAD_CAST(text ? text : ""));
    end(junit);
}

static void put_outcome(const struct junit *junit, const struct case_result *one)
{
    static const char *const elements[VERDICTS] = {"system-out", "failure", "error", "skipped"};
    cleanup_free char *text = brief_text(one, junit->options, false);
    if (one->verdict == PASSED) { /* and lost points */
        xmlTextWriterWriteElement(junit->xml, BAD_CAST "system-out", BAD_CAST(text ? text : ""));
        return;
    }
    cleanup_free char *why = brief_why(one, junit->options);
    outcome(junit, elements[one->verdict], verdict_word(one->verdict), why, text);
}

static void put_case(const struct junit *junit, const struct case_result *one)
{
    struct brief_place place = brief_place(one);
    begin(junit, "testcase");
    attribute(junit, "classname", one->group);
    attribute(junit, "name", one->id);
    seconds(junit, one->seconds);
    if (place.file && !junit->is_strict) {
        cleanup_free char *path = brief_path(junit->result, place.file);
        attribute(junit, "file", path);
        number(junit, "line", (size_t)place.line);
    }
    if (brief_is_lost(one))
        put_outcome(junit, one);
    end(junit);
}

static bool is_of(const struct case_result *one, const struct result_group *group)
{
    return strcmp(one->group ? one->group : "", group->name ? group->name : "") == 0;
}

static struct counts count_group(const struct junit *junit, const struct result_group *group)
{
    struct counts counts = {.failures = group->counts[FAILED],
                            .errors = group->counts[BROKEN],
                            .skipped = group->counts[SKIPPED]};
    for (size_t i = 0; i < junit->result->count; i++) {
        if (!is_of(&junit->result->cases[i], group))
            continue;
        counts.tests++;
        counts.seconds += junit->result->cases[i].seconds;
    }
    return counts;
}

static void put_counts(const struct junit *junit, const char *name, const struct counts *counts)
{
    attribute(junit, "name", name);
    number(junit, "tests", counts->tests);
    number(junit, "failures", (size_t)counts->failures);
    number(junit, "errors", (size_t)counts->errors);
}

static void property(const struct junit *junit, const char *name, const char *value)
{
    begin(junit, "property");
    attribute(junit, "name", name);
    attribute(junit, "value", value);
    end(junit);
}

static void put_group(const struct junit *junit, const struct result_group *group)
{
    struct counts counts = count_group(junit, group);
    begin(junit, "testsuite");
    put_counts(junit, group->name, &counts);
    number(junit, "skipped", (size_t)counts.skipped);
    seconds(junit, counts.seconds);
    begin(junit, "properties");
    property(junit, "score", points_text(group->score).text);
    property(junit, "max_score", points_text(group->max_score).text);
    property(junit, "unjudged", points_text(group->unjudged).text);
    end(junit);
    for (size_t i = 0; i < junit->result->count; i++)
        if (is_of(&junit->result->cases[i], group))
            put_case(junit, &junit->result->cases[i]);
    end(junit);
}

static void put_own(const struct junit *junit, const struct own_test *own, const struct counts *counts)
{
    if (counts->tests == 0)
        return;
    begin(junit, "testsuite");
    put_counts(junit, "ipcgrade", counts);
    for (int i = 0; i < OWN_TESTS; i++) {
        if (!*own[i].text)
            continue;
        begin(junit, "testcase");
        attribute(junit, "classname", "ipcgrade");
        attribute(junit, "name", own[i].name);
        seconds(junit, 0);
        cleanup_free char *first = strndup(own[i].text, strcspn(own[i].text, "\n"));
        if (own[i].element)
            outcome(junit, own[i].element, own[i].name, first, own[i].text);
        else
            xmlTextWriterWriteElement(junit->xml, BAD_CAST "system-out", BAD_CAST own[i].text);
        end(junit);
    }
    end(junit);
}

static struct counts count_all(const struct result *result, const struct counts *own)
{
    struct counts all = *own;
    all.seconds = result->seconds;
    all.tests += result->count;
    for (size_t i = 0; i < result->group_count; i++) {
        all.failures += result->groups[i].counts[FAILED];
        all.errors += result->groups[i].counts[BROKEN];
    }
    return all;
}

static bool put_document(const struct junit *junit, const struct own_test *own)
{
    struct counts own_counts = {.failures = *own[OWN_BUILD].text != '\0',
                                .errors = *own[OWN_PARTIAL].text != '\0'};
    for (int i = 0; i < OWN_TESTS; i++)
        own_counts.tests += *own[i].text != '\0';
    struct counts all = count_all(junit->result, &own_counts);
    xmlTextWriterSetIndent(junit->xml, 1);
    xmlTextWriterStartDocument(junit->xml, NULL, "UTF-8", NULL);
    begin(junit, "testsuites");
    put_counts(junit, junit->result->assignment[0], &all);
    seconds(junit, all.seconds);
    put_own(junit, own, &own_counts);
    for (size_t i = 0; i < junit->result->group_count; i++)
        put_group(junit, &junit->result->groups[i]);
    end(junit);
    return xmlTextWriterEndDocument(junit->xml) >= 0;
}

static bool write_dialect(FILE *to, const struct result *result, const struct report_options *options,
                          bool is_strict)
{
    struct own_test own[OWN_TESTS] = {[OWN_BUILD] = {"build", "failure", brief_build(result)},
                                      [OWN_PARTIAL] = {"partial", "error", brief_partial(result)},
                                      [OWN_FINDINGS] = {"findings", NULL, brief_findings(result, options)}};
    bool are_made = true;
    for (int i = 0; i < OWN_TESTS; i++)
        are_made = are_made && own[i].text;
    xmlBufferPtr buffer = xmlBufferCreate();
    struct junit junit = {buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL, result, options, is_strict};
    bool is_written = junit.xml && are_made && put_document(&junit, own);
    xmlFreeTextWriter(junit.xml);
    is_written = is_written && fputs((const char *)xmlBufferContent(buffer), to) >= 0;
    if (buffer)
        xmlBufferFree(buffer);
    for (int i = 0; i < OWN_TESTS; i++)
        free(own[i].text);
    return is_written;
}

static bool write_junit(FILE *to, const struct result *result, const struct report_options *options)
{
    return write_dialect(to, result, options, false);
}

static bool write_strict(FILE *to, const struct result *result, const struct report_options *options)
{
    return write_dialect(to, result, options, true);
}

const struct writer writer_junit = {
    .name = "junit",
    .law = "JUnit XML for GitLab, Jenkins and others",
    .is_live = true,
    .write = write_junit,
};

const struct writer writer_junit_strict = {
    .name = "junit-strict",
    .law = "JUnit XML that Jenkins' xunit plugin accepts: without file and line",
    .is_live = true,
    .write = write_strict,
};
