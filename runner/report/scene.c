/* Actors and their last calls; see scene.h. All calls stand in one table, in order of time: who did what before whom is often the answer. */
#include "report/scene.h"

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

/* A puppet that did nothing explains nothing. */
static bool is_idle_puppet(const struct case_result *one, size_t actor)
{
    const char *program = one->actors[actor].program;
    if (!program || (strcmp(program, "puppet") != 0 && strcmp(program, _("puppet")) != 0))
        return false;
    for (size_t i = 0; i < one->event_count; i++)
        if (one->events[i].actor == (int)actor)
            return false;
    return true;
}

static void put_actors(const struct page *page, const struct case_result *one)
{
    const struct column columns[] = {{.head = _("WHO")},
                                     {.head = _("PROGRAM")},
                                     {.head = _("NOW"), .is_wrapped = true},
                                     {.head = _("LINE")}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    cleanup_free const char **cells = calloc(one->actor_count * COLUMNS + 1, sizeof *cells);
    cleanup_free struct line_text *lines = calloc(one->actor_count + 1, sizeof *lines);
    size_t count = 0;
    if (!cells || !lines)
        return;
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (is_idle_puppet(one, i))
            continue;
        lines[i] = scene_line(&actor->at);
        if (actor->state && strstr(actor->state, lines[i].text)) /* it says so itself */
            *lines[i].text = '\0';
        const char *row[COLUMNS] = {actor->name, actor->program, actor->state, lines[i].text};
        memcpy(&cells[count++ * COLUMNS], row, sizeof row);
    }
    if (count == 0)
        return;
    page_table(page, INDENT, columns, COLUMNS, cells, count, NULL);
    fputc('\n', page->to);
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------- */

/* One row: a call, and how often it came again, the same, before anybody did anything else. */
struct call_row {
    const struct result_event *event;
    int times;
    struct line_text line;
    char *text; /* owned; or NULL: the event's */
};

static bool is_same(const struct result_event *a, const struct result_event *b)
{
    return a->actor == b->actor && a->pid == b->pid && a->at.line == b->at.line && a->text && b->text &&
           strcmp(a->text, b->text) == 0;
}

static size_t collect_rows(const struct case_result *one, struct call_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < one->event_count; i++) {
        const struct result_event *event = &one->events[i];
        if (count > 0 && is_same(rows[count - 1].event, event))
            rows[count - 1].times++;
        else
            rows[count++] = (struct call_row){event, 1, scene_line(&event->at), NULL};
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

static enum style event_style(const struct result_event *event)
{
    bool is_exit = event->call && strncmp(event->call, "exit", strlen("exit")) == 0; /* it never returns */
    if (event->is_injected)
        return STYLE_WARN;
    return (event->is_unfinished && !is_exit) || event->error ? STYLE_BAD : STYLE_PLAIN;
}

static void put_calls(const struct page *page, const struct case_result *one)
{
    const struct column columns[] = {
        {.head = _("WHO")}, {.head = _("LAST CALLS"), .is_wrapped = true}, {.head = _("LINE")}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    cleanup_free struct call_row *rows = calloc(one->event_count + 1, sizeof *rows);
    cleanup_free const char **cells = calloc(one->event_count * COLUMNS + 1, sizeof *cells);
    cleanup_free enum style *styles = calloc(one->event_count + 1, sizeof *styles);
    if (one->event_count == 0 || !rows || !cells || !styles)
        return;
    size_t count = collect_rows(one, rows);
    for (size_t i = 0; i < count; i++) {
        const struct result_event *event = rows[i].event;
        const char *row[COLUMNS] = {actor_name(one, event->actor), rows[i].text ? rows[i].text : event->text,
                                    rows[i].line.text};
        memcpy(&cells[i * COLUMNS], row, sizeof row);
        styles[i] = event_style(event);
    }
    page_table(page, INDENT, columns, COLUMNS, cells, count, styles);
    fputc('\n', page->to);
    for (size_t i = 0; i < count; i++)
        free(rows[i].text);
}

void scene_put(const struct page *page, const struct case_result *one)
{
    put_actors(page, one);
    put_calls(page, one);
}
