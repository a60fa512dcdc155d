/* Actors and their calls; see scene.h. All calls stand in one table, in order of time: who did what before whom is often the answer. */
#include "report/scene.h"
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { INDENT = 2 };

struct line_text scene_line(const struct source_line *at)
{
    struct line_text line = {""};
    if (at->file && at->line > 0)
        snprintf(line.text, sizeof line.text, "%s:%d", at->file, at->line);
    return line;
}

bool scene_is_idle(const struct case_result *one, size_t actor)
{
    const char *program = one->actors[actor].program;
    if (!program || (strcmp(program, "puppet") != 0 && strcmp(program, _("puppet")) != 0))
        return false;
    for (size_t i = 0; i < one->event_count; i++)
        if (one->events[i].actor == (int)actor)
            return false;
    return true;
}

struct number_text {
    char text[16];
};

static struct number_text number_text(int number)
{
    struct number_text text;
    snprintf(text.text, sizeof text.text, "%d", number);
    return text;
}

/* One row of those who were in the play. */
struct actor_row {
    const char *name, *program, *state;
    struct number_text pid; /* empty unless some actor has several processes */
    struct line_text line;
};

static bool shows_pids(const struct case_result *one)
{
    for (size_t i = 0; i < one->actor_count; i++)
        if (one->actors[i].process_count > 0)
            return true;
    for (size_t i = 0; i < one->event_count; i++)
        for (size_t k = 0; k < i; k++)
            if (one->events[i].actor == one->events[k].actor && one->events[i].pid != one->events[k].pid)
                return true; /* it executes a stand-in by now */
    return false;
}

static struct actor_row actor_row(const struct result_actor *actor, const struct result_process *process,
                                  bool has_pid)
{
    struct actor_row row = {.name = actor->name,
                            .program = process ? process->program : actor->program,
                            .state = process ? process->state : actor->state,
                            .line = scene_line(process ? &process->at : &actor->at)};
    int pid = process ? process->pid : actor->pid;
    if (has_pid && pid > 0)
        row.pid = number_text(pid);
    if (row.state && strstr(row.state, row.line.text)) /* it says so itself */
        *row.line.text = '\0';
    return row;
}

static size_t collect_actors(const struct case_result *one, struct actor_row *rows)
{
    size_t count = 0;
    bool has_pid = shows_pids(one);
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (scene_is_idle(one, i))
            continue;
        if (actor->process_count == 0)
            rows[count++] = actor_row(actor, NULL, has_pid);
        for (size_t k = 0; k < actor->process_count; k++)
            rows[count++] = actor_row(actor, &actor->processes[k], has_pid);
    }
    return count;
}

static size_t most_rows(const struct case_result *one)
{
    size_t most = 1;
    for (size_t i = 0; i < one->actor_count; i++)
        most += one->actors[i].process_count + 1;
    return most;
}

static void put_actors(const struct page *page, const struct case_result *one)
{
    const struct column columns[] = {{.head = _("WHO")},
                                     {.head = _("PID"), .is_right = true},
                                     {.head = _("PROGRAM")},
                                     {.head = _("NOW"), .is_wrapped = true},
                                     {.head = _("LINE")}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    cleanup_free struct actor_row *rows = calloc(most_rows(one), sizeof *rows);
    cleanup_free const char **cells = calloc(most_rows(one) * COLUMNS, sizeof *cells);
    size_t count = rows && cells ? collect_actors(one, rows) : 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        const char *row[COLUMNS] = {rows[i].name, rows[i].pid.text, rows[i].program, rows[i].state,
                                    rows[i].line.text};
        memcpy(&cells[i * COLUMNS], row, sizeof row);
    }
    page_table(page, INDENT, columns, COLUMNS, cells, count, NULL);
    fputc('\n', page->to);
}

bool scene_is_waiting(const struct result_event *event)
{
    bool is_exit = event->call && strncmp(event->call, "exit", strlen("exit")) == 0; /* it never returns */
    return event->is_unfinished && !is_exit;
}

enum style scene_style(const struct result_event *event)
{
    if (event->is_injected)
        return STYLE_WARN;
    return scene_is_waiting(event) || event->error ? STYLE_BAD : STYLE_PLAIN;
}

char *scene_skipped(const struct result_event *event)
{
    char *text = NULL;
    if (asprintf(&text, event->skipped == 1 ? _("... %zu call: %s ...") : _("... %zu calls: %s ..."),
                 event->skipped, event->skipped_calls ? event->skipped_calls : "") < 0)
        return NULL;
    return text;
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------- */

/* One row: a call, and how often it came again, the same, before anybody did anything else; or calls that are left out. */
struct call_row {
    const struct result_event *event; /* NULL: left out */
    int times;
    struct number_text pid; /* empty unless some actor has several processes */
    struct line_text line;
    char *text; /* owned; or NULL: the event's */
};

static bool is_same(const struct result_event *a, const struct result_event *b)
{
    return b->skipped == 0 && a && a->actor == b->actor && a->pid == b->pid && a->at.line == b->at.line &&
           a->text && b->text && strcmp(a->text, b->text) == 0;
}

static size_t collect_rows(const struct case_result *one, struct call_row *rows)
{
    size_t count = 0;
    bool has_pid = shows_pids(one);
    for (size_t i = 0; i < one->event_count; i++) {
        const struct result_event *event = &one->events[i];
        if (event->skipped > 0)
            rows[count++] = (struct call_row){.text = scene_skipped(event)};
        if (count > 0 && is_same(rows[count - 1].event, event))
            rows[count - 1].times++;
        else
            rows[count++] = (struct call_row){.event = event, .times = 1, .line = scene_line(&event->at)};
        if (has_pid)
            rows[count - 1].pid = number_text(event->pid);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].times > 1 &&
            asprintf(&rows[i].text, _("%s (%d times)"), rows[i].event->text, rows[i].times) < 0)
            rows[i].text = NULL;
    return count;
}

static const char *actor_name(const struct case_result *one, int actor)
{
    return actor >= 0 && (size_t)actor < one->actor_count ? one->actors[actor].name : "";
}

static void put_calls(const struct page *page, const struct case_result *one)
{
    const struct column columns[] = {{.head = _("WHO")},
                                     {.head = _("PID"), .is_right = true},
                                     {.head = _("CALLS"), .is_wrapped = true},
                                     {.head = _("LINE")}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    cleanup_free struct call_row *rows = calloc(2 * one->event_count + 1, sizeof *rows);
    cleanup_free const char **cells = calloc(2 * one->event_count * COLUMNS + 1, sizeof *cells);
    cleanup_free enum style *styles = calloc(2 * one->event_count + 1, sizeof *styles);
    if (one->event_count == 0 || !rows || !cells || !styles)
        return;
    size_t count = collect_rows(one, rows);
    for (size_t i = 0; i < count; i++) {
        const struct result_event *event = rows[i].event;
        const char *row[COLUMNS] = {event ? actor_name(one, event->actor) : "", rows[i].pid.text,
                                    rows[i].text || !event ? rows[i].text : event->text, rows[i].line.text};
        memcpy(&cells[i * COLUMNS], row, sizeof row);
        styles[i] = event ? scene_style(event) : STYLE_QUIET;
    }
    page_table(page, INDENT, columns, COLUMNS, cells, count, styles);
    fputc('\n', page->to);
    for (size_t i = 0; i < count; i++)
        free(rows[i].text);
}

void scene_put(const struct page *page, const struct case_result *one)
{
    if (timeline_put(page, one))
        return;
    put_actors(page, one);
    put_calls(page, one);
}
