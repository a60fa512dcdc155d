/* Broken input: whatever the bytes are, the loader ends with a case or with a reason.
 *
 * Every prefix of real cases, and real cases with bytes changed, dropped, doubled at places from a fixed seed, so that a failure
 * comes again. It is the sanitizers' build that makes most of this test (make san); the fuzzer goes on where it stops.
 */
#include <check.h>
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "cases/explain.h"
#include "cases/memory_case.h"

enum { MUTATIONS = 60, FILE_MAX = 16 * 1024 };

static void read_case(const char *path, struct bytes *text)
{
    cleanup_file FILE *file = fopen(path, "re");
    char block[FILE_MAX];
    ck_assert(file != NULL);
    bytes_add(text, block, fread(block, 1, sizeof block, file), FILE_MAX);
}

/* A case without an error can be told and quoted; one with an error says at least one thing, at a place. */
static void load(const char *bytes, size_t len)
{
    struct memory_case loaded;
    memory_case_load(&loaded, bytes, len);
    for (size_t i = 0; i < loaded.complaints.count; i++) {
        ck_assert_int_ge(loaded.complaints.items[i].at.line, 1);
        ck_assert_int_ge(loaded.complaints.items[i].at.column, 1);
        ck_assert_int_ne(loaded.complaints.items[i].text[0], '\0');
    }
    if (loaded.is_right) {
        cleanup_file FILE *nowhere = fopen("/dev/null", "we");
        explain_case(nowhere, &loaded.scenario, KOREAN);
        for (size_t i = 0; i < loaded.scenario.step_count; i++)
            free(scenario_step_text(&loaded.scenario, i));
    } else {
        ck_assert_uint_gt(loaded.complaints.count, 0);
    }
    memory_case_free(&loaded);
}

static const char *const files[] = {
    "fixtures/good-cases/fifo/enxio.yaml",        "fixtures/good-cases/fifo/server_client_gone.yaml",
    "fixtures/good-cases/coproc/sigpipe.yaml",    "fixtures/good-cases/shm/read_only.yaml",
    "fixtures/good-cases/pipe/atomic_lines.yaml",
};

START_TEST(every_prefix)
{
    cleanup_bytes struct bytes text = {0};
    read_case(files[_i], &text);
    for (size_t len = 0; len <= text.len; len++) {
        /* A copy of its own, so that a read beyond the end is seen. */
        char *prefix = malloc(len + 1);
        memcpy(prefix, text.data, len);
        load(prefix, len);
        free(prefix);
    }
}
END_TEST

/* xorshift: a fixed seed, the same bytes each time. */
static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void mutate(char *bytes, size_t *len, uint32_t *seed)
{
    static const char signs[] = "{}[]:,-#'\"\\\n \t<>&*!%@\0\x80\xff";
    size_t at = next(seed) % *len;
    switch (next(seed) % 4) {
    case 0: bytes[at] = (char)next(seed); break;
    case 1: bytes[at] = signs[next(seed) % (sizeof signs - 1)]; break;
    case 2:
        memmove(bytes + at, bytes + at + 1, *len - at - 1);
        *len -= *len > 1;
        break;
    case 3: {
        size_t from = next(seed) % *len, count = next(seed) % 8;
        count = count < *len - from ? count : *len - from;
        count = count < *len - at ? count : *len - at;
        memmove(bytes + at, bytes + from, count);
        break;
    }
    }
}

START_TEST(changed_bytes)
{
    glob_t found;
    ck_assert_int_eq(glob("fixtures/good-cases/*/*.yaml", 0, NULL, &found), 0);
    uint32_t seed = 2463534242u + (uint32_t)_i;
    for (size_t i = (size_t)_i; i < found.gl_pathc; i += 4) {
        cleanup_bytes struct bytes text = {0};
        read_case(found.gl_pathv[i], &text);
        for (int k = 0; k < MUTATIONS; k++) {
            size_t len = text.len;
            char *bytes = malloc(len);
            memcpy(bytes, text.data, len);
            for (uint32_t changes = next(&seed) % 4 + 1; changes > 0; changes--)
                mutate(bytes, &len, &seed);
            load(bytes, len);
            free(bytes);
        }
    }
    globfree(&found);
}
END_TEST

/* As many names, keys, words and references as fit into a file: none of it may take long. Check ends a test that does. */
START_TEST(crowded_files)
{
    static const struct {
        const char *head, *item; /* %zu in the item: its number */
    } rows[] = {
        {"title: t\ngiven: {", "a%zu: fifo, "},
        {"title: t\npuppets: [", "a%zu, "},
        {"title: t\nsteps:\n  - start: {p: [prog", ", <a%zu>"},
        {"title: t\nsteps:\n", "  - start: {a%zu: [prog]}\n"},
        {"title: t\nsteps:\n", "  - expect: {p%zu: {stdot: x}}\n"},
        {"title: t\nsteps:\n  - start: {p: [p]}\n", "  - do: {peer: {open: box%zu, flags: O_RDONL}}\n"},
    };
    char *text = calloc(1, DOCUMENT_BYTES_MAX + 1);
    size_t len = (size_t)snprintf(text, DOCUMENT_BYTES_MAX, "%s", rows[_i].head);
    for (size_t i = 0; len + 64 < DOCUMENT_BYTES_MAX; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        const char *hole = strstr(rows[_i].item, "%zu");
        len += (size_t)snprintf(text + len, 64, "%.*s%s%s", (int)(hole - rows[_i].item), rows[_i].item,
                                number, hole + 3);
    }
    if (_i < 3)
        len += (size_t)snprintf(text + len, 64, "%s", _i == 0 ? "}\n" : _i == 1 ? "]\n" : "]}\n");
    load(text, len);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robust");
    TCase *tests = tcase_create("robust");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_prefix, 0, 5);
    tcase_add_loop_test(tests, changed_bytes, 0, 4);
    TCase *quick = tcase_create("quick");
    tcase_add_loop_test(quick, crowded_files, 0, 6);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, quick);
    return run_suite(suite);
}
