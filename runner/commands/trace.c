/* `ipcgrade trace -- COMMAND`: any program's interprocess communication as it happens, then what the rules have found. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/findings.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "commands/progress.h"
#include "commands/trace_page.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"
#include "rules/rules.h"
#include "sandbox/sandbox.h"
#include "trace/run.h"

enum {
    OPT_QUIET,
    OPT_ALL,
    OPT_NO_SOURCE,
    OPT_OUTPUT,
    OPT_FORMAT,
    OPT_UNTIL_IDLE,
    OPT_WITH,
    OPT_ERROR_STATUS
};

static const struct option_row rows[] = {
    [OPT_QUIET] = {"quiet", NULL, "only the findings, no line for each call"},
    [OPT_ALL] = {"all", NULL, "also what the dynamic loader does, and the reading of the system's own files"},
    [OPT_NO_SOURCE] = {"no-lines", NULL, "without source lines"},
    [OPT_OUTPUT] = {"output", "FILE", "write there instead of to standard error"},
    [OPT_FORMAT] = {"format", "F[:FILE]",
                    "how the findings are told: text, or json or html on standard output or in FILE"},
    [OPT_UNTIL_IDLE] =
        {"until-idle", NULL,
         "end everything as soon as nothing can happen any more without somebody from outside"},
    [OPT_WITH] = {"with", "COMMAND2",
                  "start this, too (by sh), when COMMAND waits or has ended; may be repeated"},
    [OPT_ERROR_STATUS] =
        {"error-status", "N",
         "end with N instead of 1 when an error was found; 0: always with the command's status"},
    {NULL, NULL, NULL},
};

enum { WITH_MOST = 64, STATUS_MOST = 255, SIGNAL_STATUS = 128, WIDTH_OF_FILE = 100, WIDTH_MOST = 110 };

struct trace {
    struct options options;
    const char *path;        /* of --output */
    bool is_json;            /* text is left out */
    bool is_html;            /* json, but as a page: */
    struct case_result page; /* what it tells; owned */
    const char *json_path;   /* of either; NULL: standard output */
    uint64_t error_status;
    char *with[WITH_MOST + 1]; /* borrowed from argv */
    size_t with_count;
    char probe[PATHS_ROOM];
    struct trace_run_options how;
    bool has_told; /* of a circle */
    uint64_t knot; /* one more than the event of the deadlock that was told last; 0: none was */
    char **command;
    struct study *study;     /* owned while the command runs */
    struct history *history; /* owned while the command runs */
    char *json;              /* owned */
    size_t errors;
};

/* ---- deadlocks ------------------------------------------------------------------------------------------------------------ */

static void name_process(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "[%s %d]", process->program, (int)process->pid);
}

/* A server that keeps both ends of its FIFO open waits for others, who open it by its name. */
static bool is_meant(const struct waits *waits)
{
    return waits->cycle_count == 0 ||
           (waits->cycle_count == 1 && waits->items[waits->cycle[0]].object.kind == OBJECT_FIFO);
}

/* Who waits for whom, once: the same knot is found again whenever something else has moved. Waits without a knot are told when they are the end. */
static void tell_knot(struct trace *trace, const struct waits *waits, struct tracer *tracer)
{
    const struct teller teller = {tracer, NULL, name_process, NULL};
    cleanup_bytes struct bytes text = {0};
    bool is_end = trace->how.is_ended_at_rest && trace->with_count == 0;
    uint64_t knot = is_meant(waits) ? 0 : waits->items[waits->cycle[0]].event->number + 1;
    if (knot == 0 ? !is_end : knot == trace->knot)
        return;
    trace->knot = knot;
    waits_text(waits, &teller, &text);
    if (text.len > 0)
        fprintf(trace->how.to, "%s\n", bytes_text(&text));
    trace->has_told |= text.len > 0 && knot != 0;
    fflush(trace->how.to);
}

static void begin_study(struct trace *trace, struct tracer *tracer)
{
    if (!trace->study)
        trace->study = study_new(tracer);
    if (!trace->history)
        trace->history = history_new(tracer);
}

static void nobody_goes_on(void *context, struct tracer *tracer, enum scene scene)
{
    struct trace *trace = context;
    struct waits waits;
    if (scene != SCENE_AT_REST)
        return;
    begin_study(trace, tracer);
    history_play_all(trace->history); /* what is new since the last time */
    waits_find(&waits, tracer, trace->history, &inspector_here);
    study_stands(trace->study, &waits);
    tell_knot(trace, &waits, tracer);
    if (trace->is_html)
        trace_page_tell(&trace->page, tracer, scene, &inspector_here);
    waits_free(&waits);
}

/* ---- what was found ------------------------------------------------------------------------------------------------------- */

static int width_of(const struct trace *trace)
{
    if (trace->path || !isatty(STDERR_FILENO))
        return WIDTH_OF_FILE;
    int width = terminal_width(STDERR_FILENO);
    return width > WIDTH_MOST ? WIDTH_MOST : width;
}

static void all_is_over(void *context, struct tracer *tracer, const struct ledger *before,
                        const struct trace_run_result *result)
{
    struct trace *trace = context;
    begin_study(trace, tracer);
    study_end(trace->study, before);
    const struct findings findings = {trace->study, before, result, trace->command, trace->has_told};
    const struct page page = {trace->how.to, width_of(trace), trace->how.color, true};
    if (trace->is_json)
        trace->json = findings_json(&findings);
    if (trace->is_html &&
        !(result->was_ended && trace->page.actor_count > 0)) /* else: how they stood before that */
        trace_page_tell(&trace->page, tracer, SCENE_MOVING, &inspector_here);
    if (trace->is_html)
        trace_page_find(&trace->page, &findings);
    if ((!trace->is_json && !trace->is_html) || trace->json_path)
        findings_print(&findings, &page, !trace->how.is_quiet);
    trace->errors = findings_count(trace->study, SEVERITY_ERROR);
    study_free(trace->study);
    history_free(trace->history);
}

static bool put_json(const struct trace *trace, FILE *to)
{
    if (trace->is_html)
        return trace_page_write(to, &trace->page, trace->command, trace->options.language) && fflush(to) == 0;
    return !trace->is_json || (trace->json && fprintf(to, "%s\n", trace->json) > 0 && fflush(to) == 0);
}

/* As a shell tells it; whom we have killed ourselves has not failed. */
static int status_of(const struct trace *trace, const struct trace_run_result *result)
{
    int status = result->wait_status;
    if (trace->errors > 0 && trace->error_status > 0)
        return (int)trace->error_status;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return result->was_killed_by_us ? EXIT_FULL : SIGNAL_STATUS + WTERMSIG(status);
}

/* ---- the command ---------------------------------------------------------------------------------------------------------- */

static int not_run(const struct err *err)
{
    bool is_theirs = err->number == ENOENT || err->number == EACCES || err->number == ENOEXEC;
    err_print(stderr, err);
    return is_theirs ? EXIT_WRONG : EXIT_BROKEN;
}

/* The command's own limits, and its language. */
static void be_as_before(void)
{
    sandbox_usual_files(NULL);
    language_leave();
}

static int run_it(struct trace *trace, char **command)
{
    struct trace_run_result result = {0};
    struct err err = {0};
    cleanup_file FILE *file = trace->path ? fopen(trace->path, "we") : NULL;
    if (trace->path && !file)
        return options_wrong(&trace->options, "%s: %s", trace->path, strerror(errno));
    cleanup_file FILE *json = trace->json_path ? fopen(trace->json_path, "we") : NULL;
    if (trace->json_path && !json)
        return options_wrong(&trace->options, "%s: %s", trace->json_path, strerror(errno));
    const char *no_colour = getenv("NO_COLOR");
    trace->command = command;
    trace->how.to = file ? file : stderr;
    trace->how.color = !file && isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    trace->how.with = trace->with_count > 0 ? trace->with : NULL;
    trace->how.is_last = true;
    trace->how.in_child = be_as_before;
    sandbox_raise_files(); /* each task that is followed takes a few */
    trace->how.context = trace;
    trace->how.stands = nobody_goes_on;
    trace->how.ended = all_is_over;
    if (!paths_probe(trace->probe, &err))
        return not_run(&err);
    trace->how.probe = trace->probe;
    bool is_done = trace_run(command, &trace->how, &result, &err) &&
                   (put_json(trace, json ? json : stdout) || err_sys(&err, "write the findings"));
    free(trace->json);
    case_result_free(&trace->page);
    return is_done ? status_of(trace, &result) : not_run(&err);
}

/* "json", "json:FILE", the same with "html", "text" */
static bool take_format(struct trace *trace, const char *value)
{
    size_t len = strcspn(value, ":");
    trace->is_json = len == 4 && strncmp(value, "json", len) == 0;
    trace->is_html = len == 4 && strncmp(value, "html", len) == 0;
    bool is_file = trace->is_json || trace->is_html;
    trace->json_path = is_file && value[len] ? value + len + 1 : NULL;
    return (is_file && !(trace->json_path && !*trace->json_path)) || strcmp(value, "text") == 0;
}

static bool take_with(struct trace *trace, char *value)
{
    if (trace->with_count == WITH_MOST)
        return false;
    trace->with[trace->with_count++] = value;
    return true;
}

/* EXIT_FULL, or what to end with: the option is wrong. */
static int take(struct trace *trace, int option)
{
    char *value =
        (char *)(uintptr_t)trace->options.value; // NOLINT(performance-no-int-to-ptr): argv's, not const
    switch (option) {
    case OPT_QUIET: trace->how.is_quiet = true; break;
    case OPT_ALL: trace->how.wants_all = true; break;
    case OPT_NO_SOURCE: trace->how.wants_source = false; break;
    case OPT_OUTPUT: trace->path = value; break;
    case OPT_UNTIL_IDLE: trace->how.is_ended_at_rest = true; break;
    case OPT_FORMAT:
        if (!take_format(trace, value))
            return options_wrong(&trace->options,
                                 "there is no format '%s': text, json or html, or json:FILE or html:FILE",
                                 value);
        break;
    case OPT_WITH:
        if (!take_with(trace, value))
            return options_wrong(&trace->options, "more than %d times --with", WITH_MOST);
        break;
    case OPT_ERROR_STATUS:
        if (!options_number(value, 0, STATUS_MOST, &trace->error_status))
            return options_wrong(&trace->options, "--error-status: '%s' is not a number from 0 to %d", value,
                                 STATUS_MOST);
        break;
    }
    return EXIT_FULL;
}

static int run_trace(const struct command *command, int argc, char **argv)
{
    struct trace trace = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()},
        .error_status = EXIT_LOST,
        .how = {.wants_source = true}};
    int option, count = 0, wrong = EXIT_FULL;
    while (wrong == EXIT_FULL && (option = options_next(&trace.options)) >= 0)
        wrong = take(&trace, option);
    if (wrong != EXIT_FULL)
        return wrong;
    if (option != OPTIONS_END)
        return options_status(option);
    char **arguments = options_arguments(&trace.options, &count);
    if (count == 0)
        return options_wrong(&trace.options, "no command is named");
    return run_it(&trace, arguments);
}

const struct command command_trace = {
    .name = "trace",
    .arguments = "[--] COMMAND [ARGUMENT...]",
    .law = "run any program, print its interprocess communication, and find mistakes in it",
    .about =
        "Lines and findings go to standard error. Exit status: 1 an error was found (see --error-status),\n"
        "else the command's own status, 128 + N when signal N has killed it, 0 when we had to end it;\n"
        "2 it could not be started, 3 the tracer broke. After ctrl-C or SIGTERM the findings still come.",
    .options = rows,
    .stops_at_argument = true,
    .run = run_trace,
};
