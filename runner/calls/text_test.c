/* The exact lines of calls. Those of locks are text_lock_test.c. */
#include "calls/lines.h"

#include "calls/text_rows.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

START_TEST(names)
{
    ENTER("openat", (uint64_t)AT_FDCWD, AT("box"), O_WRONLY | O_NONBLOCK);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    reads("open(\"box\", O_WRONLY|O_NONBLOCK) ...");
    leave(-ENXIO);
    reads("open(\"box\", O_WRONLY|O_NONBLOCK) = -1 ENXIO (No such device or address)");
    ENTER("open", AT("b\nx"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    leave(3);
    reads("open(\"b\\nx\", O_RDONLY|O_CLOEXEC) = 3");
    ck_assert_int_eq(call.made[0], 3);
    ENTER("openat", 7, AT("d"), O_RDONLY | O_DIRECTORY, 0);
    leave(4);
    reads("openat(7, \"d\", O_RDONLY|O_DIRECTORY) = 4"); /* only what is made has a mode */
    ENTER("openat", 7, AT("f"), O_RDWR | O_CREAT | O_EXCL, 0640);
    leave(4);
    reads("openat(7, \"f\", O_RDWR|O_CREAT|O_EXCL, 0640) = 4");
    ENTER("openat", (uint64_t)AT_FDCWD, 8, 0);
    leave(-EFAULT);
    reads("open(\"\", O_RDONLY) = -1 EFAULT (Bad address)");
    ENTER("mknodat", (uint64_t)AT_FDCWD, AT("box"), S_IFIFO | 0600);
    leave(-EEXIST);
    reads("mkfifo(\"box\", 0600) = -1 EEXIST (File exists)");
    ck_assert_str_eq(call.deed->word, "mkfifo");
    ENTER("mknod", AT("file"), S_IFREG | 0600);
    ck_assert_ptr_null(call.deed);
    ENTER("rename", AT("a"), AT("b"));
    leave(0);
    reads("rename(\"a\", \"b\") = 0");
}
END_TEST

START_TEST(data)
{
    char in[16] = "";
    struct iovec pieces[2] = {{"ab", 2}, {"cdef", 4}};
    ENTER("read", 5, AT(in), sizeof in);
    reads("read(5, ..., 16) ...");
    in[0] = 'h', in[1] = 'i', in[2] = '\0';
    leave(3);
    reads("read(5, \"hi\\0\", 16) = 3");
    ENTER("read", 5, AT(in), 16);
    leave(0);
    reads("read(5, \"\", 16) = 0");
    ENTER("write", 1, AT("hello\n"), 6);
    reads("write(1, \"hello\\n\", 6) ...");
    leave(2);
    reads("write(1, \"he\", 6) = 2");
    ck_assert_uint_eq(call.data_len, 2);
    call_free(&call);
    ENTER("writev", 1, AT(pieces), 2);
    leave(3);
    reads("writev(1, \"abc\") = 3");
    call_free(&call);
    ENTER("write", 1, AT("x"), 1);
    leave(-EPIPE);
    reads("write(1, ..., 1) = -1 EPIPE (Broken pipe)");
    call_free(&call);
    ENTER("sendfile", 4, 5, 0, 100);
    leave(100);
    ck_assert_int_eq(call.fd, 5);
    ck_assert_int_eq(call.fds[1].fd, 4);
    ck_assert_uint_eq(call.data_len, 100);
    reads("sendfile(4, 5, 100) = 100");
}
END_TEST

START_TEST(long_data_is_cut)
{
    char text[300];
    memset(text, 'a', sizeof text);
    ENTER("write", 1, AT(text), sizeof text);
    leave(300);
    ck_assert_uint_eq(call.data.len, CALL_DATA_SHOWN);
    ck_assert_uint_eq(call.data_len, 300);
    char expected[200];
    snprintf(expected, sizeof expected, "write(1, \"%.64s\"... (300 bytes), 300) = 300", text);
    reads(expected);
    call_free(&call);
}
END_TEST

START_TEST(descriptors)
{
    int ends[2] = {3, 4};
    ENTER("pipe2", AT(ends), O_CLOEXEC);
    reads("pipe2(..., O_CLOEXEC) ...");
    leave(0);
    reads("pipe2([3, 4], O_CLOEXEC) = 0");
    ENTER("pipe2", AT(ends), 0);
    leave(0);
    reads("pipe([3, 4]) = 0");
    ENTER("dup2", 3, 0);
    leave(0);
    reads("dup2(3, 0) = 0");
    ck_assert_int_eq(call.value[PARAM_ONTO], 0);
    ENTER("fcntl", 3, F_DUPFD, 10);
    leave(10);
    reads("fcntl(3, F_DUPFD, 10) = 10");
    ck_assert_str_eq(call.deed->word, "dup");
    ENTER("close", 3);
    leave(-EBADF);
    reads("close(3) = -1 EBADF (Bad file descriptor)");
}
END_TEST

START_TEST(system_v)
{
    struct {
        long type;
        char text[8];
    } message = {7, "job\0\0\0\0"};
    struct sembuf ops[2] = {{0, -1, SEM_UNDO}, {1, 2, IPC_NOWAIT | SEM_UNDO}};
    ENTER("msgget", 0x2a, IPC_CREAT | IPC_EXCL | 0600);
    leave(-EEXIST);
    reads("msgget(0x0000002a, IPC_CREAT|IPC_EXCL|0600) = -1 EEXIST (File exists)");
    ENTER("shmget", 0x2a, 0, 0);
    leave(4);
    reads("shmget(0x0000002a, 0, 0) = 4");
    ENTER("semget", IPC_PRIVATE, 2, 0640);
    leave(5);
    reads("semget(IPC_PRIVATE, 2, 0640) = 5");
    ck_assert_int_eq(call.ipc_id, 5);
    ENTER("msgsnd", 3, AT(&message), 4, IPC_NOWAIT);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    leave(0);
    reads("msgsnd(3, {type 7, \"job\\0\"}, 4, IPC_NOWAIT) = 0");
    call_free(&call);
    ENTER("msgrcv", 3, AT(&message), 8, (uint64_t)-9, MSG_NOERROR);
    reads("msgrcv(3, ..., 8, -9, MSG_NOERROR) ...");
    leave(3);
    reads("msgrcv(3, {type 7, \"job\"}, 8, -9, MSG_NOERROR) = 3");
    ck_assert_int_eq(call.value[PARAM_TYPE], -9);
    ck_assert_int_eq(call.value[PARAM_GIVES], 7);
    call_free(&call);
    ENTER("semtimedop", 5, AT(ops), 2, 0);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    leave(-EIDRM);
    reads("semop(5, [{0, -1, SEM_UNDO}, {1, +2, IPC_NOWAIT|SEM_UNDO}]) = -1 EIDRM (Identifier removed)");
    ENTER("semctl", 5, 1, SETVAL | 0x100, 3);
    leave(0);
    reads("semctl(5, 1, SETVAL) = 0");
    ENTER("shmat", 9, 0, 0);
    leave(0x7f0000001000);
    reads("shmat(9, NULL, 0) = 0x7f0000001000");
    ENTER("msgctl", 3, IPC_RMID, 0);
    leave(0);
    reads("msgctl(3, IPC_RMID) = 0");
}
END_TEST

START_TEST(processes)
{
    int status = 3 << 8;
    const char *argv[] = {"cat", "-u", NULL};
    ENTER("wait4", (uint64_t)-1, AT(&status), WNOHANG, 0);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    leave(12);
    reads("waitpid(-1, exited 3, WNOHANG) = 12");
    status = SIGPIPE;
    ENTER("wait4", 12, AT(&status), 0, 0);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    leave(12);
    reads("waitpid(12, killed by SIGPIPE, 0) = 12");
    ENTER("clone", CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, AT(&status), 0);
    leave(12);
    reads("fork() = 12"); /* this is how glibc makes it */
    ENTER("clone", CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    leave(12);
    reads("clone(CLONE_VM|CLONE_VFORK) = 12");
    ENTER("exit_group", 3);
    reads("exit_group(3)");
    ENTER("kill", 12, SIGTERM);
    leave(-ESRCH);
    reads("kill(12, SIGTERM) = -1 ESRCH (No such process)");
    ENTER("execve", AT("/bin/cat"), AT(argv), 0);
    leave(0);
    reads("execve(\"/bin/cat\", [\"cat\", \"-u\"]) = 0");
    ck_assert_str_eq(call.path2, "-u");
    call_free(&call);
}
END_TEST

START_TEST(waits)
{
    struct timespec time = {1, 500000000}, none = {0, 0};
    struct pollfd fds[3] = {{3, POLLIN, 0}, {-1, POLLIN, 0}, {4, POLLIN | POLLOUT, 0}};
    struct sembuf give = {0, 1, 0}, look = {0, 0, IPC_NOWAIT};
    fd_set set;
    ENTER("poll", AT(fds), 3, (uint64_t)-1);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    reads("poll([3 in, 4 in+out], -1) ...");
    ENTER("poll", AT(fds), 3, 100);
    ck_assert_int_eq(call.wait, WAIT_LIMITED);
    ENTER("poll", AT(fds), 3, 0);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ENTER("poll", 0, 0, 100);
    ck_assert_int_eq(call.wait, WAIT_TIME);
    ENTER("clock_nanosleep", CLOCK_REALTIME, 0, AT(&time));
    ck_assert_int_eq(call.wait, WAIT_TIME);
    leave(0);
    reads("clock_nanosleep(1.5 s) = 0");
    ENTER("semtimedop", 1, AT(&give), 1, AT(&time));
    ck_assert_int_eq(call.wait, WAIT_NONE); /* giving never waits */
    ENTER("semtimedop", 1, AT(&look), 1, 0);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    look.sem_flg = 0;
    ENTER("semtimedop", 1, AT(&look), 1, AT(&time));
    ck_assert_int_eq(call.wait, WAIT_LIMITED);
    reads("semtimedop(1, [{0, +0}]) ...");
    FD_ZERO(&set);
    FD_SET(5, &set);
    ENTER("pselect6", 6, 0, AT(&set), 0, AT(&none));
    ck_assert_int_eq(call.wait, WAIT_NONE);
    reads("pselect6([5 out]) ...");
    ENTER("pselect6", (uint64_t)-16, AT(&set), 0, 0, AT(&none)); /* the kernel says EINVAL */
    reads("pselect6([]) ...");
    siginfo_t ended = {.si_code = CLD_STOPPED};
    ended.si_pid = 7;
    ended.si_status = -5; /* as another thread may have written it meanwhile */
    ENTER("waitid", P_ALL, 0, AT(&ended), WSTOPPED);
    leave(0);
    ck_assert_int_eq(call.value[PARAM_STATUS], 0xfb << 8 | 0x7f);
    const struct timespec for_ever = {.tv_sec = INT64_MAX, .tv_nsec = 999999999};
    ENTER("pselect6", 6, 0, AT(&set), 0, AT(&for_ever));
    ck_assert_int_eq(call.wait, WAIT_LIMITED);
    ENTER("recvfrom", 3, 0, 0, MSG_DONTWAIT);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ENTER("futex", 0x1000, 128, 0, 0); /* FUTEX_WAIT, private */
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    ENTER("futex", 0x1000, 129, 1, 0); /* FUTEX_WAKE, private */
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ENTER("epoll_wait", 3, 0, 8, (uint64_t)-1);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
}
END_TEST

/* Every row of every mechanism has a decoder, and every decoder survives arguments that lead nowhere. */
static void try_rows(const struct call_row *row)
{
    for (; row && row->name; row++) {
        for (uint64_t value = 0; value < 3; value++) {
            const uint64_t all = value == 2 ? UINT64_MAX : value * 4000;
            ENTER(row->name, all, all, all, all, all, all);
            char *text = call_text(&call);
            const struct text_row *as = text_row_of(&call);
            const char *name = as ? as->name : row->name;
            ck_assert_msg(strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '(', "%s", text);
            free(text);
            leave(-EFAULT);
            free(call_text(&call));
            call_free(&call);
        }
    }
}

START_TEST(wild_arguments)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        try_rows((*m)->calls);
        for (const struct deed_row *deed = (*m)->deeds; deed && deed->word; deed++)
            try_rows(deed->calls);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calls: text");
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, names);
    tcase_add_test(tests, data);
    tcase_add_test(tests, long_data_is_cut);
    tcase_add_test(tests, descriptors);
    tcase_add_test(tests, system_v);
    tcase_add_test(tests, processes);
    tcase_add_test(tests, waits);
    tcase_add_test(tests, wild_arguments);
    return run_lines(suite, tests);
}
