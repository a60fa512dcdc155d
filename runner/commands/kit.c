/* `ipcgrade kit KIND DIR`: what an instructor needs to have submissions graded by somebody else's machines.
 *
 * A kit is self-contained: the sources of this program, which are built where they will run (a program that was linked here may not start on the older
 * libraries there), the cases, the students' folder, and the scripts and pages of runner/kit/: common/ for every kind, KIND/ as it will lie in DIR. What was chosen on the
 * command line stands in the file `options`, one argument of `ipcgrade grade` a line, so that no shell ever reads it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/grading.h"
#include "commands/kit_files.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "report/brief.h"
#include "result/score.h"

enum { MOST_PATTERNS = 64, MOST_KINDS = 8, PLACE_ROOM = PATHS_ROOM + 64 };

enum { OPT_CASES, OPT_ONLY, OPT_TITLE, OPT_AFTER_DUE };

static const struct option_row rows[] = {
    [OPT_CASES] = {"cases", "DIR",
                   "the folder with assignment.yaml and the cases (default: the program's own)"},
    [OPT_ONLY] = {"only", "PATTERN", "grade only these, as for `ipcgrade grade`; may be repeated"},
    [OPT_TITLE] = {"title", "TEXT", "the assignment's name (default: as assignment.yaml has it)"},
    [OPT_AFTER_DUE] = {"after-due-date", NULL, "tell the cases that are kept until the due date"},
    {NULL, NULL, NULL},
};

static const struct kind {
    const char *name, *law;
    const char *inner;    /* below DIR: where the scripts, the sources and the cases go */
    const char *readme;   /* below DIR: what to read first */
    const char *archive;  /* below DIR: made of `inner`; NULL: none */
    bool is_for_students; /* they can read what lies there */
} kinds[] = {
    {"gradescope", "an autograder archive, to be uploaded", "autograder", "README.md", "autograder.zip",
     false},
    {"github", "a workflow for GitHub Classroom, with partial credit", ".github/ipcgrade",
     ".github/ipcgrade/README.md", NULL, true},
    {"gitlab", "a GitLab job with a JUnit report", ".ipcgrade", ".ipcgrade/README.md", NULL, true},
    {"docker", "a Dockerfile and what it needs", "ipcgrade", "README.md", NULL, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct kit {
    struct options options;
    const struct kind *kind;
    const char *directory;
    const char *title;
    const char *patterns[MOST_PATTERNS];
    size_t pattern_count;
    bool is_after_due;
    char cases[PATHS_ROOM], source[PATHS_ROOM];
    const struct suite *suite;
    size_t case_count, hidden_count;
    int points; /* hundredths */
};

/* ---- the command line --------------------------------------------------------------------------------------------------------- */

static void list_kinds(FILE *to)
{
    enum { NAME_WIDTH = 13 };
    fputs("\nkinds:\n", to);
    for (size_t i = 0; i < KINDS; i++)
        fprintf(to, "  %-*s%s\n", NAME_WIDTH, kinds[i].name, kinds[i].law);
}

static int take_option(struct kit *kit, int option)
{
    const char *value = kit->options.value;
    switch (option) {
    case OPT_CASES:
        if (snprintf(kit->cases, sizeof kit->cases, "%s", value) >= (int)sizeof kit->cases)
            return options_wrong(&kit->options, "--cases: the name is too long");
        break;
    case OPT_ONLY:
        if (kit->pattern_count == MOST_PATTERNS)
            return options_wrong(&kit->options, "more than %d patterns", MOST_PATTERNS);
        if (strchr(value, '\n'))
            return options_wrong(&kit->options, "--only: a pattern is one line");
        kit->patterns[kit->pattern_count++] = value;
        break;
    case OPT_TITLE: kit->title = value; break;
    case OPT_AFTER_DUE: kit->is_after_due = true; break;
    }
    return EXIT_FULL;
}

static int take_kind(struct kit *kit, const char *word)
{
    const char *names[MOST_KINDS + 1] = {NULL};
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (strcmp(kinds[i].name, word) == 0)
            kit->kind = &kinds[i];
    }
    const char *nearest = text_nearest(word, names);
    if (kit->kind)
        return EXIT_FULL;
    if (nearest)
        return options_wrong(&kit->options, "unknown kind '%s'; did you mean '%s'?", word, nearest);
    return options_wrong(&kit->options,
                         "unknown kind '%s'; the kinds are gradescope, github, gitlab and docker", word);
}

/* Absent, or a folder with nothing in it. */
static int check_directory(const struct kit *kit)
{
    const char *path = kit->directory;
    DIR *directory = *path ? opendir(path) : NULL;
    const struct dirent *entry = NULL;
    if (!directory)
        return *path && errno == ENOENT
                   ? EXIT_FULL
                   : options_wrong(&kit->options, "'%s': %s", path, strerror(*path ? errno : ENOENT));
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            break;
    closedir(directory);
    return entry ? options_wrong(&kit->options,
                                 "%s is not empty; name a folder that is empty or not there yet", path)
                 : EXIT_FULL;
}

static int read_command_line(struct kit *kit)
{
    int option, count = 0;
    while ((option = options_next(&kit->options)) >= 0) {
        int status = take_option(kit, option);
        if (status != EXIT_FULL)
            return status;
    }
    if (option != OPTIONS_END)
        return options_status(option);
    char **arguments = options_arguments(&kit->options, &count);
    if (count != 2)
        return options_wrong(&kit->options, count < 1   ? "no kind is named"
                                            : count < 2 ? "no folder is named"
                                                        : "only a kind and one folder can be named");
    int status = take_kind(kit, arguments[0]);
    kit->directory = arguments[1];
    return status == EXIT_FULL ? check_directory(kit) : status;
}

/* ---- what is taken over ------------------------------------------------------------------------------------------------------- */

/* Nothing but what `make all` needs. */
static bool is_source(const char *name, const struct stat *status)
{
    static const char *const left_out[] = {".*",    "*~",   "*_test.[ch]", "*.o",
                                           "bench", "fuzz", "schemas",     "kit"};
    (void)status;
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (fnmatch(left_out[i], name, 0) == 0)
            return false;
    return true;
}

/* As `make install` takes them: no compiled program, and nothing of an editor or of git. */
static bool is_course(const char *name, const struct stat *status)
{
    bool is_program = S_ISREG(status->st_mode) && (status->st_mode & 0111);
    return *name != '.' && !is_program && fnmatch("*~", name, 0) != 0 && fnmatch("*.o", name, 0) != 0;
}

static bool copy_source(const struct kit *kit, const char *to, struct err *err)
{
    static const char *const parts[] = {"Makefile", "LICENSE", "runner"};
    char from[PLACE_ROOM], place[PLACE_ROOM];
    if (!kit_folder(to, err))
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(from, sizeof from, "%s/%s", kit->source, parts[i]);
        snprintf(place, sizeof place, "%.*s/%s", PATHS_ROOM, to, parts[i]);
        if (!kit_copy(from, place, is_source, NULL, err))
            return false;
    }
    return true;
}

/* With the students' folder beside it, if there is one: what is still a skeleton is told as such. */
static bool copy_course(const struct kit *kit, const char *to, struct err *err)
{
    char place[PLACE_ROOM], students[PLACE_ROOM];
    snprintf(place, sizeof place, "%.*s/cases", PATHS_ROOM, to);
    snprintf(students, sizeof students, "%s/../student", kit->suite->directory);
    if (!kit_folder(to, err) || !kit_copy(kit->suite->directory, place, is_course, NULL, err))
        return false;
    snprintf(place, sizeof place, "%.*s/student", PATHS_ROOM, to);
    return access(students, R_OK | X_OK) != 0 || kit_copy(students, place, is_course, NULL, err);
}

static bool write_options(const struct kit *kit, const char *path, struct err *err)
{
    cleanup_bytes struct bytes text = {0};
    for (size_t i = 0; i < kit->pattern_count; i++)
        bytes_print(&text, "--only\n%s\n", kit->patterns[i]);
    if (kit->is_after_due)
        bytes_print(&text, "--after-due-date\n");
    bytes_print(&text, "--language\n%s\n", kit->options.language == REPORT_KOREAN ? "ko" : "en");
    return kit_write(path, bytes_text(&text), err);
}

/* ---- the templates ------------------------------------------------------------------------------------------------------------ */

static char *title_of(const struct kit *kit)
{
    const struct words *title = &kit->suite->assignment.title;
    const char *own =
        title->in[kit->options.language] ? title->in[kit->options.language] : title->in[ENGLISH];
    return brief_line(kit->title ? kit->title : own ? own : "ipcgrade");
}

static bool copy_templates(const struct kit *kit, const char *inner, struct err *err)
{
    char from[PLACE_ROOM], cases[24], hidden[24];
    cleanup_free char *title = title_of(kit);
    json_t *text = json_string(title ? title : "");
    /* A string of JSON is one of YAML, too. */
    cleanup_free char *quoted = json_dumps(text, JSON_ENCODE_ANY);
    struct points_text points = points_text(kit->points);
    const struct kit_word words[] = {{"TITLE", title},   {"TITLE_QUOTED", quoted}, {"CASES", cases},
                                     {"HIDDEN", hidden}, {"POINTS", points.text},  {NULL, NULL}};
    json_decref(text);
    if (!title || !quoted)
        return err_set(err, "no memory for the title");
    snprintf(cases, sizeof cases, "%zu", kit->case_count);
    snprintf(hidden, sizeof hidden, "%zu", kit->hidden_count);
    snprintf(from, sizeof from, "%s/runner/kit/common", kit->source);
    if (!kit_folder(inner, err) || !kit_copy(from, inner, NULL, words, err))
        return false;
    snprintf(from, sizeof from, "%s/runner/kit/%s", kit->source, kit->kind->name);
    return kit_copy(from, kit->directory, NULL, words, err);
}

/* ---- the archive -------------------------------------------------------------------------------------------------------------- */

/* zip(1) in `folder`; what it prints is nobody's business. False when it is not installed, or failed. */
static bool run_zip(const char *folder, char *const *argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool is_run = posix_spawn_file_actions_addchdir_np(&actions, folder) == 0 &&
                  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
                  posix_spawnp(&pid, "zip", &actions, NULL, argv, environ) == 0 &&
                  waitpid(pid, &status, 0) == pid;
    posix_spawn_file_actions_destroy(&actions);
    return is_run && status == 0;
}

static bool has_zip(void)
{
    return run_zip("/", (char *[]){"zip", "-v", NULL});
}

static bool make_archive(const struct kit *kit, const char *inner, struct err *err)
{
    char name[256];
    snprintf(name, sizeof name, "../%s", kit->kind->archive);
    char *argv[] = {"zip", "-q", "-r", "-X", name, ".", NULL};
    return run_zip(inner, argv) ||
           err_set(err, "zip could not make %s/%s", kit->directory, kit->kind->archive);
}

/* ---- all together ------------------------------------------------------------------------------------------------------------- */

/* What is copied must not hold what is written: the copy would never end. */
static bool is_apart(const struct kit *kit, struct err *err)
{
    char whole[PATHS_ROOM], other[PATHS_ROOM], runner[PLACE_ROOM];
    snprintf(runner, sizeof runner, "%s/runner", kit->source);
    const char *const copied[] = {kit->suite->directory, runner};
    if (!realpath(kit->directory, whole))
        return err_sys(err, "find %s", kit->directory);
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        size_t len = realpath(copied[i], other) ? strlen(other) : 0;
        if (len > 0 && strncmp(whole, other, len) == 0 && (whole[len] == '/' || whole[len] == '\0'))
            return err_set(err, "%s lies in %s, which would be copied into it", kit->directory, copied[i]);
    }
    return true;
}

static bool write_kit(const struct kit *kit, struct err *err)
{
    char inner[PLACE_ROOM], place[PLACE_ROOM + 32];
    if (mkdir(kit->directory, 0755) < 0 && errno != EEXIST)
        return err_sys(err, "make the folder %s", kit->directory);
    if (snprintf(inner, sizeof inner, "%s/%s", kit->directory, kit->kind->inner) >= PATHS_ROOM)
        return err_set(err, "%s: the name is too long", kit->directory);
    if (!is_apart(kit, err) || !copy_templates(kit, inner, err))
        return false;
    snprintf(place, sizeof place, "%s/ipcgrade", inner);
    if (!copy_source(kit, place, err))
        return false;
    snprintf(place, sizeof place, "%s/course", inner);
    if (!copy_course(kit, place, err))
        return false;
    snprintf(place, sizeof place, "%s/options", inner);
    return write_options(kit, place, err) && (!kit->kind->archive || make_archive(kit, inner, err));
}

static bool count_cases(struct kit *kit, struct err *err)
{
    struct plan plan = {0};
    cleanup_free int *shares = calloc(kit->suite->count + 1, sizeof *shares);
    if (!shares || !suite_share(kit->suite, shares))
        return err_set(err, "no memory for the points");
    bool is_planned = plan_new(&plan, kit->suite, kit->patterns, kit->pattern_count, err);
    for (size_t i = 0; is_planned && i < kit->suite->count; i++) {
        if (plan.states[i] == PLAN_LEFT_OUT)
            continue;
        kit->case_count++;
        kit->points += shares[i];
        kit->hidden_count += kit->suite->scenarios[i].visibility != VISIBLE;
    }
    plan_free(&plan);
    return is_planned;
}

static void tell(const struct kit *kit)
{
    const char *directory = kit->directory;
    if (kit->kind->archive)
        printf(_("%s/%s: %zu cases, %s points\n"), directory, kit->kind->archive, kit->case_count,
               points_text(kit->points).text);
    else
        printf(_("%s: %zu cases, %s points\n"), directory, kit->case_count, points_text(kit->points).text);
    printf(_("What to do with it: %s/%s\n"), directory, kit->kind->readme);
    if (kit->kind->is_for_students && kit->hidden_count > 0)
        fprintf(
            stderr,
            _("ipcgrade: note: %zu of the cases are hidden; whoever can read the repository can read them\n"),
            kit->hidden_count);
}

static int make_kit(struct kit *kit)
{
    struct err err = {0};
    if (!count_cases(kit, &err))
        return options_wrong(&kit->options, "%s", err.text);
    if (kit->kind->archive && !has_zip())
        return options_wrong(&kit->options, "zip, which makes the archive, is not installed (package zip)");
    if (!paths_source(kit->source, &err) || !write_kit(kit, &err)) {
        err_print(stderr, &err);
        return EXIT_BROKEN;
    }
    tell(kit);
    return EXIT_FULL;
}

static int run_kit(const struct command *command, int argc, char **argv)
{
    struct kit kit = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()}};
    struct suite *suite = NULL;
    int status = read_command_line(&kit);
    if (status != EXIT_FULL || !kit.kind || !suite_or_complain(&suite, kit.cases, &status))
        return status;
    kit.suite = suite;
    status = make_kit(&kit);
    suite_free(suite);
    return status;
}

const struct command command_kit = {
    .name = "kit",
    .arguments = "KIND DIR",
    .law = "write what an instructor needs to grade elsewhere",
    .about = "DIR is empty or not there yet. It gets the cases, the sources of this program, which are built "
             "where they\n"
             "will run, the scripts, and a README.md that tells what to do with it all.",
    .options = rows,
    .list = list_kinds,
    .run = run_kit,
};
