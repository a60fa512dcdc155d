/* What a submission can reach where a kit grades it. Its Makefile and its program look for a secret word: in the cases, a solution, earlier results, what the platform tells of
 * the submission, the environment and the memory of others. They must find none, also where there are no namespaces and only users and modes are left. Whoever is not root
 * has no other user to hide from there.
 */
#include "commands/kitted.h"

/* Says "nothing", or where it has seen the word (which is made up here, since a program must not find itself). */
static const char spy[] =
    "#define _GNU_SOURCE\n"
    "#include <dirent.h>\n"
    "#include <ftw.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "#include <unistd.h>\n"
    "static const char word[] = {'S', 'E', 'C', 'R', 'E', 'T', 0};\n"
    "static char text[1 << 20];\n"
    "static int look(const char *path)\n"
    "{\n"
    "    FILE *file = fopen(path, \"r\");\n"
    "    size_t len = file ? fread(text, 1, sizeof text, file) : 0;\n"
    "    if (file) fclose(file);\n"
    "    return memmem(text, len, word, strlen(word)) != NULL;\n"
    "}\n"
    "static int at(const char *path, const struct stat *status, int kind, struct FTW *where)\n"
    "{\n"
    "    (void)where;\n"
    "    if (kind == FTW_F && S_ISREG(status->st_mode) && look(path))\n"
    "        return printf(\"seen\\n\"), fflush(stdout), exit(0), 0;\n"
    "    return 0;\n"
    "}\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    char path[4096];\n"
    "    nftw(argc > 1 ? argv[1] : TOP, at, 20, FTW_PHYS);\n"
    "    for (char **one = environ; *one; one++)\n"
    "        if (strstr(*one, word)) { printf(\"seen\\n\"); return 0; }\n"
    "    DIR *processes = opendir(\"/proc\");\n"
    "    for (const struct dirent *one; processes && (one = readdir(processes));) {\n"
    "        const char *const parts[] = {\"environ\", \"cmdline\", \"root\" TOP \"/source/solution.c\"};\n"
    "        for (int i = 0; one->d_name[0] <= '9' && i < 3; i++) {\n"
    "            snprintf(path, sizeof path, \"/proc/%s/%s\", one->d_name, parts[i]);\n"
    "            if (look(path)) { printf(\"seen\\n\"); return 0; }\n"
    "        }\n"
    "    }\n"
    "    printf(\"nothing\\n\");\n"
    "    return 0;\n"
    "}\n";

/* What it may look through on purpose lies in open/: so the spy is known to find what can be found. */
static void lay_out(void)
{
    char text[PATH_MAX * 2 + 512];
    fake_make();
    snprintf(text, sizeof text,
             "title: It sees\nsteps:\n  - start: {p: [p, %s/open]}\n  - expect: {p: {stdout: \"seen\\n\"}}\n",
             folder);
    write_file("cases/a/open.yaml", text);
    write_file(
        "cases/a/closed.yaml",
        "title: It does not see\nsteps:\n  - start: {p: [p]}\n  - expect: {p: {stdout: \"nothing\\n\"}}\n");
    write_file("cases/a/secret.yaml",
               "# SECRET\ntitle: SECRET\nvisibility: hidden\nsteps:\n  - start: {p: [p]}\n");
    ck_assert_int_eq(
        shell(
            "mkdir -p open auto/results auto/source && echo SECRET >open/x && "
            "$p kit gradescope kit --cases cases --only a/open --only a/closed --only a/secret && cd auto && "
            "unzip -q ../kit/autograder.zip -d source && cp source/run_autograder . && bash source/setup.sh "
            "&& "
            "cp ../open/x source/solution.c && cp ../open/x submission_metadata.json && "
            "cp ../open/x results/earlier.json && mkdir submission"),
        0);
    write_file("auto/submission/p.c", spy);
    snprintf(
        text, sizeof text,
        "p: p.c\n\tcc -g -DTOP='\"%s/auto\"' -o p p.c\n"
        "\t@grep -rs SECRE[T] '%s/auto' /proc/[0-9]*/environ /proc/[0-9]*/cmdline && echo it has seen; true\n"
        "\t@env | grep SECRE[T] && echo it has seen; true\n",
        folder, folder);
    write_file("auto/submission/Makefile", text);
}

static const struct {
    const char *without;
    bool is_open; /* the case sees the machine's files, as far as modes let it */
} modes[] = {{"", false}, {"user", false}, {"mount,proc,devpts,mqueue", true}, {ALL_NAMESPACES, true}};

START_TEST(nothing_is_seen)
{
    json_error_t error;
    if (geteuid() != 0 && modes[_i].without[0]) { /* without a user namespace he has no other, either */
        test_skipped("nothing_is_seen", "root");
        return;
    }
    setenv("TOKEN", "SECRET", 1); /* not on a command line: those can be seen without namespaces */
    ck_assert_int_eq(shell("cd auto && IPCGRADE_WITHOUT=%s ./run_autograder", modes[_i].without), 0);
    assert_not_said("SECRET");
    ck_assert_int_eq(shell("cat auto/results/results.json"), 0);
    assert_not_said("SECRET");
    assert_not_said("it has seen");
    json_t *json = json_load_file("auto/results/results.json", 0, &error);
    ck_assert_msg(json != NULL, "%s", error.text);
    const json_t *tests = json_object_get(json, "tests");
    ck_assert_uint_eq(json_array_size(tests), 3);
    ck_assert_str_eq(text_of(json_array_get(tests, 0), "name"), "a/closed: It does not see");
    ck_assert_msg(strcmp(text_of(json_array_get(tests, 0), "status"), "passed") == 0, "%s",
                  text_of(json_array_get(tests, 0), "output"));
    ck_assert_str_eq(text_of(json_array_get(tests, 1), "name"), "a/open: It sees");
    ck_assert_str_eq(text_of(json_array_get(tests, 1), "status"), modes[_i].is_open ? "passed" : "failed");
    json_decref(json);
}
END_TEST

static void add(TCase *tests)
{
    tcase_set_timeout(tests, 600);
    tcase_add_checked_fixture(tests, lay_out, NULL);
    tcase_add_loop_test(tests, nothing_is_seen, 0, (int)(sizeof modes / sizeof *modes));
}

int main(void)
{
    return run_graded("kit's walls", add);
}
