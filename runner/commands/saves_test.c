/* What has been saved: by shell commands in a folder of the test's own. The kernel queues an event while the call that causes it runs, so nothing here waits. */
#include "commands/saves.h"

#include <check.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

static char folder[PATH_MAX];

static void shell(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-saves-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    shell("mkdir -p work/sub work/.git && echo one >work/one.c && echo two >work/two.c && "
          "echo below >work/sub/below.h && echo head >work/.git/HEAD");
}

static void tear_down(void)
{
    cleanup_free char *command = NULL;
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    shell(command);
}

static bool is_told(const struct saves *saves)
{
    struct pollfd events = {saves_fd(saves), POLLIN, 0};
    return poll(&events, 1, 0) == 1;
}

static void look(struct saves *saves, struct bytes *names)
{
    struct saved saved;
    struct err err = {0};
    bytes_clear(names);
    ck_assert_msg(saves_look(saves, &saved, &err), "%s", err.text);
    for (size_t i = 0; i < saved.count; i++)
        bytes_print(names, "%s%s", i ? " " : "", saved.paths[i]);
    ck_assert(saved.is_new || saved.count == 0);
    saves_settle(saves);
}

static const struct {
    const char *command, *changed;
    bool is_silent; /* no event at all is expected */
} rows[] = {
    {"echo uno >work/one.c", "one.c", false},
    {"echo one >work/one.c", "", false}, /* as it was */
    {"touch work/one.c", "", false},
    {"cd work && mv one.c one.c~ && echo uno >one.c", "one.c", false}, /* Vim, with a backup */
    {"cd work && echo uno >.new && mv .new one.c", "one.c", false},    /* gedit */
    {"rm work/two.c", "two.c", false},
    {"mv work/two.c work/three.c", "three.c two.c", false},
    {"echo new >work/new.c", "new.c", false},
    {"echo deep >work/sub/below.h", "sub/below.h", false},
    {"mkdir -p work/more/still && echo x >work/more/still/x.c", "more/still/x.c", false},
    {"rm -r work/sub", "sub/below.h", false},
    {"mkdir other && echo x >other/x.c && mv other work", "other/x.c", false},
    {"cd work && for i in 1 2 3; do echo $i >one.c; echo $i >two.c; done", "one.c two.c", false},
    {"cd work && touch .one.c.swp '#one.c#' 4913 one.c~ .one.c.un~", "", false},
    {"ln -s one.c work/link.c", "", false},
    {"ln -s nobody@host.1 work/.#one.c", "", false}, /* Emacs's lock */
    {"cp /bin/true work/one", "", false},            /* compiled */
    {"mkfifo work/box", "", false},
    {"echo other >work/.git/HEAD", "", true},
    {"chmod 600 work/one.c", "", true},
    {"echo x >outside.c", "", true},
};

START_TEST(what_is_saved_is_told)
{
    struct saves *saves = NULL;
    struct err err = {0};
    cleanup_bytes struct bytes names = {0};
    ck_assert_msg(saves_new(&saves, "work//", &err), "%s", err.text);
    ck_assert(!is_told(saves));
    look(saves, &names);
    ck_assert_str_eq(bytes_text(&names), "");
    shell(rows[_i].command);
    ck_assert_int_eq(is_told(saves), !rows[_i].is_silent);
    look(saves, &names);
    ck_assert_str_eq(bytes_text(&names), rows[_i].changed);
    ck_assert(!is_told(saves));
    look(saves, &names);
    ck_assert_str_eq(bytes_text(&names), "");
    saves_free(saves);
}
END_TEST

/* A run that is cut short settles nothing: then all is told that differs from before it, and nothing that only came and went (sed -i writes aside). */
START_TEST(what_is_not_settled_is_told_again)
{
    static const struct {
        const char *command, *changed;
        bool is_new;
    } looks[] = {{"echo uno >work/one.c && echo x >work/sed4711", "one.c sed4711", true},
                 {"mv work/sed4711 work/two.c", "one.c two.c", true},
                 {"touch work/one.c", "one.c two.c", false},
                 {"echo one >work/one.c", "two.c", true}};
    struct saves *saves = NULL;
    struct err err = {0};
    ck_assert(saves_new(&saves, "work", &err));
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        struct saved saved;
        cleanup_bytes struct bytes names = {0};
        shell(looks[i].command);
        ck_assert(saves_look(saves, &saved, &err));
        for (size_t k = 0; k < saved.count; k++)
            bytes_print(&names, "%s%s", k ? " " : "", saved.paths[k]);
        ck_assert_str_eq(bytes_text(&names), looks[i].changed);
        ck_assert_int_eq(saved.is_new, looks[i].is_new);
    }
    saves_free(saves);
}
END_TEST

/* Also when it has come only now. */
START_TEST(a_new_folder_is_watched)
{
    struct saves *saves = NULL;
    struct err err = {0};
    cleanup_bytes struct bytes names = {0};
    ck_assert(saves_new(&saves, "work", &err));
    shell("mkdir -p work/a/b");
    look(saves, &names);
    shell("echo x >work/a/b/c.c");
    ck_assert(is_told(saves));
    look(saves, &names);
    ck_assert_str_eq(bytes_text(&names), "a/b/c.c");
    saves_free(saves);
}
END_TEST

START_TEST(a_folder_that_has_gone_is_an_error)
{
    static const char *const ways[] = {"rm -r work", "mv work elsewhere"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct saves *saves = NULL;
        struct saved saved;
        struct err err = {0};
        shell("mkdir -p work");
        ck_assert(saves_new(&saves, "work", &err));
        shell(ways[i]);
        ck_assert(is_told(saves));
        ck_assert(!saves_look(saves, &saved, &err));
        ck_assert_str_eq(err.text, "work: No such file or directory");
        saves_free(saves);
    }
}
END_TEST

/* Whoever stands in a folder that is removed stands in it still. */
START_TEST(the_own_folder_may_go_too)
{
    struct saves *saves = NULL;
    struct saved saved;
    struct err err = {0};
    ck_assert_int_eq(chdir("work"), 0);
    ck_assert(saves_new(&saves, ".", &err));
    shell("rm -r ../work");
    ck_assert(!saves_look(saves, &saved, &err));
    ck_assert_str_eq(err.text, ".: the folder was removed");
    saves_free(saves);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("saves");
    TCase *tests = tcase_create("saves");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, what_is_saved_is_told, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, what_is_not_settled_is_told_again);
    tcase_add_test(tests, a_new_folder_is_watched);
    tcase_add_test(tests, a_folder_that_has_gone_is_an_error);
    tcase_add_test(tests, the_own_folder_may_go_too);
    return run_suite(suite);
}
