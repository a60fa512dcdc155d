/* What grading the reference costs, against its programs alone.
 *
 *     suite BUILD RUNS
 *
 * Each run grades fixtures/reference with one job by `ipcgrade grade`, then starts every program that the cases start, as often as they start it, plainly: fork and exec,
 * without arguments, with /dev/null for everything, and waits for its end. So the bare sum is a lower bound: most of these programs say how they are used and end, since without
 * a case nobody would talk to them and they would wait for ever. Puppets are the grader's and not in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "bench/argument.h"
#include "bench/sample.h"
#include "cases/scenario.h"
#include "result/result_json.h"

enum { SLOWEST = 10, REPORT_MOST = 64 << 20 };

struct bench {
    const char *build;
    struct suite *suite;
    struct sample *cases; /* one per scenario, ms */
    struct sample grade, bare, build_time, ratio;
    size_t programs;
};

static bool run(char *const argv[])
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

/* ---- the grader ---------------------------------------------------------------------------------------------------------- */

static bool read_report(const char *path, struct result *result, struct err *err)
{
    cleanup_bytes struct bytes text = {0};
    cleanup_file FILE *file = fopen(path, "re");
    char chunk[65536];
    size_t got;
    if (!file)
        return err_sys(err, "open %s", path);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        if (!bytes_add(&text, chunk, got, REPORT_MOST))
            return err_set(err, "%s is too large", path);
    return result_from_json(result, bytes_text(&text), text.len, err);
}

static bool keep(struct bench *bench, const struct result *result, double whole, struct err *err)
{
    if (result->verdict != PASSED || result->count != bench->suite->count)
        return err_set(err, "the reference has lost points, or not all cases were played: no figures");
    for (size_t i = 0; i < result->count; i++)
        sample_add(&bench->cases[i], result->cases[i].seconds * 1e3);
    sample_add(&bench->grade, result->seconds * 1e3);
    sample_add(&bench->build_time, whole - result->seconds * 1e3);
    return true;
}

static bool grade(struct bench *bench, struct err *err)
{
    char program[512], report[512], format[600];
    struct result result = {0};
    snprintf(program, sizeof program, "%s/ipcgrade", bench->build);
    snprintf(report, sizeof report, "%s/bench/report.json", bench->build);
    snprintf(format, sizeof format, "json:%s", report);
    char *const argv[] = {
        program, "grade", "--jobs", "1", "--show-hidden", "--format", format, "fixtures/reference", NULL};
    double begun = now_ms();
    if (!run(argv))
        return err_set(err, "%s could not be run", program);
    double whole = now_ms() - begun;
    if (!read_report(report, &result, err))
        return false;
    bool is_kept = keep(bench, &result, whole, err);
    result_free(&result);
    unlink(report);
    return is_kept;
}

/* ---- bare ----------------------------------------------------------------------------------------------------------------- */

static bool start_bare(struct bench *bench, const struct scenario *scenario, struct err *err)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        for (size_t k = 0; scenario->steps[i].kind == STEP_START && k < scenario->steps[i].count; k++) {
            char path[512];
            char *const argv[] = {path, NULL};
            snprintf(path, sizeof path, "%s/fixtures/reference/%s", bench->build,
                     scenario->steps[i].starts[k].program);
            if (!run(argv))
                return err_set(err, "%s could not be run", path);
            bench->programs++;
        }
    return true;
}

static bool run_bare(struct bench *bench, struct err *err)
{
    double begun = now_ms();
    bench->programs = 0;
    for (size_t i = 0; i < bench->suite->count; i++)
        if (!start_bare(bench, &bench->suite->scenarios[i], err))
            return false;
    sample_add(&bench->bare, now_ms() - begun);
    return true;
}

/* ---- telling -------------------------------------------------------------------------------------------------------------- */

static void tell(const char *what, struct sample *sample, const char *unit)
{
    sample_sort(sample);
    printf("  %-58s %9.2f %9.2f %9.2f %s\n", what, sample_median(sample), sample_least(sample),
           sample_most(sample), unit);
}

static int by_median(const void *a, const void *b, void *context)
{
    const struct sample *cases = context;
    double left = sample_median(&cases[*(const size_t *)a]),
           right = sample_median(&cases[*(const size_t *)b]);
    return (left < right) - (left > right);
}

static void tell_cases(struct bench *bench)
{
    size_t count = bench->suite->count;
    cleanup_free size_t *order = calloc(count + 1, sizeof *order);
    if (!order)
        return;
    for (size_t i = 0; i < count; i++) {
        sample_sort(&bench->cases[i]);
        order[i] = i;
    }
    qsort_r(order, count, sizeof *order, by_median, bench->cases);
    printf("  a case (of each its median): half of them take up to %.0f ms, nine of ten up to %.0f ms; "
           "slowest:\n",
           sample_median(&bench->cases[order[count / 2]]), sample_median(&bench->cases[order[count / 10]]));
    for (size_t i = 0; i < count && i < SLOWEST; i++)
        tell(bench->suite->scenarios[order[i]].id, &bench->cases[order[i]], "ms");
}

static void tell_all(struct bench *bench)
{
    for (int i = 0; i < bench->grade.count; i++)
        sample_add(&bench->ratio, bench->grade.values[i] / bench->bare.values[i]);
    printf("The whole suite, %zu cases that start %zu programs; %d runs\n", bench->suite->count,
           bench->programs, bench->grade.count);
    printf("  %-58s %9s %9s %9s\n", "", "median", "min", "max");
    tell("ipcgrade grade --jobs 1, the cases", &bench->grade, "ms");
    tell("the same programs bare: fork, exec, no arguments, end", &bench->bare, "ms");
    tell("ratio", &bench->ratio, "times");
    tell("besides, once per submission: load, build, report", &bench->build_time, "ms");
    tell_cases(bench);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct complaints complaints = {0};
    struct bench bench = {.build = argc == 3 ? argv[1] : ""};
    struct err err = {0};
    long runs = argc == 3 ? argument_number(argv[2]) : 0;
    if (runs < 1 || runs > SAMPLE_MOST) {
        fprintf(stderr, "usage: suite BUILD RUNS     (1 to %d)\n", SAMPLE_MOST);
        return 2;
    }
    if (!suite_load(&bench.suite, "cases", &complaints)) {
        fprintf(stderr, "the cases cannot be read: ipcgrade lint cases\n");
        return 2;
    }
    complaints_free(&complaints);
    bench.cases = calloc(bench.suite->count + 1, sizeof *bench.cases);
    bool is_well = bench.cases != NULL;
    for (long i = 0; is_well && i < runs; i++)
        is_well = grade(&bench, &err) && run_bare(&bench, &err);
    if (is_well)
        tell_all(&bench);
    else
        err_print(stderr, &err);
    free(bench.cases);
    suite_free(bench.suite);
    return is_well ? 0 : 3;
}
