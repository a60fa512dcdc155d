/* What `ipcgrade trace` tells once, or not at all: the search for a program along PATH, a circle that was told when it came, how programs of the system are written. */
#include "commands/traced.h"

static size_t times(const struct bytes *bytes, const char *text)
{
    size_t count = 0;
    for (const char *at = bytes_text(bytes); (at = strstr(at, text)); at++)
        count++;
    return count;
}

/* Of three folders the last one has it: what came before is no news. */
START_TEST(a_search_that_finds_is_one_line)
{
    struct outcome outcome = TRACE("--", "/usr/bin/env", "PATH=/none/1:/none/2:/usr/bin:/bin", "true");
    says(&outcome.out, "execve(\"/usr/bin/true\", [\"true\"]) = 0");
    ck_assert_uint_eq(times(&outcome.out, "ENOENT"), 0);
    says(&outcome.out, "failed: 0,");
    bytes_free(&outcome.out);
}
END_TEST

START_TEST(a_search_in_vain_is_one_line)
{
    struct outcome outcome = TRACE("--", "/usr/bin/env", "PATH=/none/1:/none/2:/none/3", "no-such-program");
    ck_assert_uint_eq(times(&outcome.out, "= -1 ENOENT"), 1);
    says(&outcome.out, "/none/3/no-such-program");
    says(&outcome.out, "(the last of 3 tries along PATH)");
    says(&outcome.out, "failed: 1,");
    bytes_free(&outcome.out);
}
END_TEST

/* Two programs after each other, neither of which is there: two lines. */
START_TEST(another_program_is_another_search)
{
    struct outcome outcome = TRACE("--", "sh", "-c", "env PATH=/none no-1; env PATH=/none no-2; exit 0");
    ck_assert_uint_eq(times(&outcome.out, "= -1 ENOENT"), 2);
    bytes_free(&outcome.out);
}
END_TEST

START_TEST(a_circle_is_told_once)
{
    char program[PATH_MAX + 32];
    snprintf(program, sizeof program, "%s/corpus/talks_by_streams", programs);
    struct outcome outcome = TRACE("--quiet", "--until-idle", "--", program);
    ck_assert_uint_eq(times(&outcome.out, "None of them can go on."), 1);
    ck_assert_uint_eq(times(&outcome.out, "error: deadlock, as told above: ["), 1);
    says(&outcome.out, "are still in the buffer of its stream of that descriptor (fflush() writes them)");
    bytes_free(&outcome.out);
}
END_TEST

/* A shell that closes what it has closed already is no concern of who wrote the script; the same in a program of his own is. */
START_TEST(the_code_of_the_system_is_nobodys_business)
{
    char program[PATH_MAX + 32];
    snprintf(program, sizeof program, "%s/corpus/closes_twice", programs);
    struct outcome shell = TRACE("--quiet", "--", "bash", "-c", "read word < <(echo one); echo $word"),
                   own = TRACE("--quiet", "--", program);
    ck_assert_uint_eq(times(&shell.out, "double-close"), 0);
    says(&own.out, "double-close");
    bytes_free(&shell.out);
    bytes_free(&own.out);
}
END_TEST

/* What was not held against every rule is no proof that nothing is wrong: whoever reads the end, the JSON or the page is told. */
START_TEST(a_rule_that_gave_up_is_told)
{
    char program[PATH_MAX + 32];
    const char *gap = "the program made so many calls that not each was held against every rule";
    snprintf(program, sizeof program, "%s/programs/behaves", programs);
    struct outcome flood = TRACE("--quiet", "--", program, "floods", "10500"),
                   few = TRACE("--quiet", "--", program, "floods", "10"),
                   json = TRACE("--quiet", "--format", "json", "--", program, "floods", "10500"),
                   page = TRACE("--quiet", "--format", "html", "--", program, "floods", "10500");
    ck_assert_uint_eq(times(&flood.out, gap), 1);
    ck_assert_uint_eq(times(&few.out, gap), 0);
    says(&json.out, "\"is_complete\": false");
    says(&page.out, gap);
    bytes_free(&flood.out);
    bytes_free(&few.out);
    bytes_free(&json.out);
    bytes_free(&page.out);
}
END_TEST

/* The kernel finds out too late that a program is to lie where no process has addresses. */
START_TEST(a_program_that_cannot_be_loaded)
{
    char program[PATH_MAX + 32];
    snprintf(program, sizeof program, "%s/corpus/executes_nowhere", programs);
    struct outcome child = TRACE("--quiet", "--", program), own = TRACE("--quiet", "--", program, "alone");
    says(&child.out, " when it was to execute a program: its file asks for");
    ck_assert_uint_eq(times(&child.out, "touched address"), 0);
    says(&own.out, "was killed by SIGSEGV when ");
    bytes_free(&child.out);
    bytes_free(&own.out);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, a_program_that_cannot_be_loaded);
    tcase_add_test(tests, a_rule_that_gave_up_is_told);
    tcase_add_test(tests, a_search_that_finds_is_one_line);
    tcase_add_test(tests, a_search_in_vain_is_one_line);
    tcase_add_test(tests, another_program_is_another_search);
    tcase_add_test(tests, a_circle_is_told_once);
    tcase_add_test(tests, the_code_of_the_system_is_nobodys_business);
}

int main(void)
{
    return run_traced("trace, told", add);
}
