/* What is known of the memory that a call was given. The programs are functions of this file, whose line information the test itself carries; each hands its call a message that
 * nobody sends: to a queue that does not exist. */
#include "trace/extent.h"

#include <sys/syscall.h>

#include "trace/rig.h"

struct message {
    long type;
    int number;
    char text[52];
};

static struct message stock[4];
static char plain[100];

/* They do what a sanitizer is there to forbid, and lie on the stack as in a program of a student's. */
#define PROGRAM __attribute__((no_sanitize("address", "undefined"))) static void

/* The message is taken for used, so that it has a place in memory. */
PROGRAM send(const void *message, size_t size)
{
    (void)syscall(SYS_msgsnd, 0x7fffffff, message, size, 0);
}

/* ---- programs -------------------------------------------------------------------------------------------------------------- */

PROGRAM sends_local(struct rig_shared *shared)
{
    struct message local = {1, 2, "three"};
    (void)shared;
    send(&local, sizeof local);
}

PROGRAM sends_element(struct rig_shared *shared)
{
    (void)shared;
    stock[1].type = 1;
    send(&stock[1], 4);
}

PROGRAM sends_member(struct rig_shared *shared)
{
    struct {
        int before;
        struct message inner;
        char behind[8];
    } outer = {1, {2, 3, "four"}, "five"};
    (void)shared;
    send(&outer.inner, 4);
}

PROGRAM sends_bytes(struct rig_shared *shared)
{
    (void)shared;
    plain[8] = 1;
    send(plain + 8, 4);
}

PROGRAM sends_allocated(struct rig_shared *shared)
{
    struct message *allocated = malloc(sizeof *allocated);
    (void)shared;
    if (!allocated)
        _exit(1);
    allocated->type = 1;
    send(allocated, sizeof *allocated);
    free(allocated);
}

PROGRAM sends_open_structure(struct rig_shared *shared)
{
    struct {
        long type;
        char text[1];
    } *open = malloc(100);
    (void)shared;
    if (!open)
        _exit(1);
    open->type = 1;
    send(open, 16);
    free(open);
}

PROGRAM sends_int(struct rig_shared *shared)
{
    struct {
        int type;
        char text[28];
    } local = {1, "text"};
    (void)shared;
    send(&local, 4);
}

PROGRAM sends_address(struct rig_shared *shared)
{
    struct {
        long type;
        int number;
        const char *text;
    } local = {1, 2, shared->text};
    send(&local, 16);
}

/* The type as text, a function, which is no data, and a pointer within a member that is an array. */
PROGRAM sends_inner_address(struct rig_shared *shared)
{
    struct {
        char type[8];
        void (*function)(struct rig_shared *);
        struct {
            int number;
            const char *text;
        } members[2];
    } local = {"\1", sends_int, {{1, shared->text}, {2, shared->text}}};
    send(&local, 40);
}

PROGRAM sends_function(struct rig_shared *shared)
{
    struct {
        long type;
        void (*function)(struct rig_shared *);
    } local = {1, sends_int};
    (void)shared;
    send(&local, 8);
}

/* What has no name and no type: nothing is known of it. */
PROGRAM sends_nameless(struct rig_shared *shared)
{
    (void)shared;
    send(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4);
}

/* ---- the table ------------------------------------------------------------------------------------------------------------- */

static const struct {
    rig_program *program;
    bool is_known;
    struct extent extent;
} rows[] = {
    {sends_local, true, {64, 64, 8, 8, false, true, false, 0, "local"}},
    {sends_element, true, {192, 64, 8, 8, false, true, false, 0, "stock"}},
    {sends_member, true, {72, 64, 8, 8, false, true, false, 0, "outer"}},
    {sends_bytes, true, {92, 0, 0, 0, false, false, false, 0, "plain"}},
    {sends_allocated, true, {0, 64, 8, 8, false, true, false, 0, "allocated"}},
    {sends_open_structure, true, {0, 16, 8, 8, true, true, false, 0, "open"}},
    {sends_int, true, {32, 32, 4, 4, false, true, false, 0, "local"}},
    {sends_address, true, {24, 24, 8, 8, false, false, true, 16, "local"}},
    {sends_inner_address, true, {48, 48, 0, 8, false, true, true, 24, "local"}},
    {sends_function, true, {16, 16, 8, 8, false, false, false, 0, "local"}},
    {sends_nameless, false, {0}},
};

START_TEST(the_memory_of_a_call_is_known)
{
    struct rig rig = {.config.wants_stacks = true};
    struct extent extent;
    rig_open(&rig);
    const struct process *process = rig_start(&rig, rows[_i].program);
    rig_finish(&rig);
    const struct event *event = rig_event(&rig, process, "msgsnd", 0);
    ck_assert_ptr_nonnull(event);
    bool is_known = extent_find(rig.tracer, event, event->call.arg[1], &extent);
    ck_assert_int_eq(is_known, rows[_i].is_known);
    ck_assert_uint_eq(extent.rest, rows[_i].extent.rest);
    ck_assert_uint_eq(extent.structure, rows[_i].extent.structure);
    ck_assert_uint_eq(extent.first, rows[_i].extent.first);
    ck_assert_int_eq(extent.is_open, rows[_i].extent.is_open);
    ck_assert_int_eq(extent.ends_in_array, rows[_i].extent.ends_in_array);
    ck_assert_int_eq(extent.has_pointer, rows[_i].extent.has_pointer);
    ck_assert_uint_eq(extent.head, rows[_i].extent.head);
    if (extent.has_pointer)
        ck_assert_uint_eq(extent.pointer, rows[_i].extent.pointer);
    if (extent.structure > 0 && extent.rest == 0)
        ck_assert_str_ne(extent.variable, "");
    else
        ck_assert_str_eq(extent.variable, rows[_i].extent.variable);
    rig_close(&rig);
}
END_TEST

START_TEST(without_a_stack_nothing_is_known)
{
    struct rig rig = {0};
    struct extent extent;
    rig_open(&rig);
    const struct process *process = rig_start(&rig, sends_local);
    rig_finish(&rig);
    const struct event *event = rig_event(&rig, process, "msgsnd", 0);
    ck_assert(!extent_find(rig.tracer, event, event->call.arg[1], &extent));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("extent");
    TCase *tests = tcase_create("extent");
    tcase_add_loop_test(tests, the_memory_of_a_call_is_known, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, without_a_stack_nothing_is_known);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
