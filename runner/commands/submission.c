/* What was handed in; see submission.h. */
#include "commands/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const struct play_program *find_program(const struct submission *submission, const char *name)
{
    for (size_t i = 0; i < submission->program_count; i++)
        if (strcmp(submission->programs[i].name, name) == 0)
            return &submission->programs[i];
    return NULL;
}

static char *told(const char *format, const char *program)
{
    char text[256];
    snprintf(text, sizeof text, "%s: %s", program, format);
    return strdup(text);
}

char *submission_lacks(const struct submission *submission, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct step *step = &scenario->steps[i];
        for (size_t k = 0; step->kind == STEP_START && k < step->count; k++) {
            const char *name = step->starts[k].program;
            const struct play_program *program = name ? find_program(submission, name) : NULL;
            if (program && !program->host_path)
                return told(submission->build.is_ok ? _("not handed in") : _("was not built"), name);
        }
    }
    return NULL;
}
