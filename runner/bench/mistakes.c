/* The table of mistakes in fixtures/README.md: what each broken variant does wrong, the case that catches it, and what the report says to it.
 *
 *     mistakes BUILD >table
 *
 * Each broken row of fixtures/matrix.tsv is played with that one of its cases that catches fewest others. The seed is fixed, so that the same sentences come
 * each time. Exit status: 0, or 3 when a variant was not caught or a case could not be played.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "judge/matrix.h"
#include "result/result.h"

enum { SEED = 7, LONGEST_SENTENCE = 160 };

/* A cell of a Markdown table: no bar and no line end; cut at the end of a word. */
static void print_cell(const char *text)
{
    size_t len = strcspn(text, "\n"), shown = len;
    if (len > LONGEST_SENTENCE)
        for (shown = LONGEST_SENTENCE; shown > 0 && text[shown] != ' '; shown--)
            continue;
    for (size_t i = 0; i < shown; i++)
        if (strchr("|<*_`\\", text[i]))
            printf("\\%c", text[i]);
        else
            putchar(text[i]);
    printf("%s |", shown < len ? " ..." : "");
}

static size_t losers(const struct matrix *matrix, const struct scenario *scenario)
{
    size_t count = 0;
    for (size_t i = 0; i < matrix->count; i++)
        count += row_loses(&matrix->rows[i], scenario);
    return count;
}

/* Of the cases that catch it the one that fewest others are caught by: that one is about this mistake. */
static const struct scenario *closest_case(const struct matrix *matrix, const struct row *row)
{
    const struct scenario *closest = NULL;
    for (size_t i = 0; i < matrix->suite->count; i++) {
        const struct scenario *scenario = &matrix->suite->scenarios[i];
        if (row_loses(row, scenario) && row_plays(row, scenario) &&
            (!closest || losers(matrix, scenario) < losers(matrix, closest)))
            closest = scenario;
    }
    return closest;
}

static bool tell_row(const struct matrix *matrix, const struct row *row)
{
    const struct scenario *scenario = closest_case(matrix, row);
    struct case_result result = {0};
    static struct handed_in in;
    if (!scenario || !hand_in(&in, matrix, row)) {
        fprintf(stderr, "%s/%s: %s\n", row->program, row->variant,
                scenario ? "is not built" : "loses nothing");
        return false;
    }
    handed_in_play(&in, matrix, scenario, SEED, &result);
    const char *reason = result.reason ? result.reason : "";
    const char *seen = strstr(reason, "seen: ");
    bool is_caught = result.verdict == FAILED || result.score < result.max_score;
    if (is_caught) {
        printf("| `%s`: ", row->variant);
        print_cell(row->sentence);
        printf(" `%s` | ", scenario->id);
        print_cell(seen ? seen + strlen("seen: ") : reason);
        putchar('\n');
    } else {
        fprintf(stderr, "%s/%s is not caught by %s: %s\n", row->program, row->variant, scenario->id,
                verdict_word(result.verdict));
    }
    case_result_free(&result);
    return is_caught;
}

int main(int argc, char **argv)
{
    static struct matrix matrix;
    const char *program = "";
    bool is_well = true;
    if (argc != 2) {
        fputs("usage: mistakes BUILD\n", stderr);
        return 2;
    }
    matrix_load(&matrix, argv[1]);
    for (size_t i = 0; i < matrix.count; i++) {
        const struct row *row = &matrix.rows[i];
        if (!row_is_broken(row))
            continue;
        if (strcmp(row->program, program) != 0)
            printf("\n### %s\n\n| mistake | caught by | the report says |\n|---|---|---|\n", row->program);
        program = row->program;
        is_well &= tell_row(&matrix, row);
    }
    return is_well ? 0 : 3;
}
