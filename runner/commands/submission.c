/* What was handed in; see submission.h.
 *
 * The built executables are in memory alone (memfd_create(2)): they are reached as /proc/self/fd/N, by this process and the workers that it forks, and
 * nothing is left on the disk even if the runner is killed.
 */
#include "commands/submission.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/paths.h"
#include "report/page.h"
#include "sandbox/build.h"
#include "trace/trace.h"

/* ---- building --------------------------------------------------------------------------------------------------------------- */

/* The compiler's words, harmless, their lines kept. */
static void keep_output(struct build_result *build, struct bytes *output)
{
    for (size_t i = 0; i < output->len; i++)
        if (output->data[i] == '\0')
            output->data[i] = ' ';
    cleanup_free char *safe = page_safe(bytes_text(output));
    result_set(&build->output, safe);
}

/* Takes the descriptor. */
static bool keep_program(struct submission *submission, size_t index, int *program, struct err *err)
{
    char *name = NULL;
    submission->descriptors[index] = steal_fd(program);
    if (asprintf(&name, "/proc/self/fd/%d", submission->descriptors[index]) < 0)
        return err_set(err, "no memory for the programs");
    submission->programs[index].host_path = name;
    return true;
}

static bool keep_outcome(struct submission *submission, struct build_outcome *outcome, struct err *err)
{
    submission->build = (struct build_result){
        .is_ok = outcome->is_ok, .status = outcome->status, .is_cut = outcome->is_cut || outcome->is_flood};
    keep_output(&submission->build, &outcome->output);
    result_set(&submission->source_root, outcome->source_root);
    for (size_t i = 0; i < submission->program_count && i < outcome->program_count; i++)
        if (outcome->programs[i] >= 0 && !keep_program(submission, i, &outcome->programs[i], err))
            return false;
    return true;
}

/* A driver is written relative to the folder of the cases. Owned by the caller. */
static char *driver_path(const struct suite *suite, const char *driver)
{
    char *path = NULL;
    if (!driver || asprintf(&path, "%s/%s", suite->directory, driver) < 0)
        return NULL;
    return path;
}

static void drivers_free(struct build_program *programs, size_t count)
{
    for (size_t i = 0; programs && i < count; i++)
        free((void *)programs[i].driver);
    free(programs);
}

static bool make_room(struct submission *submission, const struct assignment *assignment)
{
    size_t count = submission->program_count = assignment->program_count;
    submission->sources = assignment->programs;
    submission->programs = calloc(count + 1, sizeof *submission->programs);
    submission->descriptors = calloc(count + 1, sizeof *submission->descriptors);
    for (size_t i = 0; submission->programs && submission->descriptors && i < count; i++) {
        submission->programs[i].name = assignment->programs[i].name;
        submission->descriptors[i] = -1;
    }
    return submission->programs && submission->descriptors;
}

bool submission_build(struct submission *submission, const struct suite *suite, const char *directory,
                      const char *const *hidden, int held, struct err *err)
{
    const struct assignment *assignment = &suite->assignment;
    long seconds = assignment->limits.build_seconds;
    struct build_outcome outcome = {0};
    bool has_drivers = true;
    *submission = (struct submission){.directory = directory};
    struct build_program *wanted = calloc(assignment->program_count + 1, sizeof *wanted);
    if (!wanted || !make_room(submission, assignment)) {
        free(wanted);
        return err_set(err, "no memory for the programs");
    }
    for (size_t i = 0; i < assignment->program_count; i++) {
        const struct program *program = &assignment->programs[i];
        wanted[i] =
            (struct build_program){program->name, program->library, driver_path(suite, program->driver)};
        has_drivers = has_drivers && !program->driver == !wanted[i].driver;
    }
    cleanup_free char *makefile = NULL;
    if (asprintf(&makefile, "%s/../student/Makefile", suite->directory) < 0)
        makefile = NULL;
    struct build_request request = {.submission = directory,
                                    .makefile = makefile,
                                    .command = assignment->build,
                                    .programs = wanted,
                                    .program_count = assignment->program_count,
                                    .hidden = hidden,
                                    .held = held,
                                    .wall_seconds = seconds > 0 ? (unsigned)seconds : 0};
    struct sock_filter *filter = NULL;
    bool is_done = (has_drivers || err_set(err, "no memory for the drivers' names")) &&
                   tracer_filter_untraced(&filter, &request.filter_length, err);
    request.filter = filter;
    is_done = is_done && build_submission(&request, &outcome, err) && keep_outcome(submission, &outcome, err);
    free(filter);
    build_outcome_free(&outcome);
    drivers_free(wanted, assignment->program_count);
    return is_done;
}

void submission_free(struct submission *submission)
{
    for (size_t i = 0; submission->programs && submission->descriptors && i < submission->program_count;
         i++) {
        free((void *)submission->programs[i].host_path);
        if (submission->descriptors[i] >= 0)
            close(submission->descriptors[i]);
    }
    free(submission->programs);
    free(submission->descriptors);
    free(submission->source_root);
    free(submission->build.output);
    *submission = (struct submission){0};
}

/* ---- what is not there ------------------------------------------------------------------------------------------------------ */

static bool has_file(const struct submission *submission, const char *name, const char *ending)
{
    cleanup_free char *path = NULL;
    if (asprintf(&path, "%s/%s%s", submission->directory, name, ending) < 0)
        return false;
    return access(path, F_OK) == 0;
}

static const struct play_program *find_program(const struct submission *submission, const char *name)
{
    for (size_t i = 0; i < submission->program_count; i++)
        if (strcmp(submission->programs[i].name, name) == 0)
            return &submission->programs[i];
    return NULL;
}

/* Its source is there, so it was handed in, only not in a state that can be built. */
char *submission_lack_text(const struct submission *submission, const char *program)
{
    const struct play_program *found = find_program(submission, program);
    const char *library = found ? submission->sources[found - submission->programs].library : NULL;
    char *text = NULL;
    bool has_source =
        !submission->build.is_ok && has_file(submission, library ? library : program, library ? "" : ".c");
    if (asprintf(&text, "%s: %s", program, has_source ? _("does not build") : _("not handed in")) < 0)
        return NULL;
    return text;
}

/* ---- what was handed out ---------------------------------------------------------------------------------------------------- */

static bool is_same_folder(const char *a, const char *b)
{
    struct stat one, two;
    return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static bool is_same_file(const char *a, const char *b)
{
    cleanup_file FILE *one = fopen(a, "re"), *two = fopen(b, "re");
    int c;
    if (!one || !two)
        return false;
    while ((c = getc(one)) == getc(two))
        if (c == EOF)
            return true;
    return false;
}

/* The program's source is that of the folder of skeletons. */
static bool is_handed_out(const struct submission *submission, const struct program *program,
                          const char *skeletons)
{
    cleanup_free char *own = NULL, *theirs = NULL;
    const char *file = program->library ? program->library : program->name,
               *ending = program->library ? "" : ".c";
    return asprintf(&own, "%s/%s%s", submission->directory, file, ending) > 0 &&
           asprintf(&theirs, "%s/%s%s", skeletons, file, ending) > 0 && is_same_file(own, theirs);
}

const char *submission_skeleton(const struct submission *submission, const struct suite *suite,
                                const struct scenario *scenario)
{
    char skeletons[PATHS_ROOM + 16];
    snprintf(skeletons, sizeof skeletons, "%s/../student", suite->directory);
    if (is_same_folder(skeletons, submission->directory))
        return NULL;
    for (size_t i = 0; i < submission->program_count; i++)
        if (scenario_starts(scenario, submission->sources[i].name) &&
            is_handed_out(submission, &submission->sources[i], skeletons))
            return submission->sources[i].name;
    return NULL;
}

const char *submission_lacks(const struct submission *submission, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct step *step = &scenario->steps[i];
        for (size_t k = 0; step->kind == STEP_START && k < step->count; k++) {
            const char *name = step->starts[k].program;
            const struct play_program *program = name ? find_program(submission, name) : NULL;
            if (program && !program->host_path)
                return program->name;
        }
    }
    return NULL;
}
