/* Names of a student's choosing in what `ipcgrade trace` prints: no byte of them moves the cursor of whoever looks on, and none begins a line of its own. */
#include "commands/traced.h"

#define EVIL "\\033[2J\\nFORGED\\r\\t\\233\\177<b>"

static const char program[] =
    "#include <fcntl.h>\n#include <semaphore.h>\n#include <stdlib.h>\n#include <sys/prctl.h>\n#include "
    "<sys/socket.h>\n"
    "#include <sys/stat.h>\n#include <sys/un.h>\n#include <unistd.h>\n"
    "int main(int argc, char **argv)\n{\n"
    "    struct sockaddr_un name = {AF_UNIX, \"socket" EVIL "\"};\n"
    "    int fd;\n"
    "#line 7 \"file" EVIL ".c\"\n"
    "    prctl(PR_SET_NAME, \"c" EVIL "\");\n"
    "    if (argc == 1)\n        return execl(argv[0], argv[0], \"argument" EVIL "\", (char *)0);\n"
    "    bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name);\n"
    "    connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name);\n"
    "    sem_unlink(\"/sem" EVIL "\");\n"
    "    sem_post(sem_open(\"/sem" EVIL "\", O_CREAT, 0600, 0));\n"
    "    mkfifo(\"fifo" EVIL "\", 0600);\n"
    "    fd = open(\"fifo" EVIL "\", O_RDWR);\n"
    "    return open(\"missing" EVIL "\", O_RDONLY) < 0 && fd < 0;\n}\n";

static void compile(void)
{
    FILE *file = fopen("program.c", "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(program, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    // NOLINTNEXTLINE(cert-env33-c): the compiler
    ck_assert_int_eq(system("cc -g -w -pthread -o \"$(printf 'pro" EVIL "')\" program.c"), 0);
}

static void check_bytes(const struct bytes *text)
{
    ck_assert_uint_gt(text->len, 0);
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        ck_assert_msg(c == '\n' || (c >= 0x20 && c != 0x7f && c != 0x9b), "byte %#x in: %.300s", c,
                      bytes_text(text));
    }
    ck_assert_msg(!strstr(bytes_text(text), "\nFORGED"), "a line of the program's own: %.300s",
                  bytes_text(text));
}

START_TEST(names_are_harmless)
{
    static char *const formats[] = {"text", "json"};
    const char *const parts[] = {"pro?[2J?FORGED", "file?[2J?FORGED", NULL};
    compile();
    struct outcome outcome = TRACE("--format", formats[_i], "--", "sh", "-c", "exec ./pro*");
    check_bytes(&outcome.out);
    for (int i = 0; parts[i]; i++)
        says(&outcome.out, parts[i]);
    bytes_free(&outcome.out);
    // NOLINTNEXTLINE(cert-env33-c): what the program has left
    ck_assert_int_eq(system("rm -f \"$(printf '/dev/shm/sem.sem" EVIL "')\""), 0);
}
END_TEST

static bool is_control(const unsigned char *c)
{
    return (*c < 0x20 && *c != '\n') || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

/* Nor does any of them become markup of the page, or a character that is none. */
START_TEST(names_are_harmless_on_the_page)
{
    compile();
    struct outcome outcome = TRACE("--format", "html", "--", "sh", "-c", "exec ./pro*");
    const char *page = strstr(bytes_text(&outcome.out), "<!DOCTYPE"); /* behind the log */
    ck_assert_ptr_nonnull(page);
    for (const char *c = page; *c; c++)
        ck_assert_msg(!is_control((const unsigned char *)c), "byte %#x in: %.100s", (unsigned char)*c, c);
    says(&outcome.out, "FORGED");
    says(&outcome.out, "&lt;b&gt;");
    says(&outcome.out, "<b>warning</b>"); /* the page's own */
    const char *markup = strstr(page, "?<b>");
    ck_assert_msg(!markup, "%.200s", markup);
    ck_assert_ptr_null(strstr(page, "\nFORGED"));
    FILE *reader = popen("iconv -f utf-8 -t utf-8 >/dev/null", "we");
    ck_assert_ptr_nonnull(reader);
    ck_assert_uint_eq(fwrite(page, 1, strlen(page), reader), strlen(page));
    ck_assert_int_eq(pclose(reader), 0);
    bytes_free(&outcome.out);
    // NOLINTNEXTLINE(cert-env33-c): what the program has left
    ck_assert_int_eq(system("rm -f \"$(printf '/dev/shm/sem.sem" EVIL "')\""), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: hostile names");
    TCase *tests = tcase_create("names");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_loop_test(tests, names_are_harmless, 0, 2);
    tcase_add_test(tests, names_are_harmless_on_the_page);
    return run_suite(suite);
}
