/* For tests and long runs only: the matrix of fixtures, and what is handed in for one of its rows.
 *
 * fixtures/matrix.tsv names every variant of a program and the cases that it loses; a variant stands in the place of its program among the references. Everything was
 * built before, below the build directory. What is loaded lives until the end of the process.
 */
#ifndef IPCGRADE_JUDGE_MATRIX_H
#define IPCGRADE_JUDGE_MATRIX_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cases/scenario.h"
#include "judge/play.h"
#include "trace/trace.h"

enum { MATRIX_MOST_ROWS = 4096, MATRIX_MOST_PROGRAMS = 256 };

struct row {
    char *kind, *program, *variant, *lost, *sentence;
};

struct matrix {
    struct row rows[MATRIX_MOST_ROWS];
    size_t count;
    struct suite *suite;
    const char *build;          /* borrowed */
    struct sock_filter *filter; /* for all plays */
    size_t filter_length;
};

struct handed_in {
    struct play_program programs[MATRIX_MOST_PROGRAMS];
    char paths[MATRIX_MOST_PROGRAMS][512];
    size_t count;
};

static inline bool row_read(char *line, struct row *row)
{
    char **fields[] = {&row->kind, &row->program, &row->variant, &row->lost, &row->sentence};
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0')
        return false;
    for (size_t i = 0; i < 5; i++) {
        char *field = strsep(&line, "\t");
        if (!field) {
            fprintf(stderr, "matrix.tsv: a row has %zu fields, not 5\n", i);
            exit(1);
        }
        *fields[i] = strdup(field);
    }
    return true;
}

/* Rows of other programs than one are left out: `make check TESTS=judge-matrix_test PROGRAM=coproc`. */
static inline bool program_is_wanted(const char *program)
{
    const char *wanted = getenv("IPCGRADE_PROGRAM");
    return !wanted || !wanted[0] || strcmp(program, wanted) == 0;
}

/* From the current directory, the top of the checkout. Ends the process when cases or matrix cannot be read. */
static inline void matrix_load(struct matrix *matrix, const char *build)
{
    struct complaints complaints = {0};
    cleanup_free char *line = NULL;
    size_t room = 0;
    cleanup_file FILE *file = fopen("fixtures/matrix.tsv", "re");
    if (!file || !suite_load(&matrix->suite, "cases", &complaints)) {
        for (size_t i = 0; i < complaints.count; i++)
            fprintf(stderr, "%s:%d: %s\n", complaints.items[i].at.file, complaints.items[i].at.line,
                    complaints.items[i].text);
        if (!file)
            perror("fixtures/matrix.tsv");
        exit(1);
    }
    while (getline(&line, &room, file) > 0 && matrix->count < MATRIX_MOST_ROWS)
        matrix->count += row_read(line, &matrix->rows[matrix->count]) &&
                         program_is_wanted(matrix->rows[matrix->count].program);
    complaints_free(&complaints);
    signal(SIGPIPE,
           SIG_IGN); /* as the program's workers do: what is sent to a program that has ended is lost */
    matrix->build = build;
    if (!tracer_filter(&matrix->filter, &matrix->filter_length, NULL))
        exit(1);
}

static inline bool row_is_broken(const struct row *row)
{
    return strcmp(row->kind, "broken") == 0;
}

/* `list` is a row's: ids with commas between them. */
static inline bool id_is_listed(const char *list, const char *id)
{
    size_t len = strlen(id);
    for (const char *at = list; (at = strstr(at, id)); at += len)
        if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

/* The case has to do with the row: it starts the row's program, and no case that it needs is among the lost ones (then it is not run, and lost). */
static inline bool row_plays(const struct row *row, const struct scenario *scenario)
{
    if (!scenario_starts(scenario, row->program))
        return false;
    for (size_t i = 0; row_is_broken(row) && i < scenario->need_count; i++)
        if (id_is_listed(row->lost, scenario->needs[i]))
            return false;
    return true;
}

static inline bool row_loses(const struct row *row, const struct scenario *scenario)
{
    return row_is_broken(row) && id_is_listed(row->lost, scenario->id);
}

/* The references, with the row's variant in its place; `row` NULL: the references alone. False: `in->paths[in->count]` is not built. */
static inline bool hand_in(struct handed_in *in, const struct matrix *matrix, const struct row *row)
{
    const struct assignment *assignment = &matrix->suite->assignment;
    for (in->count = 0; in->count < assignment->program_count; in->count++) {
        const char *name = assignment->programs[in->count].name;
        char *path = in->paths[in->count];
        size_t room = sizeof in->paths[in->count];
        if (row && strcmp(name, row->program) == 0)
            snprintf(path, room, "%s/fixtures/%s/%s/%s", matrix->build, row->kind, row->program,
                     row->variant);
        else
            snprintf(path, room, "%s/fixtures/reference/%s", matrix->build, name);
        if (access(path, X_OK) != 0)
            return false;
        in->programs[in->count] = (struct play_program){name, path};
    }
    return true;
}

/* Plays one case with what is handed in. */
static inline void handed_in_play(const struct handed_in *in, const struct matrix *matrix,
                                  const struct scenario *scenario, uint64_t seed, struct case_result *result)
{
    static const char *const hidden[] = {NULL};
    char agent[512];
    snprintf(agent, sizeof agent, "%s/ipcgrade-agent", matrix->build);
    const struct play_request request = {
        .suite = matrix->suite,
        .scenario = scenario,
        .programs = in->programs,
        .program_count = in->count,
        .agent_path = agent,
        .source_root = "/submission",
        .hidden = hidden,
        .seed = seed,
        .filter = matrix->filter,
        .filter_length = matrix->filter_length,
    };
    play_case(&request, result);
}

#endif
