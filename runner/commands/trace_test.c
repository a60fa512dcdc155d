/* `ipcgrade trace` as it is typed: parts are started when the others stand, what serves for ever is ended, and the findings come in any case. */
#include "commands/traced.h"

/* ---- asked to end ---------------------------------------------------------------------------------------------------------- */

/* Started with a pipe for its lines, which are read until somebody waits. */
static pid_t start_until(const char *const *argv, const char *until, struct bytes *lines, int *from)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = start(argv, ends[1]);
    close(ends[1]);
    bytes_print(lines, "%s", "");
    expect(ends[0], until, lines);
    *from = ends[0];
    return pid;
}

START_TEST(a_signal_to_us_alone_is_handed_on)
{
    char key[16];
    cleanup_bytes struct bytes lines = {0};
    int from;
    snprintf(key, sizeof key, "0x%x", 0x1bd00000 + getpid());
    pid_t pid = start_until((const char *const[]){tool, "trace", "--format", "json:json", "--", "sh", "-c",
                                                  "exec $P/programs/serves queue \"$0\"", key, NULL},
                            " waits", &lines, &from);
    kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert_int_eq(status_of(pid), 0);
    says(&lines, "\nbye\n");
    says(&lines, "sh exited with 0; ");
    ck_assert_int_eq(number_of("errors"), 0);
    ck_assert_int_eq(number_of("was_ended"), 0);
    ck_assert_int_eq(msgget((key_t)strtol(key, NULL, 0), 0), -1);
    close(from);
}
END_TEST

/* Who does not mind it is ended as soon as nobody goes on. */
START_TEST(a_signal_that_is_ignored)
{
    cleanup_bytes struct bytes lines = {0};
    int from;
    const char *argv[] = {tool, "trace", "--", "sh", "-c", "trap '' INT TERM; mkfifo box; cat box", NULL};
    pid_t pid = start_until(argv, " waits", &lines, &from);
    kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert_int_eq(status_of(pid), 0);
    says(&lines, "sh was still there and has been ended; ");
    close(from);
}
END_TEST

/* Who computes for ever and does not mind is killed when somebody insists. */
START_TEST(a_signal_that_comes_again)
{
    cleanup_bytes struct bytes lines = {0};
    int from, status = 0;
    const char *argv[] = {tool, "trace", "--", "sh", "-c", "trap '' TERM; echo begun; while :; do :; done",
                          NULL};
    pid_t pid = start_until(argv, "begun\n", &lines, &from);
    while (waitpid(pid, &status, WNOHANG) == 0)
        kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    says(&lines, "sh was still there and has been ended; ");
    close(from);
}
END_TEST

/* ---- parts, and servers that serve for ever ------------------------------------------------------------------------------------- */

#define SERVES "$P/programs/serves "

static const struct {
    const char *server;
    const char *clients[4];
    const char *out;
} scenes[] = {
    {SERVES "fifo box", {SERVES "put box one", SERVES "put box two"}, "one\ntwo\n"},
    {SERVES "kept box", {SERVES "put box one", SERVES "put box two"}, "one\ntwo\nbye\n"},
    {SERVES "poll box", {SERVES "put box one", "exec 3>box; echo -n two >&3"}, "one\ntwo\n"},
    {SERVES "tcp $N", {SERVES "tcp-client $N one", SERVES "tcp-client $N two"}, "one\ntwo\n"},
    {SERVES "queue 0x6b$N",
     {SERVES "queue-client 0x6b$N one", SERVES "queue-client 0x6b$N two"},
     "one\ntwo\nbye\n"},
    {"echo said >left", {"cat left", "exit 3"}, "said\n"}, /* it has ended before */
    {SERVES "fifo box", {NULL}, ""},
    {SERVES "kept box", {NULL}, "bye\n"},
    {SERVES "poll box", {NULL}, ""},
    {SERVES "tcp $N", {NULL}, ""},
    {SERVES "queue 0x6b$N", {NULL}, "bye\n"},
};

START_TEST(parts_are_seen_together)
{
    const char *argv[MOST_WORDS] = {tool,           "trace",    "--output", "lines",
                                    "--until-idle", "--format", "json:json"};
    char number[16];
    int count = 7;
    snprintf(number, sizeof number, "%d", 20000 + getpid() % 10000);
    setenv("N", number, 1);
    for (int i = 0; scenes[_i].clients[i]; i++) {
        argv[count++] = "--with";
        argv[count++] = scenes[_i].clients[i];
    }
    argv[count++] = "--";
    argv[count++] = "sh";
    argv[count++] = "-c";
    argv[count++] = scenes[_i].server;
    if (scenes[_i].clients[0])
        argv[4] = "--no-lines"; /* the end is meant without being said */
    struct outcome outcome = run(argv);
    ck_assert_str_eq(bytes_text(&outcome.out), scenes[_i].out);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_int_eq(number_of("errors"), 0);
    bytes_free(&outcome.out);
}
END_TEST

/* ---- what is told ------------------------------------------------------------------------------------------------------------- */

static const char hangs[] = "exec $P/corpus/count_words";

START_TEST(an_error_is_the_status)
{
    struct outcome one = TRACE("--until-idle", "--quiet", "--", "sh", "-c", hangs),
                   other = TRACE("--until-idle", "--quiet", "--error-status", "42", "--", "sh", "-c", hangs),
                   none = TRACE("--until-idle", "--quiet", "--error-status", "0", "--", "sh", "-c", hangs);
    ck_assert_int_eq(one.status, 1);
    ck_assert_int_eq(other.status, 42);
    ck_assert_int_eq(none.status, 0); /* we have killed it */
    says(&one.out, "error: self-held-end\n");
    says(&one.out, "\nfindings: 1 error");
    says(&one.out, "findings: 1 error");
    ck_assert_ptr_null(strstr(bytes_text(&one.out), "+++")); /* --quiet */
    bytes_free(&one.out);
    bytes_free(&other.out);
    bytes_free(&none.out);
}
END_TEST

static char *page_of(struct outcome *outcome)
{
    struct bytes page = {0};
    read_all("page", &page);
    bytes_free(&outcome->out);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page), "</html>"));
    return page.data;
}

/* The page shows how they stood before we have ended them; who has ended by himself waits for nothing. */
START_TEST(a_page_shows_who_waits)
{
    struct outcome stands = TRACE("--quiet", "--until-idle", "--format", "html:page", "--", "sh", "-c",
                                  "exec $P/programs/does pipe write 4 hello read 3 read 3");
    cleanup_free char *waiting = page_of(&stands);
    ck_assert_int_eq(stands.status, 1);
    ck_assert_ptr_nonnull(strstr(waiting, "errors were found"));
    ck_assert_ptr_nonnull(strstr(waiting, "IT WAITS FOR ITSELF"));
    ck_assert_ptr_nonnull(strstr(waiting, "<rect class=\"wait bad\""));
    ck_assert_ptr_nonnull(
        strstr(waiting, "class=\"arrow circle\" role=\"img\" data-from=\"0\" data-to=\"0\""));
    ck_assert_ptr_nonnull(strstr(waiting, "<title>5 bytes through pipe ("));
    ck_assert_ptr_nonnull(strstr(waiting, "<code>self-held-end</code>"));
    struct outcome ends = TRACE("--quiet", "--format", "html:page", "--", "sh", "-c",
                                "exec $P/programs/does pipe write 4 hello read 3");
    cleanup_free char *ended = page_of(&ends);
    ck_assert_ptr_null(strstr(ended, "<rect class=\"wait bad\""));
    ck_assert_ptr_null(strstr(ended, "arrow circle"));
    ck_assert_ptr_nonnull(strstr(ended, "<title>5 bytes through pipe ("));
}
END_TEST

START_TEST(json_comes_last_or_alone)
{
    struct outcome with_output =
                       TRACE("--output", "lines", "--format", "json", "--", "sh", "-c", "echo hello; exit 3"),
                   alone = TRACE("--quiet", "--format", "json:json", "--", "sh", "-c", "exit 3");
    const char *text = bytes_text(&with_output.out);
    json_t *json = json_loads(strchr(text, '{') ? strchr(text, '{') : "", 0, NULL);
    ck_assert_int_eq(strncmp(text, "hello\n{", 7), 0);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(json, "status"), "exited")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "processes")), 1);
    ck_assert_int_eq(with_output.status, 3);
    ck_assert_int_eq(alone.status, 3);
    ck_assert_str_eq(bytes_text(&alone.out),
                     "sh exited with 3; processes: 1, calls: 0, failed: 0, left behind: 0\nfindings: none\n");
    ck_assert_int_eq(number_of("errors"), 0);
    json_decref(json);
    bytes_free(&with_output.out);
    bytes_free(&alone.out);
}
END_TEST

START_TEST(it_speaks_korean)
{
    struct outcome outcome = TRACE("--language", "ko", "--until-idle", "--quiet", "--", "sh", "-c", hangs);
    says(&outcome.out, "\n발견: 오류 1");
    bytes_free(&outcome.out);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, parts_are_seen_together, 0, (int)(sizeof scenes / sizeof *scenes));
    tcase_add_test(tests, a_signal_to_us_alone_is_handed_on);
    tcase_add_test(tests, a_signal_that_is_ignored);
    tcase_add_test(tests, a_signal_that_comes_again);
    tcase_add_test(tests, an_error_is_the_status);
    tcase_add_test(tests, json_comes_last_or_alone);
    tcase_add_test(tests, a_page_shows_who_waits);
    tcase_add_test(tests, it_speaks_korean);
}

int main(void)
{
    return run_traced("trace, typed", add);
}
