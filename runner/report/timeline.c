/* The timeline; see timeline.h.
 *
 * A row is one call; it stands in the column of its process, behind the number of its line in that process's source. Calls that are left out are one row ("..."). At the
 * foot, under a line across, stands how each process is at the moment of the failure.
 */
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "report/scene.h"

enum { INDENT = 2, GAP = 2, LEAST_COLUMN = 22, MOST_COLUMNS = 8, MOST_LINES = 2, FOOT_COLUMN = 32 };

struct lane { /* a column: one process of one actor */
    int actor, pid;
    const char *program, *state;
    const char *file;    /* that most of its lines are in, or NULL */
    int gutter;          /* columns of the line numbers and a blank; 0: it has none */
    int width;           /* without the gutter */
    int wanted;          /* what its widest text takes */
    const char *blocked; /* the call that it is in, from its name on, or NULL */
};

struct timeline {
    const struct page *page;
    const struct case_result *one;
    struct lane lanes[MOST_COLUMNS];
    int count;
};

/* ---- the columns --------------------------------------------------------------------------------------------------------- */

static const char *actor_name(const struct case_result *one, int actor)
{
    bool is_one = actor >= 0 && (size_t)actor < one->actor_count;
    return is_one && one->actors[actor].name ? one->actors[actor].name : "";
}

static struct lane *lane_of(struct timeline *timeline, int actor, int pid)
{
    for (int i = 0; i < timeline->count; i++)
        if (timeline->lanes[i].actor == actor && timeline->lanes[i].pid == pid)
            return &timeline->lanes[i];
    return NULL;
}

static void lane_add(struct timeline *timeline, int actor, int pid, const char *program, const char *state)
{
    if (timeline->count <= MOST_COLUMNS && !lane_of(timeline, actor, pid)) {
        if (timeline->count < MOST_COLUMNS)
            timeline->lanes[timeline->count] =
                (struct lane){.actor = actor, .pid = pid, .program = program, .state = state};
        timeline->count++; /* one too many is too many */
    }
}

static bool has_lines(const struct case_result *one, const struct lane *lane)
{
    for (size_t i = 0; i < one->event_count; i++)
        if (one->events[i].actor == lane->actor && one->events[i].pid == lane->pid && one->events[i].at.file)
            return true;
    return false;
}

/* The programs of the submission come first, each with its processes; puppets and stand-ins last. False: one is nobody's. */
static bool sort_lanes(struct timeline *timeline)
{
    struct lane sorted[MOST_COLUMNS] = {0};
    int count = 0, most = timeline->count;
    for (int pass = 0; pass < 2; pass++)
        for (size_t actor = 0; actor < timeline->one->actor_count; actor++)
            for (int i = 0; i < most; i++)
                if (timeline->lanes[i].actor == (int)actor &&
                    has_lines(timeline->one, &timeline->lanes[i]) == (pass == 0))
                    sorted[count++] = timeline->lanes[i];
    memcpy(timeline->lanes, sorted, (size_t)count * sizeof *sorted);
    timeline->count = count;
    return count == most;
}

static void find_lanes(struct timeline *timeline)
{
    const struct case_result *one = timeline->one;
    for (size_t i = 0; i < one->actor_count; i++) {
        const struct result_actor *actor = &one->actors[i];
        if (actor->process_count == 0 && actor->pid > 0 && !scene_is_idle(one, i))
            lane_add(timeline, (int)i, actor->pid, actor->program, actor->state);
        for (size_t k = 0; k < actor->process_count; k++)
            lane_add(timeline, (int)i, actor->processes[k].pid, actor->processes[k].program,
                     actor->processes[k].state);
    }
    for (size_t i = 0; i < one->event_count; i++) /* of a process that executes a stand-in by now */
        lane_add(timeline, one->events[i].actor, one->events[i].pid, NULL, NULL);
}

static bool is_in_file(const struct lane *lane, const struct result_event *event)
{
    return lane->file && event->at.file && event->at.line > 0 && strcmp(lane->file, event->at.file) == 0;
}

/* How often the lane's calls stand in that file. */
static int times_in(const struct timeline *timeline, const struct lane *lane, const char *file)
{
    int times = 0;
    for (size_t i = 0; i < timeline->one->event_count; i++) {
        const struct result_event *event = &timeline->one->events[i];
        times += event->actor == lane->actor && event->pid == lane->pid && event->at.file &&
                 strcmp(event->at.file, file) == 0;
    }
    return times;
}

/* The call in words; the place, when it is not in the lane's file; safe. Caller frees. */
static char *cell_text(const struct lane *lane, const struct result_event *event, int times)
{
    cleanup_bytes struct bytes text = {0};
    struct line_text line = scene_line(&event->at);
    bytes_print(&text, "%s", event->text ? event->text : "");
    if (times > 1)
        bytes_print(&text, _(" (%d times)"), times);
    if (*line.text && !is_in_file(lane, event))
        bytes_print(&text, "  %s", line.text);
    return page_safe(bytes_text(&text));
}

static char *last_character(char *text)
{
    char *last = text + strlen(text);
    while (last > text && ((unsigned char)*--last & 0xc0) == 0x80)
        continue;
    return last;
}

/* In at most MOST_LINES lines of the lane: what a descriptor leads to, "  (pipe)", goes before anything is cut. Caller frees. */
static char *cell_lines(const struct lane *lane, char *safe)
{
    size_t len = strlen(safe);
    char *about = len > 0 && safe[len - 1] == ')' ? strstr(safe, "  (") : NULL;
    if (about && page_columns(safe) > lane->width)
        *about = '\0';
    char *lines = page_wrapped(safe, lane->width), *line = lines;
    for (int i = 1; i < MOST_LINES && line; i++)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    char *end = line ? strchr(line, '\n') : NULL;
    if (!end)
        return lines;
    char *cut = NULL;
    *end = '\0';
    while (page_columns(line) + (int)strlen(" ..") > lane->width)
        *last_character(line) = '\0';
    if (asprintf(&cut, "%s ..", lines) < 0)
        return lines;
    free(lines);
    return cut;
}

static void head_text(const struct timeline *timeline, const struct lane *lane, struct bytes *to)
{
    const char *name = actor_name(timeline->one, lane->actor);
    if (lane->program)
        bytes_print(to, _("%s (%s, pid %d)"), name, lane->program, lane->pid);
    else
        bytes_print(to, _("%s (pid %d)"), name, lane->pid);
}

/* How it is, without the arguments of the call that stands above already. Caller frees; NULL: it is not known. */
static char *state_text(const struct lane *lane)
{
    char *state = lane->state ? page_safe(lane->state) : NULL;
    size_t len = lane->blocked ? strcspn(lane->blocked, "(") : 0;
    cleanup_free char *name = strndup(lane->blocked ? lane->blocked : "", len + (len > 0));
    char *call = state && name && len > 0 ? strstr(state, name) : NULL;
    if (call)
        call[len] = '\0';
    return state;
}

static void measure(struct timeline *timeline, struct lane *lane)
{
    cleanup_bytes struct bytes head = {0};
    const struct case_result *one = timeline->one;
    for (size_t i = 0; i < one->event_count; i++) {
        const char *file = one->events[i].at.file;
        if (file && one->events[i].actor == lane->actor && one->events[i].pid == lane->pid &&
            (!lane->file || times_in(timeline, lane, file) > times_in(timeline, lane, lane->file)))
            lane->file = file;
    }
    for (size_t i = 0; i < one->event_count; i++) {
        const struct result_event *event = &one->events[i];
        if (event->actor != lane->actor || event->pid != lane->pid)
            continue;
        cleanup_free char *text = cell_text(lane, event, 1);
        int columns = page_columns(text),
            room = is_in_file(lane, event) ? snprintf(NULL, 0, "%d ", event->at.line) : 0;
        lane->wanted = columns > lane->wanted ? columns : lane->wanted;
        lane->gutter = room > lane->gutter ? room : lane->gutter;
        lane->blocked = scene_is_waiting(event) ? event->text : NULL;
    }
    head_text(timeline, lane, &head);
    cleanup_free char *state = state_text(lane);
    int columns = page_columns(bytes_text(&head)), foot = state ? page_columns(state) : 0;
    foot = foot < FOOT_COLUMN ? foot : FOOT_COLUMN;
    lane->wanted = columns > lane->wanted ? columns : lane->wanted;
    lane->wanted = foot > lane->wanted ? foot : lane->wanted;
}

/* Who needs less than an equal share leaves the rest to the others. */
static bool find_widths(struct timeline *timeline)
{
    int room = timeline->page->width - INDENT - GAP * (timeline->count - 1), open = timeline->count;
    bool is_settled[MOST_COLUMNS] = {false}, has_changed = true;
    while (open > 0 && has_changed) {
        int share = room / open;
        has_changed = false;
        for (int i = 0; i < timeline->count; i++) {
            struct lane *lane = &timeline->lanes[i];
            if (is_settled[i] || lane->wanted + lane->gutter > share)
                continue;
            is_settled[i] = has_changed = true;
            lane->width = lane->wanted;
            room -= lane->wanted + lane->gutter;
            open--;
        }
    }
    for (int i = 0; i < timeline->count; i++)
        if (!is_settled[i])
            timeline->lanes[i].width = room / open - timeline->lanes[i].gutter;
    return open == 0 || room / open >= LEAST_COLUMN;
}

/* ---- the rows ------------------------------------------------------------------------------------------------------------ */

static void put_blanks(const struct page *page, int count)
{
    fprintf(page->to, "%*s", count > 0 ? count : 0, "");
}

/* One line of one cell; returns what comes after it, NULL for nothing. */
static const char *put_line(const struct page *page, enum style style, const char *lines, int *columns)
{
    size_t len = strcspn(lines, "\n");
    cleanup_free char *line = strndup(lines, len);
    if (!line)
        return NULL;
    *columns = page_columns(line);
    page_put(page, style, line);
    return lines[len] ? lines + len + 1 : NULL;
}

struct cell {
    char *lines; /* wrapped; owned; NULL: empty */
    char number[16];
    enum style style;
};

/* A row of cells, as many lines as the longest of them takes. */
static void put_row(const struct timeline *timeline, struct cell *cells)
{
    const char *rest[MOST_COLUMNS];
    bool is_first = true, has_more = true;
    for (int i = 0; i < timeline->count; i++)
        rest[i] = cells[i].lines;
    for (; has_more; is_first = false) {
        int owed = INDENT; /* blanks that are put only when something follows */
        has_more = false;
        for (int i = 0; i < timeline->count; i++) {
            const struct lane *lane = &timeline->lanes[i];
            int columns = 0;
            if (rest[i]) {
                put_blanks(timeline->page, owed);
                fprintf(timeline->page->to, "%*s", lane->gutter - (lane->gutter > 0),
                        is_first ? cells[i].number : "");
                put_blanks(timeline->page, lane->gutter > 0);
                rest[i] = put_line(timeline->page, cells[i].style, rest[i], &columns);
                owed = lane->width - columns + GAP;
            } else {
                owed += lane->gutter + lane->width + GAP;
            }
            has_more |= rest[i] != NULL;
        }
        fputc('\n', timeline->page->to);
    }
    for (int i = 0; i < timeline->count; i++)
        free(cells[i].lines);
}

static void put_heads(const struct timeline *timeline)
{
    struct cell heads[MOST_COLUMNS] = {0}, files[MOST_COLUMNS] = {0};
    bool has_file = false;
    for (int i = 0; i < timeline->count; i++) {
        const struct lane *lane = &timeline->lanes[i];
        cleanup_bytes struct bytes head = {0};
        head_text(timeline, lane, &head);
        cleanup_free char *safe = page_safe(bytes_text(&head)),
                          *file = page_safe(lane->file ? lane->file : "");
        heads[i] = (struct cell){.lines = page_wrapped(safe, lane->width), .style = STYLE_STRONG};
        has_file |= lane->file != NULL;
        files[i] =
            (struct cell){.lines = lane->file ? page_wrapped(file, lane->width) : NULL, .style = STYLE_QUIET};
    }
    put_row(timeline, heads);
    if (has_file)
        put_row(timeline, files);
}

static void put_skipped(const struct timeline *timeline, const struct result_event *event)
{
    cleanup_free char *text = event->skipped > 0 ? scene_skipped(event) : NULL;
    if (text)
        page_text(timeline->page, INDENT, STYLE_QUIET, text);
}

static void put_event(const struct timeline *timeline, const struct lane *lane,
                      const struct result_event *event, int times)
{
    struct cell cells[MOST_COLUMNS] = {0};
    struct cell *cell = &cells[lane - timeline->lanes];
    cleanup_free char *text = cell_text(lane, event, times);
    cell->lines = cell_lines(lane, text);
    cell->style = scene_style(event);
    if (is_in_file(lane, event))
        snprintf(cell->number, sizeof cell->number, "%d", event->at.line);
    put_row(timeline, cells);
}

static bool is_same(const struct result_event *a, const struct result_event *b)
{
    return b->skipped == 0 && a->actor == b->actor && a->pid == b->pid && a->at.line == b->at.line &&
           a->text && b->text && strcmp(a->text, b->text) == 0;
}

static void put_events(struct timeline *timeline)
{
    const struct case_result *one = timeline->one;
    for (size_t i = 0; i < one->event_count;) {
        const struct result_event *event = &one->events[i];
        int times = 1;
        while (i + (size_t)times < one->event_count && is_same(event, &one->events[i + (size_t)times]))
            times++;
        put_skipped(timeline, event);
        put_event(timeline, lane_of(timeline, event->actor, event->pid), event, times);
        i += (size_t)times;
    }
}

/* ---- the foot ------------------------------------------------------------------------------------------------------------ */

static void put_foot(const struct timeline *timeline)
{
    const struct case_result *one = timeline->one;
    const struct failure *last = one->failure_count ? &one->failures[one->failure_count - 1] : NULL;
    struct cell cells[MOST_COLUMNS] = {0};
    cleanup_bytes struct bytes moment = {0};
    bool is_told = false;
    if (last && last->step >= 0)
        bytes_print(&moment, _("step %d fails here"), last->step + 1);
    else
        bytes_print(&moment, "%s", _("the end of the case"));
    put_blanks(timeline->page, INDENT);
    const struct page inner = {timeline->page->to, timeline->page->width - INDENT, timeline->page->has_colour,
                               timeline->page->has_utf8};
    page_rule(&inner, STYLE_BAD, bytes_text(&moment), STYLE_PLAIN, NULL);
    for (int i = 0; i < timeline->count; i++) {
        const struct lane *lane = &timeline->lanes[i];
        cleanup_free char *state = state_text(lane);
        cells[i] = (struct cell){.lines = state ? page_wrapped(state, lane->width) : NULL,
                                 .style = lane->blocked ? STYLE_BAD : STYLE_PLAIN};
        is_told |= state != NULL;
    }
    if (is_told)
        put_row(timeline, cells);
    fputc('\n', timeline->page->to);
}

bool timeline_put(const struct page *page, const struct case_result *one)
{
    struct timeline timeline = {.page = page, .one = one};
    find_lanes(&timeline);
    if (timeline.count < 2 || timeline.count > MOST_COLUMNS)
        return false;
    if (!sort_lanes(&timeline))
        return false;
    for (int i = 0; i < timeline.count; i++)
        measure(&timeline, &timeline.lanes[i]);
    if (!find_widths(&timeline))
        return false;
    put_heads(&timeline);
    put_events(&timeline);
    put_foot(&timeline);
    return true;
}
