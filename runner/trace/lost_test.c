/* Programs that the kernel cannot load when it is too late to go back: whose doing that is. */
#include "trace/rig.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/resource.h>

/* exit(0), behind the headers of a program that lies at one place */
static const unsigned char code[] = {0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};
struct file {
    Elf64_Ehdr header;
    Elf64_Phdr part;
    unsigned char code[sizeof code];
};

enum { MIB = 1 << 20 };

static const struct row {
    const char *title;
    uint64_t address, mib;
    rlim_t memory_mib, data_mib; /* limits, which the process was given; 0: none */
    int error;
    bool is_own, is_too_large, is_impossible;
} rows[] = {
    {.title = "what fits runs", .address = 0x400000, .mib = 64},
    {.title = "it fits below the limit", .address = 0x400000, .mib = 64, .memory_mib = 512},
    {.title = "it asks for more than the limit",
     .address = 0x400000,
     .mib = 1024,
     .memory_mib = 512,
     .error = ENOMEM,
     .is_own = true,
     .is_too_large = true},
    {.title = "it leaves no room for a stack",
     .address = 0x400000,
     .mib = 512,
     .memory_mib = 512,
     .error = ENOMEM,
     .is_own = true,
     .is_too_large = true},
    {.title = "no process has such addresses",
     .address = 1ULL << 47,
     .mib = 1,
     .error = ENOMEM,
     .is_own = true,
     .is_impossible = true},
    {.title = "there is more of it in the file than in memory", .address = 0x400000, .error = EINVAL},
    {.title = "what fits was refused: the machine's doing",
     .address = 0x400000,
     .mib = 256,
     .memory_mib = 512,
     .data_mib = 8,
     .error = ENOMEM},
};

static void make_file(const char *path, const struct row *row)
{
    struct file file = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_entry = row->address + offsetof(struct file, code),
                   .e_phoff = offsetof(struct file, part),
                   .e_ehsize = sizeof file.header,
                   .e_phentsize = sizeof file.part,
                   .e_phnum = 1},
        .part = {.p_type = PT_LOAD,
                 .p_flags = PF_R | PF_W | PF_X,
                 .p_vaddr = row->address,
                 .p_filesz = sizeof file,
                 .p_memsz = row->mib * MIB,
                 .p_align = 4096}};
    memcpy(file.code, code, sizeof code);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    ck_assert(fd >= 0 && write(fd, &file, sizeof file) == sizeof file);
    close(fd);
}

/* Whoever is started now is given it; without a call that would be seen. */
static void set_limit(__rlimit_resource_t resource, rlim_t mib)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(resource, &limit), 0);
    limit.rlim_cur = mib == 0 ? limit.rlim_max : mib * MIB;
    ck_assert_int_eq(setrlimit(resource, &limit), 0);
}

START_TEST(whose_doing_it_is)
{
    const struct row *row = &rows[_i];
    char folder[] = "/tmp/ipcgrade-lost-XXXXXX", path[64];
    struct rig rig = {0};
    if (IS_SANITIZED && (row->memory_mib || row->data_mib)) {
        test_skipped("whose_doing_it_is", "a program without sanitizers");
        return;
    }
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/p", folder);
    make_file(path, row);
    rig_open(&rig);
    set_limit(RLIMIT_AS, row->memory_mib);
    set_limit(RLIMIT_DATA, row->data_mib);
    const struct process *process = rig_execute(&rig, (char *[]){path, NULL});
    set_limit(RLIMIT_AS, 0);
    set_limit(RLIMIT_DATA, 0);
    rig_finish(&rig);
    const struct event *event = rig_event(&rig, process, "execve", 0);
    ck_assert_ptr_nonnull(event);
    ck_assert_msg(event->call.error == row->error && process->lost.error == row->error, "%s: %d, %d",
                  row->title, event->call.error, process->lost.error);
    ck_assert_msg(event->is_own_limit == row->is_own, "%s: own %d", row->title, event->is_own_limit);
    ck_assert_msg(process->lost.is_too_large == row->is_too_large, "%s: too large", row->title);
    ck_assert_msg(process->lost.is_impossible == row->is_impossible, "%s: impossible", row->title);
    ck_assert_msg(row->error ? WTERMSIG(process->wait_status) == SIGSEGV : process->wait_status == 0,
                  "%s: %x", row->title, (unsigned)process->wait_status);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    rig_close(&rig);
}
END_TEST

/* Its file is small, so it is the machine that has no memory; and it lives. */
static struct ruling fails(void *context, struct task *task, const struct event *event)
{
    (void)context, (void)task;
    bool is_exec = call_is(&event->call, "execve");
    return (struct ruling){is_exec ? RULING_FAIL : RULING_GO, is_exec ? ENOMEM : 0, 0};
}

START_TEST(who_can_go_back_is_not_lost)
{
    struct rig rig = {.config.hooks.entry = fails};
    rig_open(&rig);
    const struct process *process = rig_execute(&rig, (char *[]){"/bin/true", NULL});
    rig_finish(&rig);
    ck_assert_int_eq(WEXITSTATUS(process->wait_status), 97);
    ck_assert_int_eq(process->lost.error, 0);
    ck_assert(!rig_event(&rig, process, "execve", 0)->is_own_limit);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: lost");
    TCase *tests = tcase_create("lost");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, whose_doing_it_is, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, who_can_go_back_is_not_lost);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
