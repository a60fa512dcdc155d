/* On a machine that all share, what somebody else makes while a case is played is neither the program's nor taken away, whatever the program does with it; and what the program makes is
 * its own, whatever it calls it.
 *
 * The outsider makes it when the program says so by a FIFO, and tells it by another one when it is there. Meanwhile a timer of the program's keeps the scene from being at rest.
 */
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "judge/ordinary.h"
#include "judge/playing.h"

enum { KEY = 0x4b21, PATIENCE_SECONDS = 100 };
#define ITS_NAME "/ipcgrade-outsider"
#define OWN_ROOT "/proc/self/root" /* the same for each process, by another name */

static const struct {
    const char *title, *does;
    bool is_users; /* who grades is an ordinary user: nobody's owner tells whose it is */
} rows[] = {
    {"it asks for an outsider's queue by its key", "msgsnd, '0x4b21', 1, hi", false},
    {"it asks for an outsider's queue by its key, as its user", "msgsnd, '0x4b21', 1, hi", true},
    {"it would have made an outsider's set", "semmeet, '0x4b21', 1", true},
    {"it would have made an outsider's memory",
     "open, /dev/shm" ITS_NAME ", replace, open, /dev/shm/../shm" ITS_NAME ", replace", true},
    {"it would have made an outsider's memory, by a name that leads each to itself",
     "open, " OWN_ROOT "/dev/shm" ITS_NAME ", replace, system, ln -s " OWN_ROOT " r, open, "
     "r/dev/shm" ITS_NAME ", replace",
     true},
    {"it cannot make what an outsider has made",
     "msgmake, '0x4b21', semmake, '0x4b21', 1, shmmake, '0x4b21', 64, mqmake, " ITS_NAME
     ", 3, 8, memmake, " ITS_NAME ", 64, hi",
     true},
};

static bool make_all(void)
{
    return msgget(KEY, IPC_CREAT | IPC_EXCL | 0666) >= 0 &&
           semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0666) >= 0 &&
           shmget(KEY, 64, IPC_CREAT | IPC_EXCL | 0666) >= 0 &&
           shm_open(ITS_NAME, O_RDWR | O_CREAT | O_EXCL, 0666) >= 0 &&
           mq_open(ITS_NAME, O_RDWR | O_CREAT | O_EXCL, 0666, NULL) >= 0;
}

/* True when each was there. */
static bool remove_all(void)
{
    bool were_there = msgctl(msgget(KEY, 0), IPC_RMID, NULL) == 0;
    were_there &= semctl(semget(KEY, 0, 0), 0, IPC_RMID) == 0;
    were_there &= shmctl(shmget(KEY, 0, 0), IPC_RMID, NULL) == 0;
    were_there &= shm_unlink(ITS_NAME) == 0;
    return (mq_unlink(ITS_NAME) == 0) & were_there;
}

/* Nobody's child whom the play could meet. */
static void fork_outsider(const char *directory)
{
    char path[256];
    pid_t pid = fork();
    if (pid > 0) {
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        return;
    }
    if (fork() > 0)
        _exit(0);
    alarm(PATIENCE_SECONDS);
    umask(0);
    snprintf(path, sizeof path, "%s/go", directory);
    if (open(path, O_RDONLY | O_CLOEXEC) < 0 || !make_all())
        _exit(1);
    snprintf(path, sizeof path, "%s/gone", directory);
    _exit(open(path, O_WRONLY | O_CLOEXEC) < 0);
}

static void make_fifo(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ck_assert_int_eq(mkfifo(path, 0600) + chmod(path, 0666), 0);
}

START_TEST(an_outsiders_objects)
{
    char directory[] = "/tmp/ipcgrade-outsider-XXXXXX", yaml[1024];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chmod(directory, 0755), 0);
    make_fifo(directory, "go");
    make_fifo(directory, "gone");
    setenv("IPCGRADE_PLAYING", directory, 1);
    setenv("IPCGRADE_WITHOUT", "user,pid,mount,ipc,net,uts", 1);
    leave_machines_objects();
    remove_all(); /* of one that failed */
    if (rows[_i].is_users)
        become_ordinary(directory);
    snprintf(yaml, sizeof yaml,
             "steps:\n"
             "  - start: {p: [does, alarm, 90, open, %s/go, w, open, %s/gone, r, alarm, 0, %s]}\n"
             "  - expect: {p: {exit: 0}}\n",
             directory, directory, rows[_i].does);
    const struct play_row row = {.title = rows[_i].title, .yaml = yaml, .verdict = PASSED};
    fork_outsider(directory);
    check_row(&row);
    ck_assert(remove_all());
    nftw(directory, playing_unlink, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

/* ---- the program's own -------------------------------------------------------------------------------------------------- */

#define OWN "/ipcgrade-owned"
#define UP8 "/../shm/../shm/../shm/../shm/../shm/../shm/../shm/../shm"

/* Each makes OWN in /dev/shm, and leaves it. */
static const char *const ways[] = {
    "open, /dev/shm" OWN ", replace",
    "open, " OWN_ROOT "/dev/shm" OWN ", replace",
    "open, /proc/thread-self/root"
    "/dev/shm" OWN ", replace",
    "open, /dev/shm" UP8 UP8 UP8 UP8 UP8 OWN ", replace",
    "system, ln -s " OWN_ROOT "/dev/shm l, open, l" OWN ", replace",
    "mknod, /dev/shm" OWN,
    "mknod, " OWN_ROOT "/dev/shm" OWN,
    "nameless, /dev/shm, /dev/shm" OWN,
};
static const char *const worlds_without[] = {"user,pid,mount,ipc,net,uts", "mount"};
enum { WAYS = sizeof ways / sizeof *ways, WORLDS = sizeof worlds_without / sizeof *worlds_without };

START_TEST(it_has_made_what_it_leaves)
{
    char directory[] = "/tmp/ipcgrade-outsider-XXXXXX", yaml[2048];
    struct played played;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chmod(directory, 0755), 0);
    setenv("IPCGRADE_PLAYING", directory, 1);
    setenv("IPCGRADE_WITHOUT", worlds_without[_i / WAYS], 1);
    leave_machines_objects();
    shm_unlink(OWN); /* of one that failed */
    become_ordinary(directory);
    snprintf(yaml, sizeof yaml, "steps:\n  - start: {p: [does, %s]}\n  - expect: {p: {exit: 0}}\n",
             ways[_i % WAYS]);
    play_row(&played, &(struct play_row){.title = "leaves", .yaml = yaml});
    bool was_left = shm_unlink(OWN) == 0;
    cleanup_free char *told = played_text(&played);
    ck_assert_msg(played.result.verdict == FAILED && played.result.left_count == 1, "%s: %s", ways[_i % WAYS],
                  told);
    ck_assert_str_eq(played.result.left[0].name, OWN);
    ck_assert_msg(!was_left, "%s: it is still there", ways[_i % WAYS]);
    played_free(&played);
    nftw(directory, playing_unlink, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("play-outsider");
    TCase *tests = tcase_create("outsider");
    tcase_set_timeout(tests, PLAY_SECONDS);
    tcase_add_loop_test(tests, an_outsiders_objects, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tests, it_has_made_what_it_leaves, 0, WAYS * WORLDS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
