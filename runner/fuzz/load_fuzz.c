/* The loader of cases under a fuzzer.
 *
 * With clang and -fsanitize=fuzzer this is a libFuzzer target (fuzz.sh builds it so). Built like any other program, without
 * -DWITH_FUZZER, it loads the files that it is given once: enough to see a finding again, under a debugger or Valgrind.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/explain.h"
#include "cases/memory_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_case loaded;
    memory_case_load(&loaded, (const char *)data, size);
    if (loaded.is_right) {
        FILE *nowhere = fopen("/dev/null", "we");
        if (nowhere) {
            explain_case(nowhere, &loaded.scenario, ENGLISH);
            fclose(nowhere);
        }
        for (size_t i = 0; i < loaded.scenario.step_count; i++)
            free(scenario_step_text(&loaded.scenario, i));
    } else if (loaded.complaints.count == 0) {
        abort(); /* refused without a word */
    }
    memory_case_free(&loaded);
    return 0;
}

#ifndef WITH_FUZZER

static int load_file(const char *path)
{
    static uint8_t bytes[DOCUMENT_BYTES_MAX + 1];
    FILE *file = fopen(path, "re");
    if (!file) {
        perror(path);
        return EXIT_FAILURE;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return LLVMFuzzerTestOneInput(bytes, size);
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    for (int i = 1; i < argc; i++)
        status |= load_file(argv[i]);
    return status;
}

#endif
