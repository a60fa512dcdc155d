/* What a build makes of System V objects and POSIX queues where the machine gives it none of its own: an ordinary user without namespaces. */
#include "sandbox/broker.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/build.h"

enum { NOBODY = 65534, KEY_OF_SOMEBODY = 0x5eed };

static char place[] = "/tmp/ipcgrade-broker-test-XXXXXX";
static int object_of_somebody;

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* Among the objects of a namespace of the test's own there are two of the same user, who is at work otherwise. False where this cannot be had. */
static bool enter_bare(const char *test)
{
    if (geteuid() != 0 || unshare(CLONE_NEWIPC) != 0) {
        test_skipped(test, "root with namespaces");
        return false;
    }
    umask(022);
    setenv("IPCGRADE_WITHOUT", "user,pid,mount,ipc,net,uts", 1);
    ck_assert_int_eq(setgid(NOBODY) + setuid(NOBODY), 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
    object_of_somebody = msgget(KEY_OF_SOMEBODY, IPC_CREAT | 0600);
    ck_assert_int_ge(object_of_somebody, 0);
    ck_assert_int_ge(mq_open("/somebodys", O_CREAT | O_RDWR, 0600, NULL), 0);
    return true;
}

static size_t lines_of(const char *table)
{
    size_t count = 0;
    FILE *file = fopen(table, "r");
    for (int c; file && (c = getc(file)) != EOF;)
        count += c == '\n';
    ck_assert_ptr_nonnull(file);
    fclose(file);
    return count - 1; /* its head */
}

static void leave_bare(void)
{
    char command[128];
    struct msqid_ds status;
    ck_assert_uint_eq(lines_of("/proc/sysvipc/msg"), 1);
    ck_assert_uint_eq(lines_of("/proc/sysvipc/sem") + lines_of("/proc/sysvipc/shm"), 0);
    ck_assert_int_eq(msgctl(object_of_somebody, IPC_STAT, &status), 0);
    ck_assert_int_ge(mq_open("/somebodys", O_RDWR), 0);
    ck_assert_int_eq(mq_open("/left", O_RDWR), -1);
    ck_assert_int_eq(errno, ENOENT);
    snprintf(command, sizeof command, "rm -rf %s", place);
    ck_assert_int_eq(system(command), 0);
}

/* It leaves all. */
static const char check_text[] =
    "#include <errno.h>\n#include <fcntl.h>\n#include <mqueue.h>\n#include <stdio.h>\n#include <sys/msg.h>\n"
    "#include <sys/sem.h>\n#include <sys/shm.h>\n#include <sys/syscall.h>\n#include <sys/wait.h>\n#include "
    "<unistd.h>\n"
    "#define MUST(c) do { if (!(c)) { printf(\"%s: %m\\n\", #c); return 1; } } while (0)\n"
    "static int child(int (*play)(void)) { int s; if (fork() == 0) _exit(play()); wait(&s); return s == 0; "
    "}\n"
    "static int other(void) {\n"
    "    struct { long type; char c; } m = {1, 'x'};\n"
    "    mqd_t q = mq_open(\"/left\", O_WRONLY | O_CREAT, 0600, NULL);\n"
    "    MUST(q >= 0 && mq_send(q, \"hi\", 2, 0) == 0);\n"
    "    MUST(msgsnd(msgget(77, 0), &m, 1, 0) == 0);\n"
    "    MUST(semget(78, 0, 0) >= 0 && semget(78, 1, IPC_CREAT | IPC_EXCL) < 0 && errno == EEXIST);\n"
    "    return 0;\n}\n"
    "int main(void) {\n"
    "    struct { long type; char c; } m;\n"
    "    struct mq_attr a = {.mq_maxmsg = 3, .mq_msgsize = 5};\n"
    "    char text[5];\n"
    "    MUST(msgget(77, 0) < 0 && errno == ENOENT);\n"
    "    int id = msgget(77, IPC_CREAT | 0600), set = semget(78, 2, IPC_CREAT | IPC_EXCL | 0600);\n"
    "    MUST(id >= 0 && set >= 0 && msgget(77, IPC_CREAT) == id && semget(78, 3, 0) < 0 && errno == "
    "EINVAL);\n"
    "    int own = msgget(IPC_PRIVATE, 0600), segment = shmget(IPC_PRIVATE, 5000, 0600);\n"
    "    MUST(own >= 0 && own != id && segment >= 0 && shmat(segment, NULL, 0) != (void *)-1);\n"
    "    MUST(mq_open(\"/left\", O_RDWR) < 0 && errno == ENOENT);\n"
    "    mqd_t q = mq_open(\"/left\", O_CREAT | O_EXCL | O_RDWR, 0600, &a);\n"
    "    MUST(q >= 0 && (fcntl(q, F_GETFD) & FD_CLOEXEC) && mq_getattr(q, &a) == 0 && a.mq_maxmsg == 3);\n"
    "    MUST(mq_open(\"/left\", O_CREAT | O_EXCL | O_RDWR, 0600, NULL) < 0 && errno == EEXIST);\n"
    "    MUST(child(other) && mq_receive(q, text, 5, NULL) == 2 && msgrcv(id, &m, 1, 0, 0) == 1);\n"
    "    MUST(msgget(0x5eed, 0) < 0 && errno == EACCES && msgget(0x5eed, IPC_CREAT | 0600) < 0);\n"
    "    MUST(mq_open(\"/somebodys\", O_RDWR) < 0 && errno == EACCES);\n"
    "    MUST(mq_open(\"/somebodys\", O_RDWR | O_CREAT, 0600, NULL) < 0 && errno == EACCES);\n"
    "    MUST(shmget(IPC_PRIVATE, 1UL << 40, 0600) < 0 && errno == ENOSPC);\n"
    "    MUST(syscall(SYS_mq_open, 8, O_RDWR) < 0);\n"
    "    puts(\"all was made\");\n    return 0;\n}\n";

/* It removes what it has made, and may then have as much again. */
static const char again_text[] =
    "#include <errno.h>\n#include <fcntl.h>\n#include <mqueue.h>\n#include <stdio.h>\n#include <sys/msg.h>\n"
    "#include <sys/sem.h>\n#include <sys/shm.h>\n"
    "#define MUST(c) do { if (!(c)) { printf(\"%s: %m\\n\", #c); return 1; } } while (0)\n"
    "int main(void) {\n"
    "    for (int i = 0; i < 10; i++) MUST(shmctl(shmget(7, 64 << 20, IPC_CREAT | 0600), IPC_RMID, NULL) == "
    "0);\n"
    "    for (int i = 0; i < 1100; i++) MUST(msgctl(msgget(7, IPC_CREAT | 0600), IPC_RMID, NULL) == 0);\n"
    "    for (int i = 0; i < 1100; i++) MUST(mq_close(mq_open(\"/again\", O_CREAT | O_EXCL | O_RDWR, 0600, "
    "NULL)) == 0 && mq_unlink(\"/again\") == 0);\n"
    "    int set = -1;\n"
    "    for (int i = 0; i < 8; i++) MUST((set = semget(IPC_PRIVATE, 32000, 0600)) >= 0);\n"
    "    MUST(semget(IPC_PRIVATE, 1, 0600) < 0 && errno == ENOSPC);\n"
    "    MUST(semget(IPC_PRIVATE, 32001, 0600) < 0 && errno == EINVAL);\n"
    "    MUST(semctl(set, 0, IPC_RMID) == 0 && semget(IPC_PRIVATE, 32000, 0600) >= 0);\n"
    "    puts(\"all was made\");\n    return 0;\n}\n";
static const char makefile[] =
    "prog: prog.c run\n\tcc -o $@ prog.c\nrun: check\n\t./check\ncheck: check.c\n\tcc -w "
    "-o $@ check.c\n";

static const struct build_program program = {.name = "prog"};

static void build(const char *check, struct build_outcome *outcome)
{
    const struct build_request request = {.submission = place, .programs = &program, .program_count = 1};
    struct err err = {0};
    write_file("prog.c", "int main(void) { return 0; }\n");
    write_file("check.c", check);
    ck_assert_msg(build_submission(&request, outcome, &err), "%s", err.text);
}

START_TEST(a_build_has_objects_and_leaves_none)
{
    static const char *const checks[] = {check_text, again_text};
    struct build_outcome outcome;
    if (!enter_bare("a_build_has_objects_and_leaves_none"))
        return;
    write_file("Makefile", makefile);
    build(checks[_i], &outcome);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "all was made"));
    build_outcome_free(&outcome);
    leave_bare();
}
END_TEST

/* As before Linux 5.0. */
static void allow_no_listener(void)
{
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_GET_ACTION_AVAIL, 2, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof rows / sizeof *rows, rows};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

START_TEST(where_init_is_not_asked_there_are_none)
{
    struct build_outcome outcome;
    if (!enter_bare("where_init_is_not_asked_there_are_none"))
        return;
    allow_no_listener();
    write_file("Makefile", "all:\n\t-ipcmk -Q\n\t-ipcmk -M 10\n\t-ipcmk -S 1\n\t@false\n");
    build(check_text, &outcome);
    const char *at = bytes_text(&outcome.output);
    for (int i = 0; i < 3; i++) {
        at = strstr(at, "ermission denied");
        ck_assert_msg(at != NULL, "%s", bytes_text(&outcome.output));
        at++;
    }
    ck_assert(!outcome.is_ok);
    ck_assert_ptr_nonnull(strstr(at, "lets it make no System V object"));
    build_outcome_free(&outcome);
    leave_bare();
}
END_TEST

/* ---- files in /dev/shm --------------------------------------------------------------------------------------------------- */

/* It leaves all that it does not remove 1100 times. */
static const char files_text[] =
    "#include <errno.h>\n#include <fcntl.h>\n#include <linux/openat2.h>\n#include <semaphore.h>\n#include "
    "<stdio.h>\n"
    "#include <sys/mman.h>\n#include <sys/stat.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
    "#define MUST(c) do { if (!(c)) { printf(\"%s: %m\\n\", #c); return 1; } } while (0)\n"
    "int main(void) {\n"
    "    struct stat s;\n"
    "    struct open_how how = {.flags = O_CREAT | O_WRONLY, .mode = 0600};\n"
    "    int fd = shm_open(\"/seg\", O_CREAT | O_EXCL | O_RDWR, 0666), folder = open(\"/dev/shm\", "
    "O_DIRECTORY);\n"
    "    MUST(fd >= 0 && fstat(fd, &s) == 0 && s.st_mode == (S_IFREG | 0644) && s.st_uid == getuid());\n"
    "    MUST(fcntl(fd, F_GETFD) == FD_CLOEXEC && write(fd, \"hello\", 5) == 5);\n"
    "    MUST(shm_open(\"/seg\", O_CREAT | O_EXCL | O_RDWR, 0600) < 0 && errno == EEXIST);\n"
    "    MUST(pread(shm_open(\"/seg\", O_CREAT | O_RDWR, 0600), &s, 9, 0) == 5);\n"
    "    MUST(shm_open(\"/absent\", O_RDWR, 0) < 0 && errno == ENOENT);\n"
    "    MUST(shm_open(\"/somebodys\", O_RDWR | O_CREAT, 0600) >= 0);\n"
    "    for (int i = 0; i < 1100; i++)\n"
    "        MUST((fd = shm_open(\"/again\", O_CREAT | O_EXCL | O_RDWR, 0600)) >= 0 && close(fd) == 0 && "
    "shm_unlink(\"/again\") == 0);\n"
    "    MUST(sem_post(sem_open(\"/s\", O_CREAT | O_EXCL, 0600, 3)) == 0);\n"
    "    MUST(openat(folder, \"at\", O_CREAT | O_WRONLY, 0) >= 0 && fstatat(folder, \"at\", &s, 0) == 0);\n"
    "    MUST(syscall(SYS_openat2, folder, \"at2\", &how, sizeof how) >= 0);\n"
    "    MUST((fd = open(\"own\", O_CREAT | O_EXCL | O_WRONLY, 0606)) >= 0 && fstat(fd, &s) == 0);\n"
    "    MUST(s.st_mode == (S_IFREG | 0604) && fcntl(fd, F_GETFD) == 0);\n"
    "    MUST(chdir(\"/dev/shm\") == 0 && creat(\"here\", 0600) >= 0 && fcntl(creat(\"./there\", 0600), "
    "F_GETFD) == 0);\n"
    "    MUST(rename(\"here\", \"elsewhere\") == 0);\n"
    "    puts(\"all was made\");\n    return 0;\n}\n";

/* In a /dev/shm of the test's own another program of the user has a file, and makes one while the build lasts. */
static bool enter_shm(const char *test)
{
    bool is_apart = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                    mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") == 0;
    if (!is_apart || !enter_bare(test)) {
        test_skipped(test, "root with namespaces");
        return false;
    }
    write_file("/dev/shm/somebodys", "precious");
    return true;
}

static void leave_shm(void)
{
    struct dirent **entries = NULL;
    int count = scandir("/dev/shm", &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.' && strncmp(entries[i]->d_name, "somebodys", 9) != 0)
            ck_abort_msg("%s is left", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    ck_assert_int_eq(count, 2 + 2);
    leave_bare();
}

START_TEST(a_build_leaves_no_shared_file)
{
    struct build_outcome outcome;
    char text[256], fifo[64], word;
    if (!enter_shm("a_build_leaves_no_shared_file"))
        return;
    snprintf(fifo, sizeof fifo, "%s.fifo", place);
    snprintf(text, sizeof text, "%s\t: >/dev/shm/shell; echo >%s; cat %s\n", makefile, fifo, fifo);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    write_file("Makefile", text);
    pid_t pid = fork();
    if (pid == 0) {
        int asked = open(fifo, O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(read(asked, &word, 1), 1);
        close(asked); /* else it would be ours to read what we write */
        write_file("/dev/shm/somebodys-other", "precious");
        write_file(fifo, "go on\n");
        _exit(0);
    }
    build(files_text, &outcome);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "all was made"));
    build_outcome_free(&outcome);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(unlink(fifo), 0);
    leave_shm();
}
END_TEST

/* Init goes on until all is tidy; whoever it is a child of then is this process. */
START_TEST(a_grader_that_is_killed_leaves_none)
{
    char text[256], fifo[64], word;
    if (!enter_bare("a_grader_that_is_killed_leaves_none"))
        return;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    snprintf(fifo, sizeof fifo, "%s.fifo", place);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    int told = open(fifo, O_RDWR | O_CLOEXEC);
    snprintf(text, sizeof text,
             "all: check\n\t./check; echo >%s; sleep 1000\ncheck: check.c\n\tcc -w -o $@ check.c\n", fifo);
    write_file("Makefile", text);
    pid_t pid = fork();
    if (pid == 0) {
        struct build_outcome outcome;
        build(check_text, &outcome);
        _exit(0);
    }
    ck_assert_int_eq(read(told, &word, 1), 1);
    ck_assert_uint_eq(lines_of("/proc/sysvipc/msg"), 3);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    ck_assert_int_eq(unlink(fifo), 0);
    leave_bare();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("broker");
    TCase *tests = tcase_create("broker");
    tcase_add_loop_test(tests, a_build_has_objects_and_leaves_none, 0, 2);
    tcase_add_test(tests, a_build_leaves_no_shared_file);
    tcase_add_test(tests, where_init_is_not_asked_there_are_none);
    tcase_add_test(tests, a_grader_that_is_killed_leaves_none);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
