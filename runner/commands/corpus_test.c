/* The corpus: small programs as textbooks and students write them, a third of them with one known mistake, the others right and close to one, under the real `ipcgrade trace`. Every mistake is found, and no error is
 * raised that is none.
 *
 * What a program is, its first line says (corpus.h). Each is run in a folder of its own, several at a time, before Check begins.
 */
#include <check.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <mqueue.h>
#include <stdatomic.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/run_test.h"
#include "commands/corpus.h"
#include "judge/side_by_side.h"
#include "rules/rules.h"

enum { SECONDS = 60, MOST_OUTPUT = 1 << 22, NEAR = 2 };

static const char folder[] = "fixtures/corpus";

static struct specimen specimens[CORPUS_MOST];
static size_t specimen_count;
static struct side_by_side the_runs;

static struct figures { /* shared: counted by the processes that run them */
    atomic_size_t mistakes, found;
    atomic_size_t false_errors;
} * the_figures;

/* ---- running one ------------------------------------------------------------------------------------------------------------ */

static int scratch_file(const char *name)
{
    return open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* In the child: the program's own output and the findings come on one descriptor, the findings last. */
static void become_trace(const struct specimen *specimen, const char *build)
{
    char tool[PATH_MAX + 16], path[PATH_MAX + 128];
    char *argv[CORPUS_ARGS + 10] = {tool,       "trace",    "--until-idle", "--format", "json",
                                    "--output", "../lines", "--",           path,       NULL};
    snprintf(tool, sizeof tool, "%s/ipcgrade", build);
    snprintf(path, sizeof path, "%s/fixtures/corpus/%s", build, specimen->name);
    for (size_t i = 0; specimen->args[i]; i++)
        argv[9 + i] = specimen->args[i];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("LANGUAGE", "en", 1);
    execv(tool, argv);
    _exit(127);
}

/* In a new folder, which is the current one then; false when it could not be run. */
static bool run(const struct specimen *specimen, const char *build, struct bytes *output)
{
    char chunk[4096];
    ssize_t got;
    int status;
    cleanup_fd int in = scratch_file("in"), out = scratch_file("out");
    bool is_ready = in >= 0 && out >= 0 && mkdir("work", 0700) == 0 && chdir("work") == 0 &&
                    write(in, specimen->input, strlen(specimen->input)) >= 0 && lseek(in, 0, SEEK_SET) == 0;
    pid_t pid = is_ready ? fork() : -1;
    if (pid == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        become_trace(specimen, build);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    lseek(out, 0, SEEK_SET);
    while ((got = read(out, chunk, sizeof chunk)) > 0)
        bytes_add(output, chunk, (size_t)got, MOST_OUTPUT);
    return WIFEXITED(status); /* 1, or the status of the program itself */
}

/* The names of POSIX: a file below /dev/shm, and a message queue, of which nothing is told where no file system shows it. */
static void unlink_left(char *line)
{
    static const char opens[] = "mq_open(\"";
    char *queue = strstr(line, opens), *file = strstr(line, " /dev/shm/");
    if (queue) {
        queue += sizeof opens - 1;
        queue[strcspn(queue, "\"")] = '\0';
        mq_unlink(queue);
    } else if (strncmp(line, "left behind: ", 13) == 0 && file) {
        file[strcspn(file, ",")] = '\0';
        unlink(file + 1);
    }
}

/* What was left behind, from the line that tells of each. */
static void remove_left(void)
{
    char line[1024];
    cleanup_file FILE *file = fopen("../lines", "re");
    while (file && fgets(line, sizeof line, file)) {
        const char *id = strstr(line, ", id ");
        unlink_left(line);
        if (strncmp(line, "left behind: ", 13) != 0 || !id)
            continue;
        int number = (int)strtol(id + 5, NULL, 10);
        if (strstr(line, "message queue"))
            msgctl(number, IPC_RMID, NULL);
        else if (strstr(line, "shared memory segment"))
            shmctl(number, IPC_RMID, NULL);
        else
            semctl(number, 0, IPC_RMID);
    }
}

static json_t *findings_of(const struct bytes *output)
{
    json_error_t error;
    const char *text = bytes_text(output), *from = NULL;
    for (const char *next = text; (next = strstr(next, "{\n  \"command\"")); next++)
        from = next;
    return from ? json_loads(from, JSON_DISABLE_EOF_CHECK, &error) : NULL;
}

/* ---- comparing -------------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int line_of(const json_t *finding)
{
    return (int)json_integer_value(json_object_get(json_object_get(finding, "call"), "line"));
}

static bool is_there(const struct specimen *specimen, const json_t *finding)
{
    for (size_t i = 0; i < specimen->line_count; i++)
        if (specimen->lines[i] == line_of(finding))
            return true;
    return specimen->line_count == 0;
}

static bool is_found(const struct specimen *specimen, const struct wanted_finding *want,
                     const json_t *findings)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        bool is_as_grave =
            strcmp(want->severity, "found") == 0 || strcmp(text_of(finding, "severity"), want->severity) == 0;
        if (is_as_grave && strcmp(text_of(finding, "rule"), want->rule->id) == 0 &&
            is_there(specimen, finding))
            return true;
    }
    return false;
}

static bool is_named(const struct specimen *specimen, const char *rule)
{
    for (size_t i = 0; i < specimen->want_count; i++)
        if (strcmp(specimen->wants[i].rule->id, rule) == 0)
            return true;
    return false;
}

static bool is_near(const struct specimen *specimen, const char *rule)
{
    for (size_t i = 0; i < CORPUS_WANTS && specimen->near[i]; i++)
        if (strcmp(specimen->near[i]->id, rule) == 0)
            return true;
    return false;
}

/* An error that its header does not name; for a program that is to be silent, a warning; of a rule that it only comes near, anything. */
static bool is_false(const struct specimen *specimen, const json_t *finding)
{
    const char *severity = text_of(finding, "severity");
    bool matters =
        strcmp(severity, "error") == 0 || (specimen->is_silent && strcmp(severity, "warning") == 0);
    return (matters && !is_named(specimen, text_of(finding, "rule"))) ||
           is_near(specimen, text_of(finding, "rule"));
}

static void look_for(const struct specimen *specimen, const json_t *findings, struct bytes *wrong)
{
    for (size_t i = 0; i < specimen->want_count; i++) {
        const struct wanted_finding *want = &specimen->wants[i];
        if (!want->severity[0])
            continue;
        the_figures->mistakes++;
        if (is_found(specimen, want, findings))
            the_figures->found++;
        else
            bytes_print(wrong, "\n  %s %s is not found", want->severity, want->rule->id);
    }
}

static void compare(const struct specimen *specimen, const json_t *findings, struct bytes *wrong)
{
    look_for(specimen, findings, wrong);
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *severity = text_of(finding, "severity");
        bool is_wrong = is_false(specimen, finding);
        the_figures->false_errors += is_wrong && strcmp(severity, "error") == 0;
        if (is_wrong || wrong->len > 0)
            bytes_print(wrong, "\n  %s%s: %s at line %d: %s", is_wrong ? "not so: " : "", severity,
                        text_of(finding, "rule"), line_of(finding), text_of(finding, "text"));
    }
}

/* ---- one play --------------------------------------------------------------------------------------------------------------- */

static void play(size_t number, struct bytes *wrong)
{
    const struct specimen *specimen = &specimens[number];
    const char *build = getenv("IPCGRADE_BUILD");
    char scratch[] = "/tmp/ipcgrade-corpus-XXXXXX", remove_it[64], absolute[PATH_MAX];
    cleanup_bytes struct bytes output = {0};
    if (*specimen->complaint) {
        bytes_print(wrong, "%s", specimen->complaint);
        return;
    }
    if (!realpath(build ? build : "build", absolute) || !mkdtemp(scratch) || chdir(scratch) != 0) {
        bytes_print(wrong, "no folder to run it in");
        return;
    }
    bool has_run = run(specimen, absolute, &output);
    json_t *answer = has_run ? findings_of(&output) : NULL;
    if (answer)
        compare(specimen, json_object_get(answer, "findings"), wrong);
    else
        bytes_print(wrong, "it could not be traced: %s", bytes_text(&output));
    json_decref(answer);
    remove_left();
    snprintf(remove_it, sizeof remove_it, "rm -rf '%s'", scratch);
    if (chdir("/") != 0 || system(remove_it) != 0)
        bytes_print(wrong, "\n  %s is left", scratch);
}

START_TEST(a_program_is_judged_as_its_header_says)
{
    const char *wrong = side_wrong(&the_runs, (size_t)_i);
    ck_assert_msg(!*wrong, "%s/%s: %s", folder, specimens[_i].file, wrong);
}
END_TEST

static size_t programs_that_break(const struct rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < specimen_count; i++)
        for (size_t k = 0; k < specimens[i].want_count; k++)
            count += specimens[i].wants[k].severity[0] && specimens[i].wants[k].rule == rule;
    return count;
}

static size_t programs_near(const struct rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < specimen_count; i++)
        count += is_near(&specimens[i], rule->id);
    return count;
}

/* No rule stands in the table without a program of the corpus that breaks it, and two that come close and do not. */
START_TEST(every_rule_has_its_programs)
{
    ck_assert_msg(programs_that_break(rules[_i]) > 0, "no program breaks %s", rules[_i]->id);
    ck_assert_msg(programs_near(rules[_i]) >= NEAR, "%zu right programs come near %s, not %d",
                  programs_near(rules[_i]), rules[_i]->id, NEAR);
}
END_TEST

static int count_rules(void)
{
    int count = 0;
    while (rules[count])
        count++;
    return count;
}

static void print_figures(void)
{
    size_t held = 0;
    for (size_t i = 0; rules[i]; i++)
        held += programs_that_break(rules[i]) > 0 && programs_near(rules[i]) >= NEAR;
    printf("corpus: mistakes found %zu of %zu, false errors %zu in %zu programs; rules with a program that "
           "raises them and two that come close: %zu of %d\n",
           the_figures->found, the_figures->mistakes, the_figures->false_errors, specimen_count, held,
           count_rules());
}

int main(void)
{
    the_figures = side_shared(sizeof *the_figures);
    specimen_count = corpus_find(specimens, folder);
    side_by_side(&the_runs, specimen_count, SECONDS, play);
    Suite *suite = suite_create("corpus");
    TCase *tests = tcase_create("corpus");
    tcase_add_loop_test(tests, a_program_is_judged_as_its_header_says, 0, (int)specimen_count);
    tcase_add_loop_test(tests, every_rule_has_its_programs, 0, count_rules());
    suite_add_tcase(suite, tests);
    int status = run_suite(suite);
    print_figures();
    return status;
}
