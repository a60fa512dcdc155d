/* Plays everything again and again, and tells each verdict that is not the same every time.
 *
 *     soak BUILD STATE REFERENCE VARIANTS SECONDS
 *
 * Two series: every case with the reference, REFERENCE rounds of it, and every row of fixtures/matrix.tsv with the cases that start its program, VARIANTS rounds of it.
 * Verdict and score of each play are compared with those of its first, and with what the matrix says is lost. Each round has a seed of its own, so that keys and
 * the order of steps that may come in any order vary as they do from one grading to the next.
 *
 * What was reached stands in the folder STATE, so that a run can be stopped (Ctrl-C, or after SECONDS if that is not 0) and goes on when it is called again: `log` has one line
 * for each first verdict, each change, and each batch that is done. A play whose verdict changed is kept there as JSON, with its events.
 *
 * Exit status: 0 nothing has changed so far, 1 something has, 2 wrong usage, 3 it could not go on.
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
    const char *state;
    FILE *log;
    struct pool *pool;
    time_t end; /* CLOCK_MONOTONIC; 0: none */
    size_t changes;
    bool is_stopped;
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
    char *word = strsep(&line, "\t"), *name = strsep(&line, "\t"), *rest = line;
    if (!name || !rest)
        return;
    struct piece *piece = find_piece(soak, name);
    if (strcmp(word, "first") == 0 && piece && !piece->first)
        piece->first = strdup(rest);
    else if (strcmp(word, "changed") == 0)
        soak->changes++;
    for (size_t s = 0; s < 2 && strcmp(word, "done") == 0; s++)
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

/* What was not noted as done is played again. */
static void note_done(const struct soak *soak, const struct series *series)
{
    fprintf(soak->log, "done\t%s\t%ld %zu\n", series->name, series->round, series->next);
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
    handed_in_play(&in, &soak->matrix, piece->scenario, (uint64_t)soak->now->round * 7919 + index * 1000003,
                   &result);
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
    fprintf(soak->log, "changed\t%s\tround %ld: %s, before: %s: %s\n", piece->name, soak->now->round + 1, is,
            was, reason);
    fprintf(stderr, "CHANGED %s, round %ld: %s; before: %s\n  %s\n", piece->name, soak->now->round + 1, is,
            was, reason);
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
    fprintf(soak->log, "first\t%s\t%s\n", piece->name, is);
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
    switch (pool_wait(soak->pool, &end)) {
    case POOL_ENDED: take(soak, &end); break;
    case POOL_SIGNALLED: soak->is_stopped = true; break;
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

static bool play_round(struct soak *soak, struct series *series, struct err *err)
{
    long round = series->round;
    while (series->round == round && !soak->is_stopped)
        if (!play_batch(soak, series, err))
            return false;
    fprintf(stderr, "%s: %ld of %ld rounds; %zu verdicts changed\n", series->name, series->round,
            series->wanted, soak->changes);
    return true;
}

static bool play_all(struct soak *soak, struct err *err)
{
    for (bool is_left = true; is_left && !soak->is_stopped;) {
        is_left = false;
        for (size_t s = 0; s < 2 && !soak->is_stopped; s++) {
            struct series *series = &soak->series[s];
            if (series->round >= series->wanted || series->count == 0)
                continue;
            is_left = true;
            if (!play_round(soak, series, err))
                return false;
        }
    }
    return true;
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */

static void tell_changes(const struct soak *soak)
{
    char line[LINE];
    rewind(soak->log);
    while (fgets(line, sizeof line, soak->log))
        if (strncmp(line, "changed\t", 8) == 0)
            fputs(line, stdout);
}

static void tell(const struct soak *soak)
{
    size_t plays = 0;
    for (size_t s = 0; s < 2; s++) {
        const struct series *series = &soak->series[s];
        size_t made = (size_t)series->round * series->count + series->next;
        printf("%s: %zu plays, %ld of %ld rounds of %zu", series->name, made, series->round, series->wanted,
               series->count);
        printf(series->next ? ", and %zu of the next\n" : "\n", series->next);
        plays += made;
    }
    tell_changes(soak);
    printf("%zu plays, %zu verdicts changed (%s)\n", plays, soak->changes, soak->state);
    if (soak->is_stopped)
        puts("stopped before the end; the same command goes on");
}

int main(int argc, char **argv)
{
    static struct soak soak;
    struct err err = {0};
    if (argc != 6 || argument_number(argv[3]) < 0 || argument_number(argv[4]) < 0 ||
        argument_number(argv[5]) < 0) {
        fprintf(stderr, "usage: soak BUILD STATE REFERENCE VARIANTS SECONDS\n");
        return 2;
    }
    long reference = argument_number(argv[3]), variants = argument_number(argv[4]),
         seconds = argument_number(argv[5]);
    soak.state = argv[2];
    soak.series[0] = (struct series){.name = "reference", .wanted = reference};
    soak.series[1] = (struct series){.name = "variants", .wanted = variants};
    soak.end = seconds > 0 ? now_seconds() + seconds : 0;
    matrix_load(&soak.matrix, argv[1]);
    list_pieces(&soak);
    if (!open_state(&soak, &err) || !pool_new(&soak.pool, pool_cores(), play, &soak, &err) ||
        !play_all(&soak, &err)) {
        err_print(stderr, &err);
        pool_free(soak.pool);
        return 3;
    }
    pool_free(soak.pool);
    tell(&soak);
    return soak.changes > 0;
}
