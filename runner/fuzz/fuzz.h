/* What the fuzz targets share: an input read piece by piece, and the program that a target is without libFuzzer.
 *
 * With clang and -fsanitize=fuzzer a target is driven by libFuzzer (fuzz.sh builds it so, with -DWITH_FUZZER). Built like any other program it
 * takes the files that it is given once: enough to see a finding again, under a debugger or Valgrind.
 *
 * A target says what must hold with must(); libFuzzer takes the abort for a finding.
 */
#ifndef IPCGRADE_FUZZ_FUZZ_H
#define IPCGRADE_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__attribute__((noinline)) static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: does not hold: %s\n", what);
    abort();
}

/* The rest of an input. What is taken behind its end is 0. */
struct feed {
    const uint8_t *data;
    size_t size;
};

static inline void feed_take(struct feed *input, void *to, size_t len)
{
    size_t there = len < input->size ? len : input->size;
    memset(to, 0, len);
    if (there > 0)
        memcpy(to, input->data, there);
    input->data += there;
    input->size -= there;
}

static inline uint8_t feed_byte(struct feed *input)
{
    uint8_t byte;
    feed_take(input, &byte, sizeof byte);
    return byte;
}

static inline uint64_t feed_number(struct feed *input)
{
    uint64_t number;
    feed_take(input, &number, sizeof number);
    return number;
}

#ifndef WITH_FUZZER

enum { INPUT_MOST = 1 << 20 };

static int take_file(const char *path)
{
    static uint8_t bytes[INPUT_MOST];
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
        status |= take_file(argv[i]);
    return status;
}

#endif
#endif
