/* For the sandbox's own tests: the worlds that each check runs in, a sandbox with one process, and the main() of a test
 * program that plays the student, too: "program student WHAT".
 *
 * The worlds: as an ordinary user, as root (ids mapped), as root without user namespaces, and with no namespace at all.
 */
#ifndef IPCGRADE_SANDBOX_SANDBOXED_H
#define IPCGRADE_SANDBOX_SANDBOXED_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/run_test.h"
#include "sandbox/sandbox.h"

#define ALL_NAMESPACES "user,pid,mount,ipc,net,uts"

enum { NOBODY = 65534, SAFETY_MS = 5000 };

/* The first two have every namespace. Who is not root plays only what an ordinary user can. */
static const struct world {
    const char *name, *without;
    bool is_root;
} worlds[] = {
    {"ordinary", "", false},
    {"root", "", true},
    {"plain root", "user", true},
    {"bare", ALL_NAMESPACES, false},
    {"bare root", ALL_NAMESPACES, true},
};
enum { FULL_WORLDS = 2, MOUNTED_WORLDS = 3, WORLDS = 5 };

static inline void enter_world(int which)
{
    setenv("IPCGRADE_WITHOUT", worlds[which].without, 1);
    if (geteuid() == 0 && !worlds[which].is_root) {
        ck_assert_int_eq(setgid(NOBODY), 0);
        ck_assert_int_eq(setuid(NOBODY), 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as if that user had executed us */
    }
}

/* Without root there is no world of root: the ordinary one is played again under the restrictions of that world. */
static inline int mounted_worlds(void)
{
    return geteuid() == 0 ? MOUNTED_WORLDS : FULL_WORLDS;
}

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

struct student_play {
    const char *name; /* NULL ends the list */
    int (*play)(void);
};

static inline int say(const char *what, int result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: ok\n", what);
    return 0;
}

static inline int play_student(const struct student_play *plays, const char *what)
{
    for (; plays->name; plays++)
        if (strcmp(plays->name, what) == 0)
            return plays->play();
    return 99;
}

/* ---- a sandbox and one process in it --------------------------------------------------------------------------------- */

struct fixture {
    struct sandbox *sandbox;
    struct spawned child;
    struct bytes out, err;
};

static inline void put_in(struct fixture *fixture, const struct sandbox_config *more)
{
    static const struct sandbox_file self = {"/proc/self/exe", "student", 0755};
    struct sandbox_config config = more ? *more : (struct sandbox_config){0};
    struct err err = {0};
    *fixture = (struct fixture){0};
    if (!config.files) {
        config.files = &self;
        config.file_count = 1;
    }
    ck_assert_msg(sandbox_open(&fixture->sandbox, &config, &err), "%s", err.text);
}

static inline void spawn_as(struct fixture *fixture, const struct spawn *like, char *const *argv)
{
    static char *const envp[] = {"PATH=/usr/bin:/bin",
                                 "ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0",
                                 NULL};
    struct spawn spawn = *like;
    struct err err = {0};
    spawn.path = argv[0];
    spawn.argv = argv;
    spawn.envp = envp;
    ck_assert_msg(sandbox_spawn(fixture->sandbox, &spawn, &fixture->child, &err), "%s", err.text);
}

static inline void go(struct fixture *fixture)
{
    struct err err = {0};
    ck_assert_msg(sandbox_go(fixture->sandbox, &fixture->child, &err), "%s", err.text);
}

static inline bool read_more(int fd, struct bytes *to)
{
    char part[4096];
    ssize_t len = read(fd, part, sizeof part);
    if (len > 0)
        bytes_add(to, part, (size_t)len, 1 << 20);
    return len > 0 || (len < 0 && errno == EAGAIN);
}

/* Until standard error ends, which is when the last process that has it ends; or, if `until` is not NULL, until it was printed. */
static inline void read_until(struct fixture *fixture, const char *until)
{
    struct pollfd wait[] = {{.fd = fixture->child.from_stderr, .events = POLLIN},
                            {.fd = fixture->child.from_stdout, .events = POLLIN}};
    while (!until || !strstr(bytes_text(&fixture->out), until)) {
        ck_assert_int_gt(poll(wait, 2, SAFETY_MS), 0);
        if (wait[1].revents && !read_more(wait[1].fd, &fixture->out))
            wait[1].fd = -1;
        if (wait[0].revents && !read_more(wait[0].fd, &fixture->err))
            break;
    }
    if (wait[1].fd >= 0)
        while (!until && read_more(wait[1].fd, &fixture->out) && errno != EAGAIN)
            errno = 0;
}

static const struct spawn with_pipes = {.in = SPAWN_PIPE, .out = SPAWN_PIPE};
static const struct spawn with_terminal = {.in = SPAWN_TERMINAL, .out = SPAWN_TERMINAL};
static const struct spawn with_input_none = {.in = SPAWN_NONE, .out = SPAWN_PIPE};

static inline void run_argv(struct fixture *fixture, const struct spawn *like, char *const *argv)
{
    spawn_as(fixture, like, argv);
    go(fixture);
    read_until(fixture, NULL);
}

static inline const char *run_student(struct fixture *fixture, const struct spawn *like, char *what)
{
    run_argv(fixture, like, (char *[]){"./student", "student", what, NULL});
    return bytes_text(&fixture->out);
}

static inline const char *run_shell(struct fixture *fixture, char *script)
{
    run_argv(fixture, &with_input_none, (char *[]){"/bin/sh", "-c", script, NULL});
    return bytes_text(&fixture->out);
}

static inline void take_out(struct fixture *fixture)
{
    struct spawned *child = &fixture->child;
    int fds[] = {child->to_stdin, child->from_stderr, child->terminal,
                 child->from_stdout == child->to_stdin ? -1 : child->from_stdout};
    for (size_t i = 0; child->pid && i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    bytes_free(&fixture->out);
    bytes_free(&fixture->err);
    sandbox_close(fixture->sandbox);
}

/* ---- the program ----------------------------------------------------------------------------------------------------- */

/* Each of the tests (NULL ends the list) in the first world_count worlds. */
static inline void add_tests(Suite *suite, const char *name, const TTest *const *tests, int world_count)
{
    TCase *tcase = tcase_create(name);
    for (; *tests; tests++)
        tcase_add_loop_test(tcase, *tests, 0, world_count);
    tcase_set_timeout(tcase, 30);
    suite_add_tcase(suite, tcase);
}

static inline int sandboxed_main(int argc, char **argv, const struct student_play *plays, Suite *suite)
{
    if (argc != 3 || strcmp(argv[1], "student") != 0)
        return run_suite(suite);
    srunner_free(srunner_create(suite)); /* Check frees a suite no other way */
    return play_student(plays, argv[2]);
}

#endif
