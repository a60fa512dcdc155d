/* What a file of a program may do to whoever reads it, and what the tracer makes of the answers: the process apart (reader.h) under its limit of processor time. */
#include "trace/rig.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "trace/compiled.h"
#include "trace/reader_message.h"
#include "trace/source.h"
#include "trace/tracer.h"

/* Debug information written by hand, a few hundred bytes. It holds namespaces in each other, and of each it says that what comes next beside it is the first one inside of it: so whoever
 * looks at all of them comes to the innermost 2^64 times. No rule for such information is broken that libdw would see to: siblings lie further on. */
static const char endless[] =
    "#include <unistd.h>\n"
    "__asm__(\".section .debug_abbrev;\"\n"
    /* 1: a unit with lines, low pc, high pc; 2: a namespace with a sibling */
    "        \"kinds: .byte 1, 0x11, 1, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0;\"\n"
    "        \".byte 2, 0x39, 1, 0x01, 0x13, 0, 0; .byte 0;\"\n"
    "        \".section .debug_info; unit: .long behind_unit - version;\"\n"
    "        \"version: .short 4; .long kinds; .byte 8;\"\n"
    "        \".byte 1; .long 0; .quad main; .long 0x1000;\"\n"
    "        \".rept 64; .byte 2; .long . + 4 - unit; .endr; .fill 65; behind_unit:\"\n"
    "        \".section .debug_aranges; .long behind_ranges - ranges;\"\n"
    "        \"ranges: .short 2; .long unit; .byte 8, 0; .long 0; .quad main, 0x1000, 0, 0; "
    "behind_ranges:\"\n"
    "        \".text; .file 1 \\\"program.c\\\"\");\n"
    "int main(void)\n"
    "{\n"
    "    __asm__ volatile(\".loc 1 7 0\");\n"
    "    for (;;)\n"
    "        pause();\n"
    "}\n";

static const char usual[] = "#include <unistd.h>\n"
                            "int main(void)\n"
                            "{\n"
                            "    for (;;)\n"
                            "        pause();\n"
                            "}\n";

/* Compiled and executed up to its pause(), alone in `directory`. */
static const struct event *begin(struct rig *rig, char *directory, const char *text, const char *flags)
{
    char *const argv[] = {"./program", NULL};
    *rig = (struct rig){.config = {.wants_stacks = true, .hooks.image = rig_counts}};
    compiled_begin(directory, text);
    compiled_with(flags);
    rig_open(rig);
    rig_execute(rig, argv);
    rig_turn(rig);
    const struct event *event = tracer_task(rig->tracer, 0)->now;
    ck_assert_ptr_nonnull(event);
    return event;
}

static void end(struct rig *rig, const char *directory)
{
    kill(tracer_task(rig->tracer, 0)->process->pid, SIGKILL);
    rig_finish(rig);
    rig_close(rig);
    compiled_end(directory);
}

/* Of children that have ended, in seconds. */
static double time_of_children(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Processor time is the limit, however long the machine takes for it. The kernel counts it by its ticks there and exactly here, so the figures differ; what dies at once, or answers, has
 * used a hundredth of that. */
START_TEST(endless_information_costs_its_program_the_lines)
{
    const double much = 0.2; /* seconds */
    char directory[] = "/tmp/ipcgrade-reader-XXXXXX", other[] = "/tmp/ipcgrade-reader-XXXXXX";
    struct rig rig;
    struct source_at at;
    const struct event *event = begin(&rig, directory, endless, "-O0");
    double before = time_of_children();
    ck_assert(!source_find(rig.tracer, event, NULL, &at));
    double spent = time_of_children() - before;
    ck_assert_int_eq(source_lack(rig.tracer, event), SOURCE_IS_UNREADABLE);
    ck_assert_msg(spent > much, "the reader has used %.2f s", spent);
    end(&rig, directory);

    event = begin(&rig, other, usual, "-g");
    ck_assert(source_find(rig.tracer, event, NULL, &at));
    ck_assert_int_eq(at.line, 5);
    end(&rig, other);
}
END_TEST

/* In the place of the reader: answers whatever is asked in the same way, until nobody asks. */
static void answer_always(struct tracer *tracer, const struct answer *answer)
{
    static struct message message;
    int ends[2];
    reader_end(tracer);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        close(ends[0]);
        while (recv(ends[1], &message, sizeof message, 0) > 0)
            if (message.question.kind != TELL_FILE && message.question.kind != TELL_LAYOUT)
                (void)!send(ends[1], answer, sizeof *answer, MSG_NOSIGNAL);
        _exit(0);
    }
    close(ends[1]);
    tracer->reader =
        (struct reader){.pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0), .socket = ends[0]};
}

/* However often it is executed: after a few of its readers nobody is asked any more. */
START_TEST(who_costs_readers_costs_a_few)
{
    char directory[] = "/tmp/ipcgrade-reader-XXXXXX";
    struct rig rig;
    struct source_at at;
    const struct event *event = begin(&rig, directory, usual, "-g");
    for (int lost = 0; lost < 5; lost++) {
        const struct answer lie = {.number = 1 << 30};
        answer_always(rig.tracer, &lie);
        close(rig.tracer->reader.socket);
        rig.tracer->reader.socket = open("/dev/null", O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(rig.tracer->readers_lost, lost);
        ck_assert(!source_find(rig.tracer, event, NULL, &at));
        rig.tracer->maps.layouts[event->stack->layout]->is_unreadable = false; /* as if it were another */
    }
    ck_assert(!source_find(rig.tracer, event, NULL, &at));
    ck_assert_int_eq(rig.tracer->reader.pid, 0);
    ck_assert_int_eq(source_lack(rig.tracer, event), SOURCE_IS_UNREADABLE);
    end(&rig, directory);
}
END_TEST

/* A file that has got hold of the reader could let it say anything. */
START_TEST(answers_that_lie_are_none)
{
    static const char *const names[] = {"sem_wait", "read", NULL};
    static const int numbers[] = {2, READER_NAMES, 1 << 30, -2};
    char directory[] = "/tmp/ipcgrade-reader-XXXXXX", variable[256];
    struct rig rig;
    struct source_at at;
    struct extent extent;
    struct answer lie = {.is_found = true, .number = numbers[_i]};
    memset(&lie.at, 'x', sizeof lie.at);
    memset(lie.variable, 'x', sizeof lie.variable);
    memset(lie.extent.variable, 'x', sizeof lie.extent.variable);
    const struct event *event = begin(&rig, directory, usual, "-g");

    answer_always(rig.tracer, &lie);
    ck_assert(source_find(rig.tracer, event, NULL, &at));
    ck_assert_uint_eq(strnlen(at.file, sizeof at.file), sizeof at.file - 1);
    ck_assert_uint_eq(strnlen(at.function, sizeof at.function), sizeof at.function - 1);
    ck_assert_uint_eq(strnlen(at.caller_file, sizeof at.caller_file), sizeof at.caller_file - 1);
    ck_assert_uint_eq(strnlen(at.called, sizeof at.called), sizeof at.called - 1);
    ck_assert(source_variable(rig.tracer, event, 1, variable, sizeof variable));
    ck_assert_uint_eq(strlen(variable), sizeof lie.variable - 1);
    ck_assert(extent_find(rig.tracer, event, 1, &extent));
    ck_assert_uint_eq(strnlen(extent.variable, sizeof extent.variable), sizeof extent.variable - 1);
    ck_assert_int_eq(source_inside(rig.tracer, event, names), -1);
    ck_assert_int_eq(source_lack(rig.tracer, event), SOURCE_IS_UNREADABLE);
    end(&rig, directory);
}
END_TEST

int main(void)
{
    enum { SAFETY_SECONDS = 300 }; /* of a busy machine, for two seconds of a processor */
    Suite *suite = suite_create("reader");
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, SAFETY_SECONDS);
    tcase_add_loop_test(tests, answers_that_lie_are_none, 0, 4);
    tcase_add_test(tests, who_costs_readers_costs_a_few);
    tcase_add_test(tests, endless_information_costs_its_program_the_lines);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
