/* What streams still held at the calls that copy or lose it, of a program that runs and of one that waits. */
#include "trace/rig.h"

#include <stdio.h>
#include <sys/file.h>

#include "trace/unwritten.h"

static FILE *stream_of(int fd)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream || setvbuf(stream, NULL, _IOFBF, BUFSIZ) != 0)
        _exit(1);
    return stream;
}

static int null_device(void)
{
    return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* Five bytes at the fork, none at the unlocking, two more at the end. */
static void prints(struct rig_shared *shared)
{
    int fd = null_device();
    FILE *stream = stream_of(fd);
    shared->number[0] = fd;
    fputs("12345", stream);
    if (fork() == 0)
        _exit(0);
    wait(NULL);
    fflush(stream);
    flock(fd, LOCK_UN);
    fputs("67", stream);
    _exit(0);
}

static void says_nothing(struct rig_shared *shared)
{
    (void)shared;
    fputs("12345", stream_of(null_device()));
    fflush(NULL);
    if (fork() == 0)
        _exit(0);
    wait(NULL);
    _exit(0);
}

static void prints_and_waits(struct rig_shared *shared)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0)
        _exit(1);
    shared->number[0] = ends[1];
    fputs("hello", stream_of(ends[1]));
    (void)!read(ends[0], &byte, 1);
}

static void begin(struct rig *rig)
{
    rig->config.wants_stacks = true;
    rig_open(rig);
}

static void held(const struct event *event, int fd, const char *text)
{
    ck_assert_ptr_nonnull(event);
    ck_assert_ptr_nonnull(event->unwritten);
    ck_assert_uint_eq(event->unwritten->count, 1);
    const struct unwritten *one = &event->unwritten->items[0];
    ck_assert_int_eq(one->fd, fd);
    ck_assert_uint_eq(one->len, strlen(text));
    ck_assert_uint_eq(one->shown, strlen(text));
    ck_assert_int_eq(memcmp(one->text, text, one->shown), 0);
}

static const struct event *event_of(struct rig *rig, int process, const char *deed)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++) {
        const struct event *event = tracer_event(rig->tracer, i);
        if (event->process == process && event->call.deed && strcmp(event->call.deed->word, deed) == 0)
            return event;
    }
    return NULL;
}

START_TEST(what_is_held_is_kept_with_the_call)
{
    struct rig rig = {0};
    begin(&rig);
    rig_start(&rig, prints);
    rig_finish(&rig);
    int fd = (int)rig.shared->number[0];
    held(event_of(&rig, 0, "fork"), fd, "12345");
    held(event_of(&rig, 1, "exit"), fd, "12345"); /* the child's copy */
    ck_assert_ptr_null(event_of(&rig, 0, "flock")->unwritten);
    held(event_of(&rig, 0, "exit"), fd, "67");
    ck_assert_uint_eq(event_of(&rig, 0, "fork")->unwritten->items[0].sum,
                      event_of(&rig, 1, "exit")->unwritten->items[0].sum);
    rig_close(&rig);
}
END_TEST

START_TEST(what_is_written_is_not_held)
{
    struct rig rig = {0};
    begin(&rig);
    rig_start(&rig, says_nothing);
    rig_finish(&rig);
    ck_assert_ptr_null(event_of(&rig, 0, "fork")->unwritten);
    ck_assert_ptr_null(event_of(&rig, 0, "exit")->unwritten);
    rig_close(&rig);
}
END_TEST

START_TEST(it_is_found_while_its_process_waits)
{
    struct rig rig = {0};
    struct unwritten_list list;
    begin(&rig);
    rig_start(&rig, prints_and_waits);
    while (rig_turn(&rig) != SCENE_AT_REST)
        continue;
    ck_assert_uint_eq(unwritten_find(tracer_task(rig.tracer, 0), &list), 1);
    ck_assert_int_eq(list.items[0].fd, rig.shared->number[0]);
    ck_assert_uint_eq(list.items[0].len, 5);
    kill(tracer_process(rig.tracer, 0)->pid, SIGKILL);
    rig_finish(&rig);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unwritten");
    TCase *tests = tcase_create("unwritten");
    tcase_add_test(tests, what_is_held_is_kept_with_the_call);
    tcase_add_test(tests, what_is_written_is_not_held);
    tcase_add_test(tests, it_is_found_while_its_process_waits);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
