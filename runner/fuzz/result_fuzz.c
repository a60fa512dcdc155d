/* The reader of results under a fuzzer: the input is what a worker process has sent, which may have been led astray. What is read is written and
 * read again, and must be the same.
 */
#include "fuzz/fuzz.h"

#include "base/err.h"
#include "result/result_json.h"

static void check_again(const struct case_result *read)
{
    struct case_result again;
    struct err err = {0};
    char *first = case_result_to_json(read);
    must(first != NULL, "what was read can be written");
    must(case_result_from_json(&again, first, strlen(first), &err), "what was written can be read");
    char *second = case_result_to_json(&again);
    must(second && strcmp(first, second) == 0, "it is the same");
    free(first);
    free(second);
    case_result_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct case_result read;
    struct err err = {0};
    if (case_result_from_json(&read, (const char *)data, size, &err))
        check_again(&read);
    else
        must(err.text[0] != '\0', "what is refused is refused with words");
    case_result_free(&read);
    return 0;
}
