/* What is told beside a line: what that line called, who called the function around it, which variable was meant, and why there is no line. */
#include "trace/rig.h"

#include <stdio.h>

#include "trace/compiled.h"
#include "trace/source.h"

static char directory[] = "/tmp/ipcgrade-called-XXXXXX";

/* One program for each row of ways to wait: its argument chooses. "line: NAME" is the line that waits, "caller: NAME" the line that called the function around it. */
static const char program_text[] =
    "#include <pthread.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "#include <sys/wait.h>\n"
    "#include <unistd.h>\n"
    "int ends[2];\n"
    "pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;\n"
    "static char word[9];\n"
    "static inline void get(void)\n"
    "{\n"
    "    if (read(ends[0], word, 1) != 1) /* line: inlined */\n"
    "        exit(1);\n"
    "}\n"
    "static __attribute__((noinline)) void grab(void)\n"
    "{\n"
    "    pthread_mutex_lock(&guard); /* line: wrapper */\n"
    "    word[1]++;\n"
    "}\n"
    "static void *run(void *arg)\n"
    "{\n"
    "    if (read(ends[0], arg, 1) != 1) /* line: thread */\n"
    "        word[2]++;\n"
    "    return arg;\n"
    "}\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    const char *way = argv[argc - 1];\n"
    "    pthread_t thread;\n"
    "    FILE *in;\n"
    "    if (pipe(ends) != 0)\n"
    "        return 1;\n"
    "    if (strcmp(way, \"inlined\") == 0)\n"
    "        get(); /* caller: inlined */\n"
    "    if (strcmp(way, \"wrapper\") == 0) {\n"
    "        grab();\n"
    "        grab(); /* caller: wrapper */\n"
    "        word[3]++;\n"
    "    }\n"
    "    if (strcmp(way, \"thread\") == 0) {\n"
    "        pthread_create(&thread, NULL, run, word);\n"
    "        pthread_join(thread, NULL);\n"
    "    }\n"
    "    in = fdopen(ends[0], \"r\");\n"
    "    if (strcmp(way, \"scanf\") == 0 && fscanf(in, \"%8s\", word) != 1) /* line: scanf */\n"
    "        return 1;\n"
    "    if (strcmp(way, \"inner\") == 0) {\n"
    "        extern int __uflow(FILE *);\n" /* as the macro getc_unlocked() does */
    "        return __uflow(in) == EOF; /* line: inner */\n"
    "    }\n"
    "    if (strcmp(way, \"getline\") == 0) {\n"
    "        char *text = NULL;\n"
    "        size_t room = 0;\n"
    "        return getline(&text, &room, in) < 0; /* line: getline */\n"
    "    }\n"
    "    if (strcmp(way, \"system\") == 0)\n"
    "        return system(\"read word <&3\"); /* line: system */\n"
    "    if (strcmp(way, \"popen\") == 0) {\n"
    "        FILE *from = popen(\"read word <&3\", \"r\");\n"
    "        return fgetc(from) == EOF; /* line: popen */\n"
    "    }\n"
    "    if (strcmp(way, \"pclose\") == 0)\n"
    "        return pclose(popen(\"read word <&3\", \"w\")); /* line: pclose */\n"
    "    return 0;\n"
    "}\n";

static const struct row {
    const char *way;
    const char *called; /* \"\": nothing more than the call itself */
    const char *variable;
} rows[] = {
    {"inlined", "read", NULL}, {"wrapper", "pthread_mutex_lock", "guard"},
    {"thread", "read", NULL},  {"scanf", "fscanf", NULL},
    {"getline", NULL, NULL},   {"system", "system", NULL},
    {"popen", NULL, NULL},     {"pclose", "pclose", NULL},
    {"inner", "", NULL}, /* it stands in no header */
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const ways[] = {"-O0", "-O2 -fomit-frame-pointer", "-O2 -static", "-O1 -no-pie"};
enum { WAYS = sizeof ways / sizeof *ways };

static int line_of(const char *kind, const char *mark)
{
    return compiled_line(program_text, kind, mark);
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
    snprintf(all, sizeof all, "-pthread %s", flags);
    compiled_with(all);
}

/* The program waits; its descriptors begin at 3. */
static void run_program(struct rig *rig, const char *way)
{
    char script[] = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec ./program \"$0\"", word[16];
    char *argv[] = {"/bin/sh", "-c", script, word, NULL};
    snprintf(word, sizeof word, "%s", way);
    rig->config.hooks.image = rig_counts;
    rig->config.wants_stacks = true;
    rig_open(rig);
    rig_execute(rig, argv);
    ck_assert_int_eq(rig_turn(rig), SCENE_AT_REST);
}

static void end_program(struct rig *rig)
{
    for (size_t i = 0; i < tracer_process_count(rig->tracer); i++)
        if (!tracer_process(rig->tracer, i)->is_dead)
            kill(tracer_process(rig->tracer, i)->pid, SIGKILL);
    rig_finish(rig);
    rig_close(rig);
}

/* The call that a task of the program waits in, at the line that is looked for. */
static const struct event *waiting_at(struct rig *rig, const char *way, struct source_at *at)
{
    for (size_t i = 0; i < tracer_task_count(rig->tracer); i++) {
        const struct task *task = tracer_task(rig->tracer, i);
        if (task->now && source_find(rig->tracer, task->now, directory, at) &&
            at->line == line_of("line", way))
            return task->now;
    }
    ck_abort_msg("nobody waits at line %d (%s)", line_of("line", way), way);
    return NULL;
}

START_TEST(what_was_called)
{
    const struct row *row = &rows[_i / WAYS];
    struct rig rig = {0};
    struct source_at at;
    char flags[64], variable[64];
    snprintf(flags, sizeof flags, "-g %s", ways[_i % WAYS]);
    compile(flags);
    run_program(&rig, row->way);
    const struct event *event = waiting_at(&rig, row->way, &at);
    if (row->called)
        ck_assert_msg(strcmp(at.called, row->called) == 0, "%s %s: %s", row->way, flags, at.called);
    ck_assert_msg(at.caller_line == line_of("caller", row->way), "%s %s: called from %d", row->way, flags,
                  at.caller_line);
    if (row->variable) {
        ck_assert(source_variable(rig.tracer, event, event->call.arg[0], variable, sizeof variable));
        ck_assert_str_eq(variable, row->variable);
    }
    end_program(&rig);
}
END_TEST

static const struct {
    const char *flags;
    enum source_lack lack;
} lacks[] = {{"-g", SOURCE_LACKS_NOTHING}, {"-O2", SOURCE_LACKS_LINES}, {"-g -s", SOURCE_IS_STRIPPED}};

START_TEST(what_is_lacking)
{
    struct rig rig = {0};
    struct source_at at;
    compile(lacks[_i].flags);
    run_program(&rig, "inlined");
    const struct event *event = tracer_task(rig.tracer, 0)->now;
    ck_assert_int_eq(source_lack(rig.tracer, event), lacks[_i].lack);
    ck_assert_int_eq(source_find(rig.tracer, event, directory, &at), lacks[_i].lack == SOURCE_LACKS_NOTHING);
    end_program(&rig);
}
END_TEST

/* What reads a program's file may die of it, here since the file was cut while it was mapped: that costs the lines of this program, and nothing else. */
START_TEST(file_that_kills_its_reader)
{
    struct rig rig = {0};
    struct source_at at;
    compile("-g");
    run_program(&rig, "inlined");
    const struct event *event = tracer_task(rig.tracer, 0)->now;
    ck_assert(source_find(rig.tracer, event, directory, &at));
    kill(tracer_task(rig.tracer, 0)->process->pid, SIGKILL);
    rig_turn(&rig);
    ck_assert_int_eq(truncate("program", 0), 0);
    ck_assert(!source_find(rig.tracer, event, directory, &at));
    ck_assert_int_eq(source_lack(rig.tracer, event), SOURCE_IS_UNREADABLE);
    end_program(&rig);

    compile("-g");
    run_program(&rig, "inlined");
    waiting_at(&rig, "inlined", &at);
    end_program(&rig);
}
END_TEST

/* A program of the system lacks nothing that a student could mend. */
START_TEST(of_the_system)
{
    struct rig rig = {.config = {.wants_stacks = true, .hooks.image = rig_counts}};
    char *argv[] = {"/bin/sleep", "infinity", NULL};
    rig_open(&rig);
    rig_execute(&rig, argv);
    rig_turn(&rig);
    const struct event *event = tracer_task(rig.tracer, 0)->now;
    ck_assert_ptr_nonnull(event);
    ck_assert_int_eq(source_lack(rig.tracer, event), SOURCE_LACKS_NOTHING);
    end_program(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: what a line called");
    TCase *tests = tcase_create("called");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, write_program, remove_program);
    tcase_add_loop_test(tests, what_was_called, 0, (int)ROWS * (int)WAYS);
    tcase_add_loop_test(tests, what_is_lacking, 0, sizeof lacks / sizeof *lacks);
    tcase_add_test(tests, file_that_kills_its_reader);
    tcase_add_test(tests, of_the_system);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
