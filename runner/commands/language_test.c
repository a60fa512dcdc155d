/* English and Korean: chosen by option and environment, and no sentence without a translation. */
#include "commands/language.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "base/text.h"
#include "calls/vocabulary.h"
#include "report/writer.h"
#include "rules/rules.h"

static const char *const variables[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG"};

static const struct {
    const char *values[5]; /* of the variables above; NULL: not set */
    int wanted;
    bool has_utf8;
} rows[] = {
    {{NULL, NULL, NULL, NULL, NULL}, REPORT_ENGLISH, false},
    {{NULL, NULL, NULL, NULL, "ko_KR.UTF-8"}, REPORT_KOREAN, true},
    {{NULL, NULL, NULL, NULL, "C"}, REPORT_ENGLISH, false},
    {{NULL, NULL, "ko_KR.utf8", NULL, "en_US.UTF-8"}, REPORT_KOREAN, true},
    {{NULL, "C", "ko_KR.utf8", NULL, "ko_KR.UTF-8"}, REPORT_ENGLISH, false},
    {{"ko:en", "C", NULL, NULL, NULL}, REPORT_KOREAN, false},
    {{"en", NULL, NULL, "C.UTF-8", "ko_KR"}, REPORT_ENGLISH, true},
    {{"", NULL, NULL, NULL, "ko"}, REPORT_KOREAN, false},
};

START_TEST(the_environment_chooses)
{
    for (int i = 0; i < 5; i++) {
        if (rows[_i].values[i])
            setenv(variables[i], rows[_i].values[i], 1);
        else
            unsetenv(variables[i]);
    }
    ck_assert_int_eq(language_wanted(), rows[_i].wanted);
    ck_assert_int_eq(language_has_utf8(), rows[_i].has_utf8);
}
END_TEST

START_TEST(both_languages_are_spoken)
{
    language_use(REPORT_KOREAN);
    ck_assert_str_eq(_("passed"), "통과");
    language_use(REPORT_ENGLISH);
    ck_assert_str_eq(_("passed"), "passed");
    language_use(REPORT_KOREAN);
    ck_assert_str_eq(_("passed"), "통과");
}
END_TEST

START_TEST(the_environment_is_given_back)
{
    setenv("LANGUAGE", "fr", 1);
    language_use(REPORT_KOREAN);
    language_use(REPORT_ENGLISH);
    language_leave();
    ck_assert_str_eq(getenv("LANGUAGE"), "fr");
    unsetenv("LANGUAGE");
    language_use(REPORT_KOREAN);
    language_leave();
    ck_assert_ptr_null(getenv("LANGUAGE"));
}
END_TEST

static void assert_translated(const char *sentence)
{
    if (sentence && strcmp(sentence, "FIFO") != 0)
        ck_assert_msg(strcmp(_(sentence), sentence) != 0, "no Korean for '%s'", sentence);
}

/* The sentences of the tables, which xgettext does not see. */
START_TEST(the_vocabulary_is_translated)
{
    language_use(REPORT_KOREAN);
    for (const struct mechanism *const *mechanism = vocabulary; *mechanism; mechanism++) {
        for (const struct kind_row *kind = (*mechanism)->kinds; kind && kind->word; kind++)
            assert_translated(kind->noun);
        for (const struct deed_row *deed = (*mechanism)->deeds; deed && deed->word; deed++) {
            assert_translated(deed->done);
            assert_translated(deed->doing);
            ck_assert_int_eq(!strstr(deed->done, "%s"), !strstr(_(deed->done), "%s"));
        }
    }
}
END_TEST

START_TEST(the_laws_are_translated)
{
    language_use(REPORT_KOREAN);
    for (size_t i = 0; rules[i]; i++)
        assert_translated(rules[i]->law);
}
END_TEST

/* xgettext and msgcmp come with msgfmt, which building needs. */
START_TEST(every_marked_sentence_is_translated)
{
    FILE *missing =
        popen("xgettext --from-code=UTF-8 -k_ -kN_ -o - $(ls runner/*/*.c | grep -v _test.c) 2>/dev/null |"
              " msgcmp runner/po/ko.po - 2>&1 | grep -A1 'used but not defined' | head -n 3",
              "re");
    char text[1024] = "";
    size_t len = fread(text, 1, sizeof text - 1, missing);
    text[len] = '\0';
    pclose(missing);
    ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("language");
    TCase *tests = tcase_create("language");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 20);
    tcase_add_loop_test(tests, the_environment_chooses, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, both_languages_are_spoken);
    tcase_add_test(tests, the_environment_is_given_back);
    tcase_add_test(tests, the_vocabulary_is_translated);
    tcase_add_test(tests, the_laws_are_translated);
    tcase_add_test(tests, every_marked_sentence_is_translated);
    return run_suite(suite);
}
