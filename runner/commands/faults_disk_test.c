/* Too little room on the disk for a report, of each format that there is: what does not fit is told, the status is 3, and where the report would be is the old one, whole, or none. */
#include "base/run_test.h"
#include "commands/faulted_report.h"
#include "report/writer.h"

enum { MOST_WRITERS = 15 };

static size_t count_of_writers(void)
{
    size_t count = 0;
    while (writers[count])
        count++;
    return count;
}

static const char *report_of(const char *folder_of_it, const char *name)
{
    static char path[96];
    snprintf(path, sizeof path, "%s/out.%s", folder_of_it, name);
    return path;
}

/* A disk of so many pages in the folder full, which this test alone sees. */
static bool make_disk(size_t pages)
{
    char size[64];
    snprintf(size, sizeof size, "size=%zu", pages * (size_t)sysconf(_SC_PAGESIZE));
    ck_assert_int_eq(mkdir("full", 0755), 0);
    bool is_made = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                   mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                   mount("tmpfs", "full", "tmpfs", 0, size) == 0;
    if (!is_made)
        test_skipped("a full disk", "root, for a small disk");
    return is_made;
}

/* With these formats, each as the command line has it; what is said is in the file err. */
static int grade_with(char formats[][128], size_t count)
{
    const char *argv[2 * (MOST_WRITERS + 1) + 8] = {program(), "grade",  "sub", "--cases",
                                                    "cases",   "--jobs", "1"};
    size_t length = 7;
    for (size_t i = 0; i < count; i++) {
        argv[length++] = "--format";
        argv[length++] = formats[i];
    }
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        unsetenv("GITHUB_STEP_SUMMARY");
        unsetenv("GITHUB_OUTPUT");
        if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
            _exit(126);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return finish(pid);
}

/* The disk has a page for each old report, and no more. */
START_TEST(the_disk_is_full)
{
    static const char old[] = "the old one\n";
    static char formats[MOST_WRITERS + 1][128];
    const size_t count = count_of_writers();
    char list[64];
    ck_assert_uint_le(count, MOST_WRITERS);
    if (!make_disk(count))
        return;
    for (size_t i = 0; i < count; i++) {
        const char *path = report_of("full", writers[i]->name);
        write_file(path, old);
        snprintf(formats[i], sizeof formats[i], "%s:%s", writers[i]->name, path);
    }
    snprintf(formats[count], sizeof formats[count], "terminal:/dev/full");
    ck_assert_int_eq(grade_with(formats, count + 1), 3);
    cleanup_free char *said = text_in("err");
    for (size_t i = 0; i < count; i++) {
        char complaint[160];
        const char *path = report_of("full", writers[i]->name);
        cleanup_free char *kept = text_in(path);
        snprintf(complaint, sizeof complaint, "write %s: No space left on device", path);
        hold(strcmp(kept, old) == 0, "%s: not the old one any more", path);
        hold(strstr(said, complaint), "%s: it is not told", path);
    }
    hold(strstr(said, "write /dev/full: No space left on device"), "/dev/full: it is not told");
    snprintf(list, sizeof list, "test $(ls -A full | wc -l) = %zu", count);
    hold(system(list) == 0, "more on the disk than the reports");
    assert_all_held();
    ck_assert_int_eq(umount2("full", MNT_DETACH), 0);
}
END_TEST

static bool is_whole_report(const char *name, const char *path)
{
    for (size_t i = 0; i < sizeof format_rows / sizeof *format_rows; i++)
        if (strcmp(format_rows[i].name, name) == 0)
            return format_rows[i].is_whole(path);
    ck_abort_msg("nobody knows when a report of the format %s is whole", name);
    return false;
}

static size_t pages_of(const char *path)
{
    struct stat status;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    ck_assert_int_eq(stat(path, &status), 0);
    return ((size_t)status.st_size + page - 1) / page;
}

/* The first report of the cases that are known has room; the last, which needs as much as the disk has while the one before it is still there, has not. */
START_TEST(the_disk_fills)
{
    const char *name = writers[_i]->name;
    char formats[1][128], complaint[160];
    if (!writers[_i]->is_live)
        return;
    lay_out_ground(ground_number(1));
    snprintf(formats[0], sizeof formats[0], "%s:%s", name, report_of(".", name));
    ck_assert_int_eq(grade_with(formats, 1), 1);
    ck_assert(is_whole_report(name, report_of(".", name)));
    if (!make_disk(pages_of(report_of(".", name))))
        return;
    const char *path = report_of("full", name);
    snprintf(formats[0], sizeof formats[0], "%s:%s", name, path);
    ck_assert_int_eq(grade_with(formats, 1), 3);
    cleanup_free char *said = text_in("err"), *kept = text_in(path);
    snprintf(complaint, sizeof complaint, "write %s: No space left on device", path);
    hold(strstr(said, complaint), "%s: it is not told: %s", path, said);
    hold(*kept && is_whole_report(name, path), "%s: half a report: %.200s", path, kept);
    hold(system("test $(ls -A full | wc -l) = 1") == 0, "more on the disk than the report");
    if (strcmp(name, "json") == 0) {
        json_t *json = json_load_file(path, 0, NULL);
        hold(json_is_true(json_object_get(json, "partial")), "%s: not told that it is a part", path);
        json_decref(json);
    }
    assert_all_held();
    ck_assert_int_eq(umount2("full", MNT_DETACH), 0);
}
END_TEST

int main(void)
{
    enum { SECONDS = 600 };
    Suite *suite = suite_create("full disks");
    TCase *tests = tcase_create("disk");
    tcase_add_checked_fixture(tests, set_up_short, tear_down);
    tcase_set_timeout(tests, SECONDS);
    tcase_add_test(tests, the_disk_is_full);
    tcase_add_loop_test(tests, the_disk_fills, 0, (int)count_of_writers());
    suite_add_tcase(suite, tests);
    return run_suite_apart(suite);
}
