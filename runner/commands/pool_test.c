/* Worker processes: what they send, how they die, that none is left. */
#include "commands/pool.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"

/* Below what stands for init somebody waits for a socket's bytes, to splice them into the worker's pipe, and so holds that. Returns when he does. */
static void hold(int end)
{
    int ends[2];
    pid_t *holder = mmap(NULL, sizeof *holder, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pid_t pid = fork();
        if (pid == 0)
            (void)!(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && splice(ends[0], NULL, end, NULL, 1, 0));
        *holder = pid;
        pause();
    }
    char path[64], call[64] = "";
    while (strtol(call, NULL, 10) != SYS_splice) {
        sched_yield();
        snprintf(path, sizeof path, "/proc/%d/syscall", (int)*(volatile pid_t *)holder);
        cleanup_file FILE *file = fopen(path, "re");
        if (!file || !fgets(call, sizeof call, file))
            call[0] = '\0';
    }
}

enum work { TELL, DIE, NOTHING, FLOOD, HANG, CORES, HELD, HELD_AND_TOLD };

static char *do_work(void *context, size_t index)
{
    const enum work *kinds = context;
    char *text = NULL;
    cpu_set_t set;
    int ends[2];
    switch (kinds[index]) {
    case TELL:
        if (asprintf(&text, "worker %zu", index) < 0)
            abort();
        return text;
    case DIE: raise(SIGKILL); break;
    case NOTHING: break;
    case FLOOD:
        text = malloc(POOL_TEXT + 2);
        memset(text, 'x', POOL_TEXT + 1);
        text[POOL_TEXT + 1] = '\0';
        return text;
    case HANG: pause(); break;
    case HELD:
    case HELD_AND_TOLD:
        if (pipe(ends) != 0)
            break;
        hold(ends[1]);
        if (kinds[index] == HELD_AND_TOLD)
            kill(getppid(), SIGTERM);
        (void)!read(ends[0], &set, 1);
        break;
    case CORES: sched_getaffinity(0, sizeof set, &set); return strdup(CPU_COUNT(&set) == 1 ? "one" : "more");
    }
    return NULL;
}

static struct pool *made(int jobs, enum work *kinds)
{
    struct pool *pool = NULL;
    struct err err = {0};
    ck_assert_msg(pool_new(&pool, jobs, do_work, kinds, &err), "%s", err.text);
    return pool;
}

static struct pool_end only_end(enum work kind)
{
    struct pool *pool = made(1, &kind);
    struct pool_end end;
    ck_assert(pool_start(pool, 0, NULL));
    ck_assert_int_eq(pool_wait(pool, -1, &end), POOL_ENDED);
    ck_assert_uint_eq(pool_running(pool), 0);
    pool_free(pool);
    return end;
}

START_TEST(a_worker_sends_its_text)
{
    struct pool_end end = only_end(TELL);
    ck_assert_str_eq(bytes_text(&end.text), "worker 0");
    ck_assert(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0);
    bytes_free(&end.text);
}
END_TEST

START_TEST(a_worker_is_pinned)
{
    struct pool_end end = only_end(CORES);
    ck_assert_str_eq(bytes_text(&end.text), "one");
    bytes_free(&end.text);
}
END_TEST

START_TEST(a_worker_may_die)
{
    struct pool_end end = only_end(DIE);
    ck_assert(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGKILL);
    ck_assert_str_eq(bytes_text(&end.text), "");
    end = only_end(NOTHING);
    ck_assert(WIFEXITED(end.status) && WEXITSTATUS(end.status) == POOL_NO_TEXT);
}
END_TEST

START_TEST(a_flood_is_stopped)
{
    struct pool_end end = only_end(FLOOD);
    ck_assert(end.is_too_long);
    ck_assert_uint_le(end.text.len, POOL_TEXT);
    bytes_free(&end.text);
}
END_TEST

START_TEST(all_workers_end_each_once)
{
    enum work kinds[20] = {TELL};
    bool has_ended[20] = {false};
    struct pool *pool = made(3, kinds);
    struct pool_end end;
    size_t started = 0, ended = 0;
    while (ended < 20) {
        while (started < 20 && pool_has_room(pool))
            ck_assert(pool_start(pool, started++, NULL));
        ck_assert_uint_le(pool_running(pool), 3);
        ck_assert_int_eq(pool_wait(pool, -1, &end), POOL_ENDED);
        char wanted[32];
        snprintf(wanted, sizeof wanted, "worker %zu", end.index);
        ck_assert_str_eq(bytes_text(&end.text), wanted);
        ck_assert(!has_ended[end.index]);
        has_ended[end.index] = true;
        ended++;
        bytes_free(&end.text);
    }
    ck_assert_int_eq(pool_wait(pool, -1, &end), POOL_NOTHING);
    pool_free(pool);
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1); /* nobody is left, not even as a zombie */
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

START_TEST(a_signal_is_told_and_workers_are_ended)
{
    enum work kinds[] = {HANG, HANG};
    struct pool *pool = made(2, kinds);
    struct pool_end end;
    ck_assert(pool_start(pool, 0, NULL));
    ck_assert(pool_start(pool, 1, NULL));
    ck_assert_int_eq(pool_wait(pool, 0, &end), POOL_DUE);
    ck_assert_int_eq(pool_wait(pool, 1, &end), POOL_DUE);
    ck_assert_int_eq(raise(signals[_i]), 0);
    ck_assert_int_eq(pool_wait(pool, -1, &end), POOL_SIGNALLED);
    ck_assert_int_eq(end.signal, signals[_i]);
    pool_free(pool);
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* Not even by SIGKILL, as long as who holds him lives. */
START_TEST(a_worker_that_is_held_is_told)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    struct pool_end end = only_end(HELD);
    ck_assert(end.is_held);
    ck_assert(WIFSIGNALED(end.status));
    while (wait(NULL) > 0)
        continue;
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(a_worker_that_is_held_is_ended)
{
    enum work kind = HELD_AND_TOLD;
    struct pool *pool = made(1, &kind);
    struct pool_end end;
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ck_assert(pool_start(pool, 0, NULL));
    ck_assert_int_eq(pool_wait(pool, -1, &end), POOL_SIGNALLED);
    pool_free(pool);
    while (wait(NULL) > 0) /* those that it has left */
        continue;
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* The worker's pipe tells that it is gone: we hold no write end, so end of file means that nobody does. */
START_TEST(workers_die_with_their_parent)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t parent = fork();
    if (parent == 0) {
        enum work kinds[] = {HANG};
        struct pool *pool = made(1, kinds);
        close(ends[0]);
        pool_start(pool, 0, NULL);
        if (write(ends[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(1);
    }
    char byte;
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1); /* the worker runs, and holds the write end too */
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* returns only when both are gone */
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tests = tcase_create("pool");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 20);
    tcase_add_test(tests, a_worker_sends_its_text);
    tcase_add_test(tests, a_worker_is_pinned);
    tcase_add_test(tests, a_worker_may_die);
    tcase_add_test(tests, a_flood_is_stopped);
    tcase_add_test(tests, all_workers_end_each_once);
    tcase_add_loop_test(tests, a_signal_is_told_and_workers_are_ended, 0, 3);
    tcase_add_test(tests, a_worker_that_is_held_is_told);
    tcase_add_test(tests, a_worker_that_is_held_is_ended);
    tcase_add_test(tests, workers_die_with_their_parent);
    return run_suite(suite);
}
