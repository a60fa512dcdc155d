/* `ipcgrade grade SUBMISSION`: load the cases, build the submission, run, report. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/session.h"

static const struct option_row rows[] = {
    SESSION_CASES,
    SESSION_ONLY,
    {"format", "F[:FILE]", "report in this format (see below), to standard output or FILE; may be repeated"},
    SESSION_JOB_COUNT,
    SESSION_SEED,
    {"show-hidden", NULL, "tell hidden cases in full; for instructors"},
    {"after-due-date", NULL, "tell the cases that are kept until the due date"},
    {"verbose", NULL, "also list what passed"},
    {NULL, NULL, NULL},
};

struct grade {
    struct options options;
    struct session session;
};

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
    bool is_written = outputs_write(&grade->session.outputs, &grading->result);
    if (grading->signal)
        fprintf(stderr, "ipcgrade: cut short by SIG%s\n", sigabbrev_np(grading->signal));
    if (memory_was_short())
        fprintf(stderr, "ipcgrade: memory was short: what was reported may lack something\n");
    return is_written && !memory_was_short() ? session_status(&grading->result) : EXIT_BROKEN;
}

static int grade_suite(struct grade *grade)
{
    struct grading grading;
    struct err err = {0};
    int status;
    grade->session.request.ended = live_report;
    grade->session.request.context = &grade->session.outputs;
    if (grading_new(&grading, &grade->session.request, &err))
        status = build_and_run(grade, &grading);
    else
        status = options_failed(&grade->options, &err);
    grading_free(&grading);
    return status;
}

static int run_grade(const struct command *command, int argc, char **argv)
{
    struct grade grade = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()}};
    session_prepare(&grade.session);
    int status = session_read(&grade.session, &grade.options, NULL);
    bool is_ready = status == EXIT_FULL && grade.session.directory; /* else the help was asked for */
    if (is_ready)
        status = session_load(&grade.session);
    if (is_ready && status == EXIT_FULL)
        status = grade_suite(&grade);
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
