/* What is left in real sandboxes: listed, removed, and of whom it is. */
#include <sys/resource.h>

#include "inspect/world_test.h"

/* What is left of each kind, by names that a person knows. */
START_TEST(leftovers_of_each_kind)
{
    static const struct {
        enum object_kind kind;
        const char *name;
    } wanted[] = {
        {OBJECT_FIFO, "/dev/shm/strange"},
        {OBJECT_FIFO, "/tmp/deep/er/box"},
        {OBJECT_FIFO, "box"},
        {OBJECT_QUEUE, "0x00004711"},
        {OBJECT_SEMAPHORES, "0x00004711"},
        {OBJECT_SEGMENT, "0x00004711"},
        {OBJECT_SEM, "/lock"},
        {OBJECT_SHM, "/area"},
        {OBJECT_SHM, "/elsewhere"}, /* a link is in the way of who makes an object of that name */
        {OBJECT_UNIX, "sock"},
    };
    struct fixture fixture;
    struct found_list list;
    struct object_id id;
    struct object_state nothing = {0};
    struct err err = {0};
    enter_world(_i, &fixture);
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 0);
    free(run(&fixture, (char *[]){"./student", "student", "leave", NULL}));
    free(run(&fixture,
             (char *[]){"/bin/sh", "-c",
                        "mkfifo box /dev/shm/strange; mkdir -p /tmp/deep/er; mkfifo /tmp/deep/er/box; "
                        "echo > /dev/shm/area; echo > /dev/shm/sem.lock; echo > file; ln -s /tmp loop; "
                        "ln -s /etc/passwd /dev/shm/elsewhere",
                        NULL}));
    make(&fixture, by_path(OBJECT_UNIX, "sock"), &nothing, &id);
    ck_assert(sandbox_kill_all(fixture.sandbox, &err));
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_int_eq(list.items[i].id.kind, wanted[i].kind);
        ck_assert_str_eq(list.items[i].name, wanted[i].name);
        ck_assert_uint_eq(list.items[i].owner, INSPECT_STUDENT_UID);
    }
    ck_assert_uint_eq(list.items[3].mode, 0640);
    ck_assert_uint_eq(list.items[3].size, 1);
    ck_assert_uint_eq(list.items[4].size, 2);
    ck_assert_uint_eq(list.items[5].size, 100);
    ck_assert_int_gt(list.items[5].creator, 1);
    ck_assert_uint_eq(list.items[5].attached, 0);
    found_list_free(&list);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* Whatever it is called, however deep and however long its name. What is shut stays so. */
START_TEST(leftovers_that_hide)
{
    static const char hides[] =
        "mkdir ipcgrade-case-x /tmp/ipcgrade-case-y shut; "
        "mkfifo ipcgrade-case-x/one /tmp/ipcgrade-case-y/two shut/three; chmod 0 shut; "
        "long=/tmp/$(printf %0200d 0)/$(printf %0100d 0); mkdir -p $long; "
        "mkfifo $long/four; cd /tmp; for i in $(seq 100); do mkdir d; cd d; done; "
        "mkfifo five";
    struct fixture fixture;
    struct found_list list;
    struct err err = {0};
    enter_world(_i, &fixture);
    free(run(&fixture, (char *[]){"/bin/sh", "-c", (char *)hides, NULL}));
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 5);
    found_list_free(&list);
    cleanup_free char *mode = run(&fixture, (char *[]){"/bin/sh", "-c", "stat -c %a shut", NULL});
    ck_assert_str_eq(mode, "0\n");
    /* Where all share one /tmp, the first two are somebody else's. */
    fixture.inspector.is_shared = true;
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 3);
    found_list_free(&list);
    fixture.inspector.has_own_ids = true;
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 5);
    found_list_free(&list);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* However many folders there are, a look takes a few descriptors. */
START_TEST(leftovers_in_many_folders)
{
    static const char fills[] = "cd /tmp && mkdir -p $(seq -f %g/a/b 500) && mkfifo 250/a/b/box";
    const struct rlimit few = {60, 60};
    struct fixture fixture;
    struct found_list list;
    struct err err = {0};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    enter_world(_i, &fixture);
    free(run(&fixture, (char *[]){"/bin/sh", "-c", (char *)fills, NULL}));
    ck_assert_msg(inspect_list(&fixture.inspector, &list, &err), "%s", err.text);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.items[0].name, "/tmp/250/a/b/box");
    found_list_free(&list);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(removed_object_is_gone)
{
    static const enum object_kind kinds[] = {OBJECT_QUEUE, OBJECT_SEMAPHORES, OBJECT_SEGMENT};
    struct object_state state = {0};
    struct fixture fixture;
    struct object_id id;
    struct err err = {0};
    enter_world(_i, &fixture);
    for (size_t i = 0; i < 3; i++) {
        struct identity_of which = {.kind = kinds[i], .is_private = true, .id = -1};
        make(&fixture, which, &state, &id);
        which.id = (int)id.number;
        ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
        ck_assert(!inspect_remove(&fixture.inspector, &which, &err));
        look(&fixture, which, &state);
        ck_assert(!state.is_there);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(second_users_objects)
{
    struct object_state given = {.owner = INSPECT_OTHER_UID, .mode = 0600}, seen;
    struct fixture fixture;
    struct object_id id;
    enter_world(_i, &fixture);
    if (!(sandbox_lacks(fixture.sandbox) & LACKS_OTHER_USER)) {
        make(&fixture, by_path(OBJECT_FIFO, "theirs"), &given, &id);
        make(&fixture, by_key(OBJECT_QUEUE), &given, &id);
        look(&fixture, by_path(OBJECT_FIFO, "theirs"), &seen);
        ck_assert_uint_eq(seen.owner, INSPECT_OTHER_UID);
        look(&fixture, by_key(OBJECT_QUEUE), &seen);
        ck_assert_uint_eq(seen.owner, INSPECT_OTHER_UID);
        object_state_free(&seen);
        cleanup_free char *said = run(&fixture, (char *[]){"./student", "student", "look", NULL});
        ck_assert_ptr_nonnull(strstr(said, "queue 0"));
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {leftovers_of_each_kind, leftovers_that_hide, leftovers_in_many_folders,
                                  removed_object_is_gone, second_users_objects};
    // NOLINTNEXTLINE(bugprone-sizeof-expression): pointers
    return run_in_each_world("inspect: left behind", tests, sizeof tests / sizeof *tests, argc, argv);
}
