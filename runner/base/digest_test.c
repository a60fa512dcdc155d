/* Digests: the values that the algorithm's authors publish, and files. */
#include "base/digest.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"

/* draft-eastlake-fnv, its test vectors. */
static const struct {
    const char *text;
    uint64_t digest;
} rows[] = {
    {"", UINT64_C(0xcbf29ce484222325)},
    {"a", UINT64_C(0xaf63dc4c8601ec8c)},
    {"foobar", UINT64_C(0x85944171f73967e8)},
};

START_TEST(published_values)
{
    uint64_t digest = digest_add(DIGEST_EMPTY, rows[_i].text, strlen(rows[_i].text));
    ck_assert_uint_eq(digest, rows[_i].digest);
}
END_TEST

START_TEST(a_file_is_its_bytes)
{
    cleanup_fd int fd = memfd_create("digest", MFD_CLOEXEC);
    uint64_t digest = 0;
    ck_assert(digest_file(fd, &digest) && digest == DIGEST_EMPTY);
    ck_assert_int_eq(write(fd, "foobar", 6), 6);
    ck_assert(digest_file(fd, &digest));
    ck_assert_uint_eq(digest, UINT64_C(0x85944171f73967e8));
    ck_assert_int_eq(ftruncate(fd, 100000), 0); /* more than one piece */
    ck_assert(digest_file(fd, &digest));
    char zeros[100000 - 6] = {0};
    ck_assert_uint_eq(digest, digest_add(UINT64_C(0x85944171f73967e8), zeros, sizeof zeros));
    ck_assert_int_eq((int)lseek(fd, 0, SEEK_CUR), 6);
    ck_assert(!digest_file(-1, &digest));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tests = tcase_create("digest");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, published_values, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, a_file_is_its_bytes);
    return run_suite(suite);
}
