/* `ipcgrade grade` and `ipcgrade doctor` on machines that allow less than this one: the table of what is checked where.
 *
 * A suite with one case for each thing that a machine can lack, and one that the program must fail. On every machine what can be checked is checked, what cannot is
 * skipped, and no case that the program passes on a good machine is ever failed. sandbox/README.md tells the table to people.
 */
#include "commands/machine_rows.h"

#include <sys/wait.h>

#include "base/run_test.h"
#include "commands/graded.h"

/* ---- the suite ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *path, *text;
} sample_files[] = {
    {"cases/assignment.yaml",
     "assignment: A\nprograms: {does: {}}\nbuild: make\nlimits: {wall_seconds: 200}\n"},
    {"cases/c/closed.yaml",
     "title: A queue that only its owner may look into\nnames: {q: queue}\nsteps:\n"
     "  - start: {p: [does, msgmake, <q>, msgsnd, <q>, 1, hello, read, 0, msgrm, <q>]}\n"
     "  - expect: {q: {messages: [{text: hello}]}}\n  - send: {p: \"\\n\"}\n"
     "  - expect: {p: {exit: 0}}\n"},
    {"cases/c/fifo.yaml", "title: A FIFO brings bytes to a puppet\ngiven: {box: fifo}\nsteps:\n"
                          "  - do: {peer: {blocks: {open: box, as: r}}}\n"
                          "  - start: {p: [does, open, box, w, write, 3, hello]}\n"
                          "  - do: {peer: {read: r, gives: hello}}\n"},
    {"cases/c/mq.yaml", "title: A message is in the POSIX queue\ngiven: {m: mq}\nsteps:\n"
                        "  - start: {p: [does, mqput, <m>, 7, hello]}\n  - expect: {m: {count: 1}}\n"},
    {"cases/c/other.yaml", "title: Another user may not read\npuppets: {ann: {user: other}}\n"
                           "given: {q: {is: queue, mode: 0600}}\nsteps:\n"
                           "  - do: {ann: {msgrcv: q, error: EACCES}}\n"
                           "  - start: {p: [does, msgsnd, <q>, 1, hello]}\n"},
    {"cases/c/pipe.yaml", "title: Bytes go through a pipe to a child\nsteps:\n"
                          "  - start: {p: [does, pipe, fork, read, 3, done, write, 4, hello, wait]}\n"
                          "  - expect: {p: {exit: 0}}\n"},
    {"cases/c/queue.yaml", "title: A message is in the queue\ngiven: {q: queue}\nsteps:\n"
                           "  - start: {p: [does, msgsnd, <q>, 1, hello]}\n"
                           "  - expect: {q: {messages: [{text: hello}]}}\n"},
    {"cases/c/sem.yaml", "title: A POSIX semaphore is waited for\ngiven: {s: {is: sem, value: 0}}\nsteps:\n"
                         "  - start: {p: [does, semopen, <s>, semwait]}\n"
                         "  - expect: {p: {blocks: {sem_wait: s}}}\n"
                         "  - do: {peer: {sem_post: s}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/socket.yaml", "title: A connection over the loopback interface\nnames: {door: tcp}\nsteps:\n"
                            "  - start: {p: [does, listen, <door>, accept, 3, read, 4]}\n"
                            "  - do: {peer: {connect: door, as: s}}\n"
                            "  - do: {peer: {write: s, text: hello}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/standin.yaml", "title: Another program in place of tr\n"
                             "given: {filter: {is: standin, path: /usr/bin/tr}}\nsteps:\n"
                             "  - start: {p: [does, fork, exec, /usr/bin/tr, done, wait]}\n"
                             "  - do: {filter: {exit: 0}}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/stuck.yaml", "title: The program waits for itself, and fails\nsteps:\n"
                           "  - start: {p: [does, pipe, read, 3]}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/c/terminal.yaml", "title: A line is typed\nsteps:\n  - start: {p: [does, read, 0]}\n"
                              "  - expect: {p: {blocks: {read: stdin}}}\n  - send: {p: \"hello\\n\"}\n"
                              "  - expect: {p: {exit: 0}}\n"},
    {"sub/Makefile", "does: does.c\n\tcc -g -pthread -o does does.c\n"},
};

static void set_up_sample(void)
{
    char program_path[PATH_MAX];
    cleanup_free char *command = NULL, *build = NULL;
    ck_assert_ptr_nonnull(realpath("fixtures/programs/does.c", program_path));
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-machines-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_gt(asprintf(&build, "%s/bin", folder), 0);
    ck_assert_int_eq(mkdir(build, 0755), 0);
    ck_assert(copy_program(build));
    ck_assert_int_eq(setenv("IPCGRADE_BUILD", build, 1), 0); /* where program() is */
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/c", 0755) + mkdir("sub", 0755), 0);
    for (size_t i = 0; i < sizeof sample_files / sizeof *sample_files; i++)
        write_file(sample_files[i].path, sample_files[i].text);
    ck_assert_int_gt(asprintf(&command, "cp '%s' sub/", program_path), 0);
    ck_assert_int_eq(system(command), 0);
}

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
    ck_assert_msg(status != NOT_MADE, "%s: the machine cannot be made", machine->name);
    return status;
}

static char *text_in(const char *path)
{
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    cleanup_file FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    return strdup(bytes_text(&text));
}

static char letter_of(const json_t *one)
{
    const char *verdict = text_of(one, "verdict");
    return (char)(strcmp(verdict, "skipped") == 0 ? 's' : *verdict - 'a' + 'A');
}

/* Who is not judged says why, and loses nothing. */
static void assert_harmless(const struct machine *machine, const json_t *one)
{
    char letter = letter_of(one);
    if (letter != 's' && letter != 'B')
        return;
    ck_assert_msg(*text_of(one, "reason"), "%s: %s: no reason", machine->name, text_of(one, "id"));
    ck_assert_uint_eq(json_array_size(json_object_get(one, "failures")), 0);
}

static int expected_status(const char *cases)
{
    return strchr(cases, 'B') || strspn(cases, "s") == CASES ? 3 : strchr(cases, 'F') ? 1 : 0;
}

static void assert_report(const struct machine *machine, int status)
{
    char letters[CASES + 1] = "";
    size_t lost = 0;
    json_error_t error;
    cleanup_free char *text = text_in("out"), *errors = text_in("err");
    json_t *json = json_loads(text, 0, &error);
    ck_assert_msg(json != NULL, "%s: no report: %s", machine->name, errors);
    for (size_t i = 0; i < CASES; i++) {
        const json_t *one = case_of(json, ids[i]);
        letters[i] = letter_of(one);
        lost += letters[i] == 'F';
        assert_harmless(machine, one);
    }
    ck_assert_msg(strcmp(letters, machine->cases) == 0, "%s: %s instead of %s\n%.2000s", machine->name,
                  letters, machine->cases, text);
    ck_assert_int_eq(status, expected_status(machine->cases));
    ck_assert_double_eq_tol(number_of(json, "score") + number_of(json, "unjudged"), CASES - (double)lost,
                            1e-9);
    json_decref(json);
}

static void assert_doctor(const struct machine *machine)
{
    const char *const argv[] = {program(), "doctor", NULL};
    if (machine->doctor && !*machine->doctor)
        return;
    int status = run_on(machine, argv);
    cleanup_free char *told = text_in("out");
    for (char *at = told; (at = strchr(at, '\n')); at++) /* lines are broken; the words count */
        *at = ' ';
    for (char *at = told; (at = strstr(at, "  "));)
        memmove(at, at + 1, strlen(at));
    bool is_told = !machine->doctor || strstr(told, machine->doctor);
    ck_assert_msg(status == (machine->doctor != NULL) && is_told,
                  "%s: the doctor ends with %d and says: %.1500s", machine->name, status, told);
}

START_TEST(a_poor_machine_costs_nothing)
{
    const struct machine *machine = &machines[_i];
    const char *const argv[] = {program(), "grade", "sub", "--cases", "cases", "--format", "json", NULL};
    if (geteuid() != 0) {
        printf("%s: only root can make this machine\n", machine->name);
        return;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int status = run_on(machine, argv);
    while (waitpid(-1, NULL, 0) > 0) /* nobody stays, or Check's limit is met */
        ;
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
