/* The loader of cases, and what tells a loaded case in prose, under a fuzzer: the input is a case file. */
#include "fuzz/fuzz.h"

#include "cases/explain.h"
#include "cases/memory_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_case loaded;
    memory_case_load(&loaded, (const char *)data, size);
    must(loaded.is_right || loaded.complaints.count > 0, "what is refused is refused with words");
    if (loaded.is_right) {
        FILE *nowhere = fopen("/dev/null", "we");
        if (nowhere) {
            explain_case(nowhere, &loaded.scenario, ENGLISH);
            fclose(nowhere);
        }
        for (size_t i = 0; i < loaded.scenario.step_count; i++)
            free(scenario_step_text(&loaded.scenario, i));
    }
    memory_case_free(&loaded);
    return 0;
}
