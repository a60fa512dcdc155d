/* `ipcgrade grade SUBMISSION`: load the cases, build the submission, run, report. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/grading.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/outputs.h"
#include "commands/paths.h"
#include "commands/submission.h"
#include "sandbox/doctor.h"
#include "sandbox/sandbox.h"

enum { MOST_PATTERNS = 64, MOST_JOBS = 256 };

enum { OPT_CASES, OPT_ONLY, OPT_FORMAT, OPT_JOBS, OPT_SEED, OPT_SHOW_HIDDEN, OPT_AFTER_DUE, OPT_VERBOSE };

static const struct option_row rows[] = {
    [OPT_CASES] = {"cases", "DIR", "the folder with assignment.yaml and the cases"},
    [OPT_ONLY] = {"only", "PATTERN", "only these cases: a glob on ids, a program, a group; may be repeated"},
    [OPT_FORMAT] = {"format", "F[:FILE]",
                    "report in this format (see below), to standard output or FILE; may be repeated"},
    [OPT_JOBS] = {"jobs", "N", "run N cases side by side (default: one per core)"},
    [OPT_SEED] = {"seed", "N", "draw keys and ports from N, to repeat a run"},
    [OPT_SHOW_HIDDEN] = {"show-hidden", NULL, "tell hidden cases in full; for instructors"},
    [OPT_AFTER_DUE] = {"after-due-date", NULL, "tell the cases that are kept until the due date"},
    [OPT_VERBOSE] = {"verbose", NULL, "also list what passed"},
    {NULL, NULL, NULL},
};

struct grade {
    struct options options;
    struct outputs outputs;
    const char *patterns[MOST_PATTERNS];
    const char *directory; /* the submission */
    char cases[PATHS_ROOM], agent[PATHS_ROOM];
    struct grading_request request;
};

/* 53 bits, so that every reader of JSON keeps the number exactly. */
#define LARGEST_SEED (((uint64_t)1 << 53) - 1)

static int read_number(const struct grade *grade, const char *name, uint64_t max, uint64_t *number)
{
    if (options_number(grade->options.value, name[0] == 'j', max, number))
        return EXIT_FULL;
    return options_wrong(&grade->options, "--%s: '%s' is not a number from %d to %llu", name,
                         grade->options.value, name[0] == 'j', (unsigned long long)max);
}

static int take_option(struct grade *grade, int option)
{
    struct err err = {0};
    uint64_t number = 0;
    int status = EXIT_FULL;
    switch (option) {
    case OPT_CASES:
        if (snprintf(grade->cases, sizeof grade->cases, "%s", grade->options.value) >=
            (int)sizeof grade->cases)
            return options_wrong(&grade->options, "--cases: the name is too long");
        break;
    case OPT_ONLY:
        if (grade->request.only_count == MOST_PATTERNS)
            return options_wrong(&grade->options, "more than %d patterns", MOST_PATTERNS);
        grade->patterns[grade->request.only_count++] = grade->options.value;
        break;
    case OPT_FORMAT:
        if (!outputs_add(&grade->outputs, grade->options.value, &err))
            return options_wrong(&grade->options, "%s", err.text);
        break;
    case OPT_JOBS:
        status = read_number(grade, "jobs", MOST_JOBS, &number);
        grade->request.jobs = (int)number;
        break;
    case OPT_SEED: status = read_number(grade, "seed", LARGEST_SEED, &grade->request.seed); break;
    case OPT_SHOW_HIDDEN: grade->request.shows_hidden = true; break;
    case OPT_AFTER_DUE: grade->request.is_after_due = true; break;
    case OPT_VERBOSE: grade->outputs.is_verbose = true; break;
    }
    return status;
}

static int take_submission(struct grade *grade)
{
    struct stat status;
    int count = 0;
    char **arguments = options_arguments(&grade->options, &count);
    if (count != 1)
        return options_wrong(&grade->options,
                             count ? "only one submission can be graded" : "no submission is named");
    if (stat(arguments[0], &status) != 0)
        return options_wrong(&grade->options, "%s: %s", arguments[0], strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return options_wrong(&grade->options, "%s is not a directory", arguments[0]);
    grade->directory = arguments[0];
    return EXIT_FULL;
}

static int read_command_line(struct grade *grade)
{
    int option, status = EXIT_FULL;
    while ((option = options_next(&grade->options)) >= 0) {
        status = take_option(grade, option);
        if (status != EXIT_FULL)
            return status;
    }
    if (option != OPTIONS_END)
        return options_status(option);
    grade->outputs.language = grade->options.language;
    return take_submission(grade);
}

static void live_report(void *context, const struct result *result)
{
    outputs_write_live(context, result);
}

static int status_of(const struct grading *grading, bool is_written)
{
    static const enum exit_status statuses[VERDICTS] = {
        [PASSED] = EXIT_FULL,
        [FAILED] = EXIT_LOST,
        [BROKEN] = EXIT_BROKEN,
        [SKIPPED] = EXIT_BROKEN, /* nothing could be judged: that must not look green */
    };
    if (!is_written || grading->result.is_partial)
        return EXIT_BROKEN;
    return statuses[grading->result.verdict];
}

static int broken(const struct err *err)
{
    err_print(stderr, err);
    return EXIT_BROKEN;
}

/* Why something could not be judged here: what the doctor finds missing. */
static void note_machine(const struct grade *grade, struct result *result)
{
    struct doctor_row checks[DOCTOR_ROWS];
    if (result->unjudged == 0)
        return;
    size_t count = doctor_examine(grade->agent, checks);
    result->machine_notes = calloc(count + 1, sizeof *result->machine_notes);
    for (size_t i = 0; result->machine_notes && i < count; i++) {
        char *note = NULL;
        if (checks[i].is_there || asprintf(&note, "%s: %s", checks[i].name, checks[i].lost) < 0)
            continue;
        result->machine_notes[result->machine_note_count++] = note;
    }
}

/* Without namespaces of their own, cases that run side by side would see each other's objects. */
static bool must_be_serial(void)
{
    const struct sandbox_config config = {.files = NULL};
    struct sandbox *sandbox = NULL;
    if (!sandbox_open(&sandbox, &config, NULL))
        return true;
    unsigned lacks = sandbox_lacks(sandbox);
    sandbox_close(sandbox);
    return lacks & (LACKS_IPC_NS | LACKS_MOUNT_NS);
}

static int build_and_run(struct grade *grade, struct grading *grading)
{
    struct submission submission = {0};
    struct err err = {0};
    if (grade->request.jobs > 1 && must_be_serial())
        grade->request.jobs = 1;
    progress_begin(&grading->progress, grading->result.planned);
    progress_show(&grading->progress, "building the submission");
    bool is_run =
        submission_build(&submission, grade->request.suite, grade->directory, grade->request.hidden, &err);
    progress_end(&grading->progress);
    if (is_run) {
        grading->result.build = submission.build;
        submission.build.output = NULL; /* moved */
        is_run = grading_run(grading, &submission, &err);
    }
    submission_free(&submission);
    if (!is_run)
        return broken(&err);
    note_machine(grade, &grading->result);
    bool is_written = outputs_write(&grade->outputs, &grading->result);
    if (grading->signal)
        fprintf(stderr, "ipcgrade: cut short by SIG%s\n", sigabbrev_np(grading->signal));
    return status_of(grading, is_written);
}

static int grade_suite(struct grade *grade)
{
    struct grading grading;
    struct err err = {0};
    int status;
    grade->request.ended = live_report;
    grade->request.context = &grade->outputs;
    if (!paths_agent(grade->agent, &err))
        return broken(&err);
    if (grading_new(&grading, &grade->request, &err)) {
        result_set(&grading.result.submission, grade->directory);
        status = build_and_run(grade, &grading);
    } else {
        status = options_wrong(&grade->options, "%s", err.text);
    }
    grading_free(&grading);
    return status;
}

static int run_grade(const struct command *command, int argc, char **argv)
{
    struct grade grade = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()}};
    cleanup_free char *whole = NULL; /* the cases' folder, which students must not read */
    const char *hidden[] = {NULL, NULL};
    struct suite *suite = NULL;
    uint32_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) == sizeof seed)
        grade.request.seed = seed;
    grade.request.jobs = pool_cores();
    int status = read_command_line(&grade);
    bool is_ready = status == EXIT_FULL && grade.directory && suite_or_complain(&suite, grade.cases, &status);
    if (!is_ready) {
        outputs_free(&grade.outputs);
        return status;
    }
    whole = realpath(grade.cases, NULL);
    hidden[0] = whole;
    grade.request.suite = suite;
    grade.request.only = grade.patterns;
    grade.request.agent_path = grade.agent;
    grade.request.hidden = hidden;
    status = grade_suite(&grade);
    outputs_free(&grade.outputs);
    suite_free(suite);
    return status;
}

const struct command command_grade = {
    .name = "grade",
    .arguments = "SUBMISSION",
    .law = "build and grade one submission, a directory",
    .about = "Exit status: 0 full marks, 1 points lost, 2 wrong usage or a wrong case, 3 the grader or the "
             "machine\n"
             "broke, or the run was cut short. Cases that broke or were skipped cost no points.",
    .options = rows,
    .list = outputs_list_formats,
    .run = run_grade,
};
