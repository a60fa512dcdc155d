/* For the tests of the terminal report: results made up from JSON, and the report on them as text. */
#ifndef IPCGRADE_REPORT_MADE_UP_H
#define IPCGRADE_REPORT_MADE_UP_H

#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/run_test.h"
#include "report/writer.h"
#include "result/result_json.h"
#include "result/score.h"

/* A result as JSON is the shortest way to write one down; result_json_test checks the reading. */
#define RESULT_HEAD                                                                                          \
    "{\"assignment\":\"Pipes\",\"assignment_ko\":\"파이프\",\"submission\":\"sub/"                        \
    "dir\",\"verdict\":\"failed\",\"score\":0,"                                                              \
    "\"max_score\":20,\"unjudged\":0,\"planned\":%d,\"partial\":%s,\"seed\":1,\"seconds\":1,\"groups\":[],"  \
    "\"build\":{\"ok\":%s,\"status\":2,\"output\":\"x.c:3:1: error: expected ';'\"},\"cases\":["
#define CASE(id, verdict, score, reason, more)                                                                \
    "{\"id\":\"" id "\",\"title\":\"Title of " id                                                             \
    "\",\"title_ko\":\"제목\",\"group\":\"pipe\",\"program\":\"prog\",\"case_file\":"                       \
    "\"cases/" id ".yaml\",\"verdict\":\"" verdict "\",\"score\":" score                                      \
    ",\"max_score\":2.5,\"reason\":" reason ",\"hint\":\"Close the write end.\",\"hint_ko\":\"쓰는 쪽을 " \
    "닫아라.\",\"see\":[\"pipe(7)\",\"close(2)\"]" more "}"
#define NO_EVENTS ",\"events\":[]"
#define FAILURE(expected, seen)                                                                              \
    ",\"failures\":[{\"step\":3,\"line\":9,\"text\":\"expect: {p: {stdout: x}}\",\"cause\":\"After peer "    \
    "closed r (step 3) everything "                                                                          \
    "came to rest.\",\"expected\":\"" expected "\",\"seen\":\"" seen                                         \
    "\"}],\"actors\":[{\"name\":\"p\",\"pid\":2,\"program\":\"prog\","                                       \
    "\"state\":\"blocked in "                                                                                \
    "read(4)\",\"file\":\"prog.c\",\"line\":77},{\"name\":\"peer\",\"pid\":3,\"program\":\"puppet\","        \
    "\"state\":"                                                                                             \
    "\"waits\"}],"                                                                                           \
    "\"events\":[{\"actor\":\"p\",\"pid\":2,\"time_ns\":5,\"text\":\"pipe([4, 5]) = "                        \
    "0\",\"file\":\"prog.c\",\"line\":31},"                                                                  \
    "{\"actor\":\"peer\",\"pid\":3,\"time_ns\":6,\"text\":\"close(7) = 0\"},"                                \
    "{\"actor\":\"p\",\"pid\":2,\"time_ns\":7,\"text\":\"read(4, "                                           \
    "...\",\"unfinished\":true,\"file\":\"prog.c\",\"line\":77}],"                                           \
    "\"left\":[{\"kind\":\"FIFO\",\"name\":\"box\",\"about\":\"mode 0600\",\"made_by\":\"p: "                \
    "mknod\",\"file\":\"prog.c\",\"line\":12}]"

static inline void use_utf8(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

static inline struct result made_up(const char *cases, int planned, bool is_built)
{
    struct result result;
    struct err err = {0};
    cleanup_free char *text = NULL, *head = NULL;
    ck_assert_int_gt(asprintf(&head, RESULT_HEAD, planned, "false", is_built ? "true" : "false"), 0);
    ck_assert_int_gt(asprintf(&text, "%s%s]}", head, cases), 0);
    ck_assert_msg(result_from_json(&result, text, strlen(text), &err), "%s", err.text);
    ck_assert(result_total(&result));
    result.is_partial = (size_t)planned > result.count;
    return result;
}

/* The terminal report on the result, in memory of its own. Never inlined: gcc 12 would take what open_memstream() has put into
 * `text` for the address of `text`, and warn of it. */
__attribute__((noinline, unused)) static char *report_on(const struct result *result,
                                                         struct report_options options)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    ck_assert(writer_terminal.write(memory, result, &options));
    fclose(memory);
    return text;
}

static inline char *report(const char *cases, int planned, struct report_options options)
{
    struct result result = made_up(cases, planned, true);
    char *text = report_on(&result, options);
    result_free(&result);
    return text;
}

static const struct report_options plain = {.width = 80};

static inline void assert_order(const char *text, const char *const *parts)
{
    for (; *parts; parts++) {
        const char *at = strstr(text, *parts);
        ck_assert_msg(at != NULL, "'%s' is missing, or in the wrong place, in:\n%s", *parts, text);
        text = at + strlen(*parts);
    }
}

#define A_FAILURE                                                                                            \
    CASE("pipe/eof", "failed", "0", "\"it waits\"",                                                          \
         FAILURE("p prints \\\"hello\\\\n\\\"", "p printed \\\"help\\\\n\\\""))

#endif
