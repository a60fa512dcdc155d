/* Programs that hang, each with one cause that is known: the explanation names the right holder and the right lines of all who take part, however the program was compiled; see
 * knots.h. */
#include "trace/rig.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "diagnosis/knots.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"

static const char *const ways[] = {"-O0", "-O2 -fomit-frame-pointer -fPIE -pie", "-O2 -static",
                                   "-O3 -flto -no-pie"};
enum { WAYS = sizeof ways / sizeof *ways };

/* ---- the program and its marks ------------------------------------------------------------------------------------------- */

static char folder[PATH_MAX];                       /* of the programs */
static char place[] = "/tmp/ipcgrade-knots-XXXXXX"; /* where one is compiled, and where it works */
static char *source_text;

static void read_source(const char *file)
{
    char path[PATH_MAX + 64];
    size_t len = 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    cleanup_file FILE *from = fopen(path, "re");
    cleanup_file FILE *to = open_memstream(&source_text, &len);
    ck_assert_msg(from && to, "%s: %s", path, strerror(errno));
    for (int c; (c = fgetc(from)) != EOF;)
        fputc(c, to);
}

static int line_of(const char *mark, size_t len)
{
    int line = 1;
    for (const char *at = source_text; *at; at++) {
        line += *at == '\n';
        if (strncmp(at, "line: ", 6) == 0 && strncmp(at + 6, mark, len) == 0 &&
            strncmp(at + 6 + len, " */", 3) == 0)
            return line;
    }
    return 0;
}

/* The longest mark of the program that the text goes on with. */
static size_t mark_length(const char *text)
{
    for (size_t len = strcspn(text, ".,:;)\n"); len > 0; len--)
        if (line_of(text, len) > 0)
            return len;
    ck_abort_msg("no such mark: %s", text);
    return 0;
}

/* "@mark" becomes FILE:LINE, and "line LINE" where a caller is told in the same file. */
static void fill_in(const struct knot *knot, const char *text, struct bytes *to)
{
    static const char caller[] = "(called from @";
    while (*text) {
        size_t len = *text == '@' ? mark_length(text + 1) : 0;
        if (strncmp(text, caller, sizeof caller - 1) == 0) {
            len = mark_length(text + sizeof caller - 1);
            bytes_print(to, "(called from line %d", line_of(text + sizeof caller - 1, len));
            text += sizeof caller - 1 + len;
        } else if (len > 0) {
            bytes_print(to, "%s:%d", knot->file, line_of(text + 1, len));
            text += 1 + len;
        } else {
            bytes_print(to, "%c", *text++);
        }
    }
}

/* "thread 1234 of P0" becomes T0: numbers of threads are the kernel's. */
static void name_threads(const char *text, struct bytes *to)
{
    int number, process, len;
    while (*text) {
        len = 0;
        // NOLINTNEXTLINE(cert-err34-c): what was read is counted
        if (sscanf(text, "thread %d of P%d%n", &number, &process, &len) == 2 && len > 0) {
            bytes_print(to, "T%d", process);
            text += len;
        } else {
            bytes_print(to, "%c", *text++);
        }
    }
}

static void compile(const char *file, const char *way)
{
    char command[2 * PATH_MAX + 256];
    bool is_cxx = strcmp(strrchr(file, '.'), ".cc") == 0;
    snprintf(command, sizeof command, "%s -g -w -D_GNU_SOURCE -pthread %s -o %s/program %s/%s",
             is_cxx ? "c++" : "cc", way, place, folder, file);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): the compiler
    snprintf(command, sizeof command, "%s/work", place);
    ck_assert_int_eq(mkdir(command, 0700), 0);
}

/* ---- the explanation ----------------------------------------------------------------------------------------------------- */

static void end_all(struct rig *rig)
{
    for (size_t i = 0; i < tracer_process_count(rig->tracer); i++)
        if (!tracer_process(rig->tracer, i)->is_dead)
            kill(tracer_process(rig->tracer, i)->pid, SIGKILL);
    rig_finish(rig);
}

static void remove_sets(struct rig *rig)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++) {
        const struct event *event = tracer_event(rig->tracer, i);
        struct identity_of which = {
            .kind = event->object.kind, .id = (int)event->object.number, .is_private = true};
        if (event->call.row && event->call.has_ipc && event->call.ipc_key == 0)
            inspect_remove(&inspector_here, &which, &(struct err){0});
    }
}

static void check_cycle(const struct knot *knot, const struct waits *waits, const char *text)
{
    ck_assert_msg(waits->cycle_count == knot->cycle, "%s: %zu take part, not %zu: %s", knot->file,
                  waits->cycle_count, knot->cycle, text);
    if (knot->cycle > 0)
        ck_assert_msg(waits->is_cycle_probable == (knot->certainty == PROBABLE), "%s: %s", knot->file, text);
}

static void explain(struct rig *rig, const struct knot *knot, const char *way)
{
    const struct teller teller = {rig->tracer, folder, rig_number, NULL};
    struct waits waits;
    cleanup_bytes struct bytes raw = {0}, text = {0};
    struct history *history = history_new(rig->tracer);
    history_play_all(history);
    waits_find(&waits, rig->tracer, history, &inspector_here);
    waits_text(&waits, &teller, &raw);
    name_threads(bytes_text(&raw), &text);
    check_cycle(knot, &waits, bytes_text(&text));
    for (int i = 0; i < TEXTS && knot->texts[i]; i++) {
        cleanup_bytes struct bytes wanted = {0};
        fill_in(knot, knot->texts[i], &wanted);
        ck_assert_msg(strstr(bytes_text(&text), bytes_text(&wanted)) != NULL, "%s %s: '%s'\nis not in: %s",
                      knot->file, way, bytes_text(&wanted), bytes_text(&text));
    }
    waits_free(&waits);
    history_free(history);
}

START_TEST(knots_are_explained)
{
    const struct knot *knot = &knots[_i / WAYS];
    const char *way = ways[_i % WAYS];
    char build[PATH_MAX], probe[PATH_MAX + 32], program[64], work[64];
    /* Descriptors that we happen to have open are none of the program's. */
    char script[] = "cd \"$1\"; exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$0\" \"$1\"";
    char *argv[] = {"/bin/sh", "-c", script, program, work, NULL};
    const char *build_folder = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    if (knot->needs == NOT_STATIC && strstr(way, "-static"))
        return;
    ck_assert_ptr_nonnull(realpath(build_folder, build));
    snprintf(probe, sizeof probe, "%s/ipcgrade-probe.so", build);
    snprintf(program, sizeof program, "%s/program", place);
    snprintf(work, sizeof work, "%s/work", place);
    read_source(knot->file);
    compile(knot->file, way);
    struct rig rig = {.config = {.hooks = {.image = rig_counts, .preloads = rig_preloads},
                                 .probe_path = probe,
                                 .probe_file = probe,
                                 .wants_stacks = true,
                                 .stacks_kept = 1000}};
    rig_open(&rig);
    rig_execute(&rig, argv);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    explain(&rig, knot, way);
    end_all(&rig);
    remove_sets(&rig);
    rig_close(&rig);
    free(source_text);
}
END_TEST

static void make_place(void)
{
    ck_assert_ptr_nonnull(realpath("fixtures/knots", folder));
    ck_assert_ptr_nonnull(mkdtemp(place));
}

static void remove_place(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", place);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): our own directory
}

/* Every program there is a row. */
START_TEST(none_is_forgotten)
{
    DIR *programs = opendir("fixtures/knots");
    ck_assert_ptr_nonnull(programs);
    for (const struct dirent *entry; (entry = readdir(programs));) {
        bool is_known = entry->d_name[0] == '.';
        for (size_t i = 0; i < KNOTS; i++)
            is_known |= strcmp(knots[i].file, entry->d_name) == 0;
        ck_assert_msg(is_known, "fixtures/knots/%s has no row", entry->d_name);
    }
    closedir(programs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis: knots");
    TCase *tests = tcase_create("knots");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, make_place, remove_place);
    tcase_add_loop_test(tests, knots_are_explained, 0, (int)KNOTS * (int)WAYS);
    tcase_add_test(tests, none_is_forgotten);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
