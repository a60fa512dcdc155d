/* For the tests of faults in ourselves only: what a run's reports, words and status must be, whatever happened to it. After faulted.h's hold(). */
#ifndef IPCGRADE_COMMANDS_FAULTED_REPORT_H
#define IPCGRADE_COMMANDS_FAULTED_REPORT_H

#include <fnmatch.h>
#include <libxml/parser.h>

#include "commands/faulted.h"

enum { MOST_WORDS = 4, MOST_SKIPPED = 16 };

/* What a fault justifies. */
struct excuse {
    const char *words[MOST_WORDS + 1]; /* a run that breaks says one of them; none: anything */
    bool may_skip;                     /* it may look like something that this machine lacks */
    const char *skips_for;             /* ... if it names this as what is lacking; or NULL */
    bool may_leave;                    /* it is the taking away that fails */
    bool may_be_theirs;                /* it may look like something that whoever runs us may not read */
};

/* Cases that this machine skips while nothing happens to us. */
static char skipped_here[MOST_SKIPPED][64];

static inline bool is_skipped_here(const char *id)
{
    for (size_t i = 0; i < MOST_SKIPPED; i++)
        if (strcmp(skipped_here[i], id) == 0)
            return true;
    return false;
}

/* From the report of a run that nothing happened to. */
static inline void learn_machine(void)
{
    json_t *json = json_load_file("out.json", 0, NULL);
    const json_t *cases = json_object_get(json, "cases");
    size_t count = 0;
    ck_assert_uint_eq(json_array_size(cases), count_of_cases());
    memset(skipped_here, 0, sizeof skipped_here);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        ck_assert_str_ne(text_of(one, "verdict"), "broken");
        if (strcmp(text_of(one, "verdict"), "skipped") == 0 && count < MOST_SKIPPED)
            snprintf(skipped_here[count++], sizeof *skipped_here, "%s", text_of(one, "id"));
    }
    json_decref(json);
}

/* ---- cases ---------------------------------------------------------------------------------------------------------------------- */

static inline void look_at_case(const json_t *one, const struct excuse *excuse, const char *what)
{
    const char *verdict = text_of(one, "verdict"), *id = text_of(one, "id"), *reason = text_of(one, "reason");
    const char *wrong = strncmp(id, "c/good", 6) == 0 ? "failed" : "passed";
    bool is_passed = strcmp(verdict, "passed") == 0, is_skipped = strcmp(verdict, "skipped") == 0;
    hold(strcmp(verdict, wrong) != 0, "%s: %s is %s: %s", what, id, verdict, reason);
    bool may_skip = excuse->may_skip || (excuse->skips_for && strstr(reason, excuse->skips_for));
    hold(!is_skipped || may_skip || is_skipped_here(id), "%s: %s is skipped: %s", what, id, reason);
    hold((strcmp(verdict, "broken") != 0 && !is_skipped) || *reason, "%s: %s is %s and does not say why",
         what, id, verdict);
    hold((number_of(one, "score") > 0) == is_passed, "%s: %s is %s, and its score is %g", what, id, verdict,
         number_of(one, "score"));
}

/* Is one broken? What they say of it is added to `said`. */
static inline bool look_at_cases(const json_t *cases, const struct excuse *excuse, struct bytes *said,
                                 const char *what)
{
    bool is_broken = false;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        look_at_case(one, excuse, what);
        if (strcmp(text_of(one, "verdict"), "broken") != 0)
            continue;
        is_broken = true;
        bytes_print(said, "%s\n", text_of(one, "reason"));
    }
    return is_broken;
}

/* ---- formats -------------------------------------------------------------------------------------------------------------------- */

static inline bool is_whole_json(const char *path)
{
    json_t *json = json_load_file(path, 0, NULL);
    json_decref(json);
    return json != NULL;
}

static inline bool is_whole_xml(const char *path)
{
    xmlDoc *document =
        xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    xmlFreeDoc(document);
    return document != NULL;
}

static inline bool is_whole_page(const char *path)
{
    cleanup_free char *text = text_in(path);
    return fnmatch("*</html>*", text, 0) == 0;
}

static inline bool has_whole_lines(const char *path)
{
    cleanup_free char *text = text_in(path);
    size_t len = strlen(text);
    return len == 0 || text[len - 1] == '\n';
}

static const struct format_row {
    const char *name;
    bool (*is_whole)(const char *path);
} format_rows[] = {
    {"json", is_whole_json},  {"gradescope", is_whole_json},  {"sarif", is_whole_json},
    {"junit", is_whole_xml},  {"junit-strict", is_whole_xml}, {"html", is_whole_page},
    {"csv", has_whole_lines}, {"tap", has_whole_lines},       {"markdown", has_whole_lines},
    {"gnu", has_whole_lines}, {"classroom", has_whole_lines}, {"github-summary", has_whole_lines},
};

/* There is none, or it is whole. */
static inline void look_at_formats(const char *what)
{
    for (size_t i = 0; i < sizeof format_rows / sizeof *format_rows; i++) {
        char path[64];
        snprintf(path, sizeof path, "out.%s", format_rows[i].name);
        hold(access(path, F_OK) < 0 || format_rows[i].is_whole(path), "%s: half a report in %s", what, path);
    }
}

/* ---- what is left ------------------------------------------------------------------------------------------------------------------ */

/* The report was whole before it got a name; it may lie beside its place, if SIGKILL came between the two. */
static inline void look_beside(const char *what)
{
    for (size_t i = 0; i < sizeof format_rows / sizeof *format_rows; i++) {
        char pattern[64];
        glob_t found = {0};
        snprintf(pattern, sizeof pattern, ".out.%s.*.new", format_rows[i].name);
        glob(pattern, 0, NULL, &found);
        for (size_t j = 0; j < found.gl_pathc; j++) {
            hold(format_rows[i].is_whole(found.gl_pathv[j]), "%s: half a report in %s", what,
                 found.gl_pathv[j]);
            unlink(found.gl_pathv[j]);
        }
        globfree(&found);
    }
}

/* What is left is taken away, so that the next run is not blamed for it. `was_killed`: the runner was, by SIGKILL. */
static inline void look_what_is_left(const char *before, bool was_killed, bool may_be_left, const char *what)
{
    if (was_killed)
        look_beside(what);

    cleanup_free char *after = look_around();
    cleanup_bytes struct bytes lines = {0};
    if (strcmp(before, after) == 0)
        return;
    add_lines_alone(&lines, "+ ", after, before);
    add_lines_alone(&lines, "- ", before, after);
    hold(may_be_left, "%s: left behind, or taken away:%s", what, bytes_text(&lines));
    ck_assert_int_eq(system("rm -rf tmp/* .*.new*"), 0);
    if (is_apart) /* else it would be the machine's */
        ck_assert_int_eq(system("rm -rf /dev/shm/* /dev/mqueue/* /var/tmp/*; ipcrm --all"), 0);
}

/* ---- the run ---------------------------------------------------------------------------------------------------------------------- */

static inline bool says_one_of(const char *said, const char *const *words)
{
    bool says = !*words && *said;
    for (; *words && !says; words++)
        says = strstr(said, *words) != NULL;
    return says && !strstr(said, ": Success");
}

/* A run that has not ended was killed. What is broken or not to its end is status 3, and says why. */
static inline void look_at_report(int status, const struct excuse *excuse, const char *what)
{
    cleanup_bytes struct bytes said = {0};
    cleanup_free char *complained = text_in("err");
    json_t *json = json_load_file("out.json", 0, NULL);
    const json_t *cases = json_object_get(json, "cases");
    bool has_ended = WIFEXITED(status), is_three = has_ended && WEXITSTATUS(status) == 3;
    bool is_whole =
        json_array_size(cases) == count_of_cases() && json_is_false(json_object_get(json, "partial"));
    bytes_print(&said, "%s", complained);
    bool is_broken = look_at_cases(cases, excuse, &said, what);
    look_at_formats(what);
    bool is_theirs = excuse->may_be_theirs && has_ended && WEXITSTATUS(status) == 2 && !cases;
    json_decref(json);
    hold(!has_ended || is_three || is_theirs || (WEXITSTATUS(status) <= 1 && is_whole),
         "%s: ended with %#x and said: %.500s", what, (unsigned)status, bytes_text(&said));
    hold(!has_ended || is_three || !is_broken, "%s: something is broken, and the status is %d", what,
         WEXITSTATUS(status));
    hold((!is_three && !is_theirs) || says_one_of(bytes_text(&said), excuse->words),
         "%s: status %d, said without '%s': %.500s", what, WEXITSTATUS(status),
         excuse->words[0] ? excuse->words[0] : "", bytes_text(&said));
}

/* After whatever was: a run that nothing happens to judges all, as it always does. */
static inline void look_at_clean_report(int status, const char *what)
{
    static const struct excuse none = {.words = {NULL}};
    hold(status == 1 << 8, "%s: the next run ended with %#x", what, (unsigned)status);
    look_at_report(status, &none, what);
}

#endif
