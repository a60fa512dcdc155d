/* Who would hold a pipe is refused, and nobody else. */
#include "trace/rig.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

static int made_pipe(int which)
{
    int ends[2];
    return pipe(ends) == 0 && write(ends[1], "words", 5) == 5 ? ends[which] : -1;
}

static int made_socket(void)
{
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "words", 5) == 5 ? ends[0] : -1;
}

static int made_terminal(void)
{
    int master, slave;
    return openpty(&master, &slave, NULL, NULL, NULL) == 0 && write(master, "words\n", 6) == 6 ? slave : -1;
}

static int made_file(void)
{
    int fd = memfd_create("file", 0);
    return fd >= 0 && pwrite(fd, "words", 5, 0) == 5 ? fd : -1;
}

static ssize_t spliced(int in, int out)
{
    return splice(in, NULL, out, NULL, 5, 0);
}

static ssize_t from_a_socket(void)
{
    return spliced(made_socket(), made_pipe(1));
}

static ssize_t into_a_socket(void)
{
    return spliced(made_pipe(0), made_socket());
}

static ssize_t from_a_terminal(void)
{
    return spliced(made_terminal(), made_pipe(1));
}

static ssize_t into_a_terminal(void)
{
    return spliced(made_pipe(0), made_terminal());
}

static ssize_t sent_from_a_socket(void)
{
    return sendfile(made_pipe(1), made_socket(), NULL, 5);
}

static ssize_t from_a_file(void)
{
    return spliced(made_file(), made_pipe(1));
}

static ssize_t into_a_file(void)
{
    return spliced(made_pipe(0), made_file());
}

static ssize_t between_pipes(void)
{
    return spliced(made_pipe(0), made_pipe(1));
}

static ssize_t from_zero(void)
{
    return spliced(open("/dev/zero", O_RDONLY), made_pipe(1));
}

static ssize_t sent_into_a_pipe(void)
{
    return sendfile(made_pipe(1), made_file(), NULL, 5);
}

static ssize_t sent_into_a_socket(void)
{
    return sendfile(made_socket(), made_file(), NULL, 5);
}

static const struct way {
    ssize_t (*move)(void);
    bool is_refused;
} ways[] = {
    {from_a_socket, true},     {into_a_socket, true},       {from_a_terminal, true},
    {into_a_terminal, true},   {sent_from_a_socket, true},  {from_a_file, false},
    {into_a_file, false},      {between_pipes, false},      {from_zero, false},
    {sent_into_a_pipe, false}, {sent_into_a_socket, false},
};

static void moves(struct rig_shared *shared)
{
    errno = 0;
    shared->number[1] = (int)ways[shared->number[0]].move();
    shared->number[2] = errno;
}

static bool any_is_refused(const struct rig *rig)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++)
        if (tracer_event(rig->tracer, i)->is_refused)
            return true;
    return false;
}

static void play(struct rig *rig, int way)
{
    rig_open(rig);
    rig->shared->number[0] = way;
    rig_start(rig, moves);
    rig_finish(rig);
}

START_TEST(who_would_hold_a_pipe_is_refused)
{
    struct rig rig = {0};
    play(&rig, _i);
    ck_assert_int_eq(rig.shared->number[1], ways[_i].is_refused ? -1 : 5);
    ck_assert_int_eq(rig.shared->number[2], ways[_i].is_refused ? EINVAL : 0);
    ck_assert_int_eq(any_is_refused(&rig), ways[_i].is_refused);
    rig_close(&rig);
}
END_TEST

START_TEST(who_is_not_graded_may)
{
    struct rig rig = {.config = {.is_not_graded = true}};
    play(&rig, _i);
    ck_assert_int_eq(rig.shared->number[1], 5);
    ck_assert(!any_is_refused(&rig));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const int count = sizeof ways / sizeof *ways;
    Suite *suite = suite_create("trace: held pipes");
    TCase *tests = tcase_create("held pipes");
    tcase_add_loop_test(tests, who_would_hold_a_pipe_is_refused, 0, count);
    tcase_add_loop_test(tests, who_is_not_graded_may, 0, count);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
