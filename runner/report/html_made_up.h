/* For the tests of the HTML report: pages on made up results. */
#ifndef IPCGRADE_REPORT_HTML_MADE_UP_H
#define IPCGRADE_REPORT_HTML_MADE_UP_H

#include "report/made_up.h"

static const struct report_options english = {.width = 80, .has_utf8 = true};

/* Never inlined: see report_on(). */
__attribute__((noinline, unused)) static char *page_on(const struct result *result)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    ck_assert(writer_html.write(memory, result, &english));
    fclose(memory);
    ck_assert_uint_eq(strlen(text), len); /* no NUL */
    return text;
}

static inline char *page_of(const char *cases, int planned, bool is_built)
{
    struct result result = made_up(cases, planned, is_built);
    char *text = page_on(&result);
    result_free(&result);
    return text;
}

static const char *const hostile[] = {
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"onmouseover=\"alert(1)\" '><b",
    "<!-- ]]> --> <![CDATA[ <?x ?> &amp; &#0; &x",
    "</style></title></textarea></details></html>",
    "\x01\x02\x1b[2J\x7f \xff\xfe \xc3( \xed\xa0\x80",
    "\xe2\x80\xae gnp.exe \xe2\x81\xa6",
    "\xe2\x80\xa8 \xe2\x80\xa9 \\u003c\\",
};

/* What `peer` writes, p reads, which had waited for it since before; it stands in another read at the end. */
#define TALK                                                                                                 \
    ",\"failures\":[{\"step\":3,\"line\":9,\"seen\":\"s\"}],\"actors\":[{\"name\":\"p\",\"pid\":2,"          \
    "\"program\":\"prog\"},"                                                                                 \
    "{\"name\":\"peer\",\"pid\":3,\"program\":\"puppet\"}],\"events\":["                                     \
    "{\"actor\":\"peer\",\"pid\":3,\"time_ns\":6,\"text\":\"write(7, \\\"abc\\\", 3) = 3\",\"bytes\":3},"    \
    "{\"actor\":\"p\",\"pid\":2,\"time_ns\":5,\"text\":\"read(4, \\\"abc\\\", 9) = "                         \
    "3\",\"bytes\":3,\"object\":"                                                                            \
    "\"box\",\"giver\":1,\"began\":1,\"file\":\"prog.c\",\"line\":2},"                                       \
    "{\"actor\":\"p\",\"pid\":2,\"time_ns\":7,\"text\":\"read(4, ...\",\"unfinished\":true}],"               \
    "\"waits\":[{\"pid\":2,\"who\":\"p\",\"call\":\"read\",\"text\":\"w\",\"cycle\":true,\"helpers\":[{"     \
    "\"pid\":3,"                                                                                             \
    "\"who\":\"peer\",\"help\":\"write_end\",\"fd\":7,\"wait\":2}]},{\"pid\":3,\"who\":\"peer\",\"call\":"   \
    "\"read\","                                                                                              \
    "\"text\":\"w\",\"cycle\":true,\"helpers\":[{\"pid\":2,\"who\":\"p\",\"help\":\"write_end\",\"fd\":7,"   \
    "\"wait\":1}]"                                                                                           \
    "}],\"left\":[{\"kind\":\"FIFO\",\"name\":\"box\"}]"
#define A_TALK CASE("pipe/talk", "failed", "0", "\"it waits\"", TALK)

#endif
