/* For the tests of faults in ourselves only: a suite of a right and a wrong program, and what holds after a run of it, whatever happened to us. */
#ifndef IPCGRADE_COMMANDS_FAULTED_H
#define IPCGRADE_COMMANDS_FAULTED_H

#include <glob.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mount.h>

#include "commands/graded.h"

/* ---- the suite ---------------------------------------------------------------------------------------------------------------- */

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

static inline void set_up_short(void)
{
    program();
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-faults-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755) + chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/c", 0755) + mkdir("sub", 0755) + mkdir("tmp", 0755),
                     0);
    for (size_t i = 0; i < sizeof short_files / sizeof *short_files; i++)
        write_file(short_files[i].path, short_files[i].text);
    ck_assert_int_eq(chmod("sub/p", 0755), 0);
    setenv("TMPDIR", "tmp", 1);
    setenv("LANGUAGE", "en", 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    /* Where it may, so that nobody else's objects and mounts come and go. */
    unshare(CLONE_NEWIPC);
    if (unshare(CLONE_NEWNS) == 0)
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static inline bool takes_all(void)
{
    const char *wanted = getenv("IPCGRADE_FAULTS");
    return wanted && strcmp(wanted, "all") == 0;
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

/* Objects of the machine, mounts, temporary files, half reports. */
static inline char *look_around(void)
{
    FILE *list =
        popen("cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm /proc/self/mountinfo; ls -A tmp; "
              "ls -A | grep -F .new",
              "re");
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

/* The report was whole before it got a name; it may lie beside its place, if SIGKILL came between the two. */
static inline void look_beside(const char *what)
{
    glob_t found = {0};
    glob(".*.new", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        json_error_t error;
        json_t *json = json_load_file(found.gl_pathv[i], 0, &error);
        hold(json != NULL, "%s: half a report in %s: %s", what, found.gl_pathv[i], error.text);
        json_decref(json);
        unlink(found.gl_pathv[i]);
    }
    globfree(&found);
}

/* What is left is taken away, so that the next run is not blamed for it. `was_killed`: the runner was, by SIGKILL. */
static inline void look_what_is_left(const char *before, bool was_killed, const char *what)
{
    if (was_killed)
        look_beside(what);

    cleanup_free char *after = look_around();
    cleanup_bytes struct bytes lines = {0};
    if (strcmp(before, after) == 0)
        return;
    add_lines_alone(&lines, "+ ", after, before);
    add_lines_alone(&lines, "- ", before, after);
    hold(false, "%s: left behind, or taken away:%s", what, bytes_text(&lines));
    ck_assert_int_eq(system("rm -rf tmp/* .*.new*"), 0);
}

/* One of the words. */
static inline bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static inline void look_at_case(const json_t *one, const char *what)
{
    static const char *const good[] = {"passed", "broken", "skipped", NULL}, *const bad[] = {"failed",
                                                                                             "broken",
                                                                                             "skipped", NULL};
    const char *verdict = text_of(one, "verdict"), *id = text_of(one, "id"), *reason = text_of(one, "reason");
    bool is_good = strcmp(id, "c/good") == 0;
    hold(is_one_of(verdict, is_good ? good : bad), "%s: %s is %s: %s", what, id, verdict, reason);
    hold(strcmp(verdict, "passed") == 0 || *reason, "%s: %s is %s and does not say why", what, id, verdict);
    hold((number_of(one, "score") > 0) == (strcmp(verdict, "passed") == 0),
         "%s: %s is %s, and its score is %g", what, id, verdict, number_of(one, "score"));
}

/* Half a report is none that can be read. Where there is none, standard error says why and the status is 3. */
static inline void look_at_report(int status, const char *what)
{
    json_error_t error;
    cleanup_free char *said = text_in("err");
    json_t *json = json_load_file("out.json", 0, &error);
    hold(json || access("out.json", F_OK) < 0, "%s: half a report: %s", what, error.text);
    const json_t *cases = json ? json_object_get(json, "cases") : NULL;
    bool is_judged = json_array_size(cases) == 2 && json_is_false(json_object_get(json, "partial"));
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const char *verdict = text_of(json_array_get(cases, i), "verdict");
        is_judged = is_judged && (strcmp(verdict, "passed") == 0 || strcmp(verdict, "failed") == 0);
        look_at_case(json_array_get(cases, i), what);
    }
    json_decref(json);
    bool has_ended = WIFEXITED(status), is_broken = has_ended && WEXITSTATUS(status) == 3;
    hold(is_broken || (has_ended && WEXITSTATUS(status) <= 1 && json) || !has_ended,
         "%s: ended with %#x and said: %.500s", what, (unsigned)status, said);
    hold(!has_ended || is_broken || is_judged || WEXITSTATUS(status) == 1,
         "%s: not all is judged, and the status is %d", what, WEXITSTATUS(status));
    hold(!is_broken || json || *said, "%s: status 3 without a word", what);
}

static inline const char *const *arguments(void)
{
    static const char *argv[] = {NULL,     "grade", "sub",      "--cases",       "cases",
                                 "--jobs", "1",     "--format", "json:out.json", NULL};
    argv[0] = program();
    return argv;
}

#endif
