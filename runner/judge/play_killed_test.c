/* A runner that is killed leaves nothing behind: no process, no object, no mount.
 *
 * The worker that plays is itself traced by this test, which kills it with SIGKILL at its n-th system call, for many n: every stage of a play comes, and no clock is asked.
 * This process takes in orphans (PR_SET_CHILD_SUBREAPER), so whoever the worker has left becomes its child: the test ends only when all of them have ended by
 * themselves. Somebody who stays meets the time limit of Check.
 */
#include <dirent.h>
#include <mqueue.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>

#include "judge/ordinary.h"
#include "judge/playing.h"

enum { INSTANTS = 24, MOST_CALLS = 1000000 };

/* Everything that could stay: terminals, children, threads, a daemon, objects of each kind, of the case and of the program; a puppet in a call, a stand-in. */
#define MUCH                                                                                                 \
    "given: {box: fifo, q: queue, s: {is: semaphores, values: [0]}, m: {is: segment, size: 64}, "            \
    "filter: standin}\n"                                                                                     \
    "steps:\n"                                                                                               \
    "  - start:\n"                                                                                           \
    "      p: [does, privates, fork, pause, done, thread, pause, done, shmput, <m>, a, vfork, "              \
    "./filter, done, msgrcv, <q>, 0, pause]\n"                                                               \
    "      d: [hostile, daemon]\n"                                                                           \
    "  - do: {peer: {blocks: {open: box, as: r}}}\n"                                                         \
    "  - expect: {p: {blocks: {msgrcv: q}}, s: {values: 0}, filter: {starts: 1}}\n"                          \
    "  - do: {filter: {exit: 0}}\n"

/* The program's own, with names and without, that it keeps, gives another name or removes; in threads, too. */
#define NAME "/ipcgrade-killed"
#define ITS_OWN                                                                                              \
    "steps:\n"                                                                                               \
    "  - start:\n"                                                                                           \
    "      p: [does, msgmake, '0x4b11', semmake, '0x4b11', 2, shmmake, '0x4b11', 64, privates, msgmake, "    \
    "'0x4b12', msgrm, '0x4b12', memmake, " NAME ", 64, hi, semnew, " NAME ", 384, 1, mqmake, " NAME          \
    ", 3, 8, rename, /dev/shm" NAME ", /dev/shm" NAME "-renamed, thread, privates, done, thread, "           \
    "privates, done, fork, privates, done, wait, pause]\n"                                                   \
    "  - expect: {p: {blocks: any}}\n"                                                                       \
    "  - do: {peer: {msgget: made, flags: IPC_CREAT}}\n"                                                     \
    "names: {made: queue}\n"

#define WITHOUT_NAMESPACES "user,pid,mount,ipc,net,uts"

enum { ANYBODYS, ROOTS, USERS };

static const struct {
    struct play_row row;
    const char *without;
    int whose; /* who grades: USERS: an ordinary user */
} rows[] = {
    {{.title = "much of everything", .yaml = MUCH}, "", ANYBODYS},
    /* Whose objects they are the owner tells, as root grades. */
    {{.title = "much of everything, without namespaces", .yaml = MUCH}, WITHOUT_NAMESPACES, ROOTS},
    /* Where nothing tells it, init has been told. */
    {{.title = "much of everything, an ordinary user's", .yaml = MUCH}, WITHOUT_NAMESPACES, USERS},
    {{.title = "its own objects, an ordinary user's", .yaml = ITS_OWN}, WITHOUT_NAMESPACES, USERS},
};

static void read_all(const char *path, struct bytes *to)
{
    char chunk[4096];
    cleanup_file FILE *file = fopen(path, "re");
    for (size_t got; file && (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        bytes_add(to, chunk, got, 1 << 20);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What this user has in /dev/shm; others come and go. */
static void look_at_memory(struct bytes *to)
{
    enum { MOST = 256 };
    char *names[MOST] = {NULL};
    size_t count = 0;
    struct stat status;
    cleanup_dir DIR *folder = opendir("/dev/shm");
    for (struct dirent *entry; folder && count < MOST && (entry = readdir(folder));)
        if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode) && (status.st_uid == geteuid() && geteuid() != 0))
            names[count++] = strdup(entry->d_name);
    qsort(names, count, sizeof *names, compare_lines);
    for (size_t i = 0; i < count; i++) {
        bytes_print(to, "/dev/shm/%s\n", names[i]);
        free(names[i]);
    }
}

/* What there is on the machine, as far as this process sees it. */
static void look_around(struct bytes *to)
{
    mqd_t queue = mq_open(NAME, O_RDONLY);
    static const char *const tables[] = {"/proc/sysvipc/msg", "/proc/sysvipc/sem", "/proc/sysvipc/shm",
                                         "/proc/self/mountinfo"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        read_all(tables[i], to);
    look_at_memory(to);
    bytes_print(to, queue >= 0 ? "the queue " NAME "\n" : "");
    if (queue >= 0)
        mq_close(queue);
}

static void worker(const struct play_row *row)
{
    struct played played;
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    raise(SIGSTOP); /* until it is seized */
    play_row(&played, row);
    bool is_played = played.result.failure_count > 0 &&
                     played.result.failures[played.result.failure_count - 1].step == AT_THE_END;
    if (!is_played)
        fprintf(stderr, "%s\n", played_text(&played));
    played_free(&played);
    _exit(is_played ? 0 : 1); /* all steps were played, and the daemon was found */
}

/* Let the worker make so many system calls, then kill it. Returns how many it made; fewer when it had come to its end. */
static long run_for(pid_t pid, long calls)
{
    long stops = 0;
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    kill(pid, SIGCONT);
    while (stops < 2 * calls) {
        ck_assert_int_eq(waitpid(pid, &status, __WALL), pid);
        if (!WIFSTOPPED(status)) {
            ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                          "the case was not played to its end");
            return stops / 2;
        }
        int signal = WSTOPSIG(status);
        bool is_call = signal == (SIGTRAP | 0x80), is_signal = status >> 16 == 0 && !is_call;
        stops += is_call;
        ptrace(PTRACE_SYSCALL, pid, NULL, is_signal ? signal : 0);
    }
    kill(pid, SIGKILL);
    return stops / 2;
}

static long play_and_kill(const struct play_row *row, long calls)
{
    pid_t pid = fork();
    if (pid == 0)
        worker(row);
    long made = run_for(pid, calls);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
        continue; /* whoever the worker left: they all have to end */
    ck_assert_int_eq(errno, ECHILD);
    return made;
}

START_TEST(test_killed)
{
    struct bytes before = {0}, after = {0};
    if (rows[_i].whose == ROOTS && geteuid() != 0) {
        test_skipped("test_killed", "root");
        return;
    }
    char directory[] =
        "/tmp/ipcgrade-killed-XXXXXX"; /* killed workers cannot remove what the test itself wrote */
    ck_assert_ptr_nonnull(mkdtemp(directory));
    setenv("IPCGRADE_PLAYING", directory, 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    leave_machines_objects();
    setenv("IPCGRADE_WITHOUT", rows[_i].without, 1);
    if (rows[_i].whose == USERS)
        become_ordinary(directory);
    int strangers = semget(IPC_PRIVATE, 1, 0666); /* it is nobody's whom a sandbox could take for its own */
    look_around(&before);
    long all = play_and_kill(&rows[_i].row, MOST_CALLS);
    ck_assert_int_gt(all, INSTANTS);
    ck_assert_int_lt(all, MOST_CALLS);
    for (long i = 0; i < INSTANTS; i++)
        play_and_kill(&rows[_i].row, 1 + i * all / INSTANTS);
    look_around(&after);
    if (strcmp(bytes_text(&before), bytes_text(&after)) != 0) /* it may be much */
        fprintf(stderr, "before:\n%s\nafter:\n%s\n", bytes_text(&before), bytes_text(&after));
    ck_assert_uint_eq(before.len, after.len);
    ck_assert_mem_eq(before.data, after.data, before.len);
    ck_assert_int_eq(semctl(strangers, 0, IPC_RMID), 0);
    bytes_free(&before);
    bytes_free(&after);
    nftw(directory, playing_unlink, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("play-killed");
    TCase *tests = tcase_create("killed");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_killed, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
