/* The engine of `ipcgrade trace`: its lines, its results, its streams, what it finds left behind. */
#include "trace/run.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/rig.h"

static char directory[] = "/tmp/ipcgrade-run-XXXXXX";
static char *lines;
static struct trace_run_result result;
static struct err err;

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
    free(lines);
    (void)!system("rm -f -- *"); // NOLINT(cert-env33-c): in the directory of this test
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

static bool run(char *shell, bool wants_source)
{
    char *argv[] = {"sh", "-c", shell, NULL};
    size_t len = 0;
    FILE *to = open_memstream(&lines, &len);
    struct trace_run_options options = {.to = to, .wants_source = wants_source};
    bool is_done = trace_run(argv, &options, &result, &err);
    fclose(to);
    return is_done;
}

static void has_line(const char *text)
{
    ck_assert_msg(strstr(lines, text) != NULL, "no \"%s\" in\n%.2000s", text, lines);
}

START_TEST(status_of_the_command)
{
    ck_assert_msg(run("exit 7", false), "%s", err.text);
    ck_assert(WIFEXITED(result.wait_status) && WEXITSTATUS(result.wait_status) == 7);
    ck_assert_uint_eq(result.processes, 1);
    has_line("+++ exited with 7 +++");
    ck_assert(run("kill -TERM $$", false));
    ck_assert(WIFSIGNALED(result.wait_status) && WTERMSIG(result.wait_status) == SIGTERM);
    has_line("--- SIGTERM from process ");
    has_line("+++ killed by SIGTERM +++");
}
END_TEST

START_TEST(lines_of_calls)
{
    ck_assert_msg(run("echo hello | cat >/dev/null; cat nothing 2>/dev/null", false), "%s", err.text);
    has_line("write(1, \"hello\\n\", 6) = 6  (pipe)");
    has_line("read(0, \"hello\\n\", ");
    has_line("[cat ");
    has_line("open(\"nothing\", O_RDONLY) = -1 ENOENT (No such file or directory)");
    ck_assert_uint_ge(result.failed, 1);
    ck_assert_uint_gt(result.calls, 10);
    ck_assert(!strstr(lines, "libc.so")); /* the loader's calls are not told */
}
END_TEST

/* What every program reads tells nothing of how it talks to others; what it writes, and its own files, do. */
START_TEST(reading_the_system_is_left_out)
{
    ck_assert_msg(run("cat /etc/passwd >own; cat own >/dev/null", false), "%s", err.text);
    ck_assert(!strstr(lines, "open(\"/etc/passwd\"") && !strstr(lines, "(passwd)"));
    has_line("open(\"own\", O_RDONLY) = ");
    has_line("(own)");
}
END_TEST

START_TEST(streams_are_the_callers)
{
    int in = open("in", O_RDWR | O_CREAT, 0600), out = open("out", O_RDWR | O_CREAT, 0600);
    char text[16] = "";
    ck_assert_int_eq(write(in, "data", 4), 4);
    lseek(in, 0, SEEK_SET);
    dup2(in, 0);
    dup2(out, 1);
    ck_assert(run("cat", false));
    ck_assert_int_eq(pread(out, text, sizeof text, 0), 4);
    ck_assert_str_eq(text, "data");
}
END_TEST

START_TEST(not_to_be_executed)
{
    char *argv[] = {"./no-such-command", NULL};
    struct trace_run_options options = {.to = stderr};
    ck_assert(!trace_run(argv, &options, &result, &err));
    ck_assert_int_eq(err.number, ENOENT);
    ck_assert_str_eq(err.text, "execute ./no-such-command: No such file or directory");
}
END_TEST

static const char leaves[] =
    "#include <sys/msg.h>\n#include <sys/sem.h>\n#include <sys/stat.h>\n#include <fcntl.h>\n#include "
    "<unistd.h>\n#include <stdlib.h>\n"
    "int main(int argc, char **argv)\n{\n"
    "    int queue = msgget((key_t)strtol(argv[1], 0, 0), IPC_CREAT | 0600); /* line 9 */\n"
    "    mkfifo(\"left\", 0600);\n"
    "    mkfifo(\"gone\", 0600);\n"
    "    int set = semget(IPC_PRIVATE, 1, 0600);\n"
    "    semctl(set, 0, IPC_RMID);\n"
    "    return queue < 0 || unlink(\"gone\") != 0 || argc != 2;\n}\n";

static void compile(const char *text)
{
    FILE *file = fopen("program.c", "w");
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(system("cc -g -w -o program program.c"), 0); // NOLINT(cert-env33-c): the compiler
}

/* A key that nobody has. */
static key_t free_key(void)
{
    key_t key = 0x1bc00000 + getpid();
    while (msgget(key, 0) >= 0)
        key++;
    return key;
}

static void run_leaves(key_t key)
{
    char command[64];
    snprintf(command, sizeof command, "exec ./program 0x%08x", (unsigned)key);
    ck_assert_msg(run(command, true), "%s", err.text);
    ck_assert_int_eq(result.wait_status, 0);
}

START_TEST(what_is_left)
{
    char wanted[128];
    key_t key = free_key();
    compile(leaves);
    run_leaves(key);
    ck_assert_uint_eq(result.left, 2);
    snprintf(wanted, sizeof wanted, "left behind: message queue key 0x%08x, id ", (unsigned)key);
    has_line(wanted);
    has_line("program.c:9");
    has_line("left behind: FIFO ");
    has_line("/left, made by [program ");
    ck_assert(!strstr(lines, "left behind: semaphore"));
    /* What was there before is not the command's. */
    ck_assert_int_eq(unlink("left"), 0);
    free(lines);
    run_leaves(key);
    ck_assert_uint_eq(result.left, 1);
    ck_assert(!strstr(lines, "left behind: message queue"));
    ck_assert_int_eq(msgctl(msgget(key, 0), IPC_RMID, NULL), 0);
}
END_TEST

static const char leaves_posix[] =
    "#include <fcntl.h>\n#include <mqueue.h>\n#include <sys/mman.h>\n"
    "int main(int argc, char **argv)\n{\n"
    "    int gone = shm_open(argv[2], O_RDWR | O_CREAT, 0600);\n"
    "    int area = shm_open(argv[1], O_RDWR | O_CREAT, 0600);\n"
    "    mqd_t post = mq_open(argv[1], O_RDWR | O_CREAT, 0600, 0);\n"
    "    return gone < 0 || area < 0 || post < 0 || shm_unlink(argv[2]) != 0 || argc != 3;\n}\n";

/* A folder of that name, where nobody has mounted their file system. */
static bool hide_queues(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("dev", "/dev", "tmpfs", 0, NULL) == 0 && mkdir("/dev/shm", 0777) == 0 &&
           mkdir("/dev/mqueue", 0755) == 0;
}

START_TEST(what_is_left_of_posix)
{
    char command[128], name[32], wanted[128];
    snprintf(name, sizeof name, "/left-%d", (int)getpid());
    snprintf(command, sizeof command, "exec ./program %s %s-gone", name, name);
    compile(leaves_posix);
    if (_i == 1 && !hide_queues()) {
        test_skipped("queues that are mounted nowhere", "root");
        return;
    }
    ck_assert_msg(run(command, true), "%s", err.text);
    ck_assert_int_eq(result.wait_status, 0);
    snprintf(wanted, sizeof wanted, "left behind: shared memory object /dev/shm%s", name);
    has_line(wanted);
    has_line("program.c:7");
    ck_assert(!strstr(lines, "left behind: shared memory object /dev/shm/gone"));
    snprintf(wanted, sizeof wanted, "left behind: POSIX message queue %s", name);
    has_line(wanted); /* whether or not this machine has their file system mounted */
    ck_assert_uint_eq(result.left, 2);
    snprintf(wanted, sizeof wanted, "mq_open(\"%s\", O_RDWR|O_CREAT, 0600) = ", name);
    has_line(wanted);
    shm_unlink(name);
    mq_unlink(name);
}
END_TEST

static const char waits[] =
    "#include <fcntl.h>\n#include <sys/stat.h>\n#include <sys/time.h>\n"
    "int main(void)\n{\n    struct itimerval soon = { .it_value.tv_usec = 50000 };\n"
    "    mkfifo(\"a\", 0600);\n    setitimer(ITIMER_REAL, &soon, 0);\n    return open(\"a\", O_RDONLY);\n}\n";

/* It waits until its alarm kills it; that it waits is told before, once, and that is its last line. */
START_TEST(who_waits_is_told)
{
    compile(waits);
    ck_assert_msg(run("exec ./program", true), "%s", err.text);
    has_line("open(\"a\", O_RDONLY) ... waits  at ");
    has_line("program.c:9\n");
    has_line("+++ killed by SIGALRM +++");
    ck_assert_ptr_null(strstr(strstr(lines, " waits") + 1, " waits"));
}
END_TEST

static const char threads[] =
    "#include <pthread.h>\n#include <signal.h>\n#include <stdio.h>\n#include <unistd.h>\n"
    "static void *second(void *x)\n{\n    (void)!write(1, \"second\", 6);\n    return x;\n}\n"
    "int main(void)\n{\n    pthread_t thread;\n    printf(\"late\");\n"
    "    pthread_create(&thread, 0, second, 0);\n    pthread_join(thread, 0);\n"
    "    (void)!write(1, \"first\", 5);\n    return 0;\n}\n";

START_TEST(threads_are_told_apart)
{
    compile(threads);
    ck_assert_msg(run("exec ./program >out", true), "%s", err.text);
    const char *second = strstr(lines, "write(1, \"second\""), *first = strstr(lines, "write(1, \"first\"");
    ck_assert(second && first);
    while (second > lines && second[-1] != '\n')
        second--;
    while (first > lines && first[-1] != '\n')
        first--;
    ck_assert_msg(strstr(second, " thread ") && strstr(second, " thread ") < strchr(second, ']'), "%s",
                  lines);
    ck_assert_msg(strncmp(first, "[program ", 9) == 0 && !memmem(first, strcspn(first, "]"), " thread ", 8),
                  "%s", lines);
    has_line(
        "write(1, \"late\", 4) = 4  (out)\n"); /* nobody of the submission called it: no line is made up */
}
END_TEST

static size_t count_of(const char *text)
{
    size_t count = 0;
    for (const char *at = lines; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

/* Lines that come again and again are remembered, each by its own callers. */
START_TEST(lines_of_a_loop)
{
    compile("#define _GNU_SOURCE\n#include <fcntl.h>\n#include <unistd.h>\nint ends[2];\nchar byte;\n"
            "static void ask(int fd)\n{\n    (void)!read(fd, &byte, 1);\n}\n"
            "int main(void)\n{\n    pipe2(ends, O_NONBLOCK);\n    for (int i = 0; i < 3; i++) {\n"
            "        (void)!read(ends[0], &byte, 1);\n        (void)!read(ends[0], &byte, 1);\n"
            "        ask(ends[0]);\n    }\n    return 0;\n}\n");
    ck_assert_msg(run("exec ./program", true), "%s", err.text);
    ck_assert_uint_eq(count_of("program.c:8\n"), 3);
    ck_assert_uint_eq(count_of("program.c:14\n"), 3);
    ck_assert_uint_eq(count_of("program.c:15\n"), 3);
}
END_TEST

START_TEST(the_line_of_a_crash)
{
    compile("int main(void)\n{\n    volatile int *nothing = 0;\n    return *nothing;\n}\n");
    ck_assert_msg(run("exec ./program", true), "%s", err.text);
    has_line("--- SIGSEGV ---  at ");
    has_line("program.c:4\n");
    has_line("+++ killed by SIGSEGV +++");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: run");
    TCase *tests = tcase_create("run");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_test(tests, status_of_the_command);
    tcase_add_test(tests, lines_of_calls);
    tcase_add_test(tests, reading_the_system_is_left_out);
    tcase_add_test(tests, threads_are_told_apart);
    tcase_add_test(tests, lines_of_a_loop);
    tcase_add_test(tests, the_line_of_a_crash);
    tcase_add_test(tests, streams_are_the_callers);
    tcase_add_test(tests, not_to_be_executed);
    tcase_add_test(tests, what_is_left);
    tcase_add_loop_test(tests, what_is_left_of_posix, 0, 2);
    tcase_add_test(tests, who_waits_is_told);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
