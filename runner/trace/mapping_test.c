/* /proc/PID/maps as a student can make it: names of files with anything in them, of any length. */
#include "trace/mapping.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/run_test.h"
#include "trace/maps.h"

enum { SIZE = 4096, NAME = 200 };

static char folder[] = "/tmp/ipcgrade-mapping-XXXXXX";

static void *map_file(const char *name, int rights, int how)
{
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
    ck_assert_msg(fd >= 0, "%s cannot be made", name);
    ck_assert_int_eq(ftruncate(fd, SIZE), 0);
    void *memory = mmap(NULL, SIZE, rights, how, fd, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    close(fd);
    return memory;
}

static struct mapping found(const void *memory)
{
    struct mapping mapping;
    ck_assert(mapping_at(getpid(), (uintptr_t)memory, &mapping));
    return mapping;
}

static void enter_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* An address that nothing is mapped at. */
static uint64_t nowhere(void)
{
    void *memory = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    munmap(memory, SIZE);
    return (uintptr_t)memory;
}

START_TEST(a_name_may_hold_anything)
{
    static const char *const names[] = {"a b  c",          "x\n0-ffffffffffffffff r-xp 0 00:01 1 y",
                                        "\xff\x80\x1b[2J", "(deleted)",
                                        "%s%n%lx",         "\\012\\"};
    enter_folder();
    void *memory = map_file(names[_i], PROT_READ, MAP_SHARED);
    struct mapping mapping = found(memory), other;
    ck_assert(mapping.is_shared && !mapping.is_writable && !mapping.is_executable && mapping.number != 0);
    ck_assert(!mapping.is_nameless);
    ck_assert_uint_eq(mapping.start, (uintptr_t)memory);
    ck_assert_uint_eq(mapping.end, (uintptr_t)memory + SIZE);
    ck_assert(!mapping_at(getpid(), nowhere(), &other));
    unlink(names[_i]);
    ck_assert(found(memory).is_nameless);
    leave_folder();
}
END_TEST

/* Into folders in folders, until the path of the next name is so long. Returns how many there are. */
static int descend(size_t wanted)
{
    char name[NAME + 1] = "";
    int depth = 0;
    for (size_t len = strlen(folder); len + 1 < wanted; depth++) {
        size_t part = wanted - len - 2 <= NAME ? wanted - len - 2 : NAME / 2;
        memset(name, 'a', part);
        name[part] = '\0';
        ck_assert_int_eq(mkdir(name, 0700), 0);
        ck_assert_int_eq(chdir(name), 0);
        len += 1 + part;
    }
    return depth;
}

static void ascend(int depth)
{
    char name[NAME + 1];
    while (depth-- > 0) {
        struct stat own;
        ck_assert_int_eq(stat(".", &own), 0);
        ck_assert_int_eq(chdir(".."), 0);
        for (size_t part = 1; part <= NAME; part++) {
            memset(name, 'a', part);
            name[part] = '\0';
            (void)rmdir(name);
        }
    }
}

/* A line that is longer than any buffer goes on in the middle of a name, which a student has chosen. It would be the mapping of anything that he likes: of
 * the probe, whose marks are believed. Wherever the buffer ends: the name is put behind paths of each length around it. */
START_TEST(the_rest_of_a_long_line_is_no_line)
{
    static const char forged[] = "0-ffffffffffffffff r-xp 00000000 00:01 1 x";
    enum { FIRST_COLUMN = 73, LINE = 4351, AROUND = 2 };
    struct mapping mapping;
    enter_folder();
    int depth = descend(LINE - FIRST_COLUMN - AROUND + (size_t)_i);
    void *memory = map_file(forged, PROT_READ, MAP_SHARED);
    bool is_fooled = mapping_at(getpid(), nowhere(), &mapping);
    struct mapping own = found(memory);
    unlink(forged);
    ascend(depth);
    leave_folder();
    ck_assert(!is_fooled);
    ck_assert(!own.is_executable && own.is_shared && own.number != 1);
    ck_assert_msg(!found(memory).is_nameless, "the end of such a line is not known");
}
END_TEST

/* What is behind a long line is still found. */
START_TEST(lines_behind_a_long_one_are_read)
{
    enter_folder();
    int depth = descend((size_t)3 * PATH_MAX);
    void *memory = map_file("long", PROT_READ, MAP_SHARED);
    static char behind;
    char on_stack = 0;
    unlink("long");
    ascend(depth);
    leave_folder();
    ck_assert(found(memory).is_shared);
    ck_assert(found(&behind).is_writable && found(&on_stack).is_writable);
}
END_TEST

/* A library whose name leads elsewhere by now: what is opened there would be a device of the host, or a FIFO. */
START_TEST(only_plain_files_are_opened)
{
    struct maps maps = {0};
    struct stat info;
    bool is_there = false;
    enter_folder();
    void *memory = map_file("library", PROT_READ | PROT_EXEC, MAP_PRIVATE);
    ck_assert_int_eq(stat("library", &info), 0);
    unlink("library");
    int failed = _i ? mkfifo("library (deleted)", 0600) : symlink("/dev/null", "library (deleted)");
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(maps_record(&maps, getpid()), 0);
    for (size_t i = 0; i < maps.file_count; i++)
        if (maps.files[i].number == info.st_ino && strstr(maps.files[i].path, "library")) {
            is_there = true;
            ck_assert_msg(maps.files[i].fd == -1, "it was opened");
        }
    ck_assert(is_there);
    maps_free(&maps);
    munmap(memory, SIZE);
    unlink("library (deleted)");
    leave_folder();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mapping");
    TCase *tests = tcase_create("names");
    tcase_add_loop_test(tests, a_name_may_hold_anything, 0, 6);
    tcase_add_loop_test(tests, the_rest_of_a_long_line_is_no_line, 0, 5);
    tcase_add_test(tests, lines_behind_a_long_one_are_read);
    tcase_add_loop_test(tests, only_plain_files_are_opened, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
