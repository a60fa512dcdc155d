/* For the end-to-end tests of this room: a case as YAML text in the test is read by the loader, played by play_case() with real programs, and what comes of it is compared.
 *
 * The programs are those of fixtures/programs: `does`, whose arguments say what it does, `static`, the same without shared libraries, and `hostile`. Besides, `missing` was not handed in, `garbage` is an executable
 * file that no kernel can execute, `orphan` a script whose interpreter does not exist, `vast` asks for 3 GiB of memory, and `nowhere` for addresses that nobody has.
 */
#ifndef IPCGRADE_JUDGE_PLAYING_H
#define IPCGRADE_JUDGE_PLAYING_H

#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "cases/scenario.h"
#include "judge/failures.h"
#include "judge/play.h"
#include "result/result.h"
#include "sandbox/sandbox.h"

enum { PLAY_SECONDS = 120, MOST_TEXTS = 4 };

struct play_row {
    const char *title;
    const char *yaml; /* of the case, without title */
    enum verdict verdict;
    int step;                           /* of the last failure: 0-based, or AT_THE_END */
    const char *expected, *seen, *also; /* what the last failure's texts must contain; also: seen, too */
    const char *reason;                 /* what the reason must contain */
    int score;                    /* hundredths, when the case failed: of 1 point if it says nothing else */
    const char *note;             /* one of the notes contains it */
    bool is_limit;                /* the last failure is a safety limit's */
    const char *left[MOST_TEXTS]; /* names of all that is told to be left behind */
    const char *assignment;       /* added to assignment.yaml */
    unsigned unless;              /* LACKS_*: nothing is promised on a machine that lacks one of these */
    const char *
        broken_by; /* the reason on a machine without a second user, where all is an ordinary user's: broken there */
    unsigned queue_bytes; /* as in judge/play.h */
    bool has_neighbours;  /* the same */
    bool is_crowded;      /* it is to be played again, alone */
    bool is_taken_back;
    const char *hidden; /* a path of the machine that students must not read */
};

struct played {
    char directory[128];
    char build[512];
    struct suite *suite;
    struct case_result result;
};

static inline void playing_file(const struct played *played, const char *name, const char *text, size_t len,
                                mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", played->directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    ck_assert_msg(fd >= 0 && write(fd, text, len) == (ssize_t)len, "cannot write %s", path);
    close(fd);
}

static inline int playing_unlink(const char *path, const struct stat *about, int flag, struct FTW *where)
{
    (void)about, (void)flag, (void)where;
    return remove(path);
}

/* A program of no instruction that is to lie at `address` and be so large. */
static inline void playing_program(const struct played *played, const char *name, uint64_t address,
                                   uint64_t size)
{
    const struct {
        Elf64_Ehdr header;
        Elf64_Phdr part;
    } file = {.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_EXEC,
                         .e_machine = EM_X86_64,
                         .e_entry = address,
                         .e_phoff = sizeof file.header,
                         .e_ehsize = sizeof file.header,
                         .e_phentsize = sizeof file.part,
                         .e_phnum = 1},
              .part = {.p_type = PT_LOAD,
                       .p_flags = PF_R | PF_W | PF_X,
                       .p_vaddr = address,
                       .p_filesz = sizeof file,
                       .p_memsz = size,
                       .p_align = 4096}};
    playing_file(played, name, (const char *)&file, sizeof file, 0700);
}

/* The suite of one case, "t/play". */
static inline void playing_load(struct played *played, const struct play_row *row)
{
    static const char programs[] = "assignment: plays\nprograms: {does: {}, hostile: {}, static: {}, "
                                   "missing: {}, garbage: {}, orphan: {}, vast: {}, nowhere: {}}\n";
    cleanup_bytes struct bytes text = {0}, common = {0};
    struct complaints complaints = {0};
    char path[256];
    snprintf(played->directory, sizeof played->directory, "%s/ipcgrade-play-XXXXXX",
             getenv("IPCGRADE_PLAYING") ? getenv("IPCGRADE_PLAYING") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(played->directory));
    snprintf(path, sizeof path, "%s/t", played->directory);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    bytes_print(&text, "title: \"%s\"\n%s", row->title, row->yaml);
    bytes_print(&common, "%s%s", programs, row->assignment ? row->assignment : "");
    playing_file(played, "assignment.yaml", common.data, common.len, 0600);
    playing_file(played, "t/play.yaml", text.data, text.len, 0600);
    bool is_loaded = suite_load(&played->suite, played->directory, &complaints);
    for (size_t i = 0; !is_loaded && i < complaints.count; i++)
        fprintf(stderr, "%s: %s:%d: %s\n", row->title, complaints.items[i].at.file,
                complaints.items[i].at.line, complaints.items[i].text);
    ck_assert_msg(is_loaded, "%s cannot be read", row->title);
    complaints_free(&complaints);
    playing_file(played, "garbage",
                 "\x7f"
                 "ELF?",
                 5, 0700);
    playing_file(played, "orphan", "#!/no/such/interpreter\n", 23, 0700);
    playing_program(played, "vast", 0x400000, 3ULL << 30);
    playing_program(played, "nowhere", 1ULL << 47, 4096);
}

static inline void playing_pin(void)
{
    cpu_set_t allowed, one;
    int cpu = 0;
    sched_getaffinity(0, sizeof allowed, &allowed);
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* Play the row's case. What was built lies where the runner of tests says. */
static inline void play_row(struct played *played, const struct play_row *row)
{
    enum { PROGRAMS = 8 };
    static const char *const names[PROGRAMS] = {"does",    "hostile", "static", "missing",
                                                "garbage", "orphan",  "vast",   "nowhere"};
    const char *build = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    char paths[PROGRAMS][600], agent[600], root[600] = "";
    struct play_program programs[PROGRAMS];
    *played = (struct played){0};
    ck_assert_ptr_nonnull(realpath(build, played->build));
    playing_load(played, row);
    playing_pin();
    signal(SIGPIPE,
           SIG_IGN); /* as in the workers that play: a program that has gone is seen by the failing write */
    for (int i = 0; i < PROGRAMS; i++) {
        if (i < 3)
            snprintf(paths[i], sizeof paths[i], "%s/fixtures/programs/%s", played->build, names[i]);
        else
            snprintf(paths[i], sizeof paths[i], "%s/%s", played->directory, names[i]);
        programs[i] = (struct play_program){names[i], i == 3 ? NULL : paths[i]};
    }
    snprintf(agent, sizeof agent, "%s/ipcgrade-agent", played->build);
    ck_assert_ptr_nonnull(realpath("fixtures/programs", root));
    const char *const hidden[] = {played->directory, row->hidden, NULL};
    const struct play_request request = {
        .suite = played->suite,
        .scenario = suite_find(played->suite, "t/play"),
        .programs = programs,
        .program_count = PROGRAMS,
        .agent_path = agent,
        .source_root = root,
        .hidden = hidden,
        .seed = 11,
        .queue_bytes = row->queue_bytes,
        .has_neighbours = row->has_neighbours,
    };
    play_case(&request, &played->result);
    nftw(played->directory, playing_unlink, 8, FTW_DEPTH | FTW_PHYS);
    errno = 0;
    ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD,
                  "the play left a child of the runner behind");
}

static inline void played_free(struct played *played)
{
    case_result_free(&played->result);
    suite_free(played->suite);
}

/* Everything that was told, for the message of a failed test. */
static inline char *played_text(const struct played *played)
{
    const struct case_result *result = &played->result;
    struct bytes text = {0};
    bytes_print(&text, "%s, %d of %d, reason: %s", verdict_word(result->verdict), result->score,
                result->max_score, result->reason ? result->reason : "-");
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct failure *failure = &result->failures[i];
        bytes_print(&text, "\n  step %d (%s), cost %d%s\n    cause: %s\n    expected: %s\n    seen: %s",
                    failure->step, failure->step_text ? failure->step_text : "", failure->cost,
                    failure->is_limit ? ", a safety limit" : "", failure->cause ? failure->cause : "-",
                    failure->expected, failure->seen);
    }
    for (size_t i = 0; i < result->note_count; i++)
        bytes_print(&text, "\n  note: %s", result->notes[i]);
    for (size_t i = 0; i < result->left_count; i++)
        bytes_print(&text, "\n  left: %s %s (%s) by %s", result->left[i].kind, result->left[i].name,
                    result->left[i].about, result->left[i].made_by ? result->left[i].made_by : "-");
    return text.data;
}

static inline bool playing_has(const char *text, const char *wanted)
{
    return !wanted || (text && strstr(text, wanted));
}

static inline bool playing_notes(const struct case_result *result, const char *wanted)
{
    bool found = !wanted;
    for (size_t i = 0; i < result->note_count; i++)
        found |= playing_has(result->notes[i], wanted);
    return found;
}

static inline bool playing_left(const struct case_result *result, const struct play_row *row)
{
    size_t count = 0;
    while (count < MOST_TEXTS && row->left[count])
        count++;
    bool holds = count == result->left_count;
    for (size_t i = 0; holds && i < count; i++)
        holds = strcmp(result->left[i].name, row->left[i]) == 0;
    return holds;
}

static inline unsigned playing_lacks(void)
{
    struct sandbox *sandbox;
    const struct sandbox_config config = {.wants_other_user = true};
    struct err err = {0};
    ck_assert_msg(sandbox_open(&sandbox, &config, &err), "%s", err.text);
    unsigned lacks = sandbox_lacks(sandbox);
    sandbox_close(sandbox);
    return lacks;
}

static inline void check_row(const struct play_row *row)
{
    struct played played;
    if (row->unless && (playing_lacks() & row->unless)) {
        printf("skipped on this machine: %s\n", row->title);
        return;
    }
    play_row(&played, row);
    const struct case_result *result = &played.result;
    if (row->broken_by && (playing_lacks() & LACKS_OTHER_USER)) {
        ck_assert_msg(result->verdict == BROKEN && playing_has(result->reason, row->broken_by),
                      "%s: wanted broken, %s: %s, %s", row->title, row->broken_by,
                      verdict_word(result->verdict), result->reason ? result->reason : "no reason");
        played_free(&played);
        return;
    }
    if (result->verdict == SKIPPED &&
        playing_lacks()) { /* where the machine has everything no case is skipped */
        printf("skipped on this machine: %s: %s\n", row->title, result->reason ? result->reason : "");
        played_free(&played);
        return;
    }
    const struct failure *last =
        result->failure_count > 0 ? &result->failures[result->failure_count - 1] : NULL;
    cleanup_free char *told = played_text(&played);
    ck_assert_msg(result->verdict == row->verdict, "%s: wanted %s: %s", row->title,
                  verdict_word(row->verdict), told);
    ck_assert_msg(result->score == (row->verdict == PASSED ? result->max_score : row->score), "%s: score: %s",
                  row->title, told);
    ck_assert_msg((row->verdict == FAILED) == (last != NULL), "%s: failures: %s", row->title, told);
    ck_assert_msg(playing_has(result->reason, row->reason) && playing_notes(result, row->note) &&
                      playing_left(result, row),
                  "%s: reason, notes, left: %s", row->title, told);
    ck_assert_msg(result->is_crowded == row->is_crowded && result->is_taken_back == row->is_taken_back,
                  "%s: crowded %d, taken back %d", row->title, result->is_crowded, result->is_taken_back);
    if (last)
        ck_assert_msg(last->step == row->step && last->is_limit == row->is_limit &&
                          playing_has(last->expected, row->expected) && playing_has(last->seen, row->seen) &&
                          playing_has(last->seen, row->also),
                      "%s: step, expected, seen: %s", row->title, told);
    played_free(&played);
}

/* A program of tests that are nothing but rows; each is played in a process of its own. */
#define PLAY_ROWS(rows)                                                                                      \
    START_TEST(test_##rows)                                                                                  \
    {                                                                                                        \
        check_row(&(rows)[_i]);                                                                              \
    }                                                                                                        \
    END_TEST

static inline void add_rows(Suite *suite, const char *name, const TTest *test, size_t count)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, PLAY_SECONDS);
    tcase_add_loop_test(tests, test, 0, (int)count);
    suite_add_tcase(suite, tests);
}

#define ADD_ROWS(suite, rows) add_rows(suite, #rows, test_##rows, sizeof(rows) / sizeof *(rows))

#endif
