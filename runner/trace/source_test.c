/* Source lines: of programs that are compiled in several ways, through libc and stdio, in vfork and clone children, after the end. */
#include "trace/rig.h"

#include <stdio.h>

#include "trace/compiled.h"
#include "trace/source.h"

static char directory[] = "/tmp/ipcgrade-source-XXXXXX";

/* Each line that is looked for says so in a comment: the test finds its number there. */
static const char program_text[] = "#include <fcntl.h>\n"
                                   "#include <sched.h>\n"
                                   "#include <signal.h>\n"
                                   "#include <stdio.h>\n"
                                   "#include <sys/wait.h>\n"
                                   "#include <unistd.h>\n"
                                   "static int ends[2];\n"
                                   "static char stack[65536];\n"
                                   "static int cloned(void *arg)\n"
                                   "{\n"
                                   "    return read(-2, arg, 1) == 1; /* line: cloned */\n"
                                   "}\n"
                                   "static __attribute__((noinline)) void deep(int depth)\n"
                                   "{\n"
                                   "    char c;\n"
                                   "    volatile char room[40];\n"
                                   "    room[0] = 1;\n"
                                   "    if (depth > 0)\n"
                                   "        deep(depth - 1);\n"
                                   "    else if (read(-3, &c, 1) < 0) /* line: deep */\n"
                                   "        room[1] = 1;\n"
                                   "    room[0]++;\n"
                                   "}\n"
                                   "int main(void)\n"
                                   "{\n"
                                   "    char c;\n"
                                   "    if (pipe(ends) != 0) /* line: pipe */\n"
                                   "        return 1;\n"
                                   "    printf(\"%s %d\\n\", \"text\", 1);\n"
                                   "    fflush(stdout); /* line: flush */\n"
                                   "    fprintf(stderr, \"%d\\n\", 2); /* line: stderr */\n"
                                   "    if (fopen(\"nothing\", \"r\")) /* line: fopen */\n"
                                   "        return 1;\n"
                                   "    deep(4);\n"
                                   "    if (vfork() == 0) {\n"
                                   "        (void)!read(-4, &c, 1); /* line: vforked */\n"
                                   "        _exit(0);\n"
                                   "    }\n"
                                   "    clone(cloned, stack + sizeof stack, SIGCHLD, stack);\n"
                                   "    while (wait(NULL) > 0) /* line: wait */\n"
                                   "        ;\n"
                                   "    if (read(ends[0], &c, 1) == 1) /* line: blocked */\n"
                                   "        return 1;\n"
                                   "    return 0;\n"
                                   "}\n";

static const char *const ways[] = {"-O0", "-O2", "-O2 -fomit-frame-pointer -fPIE -pie", "-O1 -static",
                                   "-O2 -no-pie"};

static int line_of(const char *mark)
{
    int line = compiled_line(program_text, "line", mark);
    ck_assert_int_gt(line, 0);
    return line;
}

static void write_program(void)
{
    compiled_begin(directory, program_text);
}

static void remove_program(void)
{
    compiled_end(directory);
}

static void compile(const char *flags)
{
    char all[128];
    snprintf(all, sizeof all, "-g %s", flags);
    compiled_with(all);
}

static bool is_call_of(const struct event *event, const char *name, int fd)
{
    return event->call.row && strcmp(event->call.row->name, name) == 0 &&
           (fd == 0 || (int)event->call.arg[0] == fd);
}

static const struct event *find(struct rig *rig, const char *name, int fd)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++)
        if (tracer_event(rig->tracer, i)->counts && is_call_of(tracer_event(rig->tracer, i), name, fd))
            return tracer_event(rig->tracer, i);
    return NULL;
}

static void expect_line(struct rig *rig, const char *name, int fd, const char *mark)
{
    struct source_at at = {.line = -1};
    const struct event *event = find(rig, name, fd);
    ck_assert_msg(event != NULL, "no %s was seen (%s)", name, mark);
    ck_assert_msg(source_find(rig->tracer, event, directory, &at), "%s: no line", mark);
    ck_assert_str_eq(at.file, "program.c");
    ck_assert_msg(at.line == line_of(mark), "%s: line %d, expected %d", mark, at.line, line_of(mark));
}

static void count_image(void *context, struct process *process)
{
    (void)context;
    process->counts = true;
}

/* At rest the program waits in its last read; what was before is asked for now, what is asked for after its end is the rest. */
static struct process *run_program(struct rig *rig)
{
    char *argv[] = {"./program", NULL};
    rig->config.hooks.image = count_image;
    rig->config.wants_stacks = true;
    rig_open(rig);
    (void)!freopen("out", "w", stdout);
    (void)!freopen("err", "w", stderr);
    struct process *process = rig_execute(rig, argv);
    ck_assert_int_eq(rig_turn(rig), SCENE_AT_REST);
    ck_assert(!process->is_dead);
    return process;
}

START_TEST(lines_are_found)
{
    struct rig rig = {0};
    struct source_at at;
    compile(ways[_i]);
    struct process *process = run_program(&rig);
    struct task *task = tracer_main_task(rig.tracer, process);
    ck_assert(source_now(rig.tracer, task, directory, &at));
    ck_assert_int_eq(at.line, line_of("blocked"));
    ck_assert_str_eq(at.function, "main");
    kill(process->pid, SIGKILL);
    rig_finish(&rig);
    ck_assert_int_eq(unlink("program"), 0); /* nothing is read from the disk any more */
    expect_line(&rig, "pipe2", 0, "pipe");
    expect_line(&rig, "openat", 0, "fopen");
    expect_line(&rig, "read", -3, "deep");
    expect_line(&rig, "read", -4, "vforked");
    expect_line(&rig, "read", -2, "cloned");
    expect_line(&rig, "wait4", 0, "wait");
    rig_close(&rig);
}
END_TEST

/* Of a write that is held behind its end. */
static struct task *held;
static int held_fd;

static bool hold_write(void *context, struct task *task, const struct event *event)
{
    (void)context;
    if (!event->counts || !is_call_of(event, "write", held_fd))
        return false;
    held = task;
    return true;
}

static void expect_held(int fd, const char *mark)
{
    struct rig rig = {.config.hooks.exit = hold_write};
    struct source_at at;
    held_fd = fd;
    run_program(&rig);
    ck_assert_ptr_nonnull(held);
    ck_assert_msg(source_find(rig.tracer, held->now, directory, &at), "%s: no line", mark);
    ck_assert_int_eq(at.line, line_of(mark));
    rig_close(&rig);
}

START_TEST(lines_through_stdio)
{
    compile(ways[_i]);
    expect_held(1, "flush");
    expect_held(2, "stderr");
}
END_TEST

START_TEST(other_files_do_not_count)
{
    struct rig rig = {0};
    struct source_at at;
    compile("-O0");
    run_program(&rig);
    ck_assert(!source_find(rig.tracer, find(&rig, "pipe2", 0), "/another/place", &at));
    ck_assert(source_find(rig.tracer, find(&rig, "pipe2", 0), NULL, &at));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: source lines");
    TCase *tests = tcase_create("source");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, write_program, remove_program);
    tcase_add_loop_test(tests, lines_are_found, 0, sizeof ways / sizeof *ways);
    tcase_add_loop_test(tests, lines_through_stdio, 0, sizeof ways / sizeof *ways);
    tcase_add_test(tests, other_files_do_not_count);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
