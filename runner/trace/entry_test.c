/* Who is there before the entry point, and makes others there: a child with a copy of the memory has a breakpoint of its own, who shares the memory has the same one. */
#include "trace/rig.h"

#include <stdio.h>

#include "trace/compiled.h"
#include "trace/tracer.h"

static char directory[] = "/tmp/ipcgrade-entry-XXXXXX";

/* What stands in .preinit_array runs before the entry point. Its child ends with 3, and who has made it with what it has ended with. */
static const char program_text[] =
    "#include <dlfcn.h>\n"
    "#include <pthread.h>\n"
    "#include <sched.h>\n"
    "#include <signal.h>\n"
    "#include <string.h>\n"
    "#include <sys/wait.h>\n"
    "#include <unistd.h>\n"
    "extern void _start(void);\n"
    "static int ends[2];\n"
    "static volatile int may_go;\n"
    "static pid_t child = -1;\n"
    "static pthread_t thread;\n"
    "static char stack[65536] __attribute__((aligned(16)));\n"
    "static long words[] = {1, (long)\"again\", 0, 0, 0, 0};\n"
    "static void *threaded(void *argument) { return argument; }\n"
    "static int to_the_entry(void *argument)\n"
    "{\n"
    "    while (!may_go)\n"
    "        ;\n"
    "    memcpy(stack + 32768, words, sizeof words);\n"
    "    __asm__ volatile(\"mov %0, %%rsp; xor %%edx, %%edx; jmp *%1\" : : \"r\"(stack + 32768), "
    "\"r\"(_start) : \"rdx\");\n"
    "    return 9;\n"
    "}\n"
    "static int ended(void)\n"
    "{\n"
    "    int status = 0;\n"
    "    waitpid(child, &status, 0);\n"
    "    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);\n"
    "}\n"
    "static void early(int argc, char **argv, char **envp)\n"
    "{\n"
    "    char how = argc > 1 ? argv[1][0] : 0;\n"
    "    if (how == 'f' && (child = fork()) == 0) {\n"
    "        pipe(ends);\n"
    "        dlopen(\"libm.so.6\", RTLD_NOW);\n"
    "    } else if (how == 'v' && (child = vfork()) == 0)\n"
    "        _exit(3);\n"
    "    else if (how == 't')\n"
    "        pthread_create(&thread, NULL, threaded, NULL);\n"
    "    else if (how == 's')\n"
    "        child = clone(to_the_entry, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);\n"
    "    may_go = 1;\n"
    "}\n"
    "__attribute__((section(\".preinit_array\"), used)) static void (*first)(int, char **, char **) = "
    "early;\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    if (argc == 1 || child == 0) {\n"
    "        close(ends[0]);\n"
    "        _exit(3);\n"
    "    }\n"
    "    return argv[1][0] == 't' ? pthread_join(thread, NULL) + 3 : ended();\n"
    "}\n";

static struct rig rig;
static int entered, trapped;
static bool holds_maker;

static void note_entered(void *context, struct process *process)
{
    (void)context;
    entered++;
    ck_assert(process->has_entered);
}

static void note_signal(void *context, struct task *task, int signal, pid_t sender)
{
    (void)context, (void)task, (void)sender;
    trapped += signal == SIGTRAP;
}

static bool is_system(void *context, const char *path)
{
    (void)context;
    return strncmp(path, "/usr/", strlen("/usr/")) == 0 || strncmp(path, "/lib", strlen("/lib")) == 0;
}

static bool hold_maker(void *context, struct task *task, const struct event *event)
{
    (void)context, (void)task;
    return holds_maker && strcmp(event->call.row->name, "clone") == 0;
}

static void open_rig(void)
{
    entered = trapped = 0;
    holds_maker = false;
    rig.config.hooks = (struct trace_hooks){.image = rig_counts,
                                            .entered = note_entered,
                                            .signalled = note_signal,
                                            .exit = hold_maker,
                                            .is_system = is_system};
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

static void write_program(void)
{
    compiled_begin(directory, program_text);
    compiled_with("-O1");
}

static void remove_program(void)
{
    compiled_end(directory);
}

static struct process *begin(const char *how)
{
    return rig_execute(&rig, (char *[]){(char *)"./program", (char *)how, NULL});
}

static void finish(const struct process *process, int arrivals)
{
    rig_finish(&rig);
    ck_assert_msg(WIFEXITED(process->wait_status), "status %#x", process->wait_status);
    ck_assert_int_eq(WEXITSTATUS(process->wait_status), 3);
    ck_assert_int_eq(entered, arrivals);
    ck_assert_int_eq(trapped, 0);
}

/* And what it does before its entry counts, but for what its loader does. */
START_TEST(child_of_a_fork_arrives_by_itself)
{
    finish(begin("fork"), 2);
    const struct process *child = tracer_process(rig.tracer, 1);
    ck_assert(child->has_entered);
    ck_assert(rig_event(&rig, child, "pipe2", 0)->counts);
    const struct event *opened = rig_event(&rig, child, "openat", 0);
    ck_assert_ptr_nonnull(opened);
    ck_assert(!opened->counts && rig_event(&rig, child, "close", 0)->number > opened->number);
}
END_TEST

START_TEST(child_of_a_vfork_never_arrives)
{
    finish(begin("vfork"), 1);
    ck_assert(!tracer_process(rig.tracer, 1)->has_entered);
}
END_TEST

START_TEST(process_with_a_thread_arrives_once)
{
    finish(begin("thread"), 1);
}
END_TEST

/* Nothing stops the second any more. */
START_TEST(who_shares_the_memory_arrives_with_the_first)
{
    finish(begin("shared"), 2);
    ck_assert(tracer_process(rig.tracer, 1)->has_entered);
}
END_TEST

static void wait_until_stopped(pid_t pid)
{
    pid_t ppid;
    for (char state = 0; state != 't'; state = procfs_state(rig.tracer, pid, &ppid))
        sched_yield();
}

/* Before we have heard of either. The maker is held until the child waits for a word of its memory. */
START_TEST(two_with_one_memory_may_arrive_at_the_same_time)
{
    holds_maker = true;
    struct process *process = begin("shared");
    struct task *maker = tracer_main_task(rig.tracer, process);
    while (maker->state != TASK_HELD || tracer_process_count(rig.tracer) < 2)
        tracer_pump(rig.tracer);
    tracer_release(rig.tracer, maker);
    wait_until_stopped(process->pid);
    wait_until_stopped(tracer_process(rig.tracer, 1)->pid);
    finish(process, 2);
}
END_TEST

int main(void)
{
    enum { SECONDS = 60 };
    Suite *suite = suite_create("trace: entry");
    TCase *tests = tcase_create("entry");
    tcase_set_timeout(tests, SECONDS);
    tcase_add_unchecked_fixture(tests, write_program, remove_program);
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    tcase_add_test(tests, child_of_a_fork_arrives_by_itself);
    tcase_add_test(tests, child_of_a_vfork_never_arrives);
    tcase_add_test(tests, process_with_a_thread_arrives_once);
    tcase_add_test(tests, who_shares_the_memory_arrives_with_the_first);
    tcase_add_test(tests, two_with_one_memory_may_arrive_at_the_same_time);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
