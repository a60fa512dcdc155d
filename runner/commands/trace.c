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
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "trace/run.h"

enum { OPT_ALL, OPT_NO_SOURCE, OPT_OUTPUT };

static const struct option_row rows[] = {
    [OPT_ALL] = {"all", NULL, "also what the dynamic loader does, and the reading of the system's own files"},
    [OPT_NO_SOURCE] = {"no-lines", NULL, "without source lines"},
    [OPT_OUTPUT] = {"output", "FILE", "write there instead of to standard error"},
    {NULL, NULL, NULL},
};

struct trace {
    struct options options;
    const char *path;
    char probe[PATHS_ROOM];
    struct trace_run_options how;
};

static int run_it(struct trace *trace, char **command)
{
    struct trace_run_result result = {0};
    struct err err = {0};
    cleanup_file FILE *file = trace->path ? fopen(trace->path, "we") : NULL;
    if (trace->path && !file)
        return options_wrong(&trace->options, "%s: %s", trace->path, strerror(errno));
    trace->how.to = file ? file : stderr;
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
    bool is_well = WIFEXITED(result.wait_status) && WEXITSTATUS(result.wait_status) == 0;
    return is_well && result.left == 0 ? EXIT_FULL : EXIT_LOST;
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
