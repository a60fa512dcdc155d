/* For the tests of faults in ourselves only: a suite of a right and a wrong program, and what holds after a run of it, whatever happened to us. */
#ifndef IPCGRADE_COMMANDS_FAULTED_H
#define IPCGRADE_COMMANDS_FAULTED_H

#include <sched.h>
#include <stdarg.h>
#include <sys/mount.h>

#include "commands/faulted_suites.h"
#include "commands/suite_apart.h"

/* Nobody else's objects, mounts and temporary files are to be seen, and so whatever lies there is ours. */
static bool is_apart;

/* Where it may, nobody else's objects, mounts and temporary files come and go. The program and its sources are carried to where they are seen then, and where any user may look. */
static inline void set_up_short(void)
{
    char own[PATH_MAX] = "/mnt/own";
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    is_apart = unshare(CLONE_NEWIPC | CLONE_NEWNS) == 0 &&
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") == 0;
    if (!is_apart)
        snprintf(own, sizeof own, "%.4000s/own", make_folder());
    carry_program(own);
    if (is_apart) {
        container_dev(); /* a fence wants /dev/mqueue */
        ck_assert_int_eq(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), 0);
        ck_assert_int_eq(mount("tmpfs", "/var/tmp", "tmpfs", 0, "mode=1777"), 0); /* cases of a user, bare */
        make_folder();
    }
    start_on_ground();
}

static inline bool takes_all(void)
{
    const char *wanted = getenv("IPCGRADE_FAULTS");
    return wanted && strcmp(wanted, "all") == 0;
}

static inline void remove_reports(void)
{
    for (size_t i = 0; the_ground.suite->formats[i]; i++) {
        char path[64];
        snprintf(path, sizeof path, "out.%s", the_ground.suite->formats[i]);
        unlink(path);
    }
}

/* ---- what holds after every run -------------------------------------------------------------------------------------------------- */

static inline char *text_in(const char *path)
{
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    cleanup_file FILE *file = fopen(path, "re");
    for (size_t got; file && (got = fread(part, 1, sizeof part, file)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    return strdup(bytes_text(&text));
}

/* A sweep goes on after what does not hold, so that one run shows all of it; assert_all_held() ends it. */
static int troubles;
static char first_trouble[4096];

__attribute__((format(printf, 2, 3))) static inline void hold(bool holds, const char *format, ...)
{
    char text[sizeof first_trouble];
    va_list args;
    if (holds)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    printf("does not hold: %s\n", text);
    fflush(stdout);
    if (troubles++ == 0)
        memcpy(first_trouble, text, sizeof text);
}

static inline void assert_all_held(void)
{
    ck_assert_msg(troubles == 0, "%d times; first: %s", troubles, first_trouble);
}

/* Objects of the machine, mounts, temporary files, half reports. Keyrings have no name that they could be left under: the kernel takes them away in its own time, with their last process. */
static inline char *look_around(void)
{
#define LOOK                                                                                                 \
    "cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm /proc/self/mountinfo; ls -A tmp; "            \
    "ls -A /dev/mqueue /dev/shm 2>/dev/null; ls -A | grep -F .new"
    FILE *list = popen(is_apart ? LOOK "; ls -A /var/tmp" : LOOK, "re");
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    ck_assert_ptr_nonnull(list);
    for (size_t got; (got = fread(part, 1, sizeof part, list)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    pclose(list);
    return strdup(bytes_text(&text));
}

/* The lines of `text` that `other` has not. */
static inline void add_lines_alone(struct bytes *lines, const char *sign, const char *text, const char *other)
{
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        cleanup_free char *line = strndup(text, len);
        if (!strstr(other, line))
            bytes_print(lines, "\n%s%s", sign, line);
    }
}

/* One of the words. */
static inline bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

#endif
