/* What its owner has closed, where init has no right of its own to look: opened for the look, and closed again as it was. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "inspect/world_test.h"

static const char everything[] = "user,pid,mount,ipc,net,uts,proc,mqueue,devpts";

/* A sandbox of an ordinary user that has nothing of its own, on a machine where nobody else has objects. */
static bool enter_bare_world(struct fixture *fixture)
{
    if (geteuid() != 0 || unshare(CLONE_NEWIPC | CLONE_NEWNS) != 0)
        return false;
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), 0);
    ck_assert_int_eq(mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777"), 0);
    setenv("TMPDIR", "/tmp", 1);
    setenv("IPCGRADE_WITHOUT", everything, 1);
    enter_world(0, fixture);
    return true;
}

/* Makes one of each kind and shuts it. */
static int play_shutter(void)
{
    struct msqid_ds queue;
    struct semid_ds set;
    struct shmid_ds segment;
    union {
        struct semid_ds *status;
    } argument = {&set};
    play_student("leave");
    int q = msgget(KEY, 0), s = semget(KEY, 0, 0), m = shmget(KEY, 0, 0);
    msgctl(q, IPC_STAT, &queue);
    semctl(s, 0, IPC_STAT, argument);
    shmctl(m, IPC_STAT, &segment);
    queue.msg_perm.mode = 0200;
    queue.msg_qbytes = 4711;
    set.sem_perm.mode = segment.shm_perm.mode = 0;
    return msgctl(q, IPC_SET, &queue) | semctl(s, 0, IPC_SET, argument) | shmctl(m, IPC_SET, &segment);
}

START_TEST(shut_objects)
{
    struct fixture fixture;
    struct object_state seen;
    struct msqid_ds queue;
    if (!enter_bare_world(&fixture))
        return;
    free(run(&fixture, (char *[]){"./student", "student", "shut", NULL}));
    for (int round = 0; round < 2; round++) { /* it was closed again, and opens again */
        look(&fixture, by_key(OBJECT_QUEUE), &seen);
        ck_assert_uint_eq(seen.mode, 0200);
        ck_assert_uint_eq(seen.message_count, 1);
        ck_assert_str_eq(seen.messages[0].text, "seven");
        object_state_free(&seen);
        look(&fixture, by_key(OBJECT_SEMAPHORES), &seen);
        ck_assert_uint_eq(seen.mode, 0);
        ck_assert_int_eq(seen.values[1], 3);
        look(&fixture, by_key(OBJECT_SEGMENT), &seen);
        ck_assert_uint_eq(seen.mode, 0);
        ck_assert_str_eq(bytes_text(&seen.text), "shared");
        object_state_free(&seen);
    }
    int id = msgget(KEY, 0);
    ck_assert_int_eq(msgctl(id, MSG_STAT_ANY, &queue), id);
    ck_assert_uint_eq(queue.msg_perm.mode & 0777, 0200);
    ck_assert_uint_eq(queue.msg_qbytes, 4711);
    ck_assert_uint_eq(queue.msg_perm.uid, NOBODY);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(shut_files)
{
    static const char shuts[] =
        "printf note > note; printf area > /dev/shm/area; mkdir d; printf deep > d/note; "
        "mkfifo d/box; chmod 0 note /dev/shm/area d/note d .";
    struct fixture fixture;
    struct object_state seen;
    struct stat status;
    struct found_list list;
    struct err err = {0};
    char path[300];
    static const struct {
        enum object_kind kind;
        const char *path, *text;
    } rows[] = {{OBJECT_FILE, "note", "note"},
                {OBJECT_FILE, "d/note", "deep"},
                {OBJECT_SHM, "/area", "area"},
                {OBJECT_FIFO, "d/box", ""}};
    if (!enter_bare_world(&fixture))
        return;
    free(run(&fixture, (char *[]){"/bin/sh", "-c", (char *)shuts, NULL}));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look(&fixture, by_path(rows[i].kind, rows[i].path), &seen);
        ck_assert(seen.is_there && !seen.is_closed);
        ck_assert_int_eq(seen.id.kind, rows[i].kind);
        ck_assert_uint_eq(seen.mode, rows[i].kind == OBJECT_FIFO ? 0644 : 0);
        ck_assert_str_eq(bytes_text(&seen.text), rows[i].text);
        object_state_free(&seen);
    }
    look(&fixture, by_path(OBJECT_FILE, "d/nothing"), &seen);
    ck_assert(!seen.is_there);
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 2); /* the memory and the FIFO */
    found_list_free(&list);
    ck_assert_int_eq(stat(sandbox_directory(fixture.sandbox), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0);
    ck_assert_int_eq(chmod(sandbox_directory(fixture.sandbox), 0700), 0);
    snprintf(path, sizeof path, "%s/d", sandbox_directory(fixture.sandbox));
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* It is nobody's of this sandbox: then we say that we may not look. */
START_TEST(another_users_object)
{
    struct fixture fixture;
    struct object_state seen;
    struct err err = {0};
    const struct identity_of which = by_key(OBJECT_QUEUE);
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(unshare(CLONE_NEWIPC), 0);
    ck_assert_int_ge(msgget(KEY, IPC_CREAT | 0600), 0);
    setenv("IPCGRADE_WITHOUT", everything, 1);
    enter_world(0, &fixture);
    ck_assert(!inspect_state(&fixture.inspector, &which, &seen, &err));
    ck_assert_int_eq(err.number, EACCES);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* No program of the user's own is touched: what is closed is said to be so, or that we may not look. */
START_TEST(outside_of_a_sandbox)
{
    const struct identity_of which = by_key(OBJECT_QUEUE);
    struct object_state seen;
    struct err err = {0};
    if (geteuid() != 0 || unshare(CLONE_NEWIPC) != 0)
        return;
    ck_assert_int_eq(setuid(NOBODY), 0);
    ck_assert_int_ge(msgget(KEY, IPC_CREAT | 0200), 0);
    ck_assert(!inspect_state(&inspector_here, &which, &seen, &err));
    ck_assert_int_eq(err.number, EACCES);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "student") == 0)
        return play_shutter();
    Suite *suite = suite_create("inspect: what is closed");
    TCase *tests = tcase_create("closed");
    tcase_add_test(tests, shut_objects);
    tcase_add_test(tests, shut_files);
    tcase_add_test(tests, another_users_object);
    tcase_add_test(tests, outside_of_a_sandbox);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
