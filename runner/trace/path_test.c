/* Paths of a task, however it comes to them: by links, by what leads each process to itself, and what must lead nowhere. */
#include "trace/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static char directory[] = "/tmp/ipcgrade-path-XXXXXX";

/* The task is in sub/, beside box; 7 is box, opened with O_PATH, and 8 the folder of both. */
enum { BOX = 7, FOLDER = 8 };

#define OWN_ROOT "/proc/self/root"

static const struct name {
    const char *path;
    const char *link; /* what the link `to` says first; NULL: there is none */
} same[] =
    {
        {"../box", NULL},
        {"/proc/self/cwd/../box", NULL},
        {"/proc/thread-self/cwd/../box", NULL},
        {"/proc/self/fd/7", NULL},
        {"/proc/self/./fd//7", NULL},
        {"/proc/thread-self/fd/7", NULL},
        {"/proc/self/fd/8/box", NULL},
        {"/proc/self/fd/8/sub/../box", NULL},
        {"/dev/fd/7", NULL},
        {"/dev/fd/8/box", NULL},
        {OWN_ROOT "/proc/self/fd/7", NULL},
        {OWN_ROOT "/../proc/../proc/self/fd/8/box", NULL},
        {"to", "../box"},
        {"to", "/proc/self/fd/7"},
        {"to", "/dev/fd/7"},
        {"to/box", "/proc/self/fd/8"},
        {"to/box", "/dev/fd/8"},
        {"/proc/self/cwd/to/box", "/proc/self/fd/8"},
        {"/proc/self/fd/8/sub/to/../box", "/proc/self/cwd"},
},
  none[] = {
      {"/proc/self/fd/199", NULL},   /* nothing is open there */
      {"/proc/self/fd/7/box", NULL}, /* no folder */
      {"/proc/self/fd/-1", NULL},
      {"/proc/self/cwd/missing", NULL},
      {"/proc/PARENT/fd/7", NULL}, /* the tester's own: as open to us as it is shut to a submission */
      {"/proc/PARENT/cwd/box", NULL},
      {"/proc/self/../PARENT/fd/7", NULL},
      {"to", "/proc/PARENT/fd/7"},
      {"to/box", "/proc/PARENT/cwd"},
      {"to", "to"},
};

static const struct name *tried;

/* PARENT is the number of the tester. */
static void with_parent(const char *path, char *to, size_t room)
{
    const char *found = strstr(path, "PARENT");
    int before = found ? (int)(found - path) : (int)strlen(path);
    if (found)
        snprintf(to, room, "%.*s%d%s", before, path, (int)getppid(), found + strlen("PARENT"));
    else
        snprintf(to, room, "%s", path);
}

static void tries(struct rig_shared *shared)
{
    char path[128], link[128];
    (void)shared;
    chmod("box", 0600);
    if (dup2(open("box", O_PATH), BOX) != BOX || dup2(open(".", O_PATH), FOLDER) != FOLDER ||
        chdir("sub") != 0)
        _exit(90);
    if (tried->link) {
        with_parent(tried->link, link, sizeof link);
        if (symlink(link, "to") != 0)
            _exit(91);
    }
    with_parent(tried->path, path, sizeof path);
    chmod(path, 0600);
    unlink("to");
}

static struct object_id found_by(const struct name *name, struct object_id *box)
{
    struct rig rig = {0};
    tried = name;
    rig_open(&rig);
    rig_start(&rig, tries);
    rig_finish(&rig);
    const struct event *other = rig_event(&rig, NULL, "chmod", 1);
    ck_assert_ptr_nonnull(other);
    struct object_id found = other->object;
    *box = rig_event(&rig, NULL, "chmod", 0)->object;
    ck_assert_int_eq(box->kind, OBJECT_FIFO);
    rig_close(&rig);
    return found;
}

START_TEST(leads_to_the_same)
{
    struct object_id box, found = found_by(&same[_i], &box);
    ck_assert_msg(object_same(&found, &box), "%s (%s)", same[_i].path, same[_i].link ? same[_i].link : "-");
}
END_TEST

START_TEST(leads_nowhere)
{
    struct object_id box, found = found_by(&none[_i], &box);
    ck_assert_msg(found.kind == OBJECT_NONE, "%s (%s)", none[_i].path, none[_i].link ? none[_i].link : "-");
}
END_TEST

/* A FIFO without a writer would keep us, an end of ours would wake a writer: nothing is opened but with O_PATH. */
static void waits_for_a_reader(struct rig_shared *shared)
{
    (void)shared;
    (void)open("/proc/self/cwd/box", O_WRONLY);
}

START_TEST(nobody_is_woken)
{
    struct rig rig = {0};
    rig_open(&rig);
    const struct process *process = rig_start(&rig, waits_for_a_reader);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const struct task *task = tracer_main_task(rig.tracer, process);
    ck_assert_int_eq(task->now->object.kind, OBJECT_FIFO);
    rig_close(&rig);
}
END_TEST

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkdir("sub", 0700), 0);
    ck_assert_int_eq(mkfifo("box", 0600), 0);
    ck_assert_int_eq(dup2(open("box", O_PATH | O_CLOEXEC), BOX), BOX);
}

static void leave_directory(void)
{
    unlink("sub/to");
    rmdir("sub");
    unlink("box");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

int main(void)
{
    Suite *suite = suite_create("trace: paths");
    TCase *tests = tcase_create("paths");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_loop_test(tests, leads_to_the_same, 0, sizeof same / sizeof *same);
    tcase_add_loop_test(tests, leads_nowhere, 0, sizeof none / sizeof *none);
    tcase_add_test(tests, nobody_is_woken);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
