/* Who keeps a runner waiting: not everybody who sends a file while the runner sleeps for another reason. (Who does is in commands/pool_test.c.) */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/procs.h"
#include "sandbox/sandbox.h"

/* A file to a socket that has no room: he waits, and holds no pipe. */
static _Noreturn void send_file(void)
{
    char bytes[4096] = {0};
    int ends[2], file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        _exit(1);
    while (send(ends[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
    sendfile(ends[0], file, NULL, 1000);
    _exit(1);
}

/* Sleeps in state D until its child of vfork(2) has gone, which no signal shortens. `told` tells the number of who sends. */
static _Noreturn void be_runner(int told)
{
    pid_t sender = -1;
    int pids[2];
    if (setpgid(0, 0) != 0 || pipe2(pids, O_CLOEXEC) != 0)
        _exit(1);
    if (fork() == 0) { /* as init */
        sender = fork();
        if (sender == 0)
            send_file();
        if (write(pids[1], &sender, sizeof sender) != sizeof sender)
            _exit(1);
        pause();
    }
    if (read(pids[0], &sender, sizeof sender) != sizeof sender ||
        write(told, &sender, sizeof sender) != sizeof sender)
        _exit(1);
    pid_t child = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork): for its parent's sleep
    while (child == 0)     // NOLINT(bugprone-infinite-loop): it is killed
        pause();           // NOLINT(clang-analyzer-unix.Vfork): the same
    _exit(1);
}

/* It is on its way there, and does nothing else. */
static void wait_for_call(pid_t pid, long number)
{
    char place[PROCS_PLACE];
    while (procs_call(pid, pid, place) != number)
        continue;
}

static void wait_for_state(pid_t pid, char state)
{
    struct proc_stat stat = {0};
    while (stat.state != state)
        ck_assert(procs_stat(pid, 0, &stat));
}

/* All of its group at once: whoever is killed first hands those below him to us, where none of them would be found below the runner. */
static void end_all(pid_t runner)
{
    kill(-runner, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
}

START_TEST(who_sends_a_file_holds_no_pipe)
{
    int told[2];
    pid_t sender;
    uint64_t sleeps = 0;
    char place[PROCS_PLACE] = "";
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ck_assert_int_eq(pipe2(told, O_CLOEXEC), 0);
    pid_t runner = fork();
    if (runner == 0)
        be_runner(told[1]);
    ck_assert_int_eq(read(told[0], &sender, sizeof sender), sizeof sender);
    wait_for_state(runner, 'D');
    wait_for_call(sender, SYS_sendfile);
    wait_for_state(sender, 'S');
    (void)procs_call(runner, runner, place);
    bool is_held = sandbox_holds(runner, &sleeps), is_told = place[0] && strcmp(place, "0") != 0;
    end_all(runner);
    if (!is_told)
        test_skipped("who_sends_a_file_holds_no_pipe", "/proc/PID/wchan");
    ck_assert_msg(!is_held || !is_told, "it sleeps in %s", place);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("held");
    TCase *tests = tcase_create("held");
    tcase_add_test(tests, who_sends_a_file_holds_no_pipe);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
