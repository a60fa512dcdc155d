/* A case out of memory, for tests and for the fuzzer: no file, no assignment.
 *
 * Layer: cases, for tests only.
 */
#ifndef IPCGRADE_CASES_MEMORY_CASE_H
#define IPCGRADE_CASES_MEMORY_CASE_H

#include <string.h>

#include "cases/complaint.h"
#include "cases/scenario_read.h"

struct memory_case {
    struct arena *arena;
    struct complaints complaints;
    struct document document;
    struct scenario scenario;
    bool is_right; /* without an error */
};

/* The file is called "case.yaml", the case "group/case". Let go with memory_case_free(). */
static inline void memory_case_load(struct memory_case *loaded, const char *bytes, size_t len)
{
    *loaded = (struct memory_case){.arena = arena_new(), .scenario = {.id = "group/case", .group = "group"}};
    struct reader reader = {.arena = loaded->arena, .complaints = &loaded->complaints, .file = "case.yaml"};
    bool has_tree =
        document_parse(&loaded->document, loaded->arena, &loaded->complaints, reader.file, bytes, len);
    reader.errors = complaints_have_error(&loaded->complaints, 0);
    if (has_tree)
        scenario_read(&reader, &loaded->document, &loaded->scenario);
    complaints_sort(&loaded->complaints);
    loaded->is_right = !complaints_have_error(&loaded->complaints, 0);
}

static inline void memory_case_load_text(struct memory_case *loaded, const char *text)
{
    memory_case_load(loaded, text, strlen(text));
}

static inline void memory_case_free(struct memory_case *loaded)
{
    complaints_free(&loaded->complaints);
    arena_free(loaded->arena);
}

#endif
