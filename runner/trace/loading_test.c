/* Whether the probe fits into a program, read from files as students could make them. */
#include "trace/rig.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>

#include "trace/tracer.h"

enum { INTERPRETER, LOAD, DYNAMIC, HEADERS };
enum { NAMES, NEEDED, END, ENTRIES };

/* A program as small as the kernel takes it, without sections: these are for linkers and debuggers, and a student may strip them. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr parts[HEADERS];
    Elf64_Dyn dynamic[ENTRIES];
    char interpreter[32];
    char names[32];
};
static const uint64_t base = 0x400000;

static struct image usual(const char *library)
{
    struct image image = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_DYN,
                   .e_machine = EM_X86_64,
                   .e_phoff = offsetof(struct image, parts),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = HEADERS},
        .parts = {[INTERPRETER] = {.p_type = PT_INTERP, .p_offset = offsetof(struct image, interpreter)},
                  [LOAD] = {.p_type = PT_LOAD, .p_vaddr = base, .p_filesz = sizeof image},
                  [DYNAMIC] = {.p_type = PT_DYNAMIC,
                               .p_offset = offsetof(struct image, dynamic),
                               .p_filesz = sizeof image.dynamic}},
        .dynamic = {[NAMES] = {.d_tag = DT_STRTAB, .d_un.d_ptr = base + offsetof(struct image, names)},
                    [NEEDED] = {.d_tag = DT_NEEDED, .d_un.d_val = 1}},
        .interpreter = "/lib64/ld-linux-x86-64.so.2",
    };
    snprintf(image.names + 1, sizeof image.names - 1, "%s", library);
    return image;
}

static enum preload look(const void *bytes, size_t size)
{
    int fd = memfd_create("program", MFD_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    enum preload seen = loading_look(fd);
    close(fd);
    return seen;
}

START_TEST(a_program_of_the_loader_takes_it)
{
    struct image image = usual("libc.so.6");
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_DONE);
}
END_TEST

START_TEST(a_program_without_a_loader_is_static)
{
    struct image image = usual("libc.so.6");
    image.parts[INTERPRETER].p_type = PT_NULL;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_STATIC);
}
END_TEST

/* Also where there are no sections to find the names by. */
START_TEST(a_sanitizer_keeps_it_out)
{
    static const char *const libraries[] = {"libasan.so.8", "libtsan.so.2", "libclang_rt.asan-x86_64.so"};
    struct image image = usual(libraries[_i]);
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_SANITIZED);
}
END_TEST

START_TEST(another_machine_is_not_for_it)
{
    struct image narrow = usual("libc.so.6"), other = narrow;
    narrow.header.e_ident[EI_CLASS] = ELFCLASS32;
    other.header.e_machine = EM_AARCH64;
    ck_assert_int_eq(look(&narrow, sizeof narrow), PRELOAD_NOT);
    ck_assert_int_eq(look(&other, sizeof other), PRELOAD_NOT);
    ck_assert_int_eq(look("#!/bin/sh\n", 10), PRELOAD_NOT);
    ck_assert_int_eq(look("", 0), PRELOAD_NOT);
}
END_TEST

/* What lies behind the end of a file is not there, and says nothing. */
START_TEST(a_file_that_is_cut_anywhere_is_read_as_far_as_it_goes)
{
    struct image image = usual("libasan.so.8");
    const size_t whole = offsetof(struct image, names) + sizeof "?libasan" - 1;
    for (size_t size = 0; size < sizeof image; size++) {
        enum preload seen = look(&image, size);
        if (size < sizeof image.header || size >= whole)
            ck_assert_msg(seen == (size >= whole ? PRELOAD_SANITIZED : PRELOAD_NOT), "cut at %zu: %d", size,
                          (int)seen);
    }
}
END_TEST

/* Offsets and addresses that lead nowhere, beyond the largest file, or around the end of all numbers. */
START_TEST(numbers_that_lie_lead_nowhere)
{
    static const uint64_t lies[] = {1ULL << 40, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX - 7,
                                    UINT64_MAX};
    const uint64_t lie = lies[_i];
    struct image image = usual("libasan.so.8");
    image.parts[INTERPRETER].p_offset = lie;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_STATIC);
    image = usual("libasan.so.8");
    image.dynamic[NAMES].d_un.d_ptr = lie;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_DONE);
    image = usual("libasan.so.8");
    image.dynamic[NEEDED].d_un.d_val = lie;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_DONE);
    image.parts[DYNAMIC].p_offset = image.parts[DYNAMIC].p_filesz = lie;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_DONE);
    image.header.e_phoff = lie;
    ck_assert_int_eq(look(&image, sizeof image), PRELOAD_STATIC);
}
END_TEST

/* A table without an end, in a file of holes: as long as the file says, but nobody reads it all. */
START_TEST(a_table_without_an_end_has_one)
{
    enum { HUGE = 1 << 30 };
    struct image image = usual("libc.so.6");
    int fd = memfd_create("program", MFD_CLOEXEC);
    image.dynamic[END].d_tag = DT_DEBUG;
    image.header.e_phnum = UINT16_MAX;
    ck_assert(fd >= 0 && ftruncate(fd, HUGE) == 0 && pwrite(fd, &image, sizeof image, 0) == sizeof image);
    ck_assert_int_eq(loading_look(fd), PRELOAD_NOT);
    image.header.e_phnum = HEADERS;
    image.parts[DYNAMIC].p_filesz = HUGE;
    ck_assert(pwrite(fd, &image, sizeof image, 0) == sizeof image);
    ck_assert_int_eq(loading_look(fd), PRELOAD_DONE);
    close(fd);
}
END_TEST

/* As compilers make them. */
START_TEST(real_programs_are_read_right)
{
    static const struct {
        const char *name;
        enum preload wanted;
    } rows[] = {{"ipcgrade-agent", PRELOAD_STATIC},
                {"fixtures/programs/static", PRELOAD_STATIC},
                {"fixtures/programs/probed", PRELOAD_DONE}};
    const char *build = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", build, rows[_i].name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s is not there", path);
    ck_assert_int_eq(loading_look(fd), rows[_i].wanted);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loading");
    TCase *tests = tcase_create("files");
    tcase_add_test(tests, a_program_of_the_loader_takes_it);
    tcase_add_test(tests, a_program_without_a_loader_is_static);
    tcase_add_loop_test(tests, a_sanitizer_keeps_it_out, 0, 3);
    tcase_add_test(tests, another_machine_is_not_for_it);
    tcase_add_test(tests, a_file_that_is_cut_anywhere_is_read_as_far_as_it_goes);
    tcase_add_loop_test(tests, numbers_that_lie_lead_nowhere, 0, 5);
    tcase_add_test(tests, a_table_without_an_end_has_one);
    tcase_add_loop_test(tests, real_programs_are_read_right, 0, 3);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
