/* What lay on a machine before a play that shares its names: nobody fails by it, and nobody of ours touches it.
 *
 * The names have this process's number in them, so that all others on the machine may play meanwhile.
 */
#include <arpa/inet.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include "judge/playing.h"

#define WITHOUT_NAMESPACES "user,pid,mount,ipc,net,uts"
#define REASON " is there already, and is not of this case: this machine shares it (ipcgrade doctor)"

enum { MEMORY = 64, STRANGER = 61000 };

/* ---- what lies there ---------------------------------------------------------------------------------------------------- */

struct before {
    char name[64]; /* as the case says it: "/..", or a number */
    int key;       /* System V, or the port */
    int id;        /* System V; a socket's descriptor */
    bool is_strangers;
};

static void must(bool is_done, const char *what)
{
    ck_assert_msg(is_done, "%s: %s", what, strerror(errno));
}

static void shm_path(const struct before *before, const char *prefix, char *path, size_t room)
{
    snprintf(path, room, "/dev/shm/%s%s", prefix, before->name + 1);
}

static void lay_file(const struct before *before, const char *prefix)
{
    char path[128];
    shm_path(before, prefix, path, sizeof path);
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, "precious", 8) == 8, path);
    if (before->is_strangers)
        must(fchown(fd, STRANGER, STRANGER) == 0, "chown");
}

/* Also when it was read last. */
static void see_file(const struct before *before, const char *prefix, struct bytes *to)
{
    char path[128], text[32] = "";
    struct stat status = {0};
    shm_path(before, prefix, path, sizeof path);
    if (stat(path, &status) != 0)
        return;
    bytes_add(to, &status, sizeof status, 1 << 12);
    cleanup_fd int fd = open(path, O_RDONLY | O_NOATIME | O_CLOEXEC);
    must(fd >= 0 && read(fd, text, sizeof text - 1) >= 0, "look at what lay there");
    bytes_print(to, "%s", text);
}

static void remove_file(const struct before *before, const char *prefix)
{
    char path[128];
    shm_path(before, prefix, path, sizeof path);
    unlink(path);
}

static void lay_shm(struct before *before)
{
    lay_file(before, "");
}

static void see_shm(const struct before *before, struct bytes *to)
{
    see_file(before, "", to);
}

static void remove_shm(const struct before *before)
{
    remove_file(before, "");
}

static void lay_sem(struct before *before)
{
    lay_file(before, "sem.");
}

static void see_sem(const struct before *before, struct bytes *to)
{
    see_file(before, "sem.", to);
}

static void remove_sem(const struct before *before)
{
    remove_file(before, "sem.");
}

static void lay_mq(struct before *before)
{
    mqd_t queue = mq_open(before->name, O_WRONLY | O_CREAT | O_EXCL, 0600, NULL);
    must(queue >= 0 && mq_send(queue, "precious", 8, 1) == 0, before->name);
    mq_close(queue);
}

static void see_mq(const struct before *before, struct bytes *to)
{
    struct mq_attr attributes = {0};
    struct stat status = {0};
    mqd_t queue = mq_open(before->name, O_RDONLY);
    if (queue < 0)
        return;
    must(mq_getattr(queue, &attributes) == 0 && fstat(queue, &status) == 0, before->name);
    bytes_print(to, "%ld in %lu", attributes.mq_curmsgs, (unsigned long)status.st_ino);
    mq_close(queue);
}

static void remove_mq(const struct before *before)
{
    mq_unlink(before->name);
}

static void lay_queue(struct before *before)
{
    struct {
        long type;
        char text[8];
    } message = {1, "hello"};
    before->id = msgget(before->key, IPC_CREAT | IPC_EXCL | 0600);
    must(before->id >= 0 && msgsnd(before->id, &message, sizeof message.text, 0) == 0, "msgget");
}

static void see_queue(const struct before *before, struct bytes *to)
{
    struct msqid_ds status;
    if (msgctl(before->id, IPC_STAT, &status) == 0)
        bytes_add(to, &status, sizeof status, 1 << 12);
}

static void remove_queue(const struct before *before)
{
    msgctl(before->id, IPC_RMID, NULL);
}

static void lay_set(struct before *before)
{
    before->id = semget(before->key, 1, IPC_CREAT | IPC_EXCL | 0600);
    must(before->id >= 0 && semctl(before->id, 0, SETVAL, 7) == 0, "semget");
}

static void see_set(const struct before *before, struct bytes *to)
{
    struct semid_ds status;
    if (semctl(before->id, 0, IPC_STAT, &status) == 0)
        bytes_add(to, &status, sizeof status, 1 << 12);
    bytes_print(to, "%d", semctl(before->id, 0, GETVAL));
}

static void remove_set(const struct before *before)
{
    semctl(before->id, 0, IPC_RMID);
}

static void lay_segment(struct before *before)
{
    before->id = shmget(before->key, MEMORY, IPC_CREAT | IPC_EXCL | 0600);
    must(before->id >= 0, "shmget");
}

/* With when it was attached last, and by whom. */
static void see_segment(const struct before *before, struct bytes *to)
{
    struct shmid_ds status;
    if (shmctl(before->id, IPC_STAT, &status) == 0)
        bytes_add(to, &status, sizeof status, 1 << 12);
}

static void remove_segment(const struct before *before)
{
    shmctl(before->id, IPC_RMID, NULL);
}

static void lay_port(struct before *before)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    before->id = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(before->id >= 0 && bind(before->id, (struct sockaddr *)&address, len) == 0 &&
             listen(before->id, 1) == 0 && getsockname(before->id, (struct sockaddr *)&address, &len) == 0,
         "listen");
    snprintf(before->name, sizeof before->name, "%d", ntohs(address.sin_port));
}

static void see_port(const struct before *before, struct bytes *to)
{
    (void)before;
    bytes_print(to, "%s", "listens");
}

static void close_port(const struct before *before)
{
    close(before->id);
}

static const struct kind {
    const char *word, *identity, *harm; /* what the program does to it; it has no more words than the name */
    const char *given;                  /* besides, where it is given */
    void (*lay)(struct before *before);
    void (*see)(const struct before *before, struct bytes *to);
    void (*take_away)(const struct before *before);
    const char *remedy; /* ends with the name, without its slash; NULL: whoever listens is known to nobody */
    bool is_skipped;    /* where names are shared, whatever lies there */
    bool has_owner;
} kinds[] = {
    {"shm", "name", "memrm", ", size: 64", lay_shm, see_shm, remove_shm, "rm /dev/shm/", false, true},
    {"sem", "name", "semunlink", "", lay_sem, see_sem, remove_sem, "rm /dev/shm/sem.", false, true},
    {"mq", "name", "mqrm", "", lay_mq, see_mq, remove_mq, NULL, true, false},
    {"queue", "key", "msgrm", "", lay_queue, see_queue, remove_queue, "ipcrm -Q ", false, false},
    {"semaphores", "key", "semrm", ", values: [0]", lay_set, see_set, remove_set, "ipcrm -S ", false, false},
    {"segment", "key", "shmrm", ", size: 64", lay_segment, see_segment, remove_segment, "ipcrm -M ", false,
     false},
    {"tcp", "port", "connect", "", lay_port, see_port, close_port, NULL, false, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds, WAYS = 2 * 2 };

/* ---- the plays ------------------------------------------------------------------------------------------------------------ */

static void lay(const struct kind *kind, bool is_strangers, struct before *before)
{
    int key = 0x2b000000 | getpid();
    *before = (struct before){.key = key, .is_strangers = is_strangers};
    if (strcmp(kind->identity, "key") == 0)
        snprintf(before->name, sizeof before->name, "0x%08x", (unsigned)key);
    else
        snprintf(before->name, sizeof before->name, "/ipcgrade-before-%d", (int)getpid());
    kind->lay(before);
}

/* The case that names it, given or not. */
static void play(struct played *played, const struct kind *kind, const struct before *before, bool is_given)
{
    cleanup_free char *yaml = NULL;
    ck_assert_int_gt(asprintf(&yaml, "%s: {o: {is: %s, %s: %s%s}}\nsteps:\n  - start: {p: [does, %s, <o>]}\n",
                              is_given ? "given" : "names", kind->word, kind->identity, before->name,
                              is_given ? kind->given : "", kind->harm),
                     0);
    play_row(played, &(struct play_row){.title = kind->word, .yaml = yaml});
}

START_TEST(what_lay_there_is_let_be)
{
    const struct kind *kind = &kinds[_i / WAYS];
    bool is_given = _i % 2, is_strangers = _i / 2 % 2;
    cleanup_bytes struct bytes was = {0}, is = {0};
    struct before before;
    struct played played;
    if (is_strangers && (!kind->has_owner || geteuid() != 0))
        return;
    setenv("IPCGRADE_WITHOUT", WITHOUT_NAMESPACES, 1);
    lay(kind, is_strangers, &before);
    kind->see(&before, &was);
    play(&played, kind, &before, is_given);
    kind->see(&before, &is);
    kind->take_away(&before);
    cleanup_free char *told = played_text(&played), *reason = NULL;
    const char *remedy = kind->remedy ? kind->remedy : "";
    ck_assert_int_gt(asprintf(&reason, "%s" REASON "%s%s%s", before.name,
                              *remedy ? "; if no other program needs it: " : "", remedy,
                              *remedy ? before.name + (before.name[0] == '/') : ""),
                     0);
    ck_assert_msg(was.len > 0 && was.len == is.len && memcmp(was.data, is.data, is.len) == 0,
                  "%s: it is not what it was: %s", kind->word, told);
    ck_assert_msg(played.result.verdict == (kind->is_skipped ? SKIPPED : BROKEN) &&
                      (kind->is_skipped || playing_has(played.result.reason, reason)),
                  "%s: %s", kind->word, told);
    played_free(&played);
}
END_TEST

/* With namespaces it is another's name, and nobody needs to look. */
START_TEST(what_lies_elsewhere_is_no_matter)
{
    const struct kind *kind = &kinds[_i];
    struct before before;
    struct played played;
    if (playing_lacks() & (LACKS_IPC_NS | LACKS_MOUNT_NS | LACKS_NET_NS | LACKS_MQUEUE)) {
        test_skipped("what_lies_elsewhere_is_no_matter", "namespaces");
        return;
    }
    lay(kind, false, &before);
    play(&played, kind, &before, true);
    kind->take_away(&before);
    cleanup_free char *told = played_text(&played);
    ck_assert_msg(played.result.verdict != BROKEN && played.result.verdict != SKIPPED, "%s: %s", kind->word,
                  told);
    played_free(&played);
}
END_TEST

/* A key that we draw is drawn once more. */
START_TEST(a_drawn_key_is_nobodys)
{
    const struct play_row row = {.title = "tells its key",
                                 .yaml = "names: {q: queue}\nsteps:\n  - start: {p: [does, print, <q>]}\n"
                                         "  - expect: {p: {stdout: none}}\n"};
    struct played first, second;
    setenv("IPCGRADE_WITHOUT", WITHOUT_NAMESPACES, 1);
    play_row(&first, &row);
    ck_assert_int_eq(first.result.verdict, FAILED);
    const char *key = strstr(first.result.failures[0].seen, "0x");
    ck_assert_ptr_nonnull(key);
    int id = msgget((key_t)strtoul(key, NULL, 16), IPC_CREAT | IPC_EXCL | 0600);
    play_row(&second, &row);
    must(id >= 0 && msgctl(id, IPC_RMID, NULL) == 0, "msgget");
    cleanup_free char *told = played_text(&second);
    ck_assert_msg(second.result.verdict == FAILED && strstr(second.result.failures[0].seen, "0x") &&
                      strcmp(second.result.failures[0].seen, first.result.failures[0].seen) != 0,
                  "%s", told);
    played_free(&first);
    played_free(&second);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("play-shared");
    TCase *tests = tcase_create("shared");
    tcase_set_timeout(tests, PLAY_SECONDS);
    tcase_add_loop_test(tests, what_lay_there_is_let_be, 0, KINDS * WAYS);
    tcase_add_loop_test(tests, what_lies_elsewhere_is_no_matter, 0, KINDS);
    tcase_add_test(tests, a_drawn_key_is_nobodys);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
