/* For the tests of faults in ourselves only: what is graded while something fails, and on which machines.
 *
 * The short suite is a right and a wrong program, played in a moment. The wide one (fixtures/faults/wide) has a case for each kind of object and of actor, a library with its driver, and
 * writes all formats of reports. A case whose id begins with c/good is of a program that is right, one that begins with c/bad of one that is wrong.
 */
#ifndef IPCGRADE_COMMANDS_FAULTED_SUITES_H
#define IPCGRADE_COMMANDS_FAULTED_SUITES_H

#include <glob.h>

#include "commands/attack_modes.h"
#include "commands/graded.h"

static const struct {
    const char *path, *text;
} short_files[] = {
    {"cases/assignment.yaml", "assignment: A\nprograms: {p: {}}\nbuild: make\nlimits: {wall_seconds: 200}\n"},
    {"cases/c/good.yaml", "title: A FIFO brings bytes to a puppet\n"
                          "given: {box: fifo, q: {is: queue, messages: [{type: 1, text: a}]}}\nsteps:\n"
                          "  - do: {peer: {blocks: {open: box, as: r}}}\n  - start: {p: [p, 0, box]}\n"
                          "  - do: {peer: {read: r, gives: \"hello\\n\"}}\n"
                          "  - expect: {p: {exit: 0}, q: {count: 1}}\n"},
    {"cases/c/bad.yaml", "title: It does not end with 0\nsteps:\n  - start: {p: [p, 1, /dev/null]}\n"
                         "  - expect: {p: {exit: 0}}\n"},
    {"sub/Makefile", "p:\n\t@true\n"},
    {"sub/p", "#!/bin/sh\necho hello >\"$2\"\nexit \"$1\"\n"},
};

/* ---- what is graded ------------------------------------------------------------------------------------------------------------ */

enum { MOST_FORMATS = 12 };

struct faulted_suite {
    const char *name;
    const char *const *formats; /* out.NAME is written in each */
};

static const char *const short_formats[] = {"json", NULL};
static const char *const wide_formats[] = {"json",     "junit", "junit-strict", "tap",  "gradescope", "gnu",
                                           "markdown", "sarif", "csv",          "html", NULL};
enum { SUITE_SHORT, SUITE_WIDE, FAULTED_SUITES };
static const struct faulted_suite faulted_suites[] = {{"short", short_formats}, {"wide", wide_formats}};

/* What is graded, and where. */
struct ground_of_faults {
    const struct faulted_suite *suite;
    const struct attack_mode *mode;
};

static struct ground_of_faults the_ground = {&faulted_suites[SUITE_SHORT], &attack_modes[0]};

/* The modes in which something can be judged, in the order of attack_modes; the last is not one of them. */
enum { MODES_OF_FAULTS = ATTACK_MODES - 1, GROUNDS = 1 + MODES_OF_FAULTS };

/* The short suite, then the wide one on each machine. */
static inline struct ground_of_faults ground_number(int number)
{
    return number == 0 ? (struct ground_of_faults){&faulted_suites[SUITE_SHORT], &attack_modes[0]}
                       : (struct ground_of_faults){&faulted_suites[SUITE_WIDE], &attack_modes[number - 1]};
}

/* As IPCGRADE_GROUND takes it. */
static inline const char *ground_text(void)
{
    static char text[64];
    snprintf(text, sizeof text, "%s %s", the_ground.suite->name, the_ground.mode->name);
    return text;
}

static inline void ground_named(const char *wanted)
{
    for (int i = 0; i < GROUNDS; i++) {
        the_ground = ground_number(i);
        if (strcmp(ground_text(), wanted) == 0)
            return;
    }
    ck_abort_msg("IPCGRADE_GROUND: there is no '%s'", wanted);
}

/* ---- in a folder of its own --------------------------------------------------------------------------------------------------------- */

static char faults_source[PATH_MAX]; /* fixtures/faults */

static inline void must_be_done(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void must_be_done(const char *format, ...)
{
    cleanup_free char *command = NULL;
    va_list arguments;
    va_start(arguments, format);
    ck_assert_int_gt(vasprintf(&command, format, arguments), 0);
    va_end(arguments);
    ck_assert_msg(system(command) == 0, "%s", command);
}

/* Anew, and theirs who will grade: an ordinary user where the machine is one's. */
static inline void lay_out_ground(struct ground_of_faults ground)
{
    the_ground = ground;
    must_be_done("rm -rf cases sub out.* && mkdir -p cases/c sub tmp");
    for (size_t i = 0;
         ground.suite == &faulted_suites[SUITE_SHORT] && i < sizeof short_files / sizeof *short_files; i++)
        write_file(short_files[i].path, short_files[i].text);
    if (ground.suite == &faulted_suites[SUITE_WIDE])
        must_be_done("cp -r '%s'/wide/* .", faults_source);
    must_be_done("chmod -R u=rwX,go=rX cases sub && chmod 755 sub/p");
    if (geteuid() == 0)
        must_be_done("chown -R %u . && chmod 755 tmp", ground.mode->is_user ? ordinary_child() : 0U);
}

/* Its path, with room for a name. */
static inline char *make_folder(void)
{
    static char path[PATH_MAX + 16];
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-faults-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s", folder);
    return path;
}

/* Their sources say which calls they make. */
static const char *const carried_rooms[] = {"sandbox",  "inspect", "judge", "trace",
                                            "commands", "report",  NULL};

static inline void carry_program(const char *own)
{
    must_be_done("mkdir '%s' && cp -r fixtures/faults '%s'", own, own);
    for (const char *const *room = carried_rooms; *room; room++)
        must_be_done("cp -r runner/%s '%s'", *room, own);
    ck_assert(copy_program(own));
    setenv("IPCGRADE_BUILD", own, 1);
    snprintf(faults_source, sizeof faults_source, "%s/faults", own);
}

static inline void start_on_ground(void)
{
    char work[PATH_MAX + 16];
    snprintf(work, sizeof work, "%s/work", folder);
    ck_assert_int_eq(mkdir(work, 0755) + chdir(work), 0);
    setenv("TMPDIR", "tmp", 1);
    setenv("LANGUAGE", "en", 1);
    lay_out_ground(ground_number(0));
}

static inline const char *const *arguments(void)
{
    static const char *argv[MOST_FORMATS * 2 + 8];
    static char formats[MOST_FORMATS][64];
    const char *const head[] = {program(), "grade", "sub", "--cases", "cases", "--jobs", "1"};
    size_t count = sizeof head / sizeof *head;
    memcpy(argv, head, sizeof head);
    for (size_t i = 0; the_ground.suite->formats[i]; i++) {
        const char *name = the_ground.suite->formats[i];
        snprintf(formats[i], sizeof formats[i], "%s:out.%s", name, name);
        argv[count++] = "--format";
        argv[count++] = formats[i];
    }
    argv[count] = NULL;
    return argv;
}

static inline size_t count_of_cases(void)
{
    glob_t found = {0};
    glob("cases/c/*.yaml", 0, NULL, &found);
    size_t count = found.gl_pathc;
    globfree(&found);
    return count;
}

#endif
