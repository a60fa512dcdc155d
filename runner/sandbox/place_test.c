/* Claims of places: two that share nothing but what is swept, or a user, see each other, and nobody else is seen. */
#include "sandbox/place.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"

enum { TEST_FIRST = 1798000000, PLACES = 3, CLAIM = 12 };

static const struct place_row row = {TEST_FIRST, PLACES};

static bool may_leave(const char *test, int flags)
{
    if (geteuid() == 0 && unshare(flags) == 0)
        return true;
    test_skipped(test, "root, and namespaces");
    return false;
}

/* In a network of its own it would have the name of each place. */
static bool take_elsewhere(struct place *place, uid_t *base)
{
    bool is_ours = false;
    struct err err = {0};
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    ck_assert_msg(place_take(place, &row, base, &is_ours, &err), "%s", err.text);
    return is_ours;
}

START_TEST(two_networks_of_one_machine_share_no_place)
{
    struct place places[PLACES + 1];
    uid_t bases[PLACES + 1];
    if (!may_leave("two_networks_of_one_machine_share_no_place", CLONE_NEWNET))
        return;
    for (int i = 0; i <= PLACES; i++) {
        ck_assert_int_eq(take_elsewhere(&places[i], &bases[i]), i < PLACES);
        for (int k = 0; k < i && i < PLACES; k++)
            ck_assert_uint_ne(bases[k], bases[i]);
    }
    ck_assert_int_eq(places[PLACES].claims[0], -1);
    place_let_go(&places[1]);
    ck_assert(take_elsewhere(&places[PLACES], &bases[PLACES]));
    ck_assert_uint_eq(bases[PLACES], bases[1]);
}
END_TEST

/* ---- each of what is shared ---------------------------------------------------------------------------------------------- */

/* Of what several runners may share all but one is their own. */
static void share_files(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
}

static void share_objects(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
}

static void share_users(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWNS | CLONE_NEWIPC), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL), 0);
}

static void share_nothing(void)
{
    share_users();
    ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
}

static const struct {
    void (*leave)(void);
    bool is_seen;
} shares[] = {{share_files, true}, {share_objects, true}, {share_users, true}, {share_nothing, false}};

START_TEST(one_thing_that_is_shared_is_enough)
{
    const struct place_row one = {TEST_FIRST, 1};
    struct place place, other;
    uid_t base;
    bool is_ours = false;
    struct err err = {0};
    int status;
    if (!may_leave("one_thing_that_is_shared_is_enough", CLONE_NEWNET))
        return;
    ck_assert(place_take(&place, &one, &base, &is_ours, &err) && is_ours);
    pid_t pid = fork();
    if (pid == 0) {
        ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
        shares[_i].leave();
        ck_assert_msg(place_take(&other, &one, &base, &is_ours, &err), "%s", err.text);
        _exit(is_ours);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), !shares[_i].is_seen);
}
END_TEST

/* ---- how long, and whose ------------------------------------------------------------------------------------------------- */

START_TEST(a_place_is_held_until_the_last_who_holds_it_ends)
{
    const struct place_row one = {TEST_FIRST, 1};
    struct place place, other = PLACE_EMPTY;
    uid_t base;
    bool is_ours = false;
    int ends[2];
    char byte;
    if (!may_leave("a_place_is_held_until_the_last_who_holds_it_ends", CLONE_NEWNET))
        return;
    ck_assert(place_take(&place, &one, &base, &is_ours, NULL) && is_ours);
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0);
    }
    place_let_go(&place);
    for (int i = 0; i < 2; i++) { /* by its name, and by what is shared */
        ck_assert(place_take(&other, &one, &base, &is_ours, NULL) && !is_ours);
        ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert(place_take(&other, &one, &base, &is_ours, NULL) && is_ours);
    place_let_go(&other);
}
END_TEST

START_TEST(who_locks_all_takes_nobodys_place)
{
    const struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    const char *const paths[] = {"/proc/self/ns/user", "/proc/self/ns/ipc", "/tmp"};
    struct place place = PLACE_EMPTY;
    uid_t base;
    bool is_ours = false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &all), 0);
    }
    ck_assert(place_take(&place, &row, &base, &is_ours, NULL));
    ck_assert(is_ours);
    place_let_go(&place);
}
END_TEST

/* ---- descriptors --------------------------------------------------------------------------------------------------------- */

static int count_from(int first)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        long fd = strtol(entry->d_name, NULL, 10);
        count += fd >= first && fd != dirfd(dir);
    }
    closedir(dir);
    return count;
}

/* In a child, as Check has descriptors of its own. */
START_TEST(all_is_closed_but_what_holds_a_place)
{
    struct place one = PLACE_EMPTY, other = PLACE_EMPTY;
    uid_t base;
    bool is_ours = false;
    int status, all = access("/dev/shm", F_OK) == 0 ? PLACE_CLAIMS : PLACE_CLAIMS - 1, both = all + all;
    pid_t pid = fork();
    if (pid == 0) {
        ck_assert(place_take(&one, &row, &base, &is_ours, NULL) && is_ours);
        ck_assert(place_take(&other, &row, &base, &is_ours, NULL) && is_ours);
        place_keep(&one);
        ck_assert_int_ge(fcntl(STDERR_FILENO, F_DUPFD, 0), 0);
        ck_assert_int_ge(fcntl(STDERR_FILENO, F_DUPFD, 100), 0);
        place_close_others(&other, CLAIM, -1);
        place_close_others(&other, STDERR_FILENO + 1, -1);
        ck_assert_int_eq(count_from(STDERR_FILENO + 1), both);
        place_narrow(&other, CLONE_NEWNS | CLONE_NEWIPC);
        ck_assert_int_eq(count_from(STDERR_FILENO + 1), all + 2);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("place");
    TCase *tests = tcase_create("place");
    tcase_add_test(tests, two_networks_of_one_machine_share_no_place);
    tcase_add_loop_test(tests, one_thing_that_is_shared_is_enough, 0, sizeof shares / sizeof *shares);
    tcase_add_test(tests, a_place_is_held_until_the_last_who_holds_it_ends);
    tcase_add_test(tests, who_locks_all_takes_nobodys_place);
    tcase_add_test(tests, all_is_closed_but_what_holds_a_place);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
