/* The HTML report in headless Chromium, with real clicks and keys (tools/browse.py). Where there is none this is skipped: it is much to install for one test. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "report/html_made_up.h"

START_TEST(a_browser_shows_and_obeys)
{
    static const char *const seen[] = {
        "title: \"Pipes: sub/dir\"",
        "open at first: true",
        "after a click on it: false",
        "after unfolding all: true",
        "passed cases to be seen: 0",
        "panel: \"closed\"",
        "panel after a click on the last call: \"read(4, ...\"",
        "panel after Enter on the first call: \"write(7, ",
        "panel one call down: \"read(4, \\\"abc\\\", 9) = 3\"",
        "panel after Escape: \"closed\"",
        "larger: true",
        "no gap where they were: true",
        "calls away with their lane: true",
        "calls of others: 1",
        "unfolded as before: true",
        "to be heard without a name: 0",
        "wider than a phone: false",
        "elements that somebody else wrote: 0",
        "complaints: 0",
        NULL,
    };
    char name[] = "/tmp/ipcgrade-page-XXXXXX.html", command[512], text[8192] = "";
    if (system("command -v chromium chromedriver python3 >/dev/null") != 0) {
        test_skipped("a_browser_shows_and_obeys", "chromium, chromedriver, python3");
        return;
    }
    struct result result = made_up(A_TALK "," CASE("pipe/ok", "passed", "2.5", "null", NO_EVENTS), 2, true);
    result_set(&result.cases[0].title[0], hostile[0]);
    result_set(&result.cases[0].failures[0].seen, hostile[1]);
    cleanup_free char *page = page_on(&result);
    int fd = mkstemps(name, (int)strlen(".html"));
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, page, strlen(page)), (ssize_t)strlen(page));
    close(fd);
    snprintf(command, sizeof command, "runner/tools/browse.py %s 2>&1", name);
    FILE *browser = popen(command, "re");
    ck_assert_ptr_nonnull(browser);
    size_t len = fread(text, 1, sizeof text - 1, browser);
    text[len] = '\0';
    int status = pclose(browser);
    unlink(name);
    ck_assert_msg(status == 0, "%s", text);
    assert_order(text, seen);
    result_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("html in a browser");
    TCase *tests = tcase_create("browser");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 180);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, a_browser_shows_and_obeys);
    return run_suite(suite);
}
