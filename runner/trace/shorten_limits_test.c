/* What is not shortened; that nothing of it stays in the program's memory; and calls that are interrupted and come again. */
#include "trace/shorten_rig.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

enum { REPETITIONS = 20 };

/* ---- calls that are left alone ----------------------------------------------------------------------------------------- */

static void receive(struct rig_shared *shared, int type, int flags, size_t most)
{
    char text[LETTERS + 1] = "";
    tell(shared, recv(with_letters(type), text, most, flags), text);
}

static void datagrams(struct rig_shared *shared)
{
    receive(shared, SOCK_DGRAM, 0, LETTERS);
}
static void packets(struct rig_shared *shared)
{
    receive(shared, SOCK_SEQPACKET, 0, LETTERS);
}
static void peeks(struct rig_shared *shared)
{
    receive(shared, SOCK_STREAM, MSG_PEEK, LETTERS);
}
static void wants_all(struct rig_shared *shared)
{
    receive(shared, SOCK_STREAM, MSG_WAITALL, LETTERS);
}
static void wants_little(struct rig_shared *shared)
{
    receive(shared, SOCK_STREAM, 0, SHORT);
}

static void packets_of_a_pipe(struct rig_shared *shared)
{
    int ends[2];
    char text[LETTERS + 1] = "";
    if (pipe2(ends, O_DIRECT) == 0 && write(ends[1], letters, LETTERS) == LETTERS)
        tell(shared, read(ends[0], text, LETTERS), text);
}

static void counters(struct rig_shared *shared)
{
    uint64_t value = 0;
    ssize_t result = read(eventfd(1, 0), &value, sizeof value);
    tell(shared, result, letters);
}

/* A vector of nothing; one that is not there. */
static void empties(struct rig_shared *shared)
{
    struct iovec pieces[2] = {{NULL, 0}, {NULL, 0}};
    tell(shared, readv(with_letters(SOCK_STREAM), pieces, 2), letters);
}

static void nowheres(struct rig_shared *shared)
{
    tell(shared, syscall(SYS_readv, with_letters(SOCK_STREAM), 8, 2), letters);
}

static void many_bytes(struct rig_shared *shared)
{
    char text[LETTERS + 1] = "";
    struct iovec pieces[3] = {{text, 1}, {text + 1, 1}, {text + 2, 1}};
    tell(shared, readv(with_letters(SOCK_STREAM), pieces, 3), text);
}

static const struct row {
    const char *call;
    rig_program *program;
    int result;
} rows[] = {
    {"recvfrom", datagrams, LETTERS},  {"recvfrom", packets, LETTERS},
    {"recvfrom", peeks, LETTERS},      {"recvfrom", wants_all, LETTERS},
    {"recvfrom", wants_little, SHORT}, {"read", packets_of_a_pipe, LETTERS},
    {"read", counters, LETTERS},       {"readv", empties, 0},
    {"readv", nowheres, -EFAULT},      {"readv", many_bytes, SHORT},
};

START_TEST(comes_whole)
{
    const struct row *row = &rows[_i];
    struct trap trap = {.call = row->call, .left = 1};
    struct rig rig = {0};
    open_trap(&rig, &trap);
    struct process *process = rig_start(&rig, row->program);
    rig_finish(&rig);
    ck_assert_msg(rig.shared->number[0] == row->result, "%s, row %d: %d", row->call, _i,
                  rig.shared->number[0]);
    if (row->result == SHORT)
        ck_assert_str_eq(rig.shared->text, "abc");
    const struct event *event = rig_event(&rig, process, row->call, 0);
    ck_assert(!event->is_injected);
    rig_close(&rig);
}
END_TEST

/* ---- what lies below the stack ------------------------------------------------------------------------------------------------ */

enum { BELOW = 1024 };

/* Nothing is called in between, so nothing else can have changed it. */
__attribute__((noinline, no_sanitize("address"))) static int changed_below(int fd, struct iovec *pieces)
{
    volatile char *end, *at;
    int changed = 0;
    long result = SYS_readv;
    __asm__ volatile("mov %%rsp, %0" : "=r"(end));
    for (at = end - BELOW; at < end - 128; at++)
        *at = 0x5a;
    __asm__ volatile("syscall" : "+a"(result) : "D"((long)fd), "S"(pieces), "d"(4L) : "rcx", "r11", "memory");
    for (at = end - BELOW; at < end - 128; at++)
        changed += *at != 0x5a;
    return result == SHORT ? changed : -1;
}

static void looks_below(struct rig_shared *shared)
{
    char text[LETTERS + 1] = "";
    struct iovec pieces[4];
    int fd = with_letters(SOCK_STREAM);
    pieces_of(text, pieces);
    shared->number[0] = changed_below(fd, pieces);
    memcpy(shared->text, text, LETTERS);
}

START_TEST(what_lies_below_the_stack_stays)
{
    struct trap trap = {.call = "readv", .left = 1};
    struct rig rig = {0};
    open_trap(&rig, &trap);
    rig_start(&rig, looks_below);
    rig_finish(&rig);
    ck_assert(trap.event->is_injected);
    ck_assert_str_eq(rig.shared->text, "abc");
    ck_assert_int_eq(rig.shared->number[0], 0);
    rig_close(&rig);
}
END_TEST

/* A stack that ends just here: the page below cannot be written to. */
static void on_a_small_stack(struct rig_shared *shared)
{
    const size_t page = 4096;
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec *pieces = (struct iovec *)(void *)(pages + page + 1024);
    long result = SYS_readv, fd = with_letters(SOCK_STREAM);
    pieces_of(pages + page + 2048, pieces);
    mprotect(pages, page, PROT_NONE);
    __asm__ volatile("mov %%rsp, %%r12\n\tmov %4, %%rsp\n\tsyscall\n\tmov %%r12, %%rsp"
                     : "+a"(result)
                     : "D"(fd), "S"(pieces), "d"(4L), "r"(pages + page + 128)
                     : "rcx", "r11", "r12", "memory");
    shared->number[0] = (int)result;
}

START_TEST(without_room_for_it_all_comes)
{
    struct trap trap = {.call = "readv", .left = 1};
    struct rig rig = {0};
    open_trap(&rig, &trap);
    rig_start(&rig, on_a_small_stack);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], LETTERS);
    ck_assert(!trap.event->is_injected);
    rig_close(&rig);
}
END_TEST

/* ---- calls that come again ------------------------------------------------------------------------------------------------------- */

static void on_signal(int signal)
{
    (void)signal;
}

/* The test writes when it has interrupted it often enough. */
static void read_once(struct rig_shared *shared, int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
    gather(shared, call_readv, shared->number[2], 0);
}

static void begins_anew(struct rig_shared *shared)
{
    read_once(shared, SA_RESTART);
}
static void is_given_eintr(struct rig_shared *shared)
{
    read_once(shared, 0);
}

/* Rulings: `left`. Returns the event that was to come short last. */
static struct event interrupt(rig_program *program, int left, int signal, int *result)
{
    struct trap trap = {.call = "readv", .left = left};
    struct rig rig = {0};
    int ends[2];
    open_trap(&rig, &trap);
    streams(ends);
    rig.shared->number[2] = ends[0];
    struct process *process = rig_start(&rig, program);
    for (int i = 0; i < REPETITIONS && !process->is_dead; i++) {
        ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
        kill(process->pid, signal);
    }
    rig_turn(&rig);
    ck_assert_int_eq(write(ends[1], letters, LETTERS), LETTERS);
    rig_finish(&rig);
    *result = rig.shared->number[0];
    struct event last = *trap.event;
    rig_close(&rig);
    return close(ends[0]), close(ends[1]), last;
}

START_TEST(interrupted_it_comes_short_all_the_same)
{
    int result;
    struct event last = interrupt(begins_anew, 1, SIGWINCH, &result); /* ignored: the same call goes on */
    ck_assert_int_eq(result, SHORT);
    ck_assert(last.is_injected);
    last = interrupt(begins_anew, 1 + REPETITIONS, SIGUSR1, &result); /* behind a handler it is another */
    ck_assert_int_eq(result, SHORT);
    ck_assert(last.is_injected);
    last = interrupt(begins_anew, REPETITIONS, SIGUSR1, &result); /* and nothing of the one before is left */
    ck_assert_int_eq(result, LETTERS);
    ck_assert(!last.is_injected);
    last = interrupt(is_given_eintr, 1, SIGUSR1, &result);
    ck_assert_int_eq(result, -EINTR);
    ck_assert(!last.is_injected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: the limits of shortening");
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, comes_whole, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, what_lies_below_the_stack_stays);
    tcase_add_test(tests, without_room_for_it_all_comes);
    tcase_add_test(tests, interrupted_it_comes_short_all_the_same);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
