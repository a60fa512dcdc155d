/* `ipcgrade grade` and `ipcgrade doctor` on machines that allow less than this one: the table of what is checked where.
 *
 * A suite with one case for each thing that a machine can lack, and one that the program must fail. On every machine what can be checked is checked, what cannot is
 * skipped, and no case that the program passes on a good machine is ever failed. sandbox/README.md tells the table to people.
 */
#include "commands/machine_rows.h"

#include <sys/wait.h>

#include "base/run_test.h"
#include "commands/graded.h"

/* ---- running ------------------------------------------------------------------------------------------------------------------- */

/* Its output and errors go to out.NAME and err.NAME, which are opened before the machine becomes poor. Returns the exit status. */
static int run_on(const struct machine *machine, const char *const *argv)
{
    setenv("LANGUAGE", "en", 1);
    pid_t pid = fork();
    if (pid == 0) {
        int to = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666),
            errors = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        must(dup2(to, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0, "open the outputs");
        machine->make();
        execv(argv[0], (char *const *)argv);
        must(false, "execute ipcgrade");
    }
    int status = finish(pid);
    while (waitpid(-1, NULL, 0) > 0) /* nobody stays, or Check's limit is met */
        ;
    if (machine->has_group)
        remove_group();
    ck_assert_msg(status != NOT_MADE, "%s: the machine cannot be made", machine->name);
    return status;
}

/* What is skipped for want of it on most machines; NULL: nothing is. */
static const char *usual_word(const char *id)
{
    static const char *const rows[][2] = {
        {"c/mq", "POSIX message queues"}, {"c/other", "second user"}, {"c/standin", "mount namespace"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], id) == 0)
            return rows[i][1];
    return NULL;
}

/* Is one of the words there? "|" stands between them. */
static bool has_word(const char *text, const char *words)
{
    for (const char *word = words; word && *word;) {
        size_t len = strcspn(word, "|");
        if (memmem(text, strlen(text), word, len))
            return true;
        word += len + (word[len] == '|');
    }
    return false;
}

/* Who is not judged says why, and loses nothing. */
static void assert_harmless(const struct machine *machine, const json_t *one)
{
    char letter = letter_of(one);
    const char *id = text_of(one, "id"), *reason = text_of(one, "reason"), *usual = usual_word(id);
    if (letter != 's' && letter != 'B')
        return;
    bool is_told = has_word(reason, machine->says) || has_word(reason, usual);
    ck_assert_msg(is_told, "%s: %s: the reason is: %s", machine->name, id, reason);
    ck_assert_uint_eq(json_array_size(json_object_get(one, "failures")), 0);
}

static int expected_status(const char *letters)
{
    return strchr(letters, 'B') || strspn(letters, "s") == CASES ? 3 : strchr(letters, 'F') ? 1 : 0;
}

/* Where it is chance what is judged, nobody fails but who must. */
static bool is_expected(const char *letters, const char *cases)
{
    for (size_t i = 0; i < CASES; i++) {
        bool may_fail = strcmp(ids[i], "c/stuck") == 0;
        if (cases[i] == '?' ? letters[i] == 'F' && !may_fail : letters[i] != cases[i])
            return false;
    }
    return true;
}

/* A file may hold nothing behind the report either: json_loads() would refuse it. */
static void assert_report(const struct machine *machine, int status)
{
    char letters[CASES + 1] = "";
    size_t lost = 0;
    json_error_t error;
    cleanup_free char *text = text_in(machine->is_to_file ? "report.json" : "out"), *errors = text_in("err"),
                      *foreign = text_in("out");
    json_t *json = json_loads(text, 0, &error);
    ck_assert_msg(json != NULL, "%s: no report: %s%s", machine->name, error.text, errors);
    ck_assert_msg(!machine->is_to_file || !*foreign, "%s: on standard output: %s", machine->name, foreign);
    letters_of(json, letters);
    for (size_t i = 0; i < CASES; i++) {
        lost += letters[i] == 'F';
        assert_harmless(machine, case_of(json, ids[i]));
    }
    ck_assert_msg(is_expected(letters, machine->cases), "%s: %s instead of %s\n%.2000s", machine->name,
                  letters, machine->cases, text);
    ck_assert_int_eq(status, expected_status(letters));
    ck_assert_double_eq_tol(number_of(json, "score") + number_of(json, "unjudged"), CASES - (double)lost,
                            1e-9);
    json_decref(json);
}

/* ---- the doctor ---------------------------------------------------------------------------------------------------------------- */

/* So wide that nothing is broken: a row takes one line, and where something is missing a second says what is lost, a third what helps. Set on the machine itself, whose environment may be
 * empty. */
static const char *const doctor_argv[] = {"/usr/bin/env", "COLUMNS=4000", NULL, "doctor", NULL};
enum { DOCTOR_PROGRAM = 2 };

/* One row in which something is missing; the lines are borrowed, with their lengths. */
struct ill_row {
    const char *name, *lost, *remedy;
    size_t name_len, lost_len, remedy_len;
};

/* The line at `at`, without what it is indented by, if it is one that belongs to the row above it. */
static const char *line_below(const char *at, const char **line, size_t *len)
{
    size_t indent = strspn(at, " "), width = strcspn(at, "\n");
    *line = at + indent;
    *len = indent > 0 ? width - indent : 0;
    return at + width + (at[width] == '\n');
}

/* The next of them from `at` on; NULL: there is none. */
static const char *next_ill(const char *at, struct ill_row *row)
{
    static const char word[] = "missing";
    while (*at) {
        size_t width = strcspn(at, "\n");
        bool is_ill = *at != ' ' && memmem(at, width, word, sizeof word - 1) != NULL;
        row->name = at;
        row->name_len = width;
        at += width + (at[width] == '\n');
        if (is_ill)
            return line_below(line_below(at, &row->lost, &row->lost_len), &row->remedy, &row->remedy_len);
    }
    return NULL;
}

/* Whatever is missing, what is lost and what helps are told; in the row of `lack` it is the remedy of the table. Where that is NULL nothing is missing. */
static void assert_remedies(const struct machine *machine, const char *told)
{
    struct ill_row row;
    bool is_told = machine->lack == NULL;
    for (const char *at = told; (at = next_ill(at, &row));) {
        bool is_whole = row.lost_len > 0 && row.remedy_len > 0 && *at != ' ';
        ck_assert_msg(machine->lack && is_whole, "%s: the doctor says: %.3000s", machine->name, told);
        if (strncmp(row.name, machine->lack, strlen(machine->lack)) == 0)
            is_told |= memmem(row.remedy, row.remedy_len, machine->remedy, strlen(machine->remedy)) != NULL;
    }
    ck_assert_msg(is_told, "%s: the doctor says: %.3000s", machine->name, told);
}

static void assert_doctor(const struct machine *machine)
{
    const char *argv[sizeof doctor_argv / sizeof *doctor_argv];
    memcpy(argv, doctor_argv, sizeof argv);
    argv[DOCTOR_PROGRAM] = program();
    int status = run_on(machine, argv);
    cleanup_free char *told = text_in("out"), *errors = text_in("err");
    if (machine->lack && !*machine->lack) {
        ck_assert_msg(status == 3 && strstr(errors, machine->remedy), "%s: the doctor ends with %d: %s",
                      machine->name, status, errors);
        return;
    }
    ck_assert_msg(status == (machine->lack != NULL), "%s: the doctor ends with %d and says: %.3000s",
                  machine->name, status, told);
    assert_remedies(machine, told);
}

/* ---- the tests ----------------------------------------------------------------------------------------------------------------- */

/* IPCGRADE_MACHINE names one to be played alone. */
static bool is_left_out(const struct machine *machine)
{
    const char *one = getenv("IPCGRADE_MACHINE");
    return one && *one && !strstr(machine->name, one);
}

START_TEST(a_poor_machine_costs_nothing)
{
    const struct machine *machine = &machines[_i];
    const char *const argv[] = {program(),
                                "grade",
                                "sub",
                                "--cases",
                                "cases",
                                "--format",
                                machine->is_to_file ? "json:report.json" : "json",
                                NULL};
    if (is_left_out(machine))
        return;
    if (geteuid() != 0) {
        test_skipped(machine->name, "root, to make the machine");
        return;
    }
    if (IS_SANITIZED && machine->stops_sanitizers) {
        test_skipped(machine->name, "a build without sanitizers");
        return;
    }
    if (machine->has_group && !can_limit_processes()) {
        test_skipped(machine->name, "the right to make a group of processes");
        return;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int status = run_on(machine, argv);
    if (machine->cases) {
        assert_report(machine, status);
    } else {
        cleanup_free char *errors = text_in("err"), *text = text_in("out");
        ck_assert_msg(status == 3 && strstr(errors, machine->says), "%s: status %d, %s%s", machine->name,
                      status, errors, text);
    }
    assert_doctor(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machines");
    TCase *tests = tcase_create("machines");
    tcase_add_unchecked_fixture(tests, set_up_sample, tear_down);
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, a_poor_machine_costs_nothing, 0, sizeof machines / sizeof *machines);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
