/* Growing bytes. */
#include "base/bytes.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"

START_TEST(nothing_yet)
{
    struct bytes bytes = {0};
    ck_assert_str_eq(bytes_text(&bytes), "");
    ck_assert_ptr_null(bytes.data);
    bytes_clear(&bytes);
    bytes_free(&bytes);
    bytes_free(&bytes);
    ck_assert(bytes_add(&bytes, NULL, 0, 0)); /* nothing fits everywhere */
    ck_assert_str_eq(bytes_text(&bytes), "");
    ck_assert_uint_eq(bytes.len, 0);
    bytes_free(&bytes);
}
END_TEST

START_TEST(it_grows_and_is_always_ended)
{
    struct bytes bytes = {0};
    for (size_t i = 0; i < 10000; i++) {
        char c = (char)i;
        ck_assert(bytes_add(&bytes, &c, 1, SIZE_MAX / 4));
        ck_assert_uint_eq(bytes.len, i + 1);
        ck_assert_int_eq(bytes.data[i + 1], '\0');
    }
    for (size_t i = 0; i < 10000; i++)
        ck_assert_int_eq(bytes.data[i], (char)i);
    bytes_free(&bytes);
    ck_assert_ptr_null(bytes.data);
    ck_assert_uint_eq(bytes.len, 0);
}
END_TEST

START_TEST(never_more_than_the_most)
{
    struct bytes bytes = {0};
    ck_assert(bytes_add(&bytes, "abc", 3, 5));
    ck_assert(!bytes_add(&bytes, "def", 3, 5)); /* what still fits is added */
    ck_assert_str_eq(bytes.data, "abcde");
    ck_assert(!bytes_add(&bytes, "f", 1, 5));
    ck_assert(!bytes_add(&bytes, "f", 1, 3)); /* a most that is passed already takes nothing away */
    ck_assert_str_eq(bytes.data, "abcde");
    ck_assert(bytes_add(&bytes, "", 0, 3));
    ck_assert(bytes_add(&bytes, "f", 1, 6));
    ck_assert_str_eq(bytes.data, "abcdef");
    bytes_free(&bytes);
}
END_TEST

START_TEST(printed)
{
    struct bytes bytes = {0};
    ck_assert(bytes_print(&bytes, "%s", ""));
    ck_assert_ptr_nonnull(bytes.data);
    ck_assert(bytes_print(&bytes, "%d-%s", 7, "x"));
    ck_assert(bytes_print(&bytes, "%*d", 3000, 1));
    ck_assert_uint_eq(bytes.len, 3 + 3000);
    ck_assert_mem_eq(bytes.data, "7-x ", 4);
    ck_assert_int_eq(bytes.data[3002], '1');
    bytes_free(&bytes);
}
END_TEST

START_TEST(cleared_keeps_its_room)
{
    struct bytes bytes = {0};
    ck_assert(bytes_add(&bytes, "a\0b", 3, 100));
    ck_assert_uint_eq(bytes.len, 3);
    const char *data = bytes.data;
    bytes_clear(&bytes);
    ck_assert_uint_eq(bytes.len, 0);
    ck_assert_str_eq(bytes_text(&bytes), "");
    ck_assert(bytes_add(&bytes, "xy", 2, 100));
    ck_assert_ptr_eq(bytes.data, data);
    ck_assert_str_eq(bytes.data, "xy");
    bytes_free(&bytes);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bytes");
    tcase_add_test(tests, nothing_yet);
    tcase_add_test(tests, it_grows_and_is_always_ended);
    tcase_add_test(tests, never_more_than_the_most);
    tcase_add_test(tests, printed);
    tcase_add_test(tests, cleared_keeps_its_room);
    Suite *suite = suite_create("bytes");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
