/* What was handed in; see submission.h. */
#include "commands/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/page.h"

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

static void keep_outcome(struct submission *submission)
{
    struct build_outcome *outcome = &submission->outcome;
    submission->source_root = outcome->source_root;
    submission->build = (struct build_result){
        .is_ok = outcome->is_ok, .status = outcome->status, .is_cut = outcome->is_cut || outcome->is_flood};
    keep_output(&submission->build, &outcome->output);
    for (size_t i = 0; i < submission->program_count && i < outcome->program_count; i++)
        submission->programs[i].host_path = outcome->programs[i];
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
        free((char *)(uintptr_t)programs[i].driver);
    free(programs);
}

bool submission_build(struct submission *submission, const struct suite *suite, const char *directory,
                      const char *const *hidden, struct err *err)
{
    const struct assignment *assignment = &suite->assignment;
    size_t count = assignment->program_count;
    struct build_program *wanted = calloc(count + 1, sizeof *wanted);
    *submission = (struct submission){.programs = calloc(count + 1, sizeof *submission->programs),
                                      .program_count = count,
                                      .directory = directory};
    if (!wanted || !submission->programs) {
        free(wanted);
        return err_set(err, "no memory for the programs");
    }
    for (size_t i = 0; i < count; i++) {
        const struct program *program = &assignment->programs[i];
        submission->programs[i].name = program->name;
        wanted[i] =
            (struct build_program){program->name, program->library, driver_path(suite, program->driver)};
    }
    const struct build_request request = {.submission = directory,
                                          .command = assignment->build,
                                          .programs = wanted,
                                          .program_count = count,
                                          .hidden = hidden};
    bool is_done = build_submission(&request, &submission->outcome, err);
    if (is_done)
        keep_outcome(submission);
    drivers_free(wanted, count);
    return is_done;
}

void submission_free(struct submission *submission)
{
    free(submission->programs);
    free(submission->build.output);
    build_outcome_free(&submission->outcome);
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

/* Its source is there, so it was handed in, only not in a state that can be built. */
static char *told(const struct submission *submission, const char *program)
{
    char *text = NULL;
    bool has_source = !submission->build.is_ok && has_file(submission, program, ".c");
    if (asprintf(&text, "%s: %s", program, has_source ? _("does not build") : _("not handed in")) < 0)
        return NULL;
    return text;
}

static const struct play_program *find_program(const struct submission *submission, const char *name)
{
    for (size_t i = 0; i < submission->program_count; i++)
        if (strcmp(submission->programs[i].name, name) == 0)
            return &submission->programs[i];
    return NULL;
}

char *submission_lacks(const struct submission *submission, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct step *step = &scenario->steps[i];
        for (size_t k = 0; step->kind == STEP_START && k < step->count; k++) {
            const char *name = step->starts[k].program;
            const struct play_program *program = name ? find_program(submission, name) : NULL;
            if (program && !program->host_path)
                return told(submission, name);
        }
    }
    return NULL;
}
