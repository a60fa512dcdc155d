/* Building real submissions, friendly and hostile, as root and as an ordinary user. */
#include "sandbox/build.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/cargo.h"

enum { NOBODY = 65534, WORLDS = 3 };

static char place[] =
    "/tmp/ipcgrade-build-test-XXXXXX"; /* of one check, which runs in a process of its own */

/* 0: an ordinary user; 1: root, or whoever we are; 2: no namespace at all. */
static void enter_world(int which)
{
    umask(022);
    if (which == 2)
        setenv("IPCGRADE_WITHOUT", "user,pid,mount,ipc,net,uts", 1);
    if (geteuid() == 0 && which == 0) {
        ck_assert_int_eq(setgid(NOBODY), 0);
        ck_assert_int_eq(setuid(NOBODY), 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static const char makefile[] = "CFLAGS = -Wall -O1\nall: good bad\n";
static const char good[] = "#include <stdio.h>\nint main(void) { puts(\"good\"); return 0; }\n";

static void build(const struct build_request *like, struct build_outcome *outcome)
{
    struct build_request request = *like;
    struct err err = {0};
    request.submission = place;
    ck_assert_msg(build_submission(&request, outcome, &err), "%s", err.text);
}

static void leave_world(struct build_outcome *outcome)
{
    char command[128];
    build_outcome_free(outcome);
    snprintf(command, sizeof command, "rm -rf %s", place);
    ck_assert_int_eq(system(command), 0);
}

static int run_command(const char *before, int program, const char *after)
{
    char command[512];
    snprintf(command, sizeof command, "%s/proc/%d/fd/%d%s", before, (int)getpid(), program, after);
    return system(command);
}

static const struct build_program good_and_bad[] = {{.name = "good"}, {.name = "bad"}};
static const struct build_request usual = {.programs = good_and_bad, .program_count = 2};

START_TEST(what_compiles_is_taken)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", makefile);
    write_file("good.c", good);
    write_file("bad.c", "int main(void) { return nothing; }\n");
    build(&usual, &outcome);
    ck_assert(!outcome.is_ok);
    ck_assert_int_eq(outcome.status, 2);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "bad.c:1:"));
    ck_assert_int_eq(outcome.programs[1], -1);
    ck_assert_int_ge(outcome.programs[0], 0);
    ck_assert_int_eq(run_command("", outcome.programs[0], " | grep -qx good"), 0);
    ck_assert_int_eq(run_command("readelf -S ", outcome.programs[0], " | grep -q debug_line"), 0);
    if (_i < 2)
        ck_assert_str_eq(outcome.source_root, "/case");
    leave_world(&outcome);
}
END_TEST

/* However a student calls the compiler, and whether he asks for lines or not. */
static const char *const rules_of_students[] = {
    "good: good.c\n\tgcc good.c -o good\n",
    "CC = gcc\nCFLAGS = -O2 -std=c99\ngood: good.o\n\t$(CC) -o $@ $^\n",
    "all:\n\tgcc -c good.c && gcc good.o -o good -lpthread\n",
    "all:\n\tcc -Wall -Werror -O3 -static -o good good.c\n",
    "CXX ?= g++\nall:\n\t$(CXX) -x c++ -o good good.c\n",
    "all:\n\t`ls /usr/bin | grep -x 'gcc-[0-9]*' | tail -n 1` -o good good.c\n",
    "all:\n\tsh build.sh\n",
};

START_TEST(lines_come_without_being_asked_for)
{
    static const struct build_request request = {.programs = good_and_bad, .program_count = 1};
    struct build_outcome outcome;
    enter_world(0);
    write_file("Makefile", rules_of_students[_i]);
    write_file("build.sh", "gcc -o good good.c\n");
    write_file("good.c", good);
    build(&request, &outcome);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_int_eq(run_command("readelf -S ", outcome.programs[0], " | grep -q debug_line"), 0);
    leave_world(&outcome);
}
END_TEST

START_TEST(all_compiles)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", makefile);
    write_file("good.c", good);
    write_file("bad.c", good);
    build(&usual, &outcome);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_int_ge(outcome.programs[1], 0);
    leave_world(&outcome);
}
END_TEST

START_TEST(endless_make)
{
    const struct build_request request = {
        .programs = good_and_bad, .program_count = 2, .wall_seconds = 1, .patience_seconds = 3600};
    struct build_outcome outcome;
    enter_world(_i);
    write_file(
        "Makefile",
        "all:\n\t@echo started; setsid sh -c 'while :; do sleep 1; done' & cat /dev/zero > /dev/null\n");
    build(&request, &outcome);
    ck_assert(outcome.is_timed_out);
    ck_assert(!outcome.is_ok);
    ck_assert_int_eq(outcome.status, -1);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "safety limit"));
    leave_world(&outcome);
}
END_TEST

/* Somebody who stays in the background and keeps the output open does not hold the build up. */
START_TEST(background_is_not_waited_for)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", "all:\n\t@cat /dev/zero > /dev/null & echo done\n");
    build(&usual, &outcome);
    ck_assert(outcome.is_ok);
    ck_assert_str_eq(bytes_text(&outcome.output), "done\n");
    leave_world(&outcome);
}
END_TEST

START_TEST(flood_is_cut)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", "all:\n\t@yes\n");
    build(&usual, &outcome);
    ck_assert(outcome.is_flood);
    ck_assert(outcome.is_cut);
    ck_assert(!outcome.is_timed_out);
    ck_assert_uint_lt(outcome.output.len, BUILD_OUTPUT + 1024);
    leave_world(&outcome);
}
END_TEST

START_TEST(nothing_escapes)
{
    static const struct build_program programs[] = {{.name = "link"},   {.name = "fifo"},  {.name = "text"},
                                                    {.name = "dir"},    {.name = "there"}, {.name = "d/good"},
                                                    {.name = "../good"}};
    const struct build_request request = {.programs = programs, .program_count = 7};
    struct build_outcome outcome;
    enter_world(_i);
    write_file(
        "Makefile",
        "all:\n\tln -s /bin/true link; mkfifo fifo; echo > text; mkdir dir; ln -s /usr/bin d; cat outside\n");
    ck_assert_int_eq(symlink("/etc/passwd", "outside"), 0);
    ck_assert_int_eq(symlink("/bin/true", "there"), 0);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    build(&request, &outcome);
    const char *out = bytes_text(&outcome.output);
    for (size_t i = 0; i < request.program_count; i++)
        ck_assert_int_eq(outcome.programs[i], -1);
    ck_assert_ptr_nonnull(strstr(out, "ipcgrade: outside: left out: a symbolic link\n"));
    ck_assert_ptr_nonnull(strstr(out, "ipcgrade: pipe: left out: not a plain file\n"));
    ck_assert_ptr_nonnull(strstr(out, "cat: outside: No such file or directory"));
    ck_assert_ptr_nonnull(strstr(out, "ipcgrade: link: a symbolic link, not a program\n"));
    ck_assert_ptr_nonnull(strstr(out, "ipcgrade: fifo: not a plain file\n"));
    ck_assert_ptr_nonnull(strstr(out, "ipcgrade: text: not executable\n"));
    leave_world(&outcome);
}
END_TEST

/* A program that was compiled elsewhere would pass for up to date. */
START_TEST(compiled_programs_are_built_anew)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", makefile);
    write_file("good.c", good);
    write_file("bad.c", good);
    ck_assert_int_eq(system("cp /bin/true good"), 0);
    build(&usual, &outcome);
    ck_assert(outcome.is_ok);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "ipcgrade: good: left out: a compiled file"));
    ck_assert_int_eq(run_command("", outcome.programs[0], " | grep -qx good"), 0);
    leave_world(&outcome);
}
END_TEST

/* Which of two files was copied first, and whether the clock has ticked in between, must not tell make what is out of date. */
START_TEST(handed_in_files_are_equally_old)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", "all: good good.c.in\n\t@touch now; for file in good.c good.c.in Makefile; do "
                           "stat -c %Y $$file; [ now -nt $$file ] || echo new; done | sort -u | wc -l; "
                           "find . -name 'good.c*' -newermt 2001-01-01\n"
                           /* What cannot be put into a ZIP makes a right build fail. */
                           "\t@find . -name 'good.c*' ! -newermt '1980-01-01 12:00'; "
                           "[ ! -x /usr/bin/python3 ] || /usr/bin/python3 -m zipfile -c x.zip Makefile\n"
                           "good.c: good.c.in\n\tcp good.c.in good.c\n");
    write_file("good.c", good);
    write_file("good.c.in", "#error the one that was handed in is to be taken\n");
    build(&(struct build_request){.programs = good_and_bad, .program_count = 1, .command = "make -s"},
          &outcome);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_str_eq(bytes_text(&outcome.output), "1\n");
    leave_world(&outcome);
}
END_TEST

/* Older than whatever the build makes, by any clock; where that lets it, not too old for a ZIP. */
START_TEST(handed_in_files_are_older_than_the_clock)
{
    static const struct {
        time_t now, wanted;
    } rows[] = {{2, 1}, {315532800, 1}, {315619200, 1}, {315619201, 315619200}, {1800000000, 315619200}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(cargo_long_ago(rows[i].now), rows[i].wanted);
}
END_TEST

static const char driver_text[] =
    "#include <stdio.h>\nconst char *word(void);\nint main(void) { puts(word()); return 0; }\n";

/* Build with two libraries, lib.c, which is `text`, and missing.c, which is not handed in. */
static void build_libraries(const char *make_text, const char *text, struct build_outcome *outcome)
{
    static char driver[64];
    static struct build_program programs[] = {{.name = "both", .library = "lib.c", .driver = driver},
                                              {.name = "lost", .library = "missing.c", .driver = driver},
                                              {.name = "good"}};
    static const struct build_request request = {.programs = programs, .program_count = 3};
    snprintf(driver, sizeof driver, "%s.driver.c", place);
    write_file(driver, driver_text);
    write_file("Makefile", make_text);
    write_file("good.c", good);
    write_file("lib.c", text);
    build(&request, outcome);
    unlink(driver);
    ck_assert_int_eq(outcome->status, 0);
    ck_assert_int_eq(outcome->programs[1], -1);
    ck_assert_int_ge(outcome->programs[2], 0);
}

START_TEST(library_with_driver)
{
    struct build_outcome outcome;
    enter_world(_i);
    build_libraries("all: good\n", "const char *word(void) { return \"from the library\"; }\n", &outcome);
    ck_assert(outcome.is_ok);
    ck_assert_str_eq(strstr(bytes_text(&outcome.output), "missing.c") ? "told" : "", "");
    ck_assert_int_ge(outcome.programs[0], 0);
    ck_assert_int_eq(run_command("", outcome.programs[0], " | grep -qx 'from the library'"), 0);
    leave_world(&outcome);
}
END_TEST

/* The linker says what is missing; the others are built. */
START_TEST(library_without_a_function)
{
    struct build_outcome outcome;
    enter_world(_i);
    build_libraries("all: good\n", "const char *words(void) { return \"another name\"; }\n", &outcome);
    ck_assert(!outcome.is_ok);
    ck_assert_int_eq(outcome.programs[0], -1);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "undefined reference to `word'"));
    leave_world(&outcome);
}
END_TEST

/* Programs of the submission's own making do not stand in for those that the driver makes. */
START_TEST(program_in_the_place_of_a_library)
{
    struct build_outcome outcome;
    enter_world(_i);
    build_libraries("all: good\n\tcp good both\n\tcp good lost\n", "int main(void) { return 0; }\n",
                    &outcome);
    ck_assert(!outcome.is_ok);
    ck_assert_int_eq(outcome.programs[0], -1);
    leave_world(&outcome);
}
END_TEST

START_TEST(too_large)
{
    struct build_outcome outcome;
    enter_world(_i);
    write_file("Makefile", makefile);
    write_file("huge", "");
    ck_assert_int_eq(truncate("huge", (off_t)BUILD_BYTES + 1), 0);
    build(&usual, &outcome);
    ck_assert(outcome.is_too_large);
    ck_assert(!outcome.is_ok);
    ck_assert_int_eq(outcome.programs[0], -1);
    leave_world(&outcome);
}
END_TEST

START_TEST(missing_submission)
{
    const struct build_request request = {.submission = "/no/such/submission"};
    struct build_outcome outcome;
    struct err err = {0};
    ck_assert(!build_submission(&request, &outcome, &err));
    ck_assert_int_eq(err.number, ENOENT);
    ck_assert_ptr_nonnull(strstr(err.text, "/no/such/submission"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("build");
    TCase *each = tcase_create("every world");
    const TTest *const tests[] = {what_compiles_is_taken,
                                  all_compiles,
                                  endless_make,
                                  background_is_not_waited_for,
                                  flood_is_cut,
                                  nothing_escapes,
                                  compiled_programs_are_built_anew,
                                  handed_in_files_are_equally_old,
                                  handed_in_files_are_older_than_the_clock,
                                  library_with_driver,
                                  library_without_a_function,
                                  program_in_the_place_of_a_library,
                                  too_large,
                                  missing_submission};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) // NOLINT(bugprone-sizeof-expression): pointers
        tcase_add_loop_test(each, tests[i], 0, WORLDS);
    tcase_add_loop_test(each, lines_come_without_being_asked_for, 0,
                        sizeof rules_of_students / sizeof *rules_of_students);
    tcase_set_timeout(
        each, 300); /* one of them uses a second of processor time, which a busy machine may give late */
    suite_add_tcase(suite, each);
    return run_suite(suite);
}
