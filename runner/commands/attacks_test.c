/* The attacks: hostile programs, Makefiles and files under the real `ipcgrade grade`, as root and as whoever runs the test.
 *
 * What an attack tries and what must come of it stands at its head (attacks.h). Of all of them must hold: the run ends by itself; the attacker's case has the fair verdict; the
 * honest program beside it, in the same run and on the same processor, keeps its marks; no planted word (in a case, another submission, our environment) and no line of
 * /etc/shadow comes into a report, nor an order to whoever shows it; and what was there before is there after, and nothing else: no process, no object, no mount, no file.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/run_test.h"
#include "commands/attack_home.h"
#include "commands/attack_rows.h"
#include "commands/attack_run.h"
#include "commands/attack_texts.h"
#include "commands/attacked.h"
#include "judge/side_by_side.h"

/* SECONDS is the test's own safety net, for a run that never ends. */
enum { SECONDS = 2400, MOST_TEXT = 1 << 24, MOST_TREES = 16 };

static const char folder[] = "fixtures/attacks";
static struct attack attacks[ATTACKS_MOST];
static size_t attack_count;
static struct side_by_side the_runs;
static char sources[PATH_MAX], tool[PATH_MAX];

/* ---- what is there ------------------------------------------------------------------------------------------------------------ */

static struct bytes *walked;

static int note_file(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    char part[4096];
    (void)where;
    bytes_print(walked, "%s %o %u %ld %ld ", path, status->st_mode, status->st_uid,
                kind == FTW_F ? (long)status->st_size : 0, kind == FTW_F ? (long)status->st_mtim.tv_nsec : 0);
    cleanup_fd int fd =
        kind == FTW_F && S_ISREG(status->st_mode) ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t len = fd >= 0 ? read(fd, part, sizeof part) : 0;
    if (len > 0)
        bytes_add(walked, part, (size_t)len, MOST_TEXT);
    bytes_print(walked, "\n");
    return 0;
}

static bool read_all(const char *path, struct bytes *to)
{
    char chunk[4096];
    cleanup_file FILE *file = fopen(path, "re");
    for (size_t got; file && (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        bytes_add(to, chunk, got, MOST_TEXT);
    return file;
}

/* The submissions, the cases, where temporary files lie; and the objects of the machine, where nobody else makes any. */
static void look_around(struct bytes *to, bool is_apart)
{
    static const char *const trees[] = {"cases", "sub", "other", "tmp"};
    static const char *const shared[] = {"/dev/shm", "/dev/mqueue", "/tmp"};
    static const char *const tables[] = {"/proc/sysvipc/msg", "/proc/sysvipc/sem", "/proc/sysvipc/shm",
                                         "/proc/self/mountinfo"};
    walked = to;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        nftw(trees[i], note_file, MOST_TREES, FTW_PHYS);
    for (size_t i = 0; is_apart && i < sizeof shared / sizeof *shared; i++)
        nftw(shared[i], note_file, MOST_TREES, FTW_PHYS);
    for (size_t i = 0; is_apart && i < sizeof tables / sizeof *tables; i++)
        read_all(tables[i], to);
}

/* What a login gives, though whoever runs this may have more. */
static void take_usual_files(void)
{
    enum { USUAL = 1024 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > USUAL) {
        limit.rlim_cur = USUAL;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* ---- the run ------------------------------------------------------------------------------------------------------------------ */

static void become_grade(const void *context)
{
    const struct scene *scene = context;
    char *argv[] = {
        tool,       "grade",         "sub",      "--cases",           "cases",    "--jobs",         "2",
        "--format", "json:out.json", "--format", "terminal:out.text", "--format", "github:out.git", NULL};
    setenv("LANGUAGE", "en", 1);
    setenv("TMPDIR", "tmp", 1);
    if (!freopen("out.said", "we", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        _exit(127);
    take_usual_files();
    scene->mode->make();
    plant_around(scene);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of the user would take it back */
    execv(argv[0], argv);
    _exit(127);
}

/* ---- what must hold ------------------------------------------------------------------------------------------------------------ */

/* Words at the beginning of a line that a build service would obey, and what a terminal would. */
static void check_orders(const char *report, const char *text, struct bytes *wrong)
{
    static const char *const orders[] = {"::error::FORGED", "::error file=x",          "::warning::FORGED",
                                         "::set-output",    "::stop-commands::FORGED", "##[error]FORGED"};
    if (strchr(text, '\033'))
        bytes_print(wrong, "\n  %s holds an escape character", report);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        for (const char *at = text; (at = strstr(at, orders[i])); at++)
            if (at == text || at[-1] == '\n' || at[-1] == '\r')
                bytes_print(wrong, "\n  %s holds the order %s", report, orders[i]);
}

static void check_reports(const struct scene *scene, struct bytes *wrong)
{
    static const char *const reports[] = {"out.json", "out.text", "out.git", "out.said"};
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        cleanup_bytes struct bytes text = {0};
        read_all(reports[i], &text);
        if (strstr(bytes_text(&text), scene->word))
            bytes_print(wrong, "\n  %s holds a word that was hidden", reports[i]);
        if (scene->shadow[0] && strstr(bytes_text(&text), scene->shadow))
            bytes_print(wrong, "\n  %s holds a line of /etc/shadow", reports[i]);
        check_orders(reports[i], bytes_text(&text), wrong);
    }
}

/* What is wrong with the attacker's case, and what with all else. */
struct wrongs {
    struct bytes own, common;
};

static void tell_case(const json_t *one, const char *wanted, struct bytes *wrong)
{
    cleanup_free char *text = json_dumps(one, JSON_ENCODE_ANY);
    bytes_print(wrong, "\n  %s: %s, not %s: %.1500s", text_of(one, "id"), text_of(one, "verdict"), wanted,
                text ? text : "");
}

static void check_honest(const struct scene *scene, const json_t *one, struct bytes *wrong)
{
    const char *verdict = text_of(one, "verdict");
    const char *wanted = scene->letter == NOTHING_JUDGED ? "skipped" : "passed";
    bool may_be_lost =
        *scene->attack->honest || scene->letter == NOT_PROMISED_TO_ANYBODY || scene->letter == IN_THE_WAY;
    bool is_lost = strcmp(verdict, "failed") == 0;
    if (strcmp(verdict, wanted) != 0 && !(may_be_lost && is_lost))
        tell_case(one, wanted, wrong);
}

/* Who breaks his own case loses no point, and is told why. What does not build has failed wherever it is not built. */
static void check_attacker(const struct scene *scene, const json_t *json, const json_t *one,
                           struct wrongs *wrongs)
{
    const char *verdict = text_of(one, "verdict"), *wanted = scene->attack->verdict;
    if (strstr(text_of(one, "reason"), "gave no verdict within"))
        bytes_print(&wrongs->common, "\n  its worker had to be stopped: %s", text_of(one, "reason"));
    if (scene->letter == NOTHING_JUDGED) {
        if (strcmp(verdict, "skipped") != 0 && strcmp(verdict, wanted) != 0)
            tell_case(one, "skipped", &wrongs->common);
        return;
    }
    if (scene->letter == BREAKS_ITSELF) {
        if (strcmp(verdict, "broken") != 0 || !*text_of(one, "reason"))
            tell_case(one, "broken", &wrongs->common);
        return;
    }
    if (strcmp(verdict, wanted) != 0)
        tell_case(one, wanted, &wrongs->own);
    check_texts(scene->attack, one, json_object_get(json, "build"), &wrongs->own);
}

static void check_case(const struct scene *scene, const json_t *json, const json_t *one,
                       struct wrongs *wrongs)
{
    if (strncmp(text_of(one, "id"), "honest/", sizeof "honest/" - 1) == 0)
        check_honest(scene, one, &wrongs->common);
    else
        check_attacker(scene, json, one, wrongs);
}

/* Where namespaces do not keep a submission from the machine, the report says so, also when all could be judged. */
static void check_notes(const struct scene *scene, const json_t *json, struct bytes *wrong)
{
    size_t notes = json_array_size(json_object_get(json, "machine_notes"));
    bool is_all_judged = json_number_value(json_object_get(json, "unjudged")) == 0;
    if (scene->mode->is_open ? notes == 0 : is_all_judged && notes > 0)
        bytes_print(wrong, "\n  the report has %zu notes on this machine", notes);
}

static void check_result(const struct scene *scene, const struct attack_outcome *outcome,
                         struct wrongs *wrongs)
{
    json_error_t error;
    json_t *json = json_load_file("out.json", 0, &error);
    const json_t *cases = json_object_get(json, "cases");
    if (json_array_size(cases) != 1 + (size_t)attack_neighbours(scene->attack)) {
        cleanup_bytes struct bytes said = {0};
        read_all("out.said", &said);
        bytes_print(&wrongs->common, "\n  status %d, and not all was judged: %s", outcome->status,
                    bytes_text(&said));
    }
    check_end(outcome, json, &wrongs->common);
    check_notes(scene, json, &wrongs->common);
    for (size_t i = 0; i < json_array_size(cases); i++)
        check_case(scene, json, json_array_get(cases, i), wrongs);
    json_decref(json);
}

/* The time lost is bounded: by processor time, which a busy machine does not change much. All that the run started has been waited for. */
static void check_cost(const struct attack *attack, struct bytes *wrong)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    if (getenv("COSTS"))
        fprintf(stderr, "%s costs %ld s\n", attack->file, seconds);
    if (seconds > strtol(attack->costs, NULL, 10))
        bytes_print(wrong, "\n  it took %ld s of processor time, not at most %s", seconds, attack->costs);
}

/* The first line that is not as it was. */
static void check_left(const char *before, const char *after, struct bytes *wrong)
{
    size_t at = 0, line = 0;
    for (; before[at] && before[at] == after[at]; at++)
        if (before[at] == '\n')
            line = at + 1;
    if (before[at] != after[at])
        bytes_print(wrong, "\n  what is there has changed: \"%.200s\", before: \"%.200s\"", after + line,
                    before + line);
}

/* ---- all of them, on all machines ---------------------------------------------------------------------------------------------- */

static struct {
    size_t attack, mode;
    enum attack_letter letter;
} plays_of[ATTACKS_MOST * ATTACK_MODES];

static void play_in(struct scene *scene, struct wrongs *wrongs)
{
    cleanup_bytes struct bytes before = {0}, after = {0};
    struct attack_home home;
    bool is_apart = stand_apart();
    if (!home_opens(&home) || !set_up(scene, is_apart)) {
        bytes_print(&wrongs->common, "it could not be laid out in %s", scene->place);
        return;
    }
    look_around(&before, is_apart);
    struct attack_outcome outcome = attack_run(become_grade, scene);
    look_around(&after, is_apart);
    check_cost(scene->attack, &wrongs->common);
    check_result(scene, &outcome, wrongs);
    bytes_free(&outcome.left);
    check_home(&home, &wrongs->own);
    check_room(scene->attack, &wrongs->own);
    if (scene->letter != OPEN && scene->letter != IN_THE_WAY) {
        check_reports(scene, &wrongs->common);
        check_left(bytes_text(&before), bytes_text(&after), &wrongs->common);
    }
    if (chdir("/") != 0 || (is_apart && !shell("umount '%s/tmp'", scene->place)) ||
        (!getenv("KEEP") && !shell("rm -rf '%s'", scene->place)))
        bytes_print(&wrongs->common, "\n  %s is left", scene->place);
}

static void play(size_t number, struct bytes *wrong)
{
    struct wrongs wrongs = {0};
    struct scene scene = {.attack = &attacks[plays_of[number].attack],
                          .mode = &attack_modes[plays_of[number].mode],
                          .sources = sources,
                          .tool = tool,
                          .letter = plays_of[number].letter};
    if (scene.attack->complaint) {
        bytes_print(wrong, "%s", scene.attack->complaint);
        return;
    }
    play_in(&scene, &wrongs);
    bool is_held = !*bytes_text(&wrongs.own);
    bytes_print(wrong, "%s", bytes_text(&wrongs.common));
    if (scene.letter == HELD)
        bytes_print(wrong, "%s", bytes_text(&wrongs.own));
    else if (scene.letter == NOT_PROMISED && is_held)
        bytes_print(wrong, "\n  it is held, and the table says that it is not");
    bytes_free(&wrongs.common);
    bytes_free(&wrongs.own);
}

START_TEST(an_attack_comes_to_what_its_head_says)
{
    const char *wrong = side_wrong(&the_runs, (size_t)_i);
    ck_assert_msg(!*wrong, "%s/%s, %s: %.3500s", folder, attacks[plays_of[_i].attack].file,
                  attack_modes[plays_of[_i].mode].name, wrong);
}
END_TEST

/* `make attacks` plays all; `make check` root's, and on the other machines what does not hold there and every sixteenth of the rest. IPCGRADE_MODES names machines to play all on. */
static bool is_chosen(size_t attack, size_t mode, enum attack_letter letter)
{
    enum { SAMPLE = 16 };
    const char *asked = getenv("IPCGRADE_MODES");
    if (letter == NOT_TRIED || letter == WOULD_HARM)
        return false;
    if (!asked || !*asked)
        return mode == (geteuid() == 0 ? 0 : ATTACK_USER) || letter == BREAKS_ITSELF || letter == OPEN ||
               letter == IN_THE_WAY || letter == NOT_PROMISED || (attack + mode) % SAMPLE == 0;
    return strcmp(asked, "all") == 0 || strstr(asked, attack_modes[mode].name);
}

/* Machine by machine, as far as they can be made: an ordinary user has his own. */
static size_t choose(void)
{
    bool is_root = geteuid() == 0;
    size_t count = 0, first = is_root ? 0 : ATTACK_USER, end = is_root ? ATTACK_MODES : ATTACK_USER + 1;
    for (size_t mode = first; mode < end; mode++)
        for (size_t i = 0; i < attack_count; i++) {
            enum attack_letter letter = attack_letter(attacks[i].file, mode);
            if (!is_chosen(i, mode, letter))
                continue;
            plays_of[count].attack = i;
            plays_of[count].mode = mode;
            plays_of[count++].letter = letter;
        }
    return count;
}

START_TEST(every_attack_has_a_row_and_every_row_an_attack)
{
    for (size_t i = 0; i < attack_count; i++)
        ck_assert_msg(attack_row(attacks[i].file) != NULL, "attack_rows.h has no %s", attacks[i].file);
    for (size_t i = 0; i < sizeof attack_rows / sizeof *attack_rows; i++) {
        char path[2][PATH_MAX + 128];
        snprintf(path[0], sizeof path[0], "%s/%.80s.c", sources, attack_rows[i].name);
        snprintf(path[1], sizeof path[1], "%s/%.80s.sh", sources, attack_rows[i].name);
        ck_assert_msg(access(path[0], R_OK) == 0 || access(path[1], R_OK) == 0, "there is no attack %s",
                      attack_rows[i].name);
        ck_assert_uint_eq(strlen(attack_rows[i].letters), ATTACK_MODES);
    }
}
END_TEST

int main(void)
{
    static char place[] = "/var/tmp/ipcgrade-attacks-XXXXXX";
    places_guard(); /* the copy goes with us */
    if (!attacks_carry(place, folder, tool, sources)) {
        perror("attacks: build/ipcgrade, fixtures/attacks");
        return 1;
    }
    attack_count = attacks_find(attacks, folder);
    size_t count = choose();
    side_by_side(&the_runs, count, SECONDS, play);
    Suite *suite = suite_create("attacks");
    TCase *tests = tcase_create("attacks");
    tcase_add_test(tests, every_attack_has_a_row_and_every_row_an_attack);
    tcase_add_loop_test(tests, an_attack_comes_to_what_its_head_says, 0, (int)count);
    suite_add_tcase(suite, tests);
    int status = run_suite(suite);
    printf("attacks: %zu, with machines: %zu\n", attack_count, count);
    return status;
}
