/* What the handout tells editors holds for what is really printed: the regular expression of .vscode/tasks.json, and Vim's settings in both READMEs. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "commands/graded.h"

static char student[PATH_MAX];

/* Beside a program that waits for ever and one that does not compile lies one that is right: `ipcgrade: ...` and the line of the points name no file. */
static void hand_in(void)
{
    write_file("sub/Makefile", "all: p q\n%: %.c\n\t@cc -g -o $@ $<\n");
    write_file("sub/p.c", "#include <unistd.h>\nint main(void)\n{\n    return pause();\n}\n");
    write_file("sub/q.c", "int main(void)\n{\n    return no_such_name;\n}\n");
}

static const struct {
    const char *file;
    int line, column;
    const char *severity;
} places[] = {{"q.c", 3, 12, "error"}, {"p.c", 4, 0, "error"}};
enum { PLACES = sizeof places / sizeof *places };

/* ---- Visual Studio Code ---------------------------------------------------------------------------------------------------- */

static pcre2_code *compiled(const json_t *text)
{
    int error = 0;
    PCRE2_SIZE at = 0;
    ck_assert(json_is_string(text));
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)json_string_value(text), PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
    ck_assert_msg(code != NULL, "%s: error %d at %zu", json_string_value(text), error, at);
    return code;
}

/* What the group that the matcher names holds; "" where it did not take part. */
static void group(const char *line, pcre2_match_data *match, const json_t *pattern, const char *key,
                  char *text)
{
    PCRE2_SIZE len = 128;
    json_int_t number = json_integer_value(json_object_get(pattern, key));
    ck_assert_int_gt((int)number, 0);
    *text = '\0';
    if (pcre2_substring_copy_bynumber(match, (uint32_t)number, (PCRE2_UCHAR *)text, &len) != 0)
        ck_assert_msg(strcmp(key, "column") == 0, "%s: no %s", line, key);
}

static void assert_place(const char *line, pcre2_match_data *match, const json_t *pattern, size_t index)
{
    char file[128], number[128], column[128], severity[128];
    ck_assert_msg(index < PLACES, "one too many: %s", line);
    group(line, match, pattern, "file", file);
    group(line, match, pattern, "line", number);
    group(line, match, pattern, "column", column);
    group(line, match, pattern, "severity", severity);
    ck_assert_str_eq(file, places[index].file);
    ck_assert_int_eq(strtol(number, NULL, 10), places[index].line);
    ck_assert_int_eq(strtol(column, NULL, 10), places[index].column);
    ck_assert_str_eq(severity, places[index].severity);
}

static void assert_matched(const json_t *pattern, const char *lines)
{
    pcre2_code *code = compiled(json_object_get(pattern, "regexp"));
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    size_t count = 0;
    for (const char *line = lines; *line; line += strcspn(line, "\n") + 1)
        if (pcre2_match(code, (PCRE2_SPTR)line, strcspn(line, "\n"), 0, 0, match, NULL) > 0)
            assert_place(line, match, pattern, count++);
    ck_assert_uint_eq(count, PLACES);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
}

static json_t *tasks(void)
{
    cleanup_free char *path = NULL;
    json_error_t error;
    ck_assert_int_gt(asprintf(&path, "%s/.vscode/tasks.json", student), 0);
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s:%d: %s", path, error.line, error.text);
    return json;
}

START_TEST(visual_studio_code_finds_the_places)
{
    size_t i;
    const json_t *task;
    json_t *json = tasks();
    hand_in();
    ck_assert_int_eq(shell("cd sub && $p grade . --cases ../cases --only a/ends --only a/q --format gnu"), 1);
    cleanup_free char *lines = report();
    ck_assert_ptr_nonnull(strstr(lines, "\nipcgrade: "));
    json_array_foreach(json_object_get(json, "tasks"), i, task)
        assert_matched(json_object_get(json_object_get(task, "problemMatcher"), "pattern"), lines);
    ck_assert_uint_ge(i, 3);
    json_decref(json);
}
END_TEST

/* The lines by which a task in the background says where a run begins and ends. */
START_TEST(visual_studio_code_knows_when_a_watch_waits)
{
    size_t i;
    const json_t *task;
    json_t *json = tasks();
    static const char *const keys[] = {"beginsPattern", "endsPattern"};
    int matched = 0;
    ck_assert_int_eq(shell("mkfifo box; $p watch sub --cases cases --only a/ends --format gnu >box & "
                           "while read -r line; do echo \"$line\"; case $line in *waiting) kill $!; break;; "
                           "esac; done <box; wait"),
                     0);
    cleanup_free char *lines = report();
    json_array_foreach(json_object_get(json, "tasks"), i, task)
    {
        const json_t *background = json_object_get(json_object_get(task, "problemMatcher"), "background");
        for (int k = 0; background && k < 2; k++) {
            pcre2_code *code = compiled(json_object_get(background, keys[k]));
            pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
            for (const char *line = lines; *line; line += strcspn(line, "\n") + 1)
                matched += pcre2_match(code, (PCRE2_SPTR)line, strcspn(line, "\n"), 0, 0, match, NULL) > 0;
            pcre2_match_data_free(match);
            pcre2_code_free(code);
        }
    }
    ck_assert_int_eq(matched, 2);
    json_decref(json);
}
END_TEST

/* ---- Vim ------------------------------------------------------------------------------------------------------------------- */

static const char *const readmes[] = {"README.md", "README.ko.md"};

START_TEST(vim_jumps_to_the_places)
{
    cleanup_free char *command = NULL;
    if (system("command -v vim >/dev/null 2>&1") != 0)
        return;
    hand_in();
    ck_assert_int_gt(
        asprintf(
            &command,
            "sed -n 's/^      \\(set .*\\)/\\1/p' '%s/%s' >set.vim && "
            "test \"$(wc -l <set.vim)\" = 2 && cd sub && "
            "export CASES='--cases ../cases' IPCGRADE=$p && "
            "printf 'include Makefile\\n.PHONY: check\\ncheck:; $(IPCGRADE) grade . $(CASES) --only a/ends "
            "--only a/q $(ARGS)\\n' >GNUmakefile && "
            "vim -u NONE -i NONE -es -c 'source ../set.vim' -c 'make check' "
            "-c 'call writefile(map(getqflist(), {_, one -> join([bufname(one.bufnr), one.lnum, one.col, "
            "one.type])}), \"../list\")' -c 'qa!'; cat ../list",
            student, readmes[_i]),
        0);
    ck_assert_int_eq(shell("%s", command), 0);
    cleanup_free char *list = report();
    ck_assert_msg(strstr(list, "q.c 3 12 e\np.c 4 0 e\n") != NULL, "%s", list);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, visual_studio_code_finds_the_places);
    tcase_add_test(tests, visual_studio_code_knows_when_a_watch_waits);
    tcase_add_loop_test(tests, vim_jumps_to_the_places, 0, 2);
}

int main(void)
{
    if (!realpath("student", student))
        return 1;
    return run_graded("editors", add);
}
