/* `ipcgrade trace -- COMMAND`: any program's interprocess communication, as it happens. */
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
#include "diagnosis/waits.h"
#include "diagnosis/words.h"
#include "rules/rules.h"
#include "trace/run.h"

enum { OPT_ALL, OPT_NO_SOURCE, OPT_OUTPUT, OPT_FORMAT, OPT_UNTIL_IDLE };

static const struct option_row rows[] = {
    [OPT_ALL] = {"all", NULL, "also what the dynamic loader does, and the reading of the system's own files"},
    [OPT_NO_SOURCE] = {"no-lines", NULL, "without source lines"},
    [OPT_OUTPUT] = {"output", "FILE", "write there instead of to standard error"},
    [OPT_FORMAT] = {"format", "NAME",
                    "how the findings are told: text (the default), or json on standard output"},
    [OPT_UNTIL_IDLE] =
        {"until-idle", NULL,
         "end everything as soon as nothing can happen any more without somebody from outside"},
    {NULL, NULL, NULL},
};

struct trace {
    struct options options;
    const char *path;
    char probe[PATHS_ROOM];
    struct trace_run_options how;
    bool has_knot;
    uint64_t knot; /* event of the deadlock that was told last */
    bool is_json;
    char **command;
    struct study *study; /* owned while the command runs */
    char *json;          /* owned */
    size_t findings[SEVERITIES];
};

/* ---- deadlocks ------------------------------------------------------------------------------------------------------------ */

static bool ask_here(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    (void)context, (void)err;
    inspect_answer(NULL, question, len, reply);
    return true;
}

static void name_process(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "[%s %d]", process->program, (int)process->pid);
}

/* Every wait of the cycle, once: the same knot is found again whenever something else has moved. */
static void tell_knot(struct trace *trace, const struct waits *waits, struct tracer *tracer)
{
    const struct teller teller = {tracer, NULL, name_process, NULL};
    uint64_t knot = waits->items[waits->cycle[0]].event->number;
    cleanup_bytes struct bytes text = {0};
    if (waits->cycle_count == 0 || (trace->has_knot && trace->knot == knot))
        return;
    trace->has_knot = true;
    trace->knot = knot;
    cycle_text(waits, &teller, &text);
    for (size_t i = 0; i < waits->cycle_count; i++) {
        bytes_print(&text, "%s", text.len ? "\n" : "");
        wait_text(waits, &waits->items[waits->cycle[i]], &teller, &text);
    }
    fprintf(trace->how.to, "%s\n", bytes_text(&text));
    fflush(trace->how.to);
}

static struct study *study_of(struct trace *trace, struct tracer *tracer)
{
    if (!trace->study)
        trace->study = study_new(tracer);
    return trace->study;
}

static void nobody_goes_on(void *context, struct tracer *tracer, enum scene scene)
{
    static const struct inspector inspector = {ask_here, NULL};
    struct trace *trace = context;
    struct waits waits;
    if (scene != SCENE_AT_REST)
        return;
    struct history *history = history_new(tracer);
    history_play_all(history);
    waits_find(&waits, tracer, history, &inspector);
    study_stands(study_of(trace, tracer), &waits);
    tell_knot(trace, &waits, tracer);
    waits_free(&waits);
    history_free(history);
}

static void all_is_over(void *context, struct tracer *tracer, const struct ledger *before)
{
    struct trace *trace = context;
    struct study *study = study_of(trace, tracer);
    study_end(study, before);
    if (trace->is_json)
        trace->json = findings_json(study, trace->command);
    else
        findings_print(study, trace->how.to, trace->how.color);
    for (int severity = 0; severity < SEVERITIES; severity++)
        trace->findings[severity] = findings_count(study, (enum severity)severity);
    study_free(study);
    trace->study = NULL;
}

/* ---- the command ---------------------------------------------------------------------------------------------------------- */

static int run_it(struct trace *trace, char **command)
{
    struct trace_run_result result = {0};
    struct err err = {0};
    cleanup_file FILE *file = trace->path ? fopen(trace->path, "we") : NULL;
    if (trace->path && !file)
        return options_wrong(&trace->options, "%s: %s", trace->path, strerror(errno));
    trace->how.to = file ? file : stderr;
    trace->how.context = trace;
    trace->how.stands = nobody_goes_on;
    trace->how.ended = all_is_over;
    trace->command = command;
    const char *no_colour = getenv("NO_COLOR");
    trace->how.color = !file && isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    if (!paths_probe(trace->probe, &err)) {
        err_print(stderr, &err);
        return EXIT_BROKEN;
    }
    trace->how.probe = trace->probe;
    language_leave();
    if (!trace_run(command, &trace->how, &result, &err)) {
        err_print(stderr, &err);
        return err.number == ENOENT || err.number == EACCES || err.number == ENOEXEC ? EXIT_WRONG
                                                                                     : EXIT_BROKEN;
    }
    fprintf(trace->how.to, _("processes: %zu, calls: %zu, failed: %zu, left behind: %zu%s\n"),
            result.processes, result.calls, result.failed, result.left,
            result.is_cut ? _("; detail was dropped") : "");
    fprintf(trace->how.to, _("findings: %zu errors, %zu warnings, %zu notes\n"),
            trace->findings[SEVERITY_ERROR], trace->findings[SEVERITY_WARNING],
            trace->findings[SEVERITY_NOTE]);
    if (trace->json)
        puts(trace->json);
    free(trace->json);
    return trace->findings[SEVERITY_ERROR] > 0 ? EXIT_LOST : EXIT_FULL;
}

static int run_trace(const struct command *command, int argc, char **argv)
{
    struct trace trace = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()},
        .how = {.wants_source = true}};
    int option, count = 0;
    while ((option = options_next(&trace.options)) >= 0) {
        switch (option) {
        case OPT_ALL: trace.how.wants_all = true; break;
        case OPT_NO_SOURCE: trace.how.wants_source = false; break;
        case OPT_OUTPUT: trace.path = trace.options.value; break;
        case OPT_FORMAT:
            trace.is_json = strcmp(trace.options.value, "json") == 0;
            if (!trace.is_json && strcmp(trace.options.value, "text") != 0)
                return options_wrong(&trace.options, "there is no format '%s': text or json",
                                     trace.options.value);
            break;
        case OPT_UNTIL_IDLE: trace.how.is_ended_at_rest = true; break;
        }
    }
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
    .law = "run any program and print its interprocess communication",
    .about = "Lines go to standard error. Exit status: 0 the command ended with 0 and left nothing behind, 1 "
             "it did not,\n"
             "2 it could not be started, 3 the tracer broke.",
    .options = rows,
    .stops_at_argument = true,
    .run = run_trace,
};
