/* Cases in short; see brief.h. */
#include "report/brief.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/build.h"
#include "report/failure.h"
#include "report/findings.h"
#include "report/page.h"

bool brief_is_lost(const struct case_result *one)
{
    return one->verdict != PASSED || one->score < one->max_score;
}

/* ---- places --------------------------------------------------------------------------------------------------------------- */

static bool is_known(const struct source_line *at)
{
    return at->file && *at->file && at->line > 0;
}

/* The first wait that has to do with the failure, before all one that is part of a deadlock. */
static const struct source_line *waiting_place(const struct case_result *one)
{
    const struct source_line *found = NULL;
    for (size_t i = 0; i < one->wait_count; i++) {
        const struct result_wait *wait = &one->waits[i];
        if (!is_known(&wait->at) || !(wait->is_told || wait->is_in_cycle))
            continue;
        if (wait->is_in_cycle)
            return &wait->at;
        found = found ? found : &wait->at;
    }
    return found;
}

static const struct source_line *standing_place(const struct case_result *one)
{
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (is_known(&actor->at))
            return &actor->at;
        for (size_t k = 0; k < actor->process_count; k++)
            if (is_known(&actor->processes[k].at))
                return &actor->processes[k].at;
    }
    return NULL;
}

struct brief_place brief_place(const struct case_result *one)
{
    const struct source_line *at = waiting_place(one);
    bool is_last_call = false;
    at = at ? at : standing_place(one);
    for (size_t i = one->event_count; !at && i > 0; i--) {
        is_last_call = is_known(&one->events[i - 1].at);
        at = is_last_call ? &one->events[i - 1].at : NULL;
    }
    return at ? (struct brief_place){at->file, at->line, is_last_call} : (struct brief_place){NULL, 0, false};
}

char *brief_path(const struct result *result, const char *file)
{
    const char *folder = result->submission ? result->submission : ".";
    size_t len = strlen(folder);
    cleanup_bytes struct bytes path = {0};
    while (len > 1 && folder[len - 1] == '/')
        len--;
    bool is_here = *file == '/' || len == 0 || (len == 1 && *folder == '.');
    bytes_print(&path, "%.*s%s%s", is_here ? 0 : (int)len, folder, is_here ? "" : "/", file);
    return brief_line(bytes_text(&path));
}

/* ---- cases that are alike ------------------------------------------------------------------------------------------------- */

static bool is_alike(const struct case_result *a, const struct case_result *b)
{
    return brief_is_lost(a) && a->verdict == b->verdict && a->failure_count == 0 && b->failure_count == 0 &&
           a->reason && b->reason && strcmp(a->reason, b->reason) == 0;
}

bool brief_is_told(const struct result *result, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_alike(&result->cases[i], &result->cases[index]))
            return true;
    return false;
}

size_t brief_alike(const struct result *result, size_t index)
{
    size_t count = 0;
    for (size_t i = index + 1; i < result->count; i++)
        count += is_alike(&result->cases[i], &result->cases[index]);
    return count;
}

/* ---- texts ---------------------------------------------------------------------------------------------------------------- */

/* Behind the last whole character that fits. */
static void cut(char *text, size_t most, const char *mark)
{
    size_t len = strlen(text);
    if (len <= most + strlen(mark))
        return;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    memcpy(text + most, mark, strlen(mark) + 1);
}

char *brief_line(const char *text)
{
    char *safe = page_safe(text ? text : "");
    if (!safe)
        return NULL;
    for (char *c = safe; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    cut(safe, BRIEF_MOST, " ...");
    return safe;
}

char *brief_why(const struct case_result *one, const struct report_options *options)
{
    return brief_line(one->reason ? one->reason : report_words(one->title, options));
}

char *brief_points(const struct case_result *one)
{
    char *text = NULL;
    const char *word = report_verdict(one->verdict);
    bool is_judged = verdict_is_judged(one->verdict);
    int printed =
        is_judged ? asprintf(&text, _("%s, %s of %s points"), word, points_text(one->score).text,
                             points_text(one->max_score).text)
                  : asprintf(&text, _("%s, not judged: %s points"), word, points_text(one->max_score).text);
    return printed < 0 ? NULL : text;
}

/* A page in memory: what was put on it, without the empty lines at its end. */
struct sheet {
    char *text;
    size_t len;
    struct page page;
};

static bool sheet_begin(struct sheet *sheet, bool has_colour)
{
    *sheet = (struct sheet){.page = {NULL, BRIEF_WIDTH, has_colour, true}};
    sheet->page.to = open_memstream(&sheet->text, &sheet->len);
    return sheet->page.to != NULL;
}

static char *sheet_end(struct sheet *sheet)
{
    if (fclose(sheet->page.to) != 0) {
        free(sheet->text);
        return NULL;
    }
    while (sheet->len > 0 && sheet->text[sheet->len - 1] == '\n')
        sheet->text[--sheet->len] = '\0';
    /* Colours end behind the cut. */
    cut(sheet->text, BRIEF_MOST, sheet->page.has_colour ? "\033[0m\n..." : "\n...");
    return sheet->text;
}

char *brief_text(const struct case_result *one, const struct report_options *options, bool has_colour)
{
    struct sheet sheet;
    if (!sheet_begin(&sheet, has_colour))
        return NULL;
    failure_put(&sheet.page, one, options);
    return sheet_end(&sheet);
}

char *brief_build(const struct result *result)
{
    struct sheet sheet;
    if (!sheet_begin(&sheet, false))
        return NULL;
    build_put(&sheet.page, &result->build);
    return sheet_end(&sheet);
}

char *brief_findings(const struct result *result, const struct report_options *options)
{
    struct sheet sheet;
    if (!sheet_begin(&sheet, false))
        return NULL;
    findings_put(&sheet.page, result, options);
    return sheet_end(&sheet);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

char *brief_partial(const struct result *result)
{
    char *text = NULL;
    if (!result->is_partial)
        return strdup("");
    if (asprintf(&text, _("This result is not whole: %zu of %zu cases have been judged.\n"), result->count,
                 result->planned) < 0)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* Those that could not be judged before they were played are no sign of anything. */
static size_t count_taken_back(const struct result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += result->cases[i].is_taken_back;
    return count;
}

void brief_unjudged(const struct result *result, struct bytes *to)
{
    if (result->unjudged > 0)
        bytes_print(to,
                    _("Could not be judged: %s points. They are not lost; the grader or this machine is the "
                      "reason.\n"),
                    points_text(result->unjudged).text);
    if (count_taken_back(result) > 0)
        bytes_print(to,
                    _("Of these cases %zu were played and had failed, but this machine gives less than they "
                      "promise. Somebody should look at them.\n"),
                    count_taken_back(result));
}

char *brief_remarks(const struct result *result)
{
    cleanup_bytes struct bytes text = {0};
    cleanup_free char *partial = brief_partial(result);
    if (partial && *partial)
        bytes_print(&text, "%s\n", partial);
    brief_unjudged(result, &text);
    for (size_t i = 0; i < result->machine_note_count; i++) {
        cleanup_free char *note = brief_line(result->machine_notes[i]);
        bytes_print(&text, _("This machine: %s\n"), note ? note : "");
    }
    if (text.len > 0)
        text.data[text.len - 1] = '\0';
    return strdup(bytes_text(&text));
}

char *brief_score(const struct result *result)
{
    char *text = NULL;
    int printed = result->unjudged > 0
                      ? asprintf(&text, _("%s of %s points; %s could not be judged and are not lost"),
                                 points_text(result->score).text, points_text(result->max_score).text,
                                 points_text(result->unjudged).text)
                      : asprintf(&text, _("%s of %s points"), points_text(result->score).text,
                                 points_text(result->max_score).text);
    return printed < 0 ? NULL : text;
}
