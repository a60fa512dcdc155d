/* The loader of an assignment under a fuzzer: the input is assignment.yaml. */
#include "fuzz/fuzz.h"

#include "cases/complaint.h"
#include "cases/scenario_read.h"

static void check_assignment(const struct assignment *assignment)
{
    must(assignment->build != NULL, "there is a command to build with");
    for (size_t i = 0; i < assignment->program_count; i++)
        must(assignment->programs[i].name && *assignment->programs[i].name, "programs have names");
    for (size_t i = 0; i < assignment->group_count; i++)
        must(assignment->groups[i].name && assignment->groups[i].points >= 0,
             "groups have names, and take no points away");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct complaints complaints = {0};
    struct document document;
    struct assignment assignment;
    struct reader reader = {.arena = arena, .complaints = &complaints, .file = "assignment.yaml"};
    must(arena != NULL, "memory is there");
    bool has_tree = document_parse(&document, arena, &complaints, reader.file, (const char *)data, size);
    reader.errors = complaints_have_error(&complaints, 0);
    if (has_tree) {
        assignment_read(&reader, &document, "/nowhere", &assignment);
        if (!complaints_have_error(&complaints, 0))
            check_assignment(&assignment);
    }
    must(has_tree || complaints.count > 0, "what is refused is refused with words");
    complaints_free(&complaints);
    arena_free(arena);
    return 0;
}
