/* Plays everything again and again, and tells each verdict that is not the same every time.
 *
 *     soak BUILD STATE MODE REFERENCE VARIANTS SECONDS
 *
 * Two series: every case with the reference, REFERENCE rounds of it, and every row of fixtures/matrix.tsv with the cases that start its program, VARIANTS rounds of it.
 * Verdict and score of each play are compared with those of its first, in whatever mode that was, and with what the matrix says is lost. Each round has a seed of its own, so that keys
 * and the order of steps that may come in any order vary as they do from one grading to the next. MODE is but a name here: what surrounds the plays is made by soak.sh.
 *
 * What was reached stands in the folder STATE, so that a run can be stopped (Ctrl-C, or after SECONDS if that is not 0) and goes on when it is called again: `log` has one line
 * for each first verdict, each change, and each batch that is done. A play whose verdict changed is kept there as JSON, with its events.
 *
 * Exit status: a sum of 1 (a verdict has changed so far, in any mode), 4 (not all was played yet), 2 (it was asked to end: then 6 or 7); 2 alone: wrong usage, 3: it could not go on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "bench/argument.h"
#include "commands/pool.h"
#include "judge/matrix.h"
#include "result/result_json.h"

enum { BATCH = 100, LINE = 8192 };

struct piece {             /* something that is played once per round */
    const struct row *row; /* NULL: the reference */
    const struct scenario *scenario;
    char name[192]; /* "unusual/fifo_read/poll fifo/big" */
    char *first;    /* its first verdict and score, or NULL; owned */
};

struct series {
    const char *name;
    struct piece *pieces;
    size_t count, room;
    long wanted, round; /* rounds; `round` is the one that is being played, from 0 */
    size_t next;        /* piece of it that comes next */
};

struct soak {
    struct matrix matrix;
    struct series series[2];
    const struct series *now;
    const char *state, *mode;
    FILE *log;
    struct pool *pool;
    time_t end; /* CLOCK_MONOTONIC; 0: none */
    size_t changes;
    bool is_stopped, is_asked_to_end;
};

static time_t now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* ---- what is played ------------------------------------------------------------------------------------------------------- */

static void add_piece(struct series *series, const struct row *row, const struct scenario *scenario)
{
    if (series->count == series->room) {
        series->room = series->room ? 2 * series->room : 256;
        series->pieces = realloc(series->pieces, series->room * sizeof *series->pieces);
        if (!series->pieces)
            abort();
    }
    struct piece *piece = &series->pieces[series->count++];
    *piece = (struct piece){.row = row, .scenario = scenario};
    if (row)
        snprintf(piece->name, sizeof piece->name, "%s/%s/%s %s", row->kind, row->program, row->variant,
                 scenario->id);
    else
        snprintf(piece->name, sizeof piece->name, "reference %s", scenario->id);
}

static void list_pieces(struct soak *soak)
{
    const struct suite *suite = soak->matrix.suite;
    for (size_t i = 0; i < suite->count; i++)
        add_piece(&soak->series[0], NULL, &suite->scenarios[i]);
    for (size_t r = 0; r < soak->matrix.count; r++)
        for (size_t i = 0; i < suite->count; i++)
            if (row_plays(&soak->matrix.rows[r], &suite->scenarios[i]))
                add_piece(&soak->series[1], &soak->matrix.rows[r], &suite->scenarios[i]);
}

static struct piece *find_piece(struct soak *soak, const char *name)
{
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < soak->series[s].count; i++)
            if (strcmp(soak->series[s].pieces[i].name, name) == 0)
                return &soak->series[s].pieces[i];
    return NULL;
}

/* ---- what was reached ------------------------------------------------------------------------------------------------------ */

static void recall_place(struct series *series, const char *text)
{
    char *next;
    series->round = strtol(text, &next, 10);
    series->next = strtoul(next, NULL, 10);
}

static void recall_line(struct soak *soak, char *line)
{
    char *word = strsep(&line, "\t"), *mode = strsep(&line, "\t"), *name = strsep(&line, "\t"), *rest = line;
    if (!name || !rest)
        return;
    struct piece *piece = find_piece(soak, name);
    if (strcmp(word, "first") == 0 && piece && !piece->first)
        piece->first = strdup(rest);
    else if (strcmp(word, "changed") == 0)
        soak->changes++;
    for (size_t s = 0; s < 2 && strcmp(word, "done") == 0 && strcmp(mode, soak->mode) == 0; s++)
        if (strcmp(name, soak->series[s].name) == 0)
            recall_place(&soak->series[s], rest);
}

static bool open_state(struct soak *soak, struct err *err)
{
    char path[512], line[LINE];
    snprintf(path, sizeof path, "%s/log", soak->state);
    soak->log = fopen(path, "a+e");
    if (!soak->log)
        return err_sys(err, "open %s", path);
    setvbuf(soak->log, NULL, _IOLBF, 0); /* whole lines, whenever we are killed */
    while (fgets(line, sizeof line, soak->log)) {
        line[strcspn(line, "\n")] = '\0';
        recall_line(soak, line);
    }
    return true;
}

static size_t series_plays(const struct series *series)
{
    return (size_t)series->round * series->count + series->next;
}

/* What was not noted as done is played again. */
static void note_done(const struct soak *soak, const struct series *series)
{
    fprintf(soak->log, "done\t%s\t%s\t%ld %zu\t%zu\n", soak->mode, series->name, series->round, series->next,
            series_plays(series));
}

/* ---- in a worker ----------------------------------------------------------------------------------------------------------- */

static char *play(void *context, size_t index)
{
    const struct soak *soak = context;
    const struct piece *piece = &soak->now->pieces[index];
    struct case_result result;
    static struct handed_in in;
    if (!hand_in(&in, &soak->matrix, piece->row))
        return NULL;
    uint64_t seed = (uint64_t)soak->now->round * 7919 + index * 1000003;
    for (const char *letter = soak->mode; *letter; letter++) /* no two modes play the same */
        seed = seed * 31 + (unsigned char)*letter;
    handed_in_play(&in, &soak->matrix, piece->scenario, seed, &result);
    char *text = case_result_to_json(&result);
    case_result_free(&result);
    return text;
}

/* ---- what came of it ------------------------------------------------------------------------------------------------------- */

static void keep_play(struct soak *soak, const struct pool_end *end)
{
    char path[512];
    snprintf(path, sizeof path, "%s/changed-%zu.json", soak->state, soak->changes);
    FILE *file = fopen(path, "we");
    if (!file)
        return;
    fprintf(file, "%s\n", bytes_text(&end->text));
    fclose(file);
}

static void note_change(struct soak *soak, const struct piece *piece, const struct pool_end *end,
                        const char *was, const char *is, const char *reason)
{
    soak->changes++;
    fprintf(soak->log, "changed\t%s\t%s\tround %ld: %s, before: %s: %.4000s\n", soak->mode, piece->name,
            soak->now->round + 1, is, was, reason);
    fprintf(stderr, "CHANGED %s (%s), round %ld: %s; before: %s\n  %s\n", piece->name, soak->mode,
            soak->now->round + 1, is, was, reason);
    keep_play(soak, end);
}

static void compare(struct soak *soak, struct piece *piece, const struct pool_end *end,
                    const struct case_result *result)
{
    char is[96];
    bool is_meant = piece->row && row_loses(piece->row, piece->scenario);
    bool is_judged = verdict_is_judged(result->verdict);
    bool is_lost = result->score < result->max_score;
    const char *reason = result->reason ? result->reason : "no reason is told";
    snprintf(is, sizeof is, "%s, %s of %s", verdict_word(result->verdict), points_text(result->score).text,
             points_text(result->max_score).text);
    if (!is_judged || is_lost != is_meant)
        note_change(soak, piece, end, is_meant ? "lost, says the matrix" : "full points, says the matrix", is,
                    reason);
    else if (piece->first && strcmp(piece->first, is) != 0)
        note_change(soak, piece, end, piece->first, is, reason);
    if (piece->first)
        return;
    piece->first = strdup(is);
    fprintf(soak->log, "first\t%s\t%s\t%s\n", soak->mode, piece->name, is);
}

static void take(struct soak *soak, struct pool_end *end)
{
    struct piece *piece = &soak->now->pieces[end->index];
    struct case_result result;
    struct err err = {0};
    if (case_result_from_json(&result, bytes_text(&end->text), end->text.len, &err)) {
        compare(soak, piece, end, &result);
        case_result_free(&result);
    } else {
        char is[96];
        snprintf(is, sizeof is, "no verdict (wait status 0x%x)", (unsigned)end->status);
        note_change(soak, piece, end, piece->first ? piece->first : "not played yet", is, err.text);
    }
    bytes_free(&end->text);
}

/* ---- rounds ---------------------------------------------------------------------------------------------------------------- */

static void wait_for_one(struct soak *soak)
{
    struct pool_end end;
    switch (pool_wait(soak->pool, -1, &end)) {
    case POOL_ENDED: take(soak, &end); break;
    case POOL_SIGNALLED: soak->is_stopped = soak->is_asked_to_end = true; break;
    case POOL_DUE:
    case POOL_NOTHING: break;
    }
}

/* From piece `next` on, to the end of the round or of a batch; those that run are waited for, so that nothing is done by half. */
static bool play_batch(struct soak *soak, struct series *series, struct err *err)
{
    size_t end = series->next + BATCH < series->count ? series->next + BATCH : series->count,
           at = series->next;
    soak->now = series;
    for (; at < end && !soak->is_stopped; at++) {
        while (!pool_has_room(soak->pool))
            wait_for_one(soak);
        if (!pool_start(soak->pool, at, err))
            return false;
        soak->is_stopped |= soak->end != 0 && now_seconds() >= soak->end;
    }
    while (pool_running(soak->pool) > 0)
        wait_for_one(soak);
    series->next = at;
    if (series->next == series->count) {
        series->next = 0;
        series->round++;
    }
    note_done(soak, series);
    return true;
}

/* The one that is less far: both are done together. NULL: all is played. */
static struct series *series_behind(struct soak *soak)
{
    struct series *behind = NULL;
    double least = 1;
    for (size_t s = 0; s < 2; s++) {
        struct series *series = &soak->series[s];
        double done = series->wanted == 0 || series->count == 0
                          ? 1
                          : (double)series_plays(series) / ((double)series->wanted * (double)series->count);
        if (done < least) {
            behind = series;
            least = done;
        }
    }
    return behind;
}

static bool play_all(struct soak *soak, struct err *err)
{
    struct series *series;
    while (!soak->is_stopped && (series = series_behind(soak)))
        if (!play_batch(soak, series, err))
            return false;
    return true;
}

static int tell(struct soak *soak)
{
    fprintf(stderr, "%s:", soak->mode);
    for (size_t s = 0; s < 2; s++) {
        const struct series *series = &soak->series[s];
        fprintf(stderr, " %s %ld of %ld rounds, and %zu of %zu plays;", series->name, series->round,
                series->wanted, series->next, series->count);
    }
    fprintf(stderr, " %zu verdicts changed\n", soak->changes);
    return (soak->changes > 0) + (series_behind(soak) ? 4 : 0) + (soak->is_asked_to_end ? 2 : 0);
}

int main(int argc, char **argv)
{
    static struct soak soak;
    struct err err = {0};
    long numbers[3] = {0};
    bool is_well = argc == 7;
    for (int i = 0; is_well && i < 3; i++)
        is_well = (numbers[i] = argument_number(argv[4 + i])) >= 0;
    if (!is_well) {
        fprintf(stderr, "usage: soak BUILD STATE MODE REFERENCE VARIANTS SECONDS\n");
        return 2;
    }
    soak.state = argv[2];
    soak.mode = argv[3];
    soak.series[0] = (struct series){.name = "reference", .wanted = numbers[0]};
    soak.series[1] = (struct series){.name = "variants", .wanted = numbers[1]};
    soak.end = numbers[2] > 0 ? now_seconds() + numbers[2] : 0;
    matrix_load(&soak.matrix, argv[1]);
    list_pieces(&soak);
    bool is_done = open_state(&soak, &err) && pool_new(&soak.pool, pool_cores(), play, &soak, &err) &&
                   play_all(&soak, &err);
    pool_free(soak.pool);
    if (!is_done) {
        err_print(stderr, &err);
        return 3;
    }
    return tell(&soak);
}
