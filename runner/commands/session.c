/* What grading one folder needs; see session.h. */
#include "commands/session.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/complain.h"
#include "commands/machine_lock.h"
#include "commands/surroundings.h"
#include "judge/shared.h"
#include "report/page.h"
#include "sandbox/doctor.h"
#include "sandbox/sandbox.h"

void session_prepare(struct session *session)
{
    uint32_t seed = 0;
    *session = (struct session){.request = {.jobs = pool_cores()}};
    surroundings_set_signals();
    sandbox_raise_files();
    if (getrandom(&seed, sizeof seed, 0) == sizeof seed)
        session->request.seed = seed;
}

/* ---- the command line ------------------------------------------------------------------------------------------------------ */

static int take_cases(struct session *session, const struct options *options)
{
    if (snprintf(session->cases, sizeof session->cases, "%s", options->value) >= (int)sizeof session->cases)
        return options_wrong(options, "--cases: the name is too long");
    return *session->cases ? EXIT_FULL : options_wrong(options, "--cases: the folder has no name");
}

static int take_only(struct session *session, const struct options *options)
{
    if (session->request.only_count == SESSION_PATTERNS)
        return options_wrong(options, "more than %d patterns", SESSION_PATTERNS);
    session->patterns[session->request.only_count++] = options->value;
    return EXIT_FULL;
}

static int take_number(const struct options *options, const char *name, uint64_t min, uint64_t max,
                       uint64_t *number)
{
    if (options_number(options->value, min, max, number))
        return EXIT_FULL;
    return options_wrong(options, "--%s: '%s' is not a number from %llu to %llu", name, options->value,
                         (unsigned long long)min, (unsigned long long)max);
}

static int take_jobs(struct session *session, const struct options *options)
{
    uint64_t number = 0;
    int status = take_number(options, "jobs", 1, SESSION_JOBS, &number);
    session->request.jobs = (int)number;
    return status;
}

/* 53 bits, so that every reader of JSON keeps the number exactly. */
#define LARGEST_SEED (((uint64_t)1 << 53) - 1)

static int take_seed(struct session *session, const struct options *options)
{
    return take_number(options, "seed", 0, LARGEST_SEED, &session->request.seed);
}

static int take_format(struct session *session, const struct options *options)
{
    struct err err = {0};
    return outputs_add(&session->outputs, options->value, &err) ? EXIT_FULL : options_failed(options, &err);
}

static int take_show_hidden(struct session *session, const struct options *options)
{
    (void)options;
    session->request.shows_hidden = true;
    return EXIT_FULL;
}

static int take_after_due(struct session *session, const struct options *options)
{
    (void)options;
    session->request.is_after_due = true;
    return EXIT_FULL;
}

static int take_verbose(struct session *session, const struct options *options)
{
    (void)options;
    session->outputs.is_verbose = true;
    return EXIT_FULL;
}

/* A command knows those of them that are among its rows. */
static const struct {
    const char *name;
    int (*take)(struct session *session, const struct options *options);
} takers[] = {{"cases", take_cases},
              {"only", take_only},
              {"format", take_format},
              {"jobs", take_jobs},
              {"seed", take_seed},
              {"show-hidden", take_show_hidden},
              {"after-due-date", take_after_due},
              {"verbose", take_verbose}};

static int take_option(struct session *session, const struct options *options, int option)
{
    const char *name = options->command->options[option].name;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
        if (strcmp(takers[i].name, name) == 0)
            return takers[i].take(session, options);
    return options_wrong(options, "--%s is not known here", name); /* a row without its taker: ours */
}

static int take_submission(struct session *session, const struct options *options, const char *usual)
{
    struct stat status;
    int count = 0;
    char **arguments = options_arguments(options, &count);
    const char *directory = count ? arguments[0] : usual;
    if (count > 1 || !directory)
        return options_wrong(options, count ? "only one submission can be graded" : "no submission is named");
    bool is_there = stat(directory, &status) == 0;
    if (is_there && !S_ISDIR(status.st_mode))
        return options_wrong(options, "%s is not a directory", directory);
    if (!is_there || access(directory, R_OK | X_OK) != 0) {
        struct err err;
        err_sys(&err, "%s", directory);
        return options_failed(options, &err);
    }
    session->directory = directory;
    return EXIT_FULL;
}

int session_read(struct session *session, struct options *options, const char *usual)
{
    int option, status = EXIT_FULL;
    while ((option = options_next(options)) >= 0) {
        status = take_option(session, options, option);
        if (status != EXIT_FULL)
            return status;
    }
    if (option != OPTIONS_END)
        return options_status(option);
    session->outputs.language = options->language;
    return take_submission(session, options, usual);
}

/* ---- the cases ------------------------------------------------------------------------------------------------------------- */

/* A folder of cases in the submission or beside it, as "DIR/cases"; caller frees. NULL: none. It is never taken by itself: whoever hands in could then bring
 * the cases that he is graded by. */
static char *cases_nearby(const char *directory)
{
    static const char *const places[] = {"cases", "../cases"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *folder = NULL;
        cleanup_free char *file = NULL;
        bool is_here = strcmp(directory, ".") == 0;
        if (asprintf(&folder, "%s%s%s", is_here ? "" : directory, is_here ? "" : "/", places[i]) < 0)
            return NULL;
        if (asprintf(&file, "%s/assignment.yaml", folder) > 0 && access(file, R_OK) == 0)
            return folder;
        free(folder);
    }
    return NULL;
}

/* Which cases are meant may be a question only where there are others; then it is said. */
static void say_which(const struct session *session, bool is_named, const char *nearby)
{
    cleanup_free char *real = nearby ? realpath(nearby, NULL) : NULL, *ours = page_safe(session->cases),
                      *others = page_safe(nearby ? nearby : "");
    bool is_other = real && session->whole && strcmp(real, session->whole) != 0;
    if (is_named)
        return;
    if (getenv("IPCGRADE_CASES"))
        fprintf(stderr, _("ipcgrade: the cases are those of IPCGRADE_CASES, %s\n"), ours);
    if (is_other)
        fprintf(stderr,
                _("ipcgrade: the cases are those in %s; others lie near the submission: --cases %s takes "
                  "them\n"),
                ours, others);
}

/* The source of one of the assignment's programs that lies in the folder; NULL: there is none. Borrowed. */
static const char *exercise_in(const struct session *session, const char *folder)
{
    const struct assignment *assignment = &session->suite->assignment;
    for (size_t i = 0; i < assignment->program_count; i++) {
        const struct program *program = &assignment->programs[i];
        cleanup_free char *path = NULL;
        if (asprintf(&path, "%s/%s%s", folder, program->library ? program->library : program->name,
                     program->library ? "" : ".c") > 0 &&
            access(path, F_OK) == 0)
            return program->name;
    }
    return NULL;
}

/* A folder too high is a mistake that costs everything: where nothing was handed in, say in which folder below there is something. */
void session_say_where(const struct session *session)
{
    struct dirent **entries = NULL;
    int count =
        exercise_in(session, session->directory) ? 0 : scandir(session->directory, &entries, NULL, alphasort);
    bool is_told = false;
    for (int i = 0; i < count; i++) {
        cleanup_free char *folder = NULL;
        bool is_here = entries[i]->d_name[0] == '.' ||
                       asprintf(&folder, "%s/%s", session->directory, entries[i]->d_name) < 0;
        const char *found = is_here || is_told ? NULL : exercise_in(session, folder);
        if (found) {
            cleanup_free char *shown = page_safe(folder), *top = page_safe(session->directory);
            fprintf(stderr, _("ipcgrade: no exercise lies in %s, but %s does in %s: is that the folder?\n"),
                    top, found, shown);
            is_told = true;
        }
        free(entries[i]);
    }
    free(entries);
}

int session_load(struct session *session)
{
    struct err err = {0};
    int status = EXIT_FULL;
    bool is_named = *session->cases != '\0';
    cleanup_free char *nearby = is_named ? NULL : cases_nearby(session->directory);
    if (!is_named && !paths_cases(session->cases, &err)) {
        cleanup_free char *others = page_safe(nearby ? nearby : "");
        err_print(stderr, &err);
        if (nearby)
            fprintf(stderr, _("ipcgrade: there are cases near the submission: --cases %s takes them\n"),
                    others);
        return EXIT_WRONG;
    }
    if (!suite_or_complain(&session->suite, session->cases, &status))
        return status;
    session->whole = realpath(session->cases, NULL);
    session->hidden[0] = session->whole;
    say_which(session, is_named, nearby);
    session->request.suite = session->suite;
    session->request.only = session->patterns;
    session->request.agent_path = session->agent;
    session->request.hidden = session->hidden;
    if (paths_agent(session->agent, &err))
        return EXIT_FULL;
    err_print(stderr, &err);
    return EXIT_BROKEN;
}

void session_free(struct session *session)
{
    outputs_free(&session->outputs);
    suite_free(session->suite);
    free(session->whole);
    *session = (struct session){0};
}

/* ---- a run ----------------------------------------------------------------------------------------------------------------- */

/* What a sandbox of this machine lacks. Where none can be made nothing will be played. */
static unsigned try_sandbox(void)
{
    const struct sandbox_config config = {.files = NULL};
    struct sandbox *sandbox = NULL;
    if (!sandbox_open(&sandbox, &config, NULL))
        return LACKS_IPC_NS;
    unsigned lacks = sandbox_lacks(sandbox);
    sandbox_close(sandbox);
    return lacks;
}

/* Cases side by side would see each other's objects, or have the same port. */
static bool must_be_one_by_one(const struct session *session)
{
    unsigned lacks = session->request.lacks;
    for (size_t i = 0; i < session->suite->count; i++)
        if (shared_is_named(&session->suite->scenarios[i], lacks))
            return true;
    return lacks & (LACKS_IPC_NS | LACKS_MOUNT_NS);
}

/* Whoever builds may use any name: where names are the machine's, nobody else plays or builds meanwhile. *lock is the caller's; it stays as it is where none is needed. */
static bool take_machine(const struct grading *grading, unsigned lacks, int *lock, struct err *err)
{
    if (!(lacks & (LACKS_IPC_NS | LACKS_MOUNT_NS | LACKS_NET_NS)))
        return true;
    *lock = machine_lock_open(err);
    if (*lock < 0)
        return false;
    struct err why = {0};
    if (machine_lock_try(*lock, &why))
        return true;
    progress_show(&grading->progress, _("waiting for another run on this machine"));
    if (machine_lock_await(*lock, &why))
        return true;
    if (why.number == EWOULDBLOCK)
        return err_set(err, "%s", _("others hold what this machine shares with them (ipcgrade doctor)"));
    *err = why;
    return false;
}

bool session_build(struct session *session, struct grading *grading, struct submission *submission,
                   struct err *err)
{
    unsigned lacks = try_sandbox();
    session->is_walled = !(lacks & (LACKS_PID_NS | LACKS_MOUNT_NS | LACKS_IPC_NS | LACKS_NET_NS));
    session->request.lacks = lacks;
    if (must_be_one_by_one(session))
        session->request.jobs = 1;
    grading->queues = queue_room_here(session->request.jobs);
    progress_begin(&grading->progress, grading->result.planned);
    cleanup_fd int lock = -1;
    bool is_ours = take_machine(grading, lacks, &lock, err);
    if (is_ours)
        progress_show(&grading->progress, _("building the submission"));
    bool is_built = is_ours && submission_build(submission, session->suite, session->directory,
                                                session->hidden, lock, err);
    progress_end(&grading->progress);
    grading->result.build = submission->build;
    submission->build.output = NULL; /* moved */
    result_set(&grading->result.submission, session->directory);
    return is_built;
}

/* Why something could not be judged here: what the doctor finds missing. And always, what does not keep submissions from the machine. */
static void note_machine(const struct session *session, struct result *result)
{
    struct doctor_row checks[DOCTOR_ROWS];
    if (result->unjudged == 0 && session->is_walled)
        return;
    size_t count = doctor_examine(session->agent, checks);
    result->machine_notes = calloc(count + 1, sizeof *result->machine_notes);
    for (size_t i = 0; result->machine_notes && i < count; i++) {
        char *note = NULL;
        if (checks[i].is_there || (result->unjudged == 0 && !checks[i].is_wall) ||
            asprintf(&note, "%s: %s", checks[i].name, checks[i].lost) < 0)
            continue;
        result->machine_notes[result->machine_note_count++] = note;
    }
}

bool session_play(struct session *session, struct grading *grading, const struct submission *submission,
                  struct err *err)
{
    if (!grading_run(grading, submission, err))
        return false;
    note_machine(session, &grading->result);
    return true;
}

int session_status(const struct result *result)
{
    static const enum exit_status statuses[VERDICTS] = {
        [PASSED] = EXIT_FULL,
        [FAILED] = EXIT_LOST,
        [BROKEN] = EXIT_BROKEN,
        [SKIPPED] = EXIT_BROKEN, /* nothing could be judged: that must not look green */
    };
    return result->is_partial ? EXIT_BROKEN : statuses[result->verdict];
}
