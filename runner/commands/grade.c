/* `ipcgrade grade SUBMISSION`: load the cases, build the submission, run, report. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/outputs.h"
#include "commands/session.h"

enum { OPT_CASES, OPT_ONLY, OPT_FORMAT, OPT_JOBS, OPT_SEED, OPT_SHOW_HIDDEN, OPT_AFTER_DUE, OPT_VERBOSE };

static const struct option_row rows[] = {
    [OPT_CASES] = SESSION_CASES,
    [OPT_ONLY] = SESSION_ONLY,
    [OPT_FORMAT] = {"format", "F[:FILE]",
                    "report in this format (see below), to standard output or FILE; may be repeated"},
    [OPT_JOBS] = SESSION_JOB_COUNT,
    [OPT_SEED] = SESSION_SEED,
    [OPT_SHOW_HIDDEN] = {"show-hidden", NULL, "tell hidden cases in full; for instructors"},
    [OPT_AFTER_DUE] = {"after-due-date", NULL, "tell the cases that are kept until the due date"},
    [OPT_VERBOSE] = {"verbose", NULL, "also list what passed"},
    {NULL, NULL, NULL},
};

struct grade {
    struct options options;
    struct outputs outputs;
    struct session session;
};

static int take_option(struct grade *grade, int option)
{
    struct err err = {0};
    switch (option) {
    case OPT_FORMAT:
        if (!outputs_add(&grade->outputs, grade->options.value, &err))
            return options_wrong(&grade->options, "%s", err.text);
        return EXIT_FULL;
    case OPT_SHOW_HIDDEN: grade->session.request.shows_hidden = true; return EXIT_FULL;
    case OPT_AFTER_DUE: grade->session.request.is_after_due = true; return EXIT_FULL;
    case OPT_VERBOSE: grade->outputs.is_verbose = true; return EXIT_FULL;
    default: return session_take(&grade->session, &grade->options, option);
    }
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
    return session_take_submission(&grade->session, &grade->options, NULL);
}

static void live_report(void *context, const struct result *result)
{
    outputs_write_live(context, result);
}

static int broken(const struct err *err)
{
    err_print(stderr, err);
    return EXIT_BROKEN;
}

static int build_and_run(struct grade *grade, struct grading *grading)
{
    struct submission submission = {0};
    struct err err = {0};
    session_say_where(&grade->session);
    bool is_run = session_build(&grade->session, grading, &submission, &err) &&
                  session_play(&grade->session, grading, &submission, &err);
    submission_free(&submission);
    if (!is_run)
        return broken(&err);
    bool is_written = outputs_write(&grade->outputs, &grading->result);
    if (grading->signal)
        fprintf(stderr, "ipcgrade: cut short by SIG%s\n", sigabbrev_np(grading->signal));
    return is_written ? session_status(&grading->result) : EXIT_BROKEN;
}

static int grade_suite(struct grade *grade)
{
    struct grading grading;
    struct err err = {0};
    int status;
    grade->session.request.ended = live_report;
    grade->session.request.context = &grade->outputs;
    if (grading_new(&grading, &grade->session.request, &err))
        status = build_and_run(grade, &grading);
    else
        status = options_wrong(&grade->options, "%s", err.text);
    grading_free(&grading);
    return status;
}

static int run_grade(const struct command *command, int argc, char **argv)
{
    struct grade grade = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()}};
    session_prepare(&grade.session);
    int status = read_command_line(&grade);
    bool is_ready = status == EXIT_FULL && grade.session.directory; /* else the help was asked for */
    if (is_ready)
        status = session_load(&grade.session);
    if (is_ready && status == EXIT_FULL)
        status = grade_suite(&grade);
    outputs_free(&grade.outputs);
    session_free(&grade.session);
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
