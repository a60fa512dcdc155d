/* Objects made and looked at in real sandboxes; what is left behind is left_test.c. */
#include "inspect/question.h"
#include "inspect/world_test.h"

#include <fcntl.h>
#include <signal.h>

START_TEST(given_queue)
{
    struct object_message messages[] = {{1, 3, "one"}, {2, 0, ""}, {5, 4, "a\0b\n"}};
    struct object_state given = {.messages = messages, .message_count = 3, .capacity = 1000, .mode = 0620},
                        seen;
    struct object_id id;
    struct fixture fixture;
    enter_world(_i, &fixture);
    make(&fixture, by_key(OBJECT_QUEUE), &given, &id);
    for (int twice = 0; twice < 2; twice++) { /* looking takes nothing */
        look(&fixture, by_key(OBJECT_QUEUE), &seen);
        ck_assert(seen.is_there);
        ck_assert_uint_eq(seen.id.number, id.number);
        ck_assert_uint_eq(seen.mode, 0620);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_uint_eq(seen.count, 3);
        ck_assert_uint_eq(seen.size, 7);
        ck_assert_uint_eq(seen.capacity, 1000);
        ck_assert_int_eq(seen.last_receiver, 0);
        if (seen.are_messages_known) {
            ck_assert_uint_eq(seen.message_count, 3);
            ck_assert_int_eq(seen.messages[2].type, 5);
            ck_assert_mem_eq(seen.messages[2].text, "a\0b\n", 4);
            ck_assert_uint_eq(seen.messages[1].len, 0);
        }
        object_state_free(&seen);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(full_queue_cannot_be_given)
{
    struct object_message message = {1, 100, calloc(1, 100)};
    struct object_state given = {.messages = &message, .message_count = 1, .capacity = 50};
    struct identity_of which = by_key(OBJECT_QUEUE);
    struct fixture fixture;
    struct object_id id;
    struct err err = {0};
    enter_world(_i, &fixture);
    ck_assert(!inspect_make(&fixture.inspector, &which, &given, false, &id, &err));
    ck_assert_int_eq(err.number, EAGAIN);
    free(message.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_is_the_students)
{
    struct object_message message = {4, 4, "four"};
    struct object_state queue = {.messages = &message, .message_count = 1};
    struct object_state set = {.values = {5, 9}, .value_count = 2}, segment = {.size = 64}, seen;
    struct object_id id;
    struct fixture fixture;
    enter_world(_i, &fixture);
    bytes_add(&segment.text, "given", 6, 64);
    make(&fixture, by_key(OBJECT_QUEUE), &queue, &id);
    make(&fixture, by_key(OBJECT_SEMAPHORES), &set, &id);
    make(&fixture, by_key(OBJECT_SEGMENT), &segment, &id);
    look(&fixture, by_key(OBJECT_SEMAPHORES), &seen);
    ck_assert_uint_eq(seen.value_count, 2);
    ck_assert_int_eq(seen.values[0], 5);
    ck_assert_int_eq(seen.values[1], 9);
    ck_assert_uint_eq(seen.mode, 0600);
    ck_assert_int_eq(seen.waiting_more[0], 0);
    object_state_free(&seen);
    cleanup_free char *said = run(&fixture, (char *[]){"./student", "student", "look", NULL});
    ck_assert_str_eq(said, "queue 1 got 4 type 4\nmemory given\nsemaphore 9\n");
    look(&fixture, by_key(OBJECT_QUEUE), &seen);
    ck_assert_uint_eq(seen.count, 0);
    ck_assert_int_gt(seen.last_receiver, 1);
    object_state_free(&seen);
    bytes_free(&segment.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_files)
{
    static const enum object_kind kinds[] = {OBJECT_FIFO, OBJECT_FILE, OBJECT_DIR, OBJECT_UNIX};
    static const char *const names[] = {"f", "plain", "d", "/tmp/s"};
    struct object_state given = {.mode = 0604}, seen;
    struct object_id id, found;
    struct fixture fixture;
    struct err err = {0};
    enter_world(_i, &fixture);
    bytes_add(&given.text, "text\n", 5, 64);
    for (size_t i = 0; i < 4; i++) {
        make(&fixture, by_path(kinds[i], names[i]), &given, &id);
        ck_assert_msg(inspect_path(&fixture.inspector, names[i], &found, &err), "%s", err.text);
        ck_assert_int_eq(found.kind, kinds[i]);
        ck_assert(object_same(&id, &found));
        look(&fixture, by_path(kinds[i], names[i]), &seen);
        ck_assert(seen.is_there);
        ck_assert_uint_eq(seen.mode, 0604);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_str_eq(bytes_text(&seen.text), kinds[i] == OBJECT_FILE ? "text\n" : "");
        object_state_free(&seen);
    }
    ck_assert(!inspect_path(&fixture.inspector, "missing", &found, &err));
    ck_assert_int_eq(err.number, ENOENT);
    int key, same;
    ck_assert(inspect_ftok(&fixture.inspector, "plain", 'x', &key, &err));
    ck_assert(inspect_ftok(&fixture.inspector, "/case/plain", 'x', &same, &err));
    ck_assert_int_eq(key, same);
    ck_assert_int_eq(key >> 24, 'x');
    bytes_free(&given.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* Nobody inside can take one (trace/filter.c), so it is a file server's of the machine: nobody has failed by what could not be seen. */
START_TEST(a_lease_is_trouble)
{
    char name[] = "/dev/shm/ipcgrade-lease-XXXXXX";
    struct object_state seen = {0};
    struct err err = {0};
    signal(SIGIO, SIG_IGN);
    cleanup_fd int fd = mkstemp(name);
    const struct identity_of which = by_path(OBJECT_FILE, name);
    ck_assert_int_eq(write(fd, "text", 4), 4);
    ck_assert_int_eq(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
    bool is_looked = file_ways.look(&which, &seen, &err);
    unlink(name);
    ck_assert(!is_looked);
    ck_assert_int_eq(err.number, EWOULDBLOCK);
    object_state_free(&seen);
}
END_TEST

START_TEST(given_memory)
{
    struct object_state given = {.mode = 0604, .size = 20}, seen;
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_SHM, "/area");
    enter_world(_i, &fixture);
    bytes_add(&given.text, "given\0!", 7, 64);
    make(&fixture, which, &given, &id);
    look(&fixture, which, &seen);
    ck_assert(seen.is_there && object_same(&seen.id, &id));
    ck_assert_int_eq(seen.id.kind, OBJECT_SHM);
    ck_assert_uint_eq(seen.mode, 0604);
    ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
    ck_assert_uint_eq(seen.size, 20);
    ck_assert_mem_eq(seen.text.data, "given\0!\0\0", 9);
    object_state_free(&seen);
    ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
    look(&fixture, which, &seen);
    ck_assert(!seen.is_there);
    bytes_free(&given.text);
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_posix_semaphore)
{
    struct object_state given = {.value = 7, .mode = 0604}, seen;
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_SEM, "/count");
    enter_world(_i, &fixture);
    make(&fixture, which, &given, &id);
    look(&fixture, which, &seen);
    ck_assert(seen.is_there && object_same(&seen.id, &id));
    ck_assert_int_eq(seen.id.kind, OBJECT_SEM);
    ck_assert_uint_eq(seen.mode, 0604);
    ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
    ck_assert_uint_eq(seen.value, 7);
    object_state_free(&seen);
    ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
    look(&fixture, which, &seen);
    ck_assert(!seen.is_there);
    sandbox_close(fixture.sandbox);
}
END_TEST

/* Where a semaphore is looked for a student may have put what would be waited for, or what leads elsewhere: init has to answer. */
START_TEST(something_else_in_a_semaphores_place)
{
    char *const made[][5] = {{"/usr/bin/mkfifo", "/dev/shm/sem.odd", NULL},
                             {"/bin/ln", "-s", "/etc/passwd", "/dev/shm/sem.odd", NULL},
                             {"/bin/mkdir", "/dev/shm/sem.odd", NULL},
                             {"/usr/bin/touch", "/dev/shm/sem.odd", NULL}};
    char *const removed[] = {"/bin/rm", "-rf", "/dev/shm/sem.odd", NULL};
    struct fixture fixture;
    struct object_state seen;
    enter_world(_i, &fixture);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        free(run(&fixture, made[i]));
        look(&fixture, by_path(OBJECT_SEM, "/odd"), &seen);
        ck_assert_msg(seen.is_there && seen.value == 0, "%s", made[i][0]);
        object_state_free(&seen);
        free(run(&fixture, removed));
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(given_posix_queue)
{
    struct object_message messages[] = {{1, 3, "low words"}, {9, 0, ""}};
    struct object_state given = {
        .messages = messages, .message_count = 2, .capacity = 3, .message_size = 8, .mode = 0604};
    struct object_state seen, usual = {0};
    struct object_id id;
    struct fixture fixture;
    struct err err = {0};
    const struct identity_of which = by_path(OBJECT_MQ, "/post"), other = by_path(OBJECT_MQ, "/usual");
    enter_world(_i, &fixture);
    if (!(sandbox_lacks(fixture.sandbox) & LACKS_MQUEUE)) {
        make(&fixture, which, &given, &id);
        make(&fixture, other, &usual, &id);
        look(&fixture, other, &seen);
        ck_assert(seen.is_there && object_same(&seen.id, &id));
        ck_assert_uint_eq(seen.capacity, 10);
        ck_assert_uint_eq(seen.message_size, 8192);
        ck_assert_uint_eq(seen.mode, 0600);
        look(&fixture, which, &seen);
        ck_assert_int_eq(seen.id.kind, OBJECT_MQ);
        ck_assert_uint_eq(seen.mode, 0604);
        ck_assert_uint_eq(seen.owner, INSPECT_STUDENT_UID);
        ck_assert_uint_eq(seen.count, 2);
        ck_assert_uint_eq(seen.capacity, 3);
        ck_assert_uint_eq(seen.message_size, 8);
        ck_assert_msg(inspect_remove(&fixture.inspector, &which, &err), "%s", err.text);
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        ck_assert(inspect_remove(&fixture.inspector, &other, &err));
        messages[0].len = 9; /* more than fits into a message */
        ck_assert(!inspect_make(&fixture.inspector, &which, &given, true, &id, &err));
        ck_assert_int_eq(err.number, EMSGSIZE);
        inspect_remove(&fixture.inspector, &which, NULL);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

START_TEST(missing_objects)
{
    static const enum object_kind kinds[] = {OBJECT_QUEUE, OBJECT_SEMAPHORES, OBJECT_SEGMENT, OBJECT_FIFO,
                                             OBJECT_FILE,  OBJECT_SHM,        OBJECT_MQ,      OBJECT_SEM};
    struct fixture fixture;
    struct object_state seen;
    enter_world(_i, &fixture);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct identity_of which = by_path(kinds[i], "nothing/here");
        which.key = KEY;
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        which.id = 12345; /* removed meanwhile */
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
        which.id = -1;
        which.is_private = true;
        look(&fixture, which, &seen);
        ck_assert(!seen.is_there);
    }
    sandbox_close(fixture.sandbox);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {given_queue,           full_queue_cannot_be_given,
                                  given_is_the_students, given_files,
                                  a_lease_is_trouble,    given_memory,
                                  given_posix_semaphore, something_else_in_a_semaphores_place,
                                  given_posix_queue,     missing_objects};
    // NOLINTNEXTLINE(bugprone-sizeof-expression): pointers
    return run_in_each_world("inspect: given and seen", tests, sizeof tests / sizeof *tests, argc, argv);
}
