/* `ipcgrade watch [SUBMISSION]`: grade, and again whenever something is saved.
 *
 * Theory of operation: one loop waits for three things: a save, the end of a run, a signal. What is saved during a run ends that run and begins a new one; what the run
 * had found by then stands, unless its programs have changed. So the newest save is always what is graded, and a burst of saves is graded once: the builds of the
 * others were cut short. Programs that have changed are played first and shown; what is due beside them follows in a run of its own.
 *
 * The cases are watched, too: when one is saved they are loaded again, all is due, and the report tells what differs from the last one. Cases that cannot be loaded are told,
 * and those from before stay.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/known.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/run.h"
#include "commands/saves.h"
#include "commands/session.h"
#include "report/changes.h"
#include "result/score.h"

static const struct option_row rows[] = {
    SESSION_CASES,
    SESSION_ONLY,
    {"format", "F[:FILE]",
     "after each run, also a whole report in this format, as `ipcgrade grade` writes it; to "
     "standard output: in place of the changes"},
    SESSION_JOB_COUNT,
    SESSION_SEED,
    {"verbose", NULL, "also tell what is only worth knowing"},
    {NULL, NULL, NULL},
};

struct watch {
    struct options options;
    struct session session;
    struct grading chosen; /* never run: which cases there are, and what they are worth */
    struct known known;
    struct shown *shown; /* one per scenario */
    struct saves *saves;
    struct saves *case_saves;       /* NULL: the cases cannot be watched any more */
    struct saved saved, case_saved; /* at the last look */
    struct run run;
    struct progress progress;
    int signals; /* signalfd(2) */
    int status;  /* of the last run that was whole */
};

/* ---- the report ------------------------------------------------------------------------------------------------------------ */

/* "pipe_upper.c, Makefile and 3 more"; NULL: nothing was saved. Caller frees. */
static char *saved_text(const struct watch *watch)
{
    enum { NAMES = 4 };
    cleanup_bytes struct bytes text = {0};
    const struct saved *own = &watch->saved, *cases = &watch->case_saved;
    size_t count = own->count + cases->count;
    for (size_t i = 0; i < count && i < NAMES; i++)
        bytes_print(&text, "%s%s", i ? ", " : "",
                    i < own->count ? own->paths[i] : cases->paths[i - own->count]);
    if (count > NAMES)
        bytes_print(&text, _(" and %zu more"), count - NAMES);
    return count ? strdup(bytes_text(&text)) : NULL;
}

/* What stands now, and how each of it was shown before, both into arrays of the caller's. The cases are borrowed. */
static void collect(const struct watch *watch, struct result *result, struct shown *before)
{
    const struct known *known = &watch->known;
    for (size_t i = 0; i < known->suite->count; i++) {
        if (watch->chosen.plan.states[i] == PLAN_LEFT_OUT || known->states[i] == KNOWN_NOT)
            continue;
        before[result->count] = watch->shown[i];
        before[result->count].is_judged = known->states[i] == KNOWN_NOW;
        result->cases[result->count++] = known->cases[i];
    }
    result->is_partial = result->count < result->planned;
    result_total(result);
}

static void remember(struct watch *watch)
{
    for (size_t i = 0; i < watch->known.suite->count; i++)
        if (watch->known.states[i] != KNOWN_NOT)
            watch->shown[i] = (struct shown){.is_known = true,
                                             .verdict = watch->known.cases[i].verdict,
                                             .score = watch->known.cases[i].score};
}

static void write_report(struct watch *watch, const struct result *result, const struct shown *before)
{
    const struct report_options options = outputs_standard_options(&watch->session.outputs);
    const struct page page = {stdout, page_width(options.width), options.has_colour, options.has_utf8};
    cleanup_free char *saved = saved_text(watch);
    if (!outputs_has_standard(&watch->session.outputs)) {
        changes_put(&page, result, before, saved, &options);
        fputc('\n', stdout);
    }
    fflush(stdout);
    if (watch->session.outputs.count > 0)
        outputs_write(&watch->session.outputs, result);
}

static void report(struct watch *watch)
{
    const struct result *chosen = &watch->chosen.result;
    size_t count = watch->known.suite->count;
    struct result result = {.planned = chosen->planned,
                            .max_score = chosen->max_score,
                            .seed = chosen->seed,
                            .submission = (char *)watch->session.directory,
                            .build = watch->known.build,
                            .machine_notes = watch->known.machine_notes,
                            .machine_note_count = watch->known.machine_note_count};
    struct shown *before = calloc(count + 1, sizeof *before);
    result.cases = calloc(count + 1, sizeof *result.cases);
    memcpy(result.assignment, chosen->assignment, sizeof result.assignment);
    if (before && result.cases) {
        collect(watch, &result, before);
        write_report(watch, &result, before);
        remember(watch);
        if (!result.is_partial)
            watch->status = session_status(&result);
        saves_settle(watch->saves);
        if (watch->case_saves)
            saves_settle(watch->case_saves);
        watch->saved = watch->case_saved = (struct saved){0};
    }
    struct result totals = {.groups = result.groups, .group_count = result.group_count};
    result_free(&totals);
    free(result.cases);
    free(before);
}

/* ---- runs ------------------------------------------------------------------------------------------------------------------ */

/* For whoever reads our lines and not our screen: where a run begins and where it ends. Not translated. */
static void mark(const struct watch *watch, const char *word)
{
    if (!outputs_has_standard(&watch->session.outputs))
        return;
    printf("ipcgrade watch: %s\n", word);
    fflush(stdout);
}

static bool begin_run(struct watch *watch, struct err *err)
{
    progress_end(&watch->progress);
    mark(watch, "grading");
    return run_start(&watch->run, &watch->session, &watch->known, err);
}

static void tell(const struct watch *watch, const struct err *err)
{
    progress_end(&watch->progress);
    if (*err->text)
        err_print(stderr, err);
}

static void wait_for_saves(const struct watch *watch)
{
    mark(watch, "waiting");
    progress_say(&watch->progress, _("waiting for a file to be saved; Ctrl-C ends"));
}

/* It has come to its end by itself. What is due still (it was not urgent) comes next. */
static bool run_ended(struct watch *watch, struct err *err)
{
    struct err broken = {0};
    bool is_whole = run_end(&watch->run, false, &watch->known, &broken);
    tell(watch, &broken);
    if (is_whole)
        report(watch);
    else
        watch->status = EXIT_BROKEN;
    if (is_whole && known_due(&watch->known, &watch->chosen.plan) > 0)
        return begin_run(watch, err);
    wait_for_saves(watch);
    return true;
}

static bool look_for_saves(struct watch *watch, struct err *err)
{
    struct err broken = {0};
    if (!saves_look(watch->saves, &watch->saved, err))
        return false;
    if (!watch->saved.is_new)
        return true;
    run_end(&watch->run, true, &watch->known, &broken);
    tell(watch, &broken);
    return begin_run(watch, err);
}

/* ---- cases that are saved -------------------------------------------------------------------------------------------------- */

/* NULL: it has been told what is wrong in them, and that the cases stay as they were. */
static struct suite *load_cases(struct watch *watch)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    bool is_loaded = suite_load(&suite, watch->session.cases, &complaints);
    if (!is_loaded) {
        progress_end(&watch->progress);
        complaints_print(stderr, &complaints, false);
        fputs(_("ipcgrade: the cases stay as they were\n"), stderr);
    }
    complaints_free(&complaints);
    return is_loaded ? suite : NULL;
}

/* How each of the new cases was shown, by its id. NULL without memory. */
static struct shown *shown_before(const struct watch *watch, const struct suite *suite)
{
    const struct suite *old = watch->session.suite;
    struct shown *shown = calloc(suite->count + 1, sizeof *shown);
    for (size_t i = 0; shown && i < suite->count; i++) {
        const struct scenario *same = suite_find(old, suite->scenarios[i].id);
        shown[i] = same ? watch->shown[same - old->scenarios] : (struct shown){0};
    }
    return shown;
}

#define SWAP(a, b)                                                                                           \
    do {                                                                                                     \
        __typeof__(a) kept = (a);                                                                            \
        (a) = (b);                                                                                           \
        (b) = kept;                                                                                          \
    } while (0)

/* Take these in place of those from before; false: they stay, and the new ones are freed. */
static bool take_cases(struct watch *watch, struct suite *suite, struct err *err)
{
    struct session *session = &watch->session;
    struct grading chosen = {0};
    struct known known = {0};
    struct shown *shown = shown_before(watch, suite);
    session->request.suite = suite;
    bool is_taken = (shown || err_set(err, "no memory for the cases")) &&
                    grading_new(&chosen, &session->request, err) && known_new(&known, suite, err);
    if (is_taken) {
        SWAP(session->suite, suite);
        SWAP(watch->chosen, chosen);
        SWAP(watch->known, known);
        SWAP(watch->shown, shown);
    } else {
        session->request.suite = session->suite;
    }
    known_free(&known);
    grading_free(&chosen);
    free(shown);
    suite_free(suite);
    return is_taken;
}

static bool look_for_cases(struct watch *watch, struct err *err)
{
    struct err broken = {0};
    if (!saves_look(watch->case_saves, &watch->case_saved, &broken)) {
        tell(watch, &broken);
        saves_free(watch->case_saves);
        watch->case_saves = NULL;
        watch->case_saved = (struct saved){0};
        return true;
    }
    struct suite *suite = watch->case_saved.is_new ? load_cases(watch) : NULL;
    if (!suite) {
        if (watch->run.pid == 0 && watch->case_saved.is_new)
            wait_for_saves(watch);
        return true;
    }
    run_end(&watch->run, true, &watch->known, &broken);
    tell(watch, &broken);
    struct err refused = {0};
    if (!take_cases(watch, suite, &refused))
        tell(watch, &refused);
    return begin_run(watch, err);
}

static int asked_to_end(struct watch *watch)
{
    struct signalfd_siginfo info;
    struct err ignored = {0};
    bool is_read = read(watch->signals, &info, sizeof info) == (ssize_t)sizeof info;
    run_end(&watch->run, true, &watch->known, &ignored);
    progress_end(&watch->progress);
    if (is_read && info.ssi_signo != SIGINT)
        fprintf(stderr, _("ipcgrade: ended by SIG%s\n"), sigabbrev_np((int)info.ssi_signo));
    return watch->status;
}

static int watch_folder(struct watch *watch)
{
    struct err err = {0};
    bool is_well = begin_run(watch, &err);
    while (is_well) {
        struct pollfd polls[] = {{watch->signals, POLLIN, 0},
                                 {saves_fd(watch->saves), POLLIN, 0},
                                 {watch->case_saves ? saves_fd(watch->case_saves) : -1, POLLIN, 0},
                                 {watch->run.pidfd, POLLIN, 0}};
        if (poll(polls, sizeof polls / sizeof *polls, -1) < 0) {
            is_well = errno == EINTR || err_sys(&err, "wait for a save");
        } else if (polls[0].revents) {
            return asked_to_end(watch);
        } else if (polls[1].revents) {
            is_well = look_for_saves(watch, &err);
        } else if (polls[2].revents) {
            is_well = look_for_cases(watch, &err);
        } else if (polls[3].revents) {
            is_well = run_ended(watch, &err);
        }
    }
    struct err ignored = {0};
    run_end(&watch->run, true, &watch->known, &ignored);
    tell(watch, &err);
    return EXIT_BROKEN;
}

/* ---- the beginning --------------------------------------------------------------------------------------------------------- */

/* Taken from a descriptor. One that the caller has us ignore stays ignored. */
static bool hold_signals(struct watch *watch, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    watch->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return watch->signals >= 0 || err_sys(err, "take signals");
}

static int begin(struct watch *watch)
{
    struct err err = {0};
    const struct suite *suite = watch->session.suite;
    if (!grading_new(&watch->chosen, &watch->session.request, &err))
        return options_failed(&watch->options, &err);
    session_say_where(&watch->session);
    watch->shown = calloc(suite->count + 1, sizeof *watch->shown);
    progress_begin(&watch->progress, 0);
    if ((watch->shown || err_set(&err, "no memory for the cases")) && known_new(&watch->known, suite, &err) &&
        saves_new(&watch->saves, watch->session.directory, &err) &&
        saves_new(&watch->case_saves, watch->session.cases, &err) && hold_signals(watch, &err))
        return watch_folder(watch);
    err_print(stderr, &err);
    return EXIT_BROKEN;
}

static int run_watch(const struct command *command, int argc, char **argv)
{
    struct watch watch = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()},
        .run = RUN_NONE,
        .signals = -1,
        .status = EXIT_BROKEN};
    session_prepare(&watch.session);
    int status = session_read(&watch.session, &watch.options, ".");
    bool is_ready = status == EXIT_FULL && watch.session.directory; /* else the help was asked for */
    if (is_ready)
        status = session_load(&watch.session);
    if (is_ready && status == EXIT_FULL)
        status = begin(&watch);
    if (watch.signals >= 0)
        close(watch.signals);
    saves_free(watch.saves);
    saves_free(watch.case_saves);
    free(watch.shown);
    known_free(&watch.known);
    grading_free(&watch.chosen);
    session_free(&watch.session);
    return status;
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "[SUBMISSION]",
    .law = "grade a folder, and again whenever a file in it is saved",
    .about =
        "SUBMISSION is the folder that you are in, unless another is named. Only cases whose programs have\n"
        "changed are played again. What is saved while cases are played is graded at once. Cases that are\n"
        "saved are loaded and played again. Ctrl-C ends; the exit status is that of the last whole run, as\n"
        "of `ipcgrade grade`.",
    .options = rows,
    .list = outputs_list_formats,
    .run = run_watch,
};
