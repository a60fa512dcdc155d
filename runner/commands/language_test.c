/* English and Korean: chosen by option and environment, and no sentence without a translation. */
#include "commands/language.h"

#include <check.h>
#include <regex.h>
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

static size_t the_number_of_rules(void)
{
    size_t count = 0;
    while (rules[count])
        count++;
    return count;
}

START_TEST(the_laws_are_translated)
{
    language_use(REPORT_KOREAN);
    for (size_t i = 0; rules[i]; i++) {
        assert_translated(rules[i]->law);
        assert_translated(rules[i]->silent);
    }
}
END_TEST

/* As xgettext writes a string that is on one line. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\\' && text[1])
            text++;
        *to++ = *text;
    }
    *to = '\0';
}

/* What a rule has found is put together from formats and words of many places, which nobody has to mark: so every string of the rules that has two words in it must have its
 * Korean. No sentences are: references to manuals, and what the tracer calls a pair of sockets. */
START_TEST(all_sentences_of_rules_are_translated)
{
    FILE *strings = popen("xgettext --extract-all --no-wrap --no-location --from-code=UTF-8 -o - "
                          "$(ls runner/rules/*.c | grep -v _test.c) 2>/dev/null",
                          "re");
    char *line = NULL;
    size_t size = 0, count = 0;
    regex_t is_sentence, is_reference;
    ck_assert_int_eq(regcomp(&is_sentence, "[a-z]+[,:;]? [a-z]+", REG_EXTENDED | REG_NOSUB), 0);
    ck_assert_int_eq(regcomp(&is_reference, "^[a-z0-9_]+\\([1-8]\\)", REG_EXTENDED | REG_NOSUB), 0);
    language_use(REPORT_KOREAN);
    while (getline(&line, &size, strings) > 0) {
        char *text = line + strlen("msgid \""), *end = strrchr(line, '"');
        if (strncmp(line, "msgid \"", strlen("msgid \"")) != 0 || end <= text)
            continue;
        *end = '\0';
        unescape(text);
        if (regexec(&is_sentence, text, 0, NULL, 0) != 0 || regexec(&is_reference, text, 0, NULL, 0) == 0 ||
            strcmp(text, "socket pair") == 0)
            continue;
        assert_translated(text);
        count++;
    }
    ck_assert_int_eq(pclose(strings), 0);
    ck_assert_uint_gt(
        count, 2 * the_number_of_rules()); /* else none were looked at: each has a law and its silence */
    regfree(&is_sentence);
    regfree(&is_reference);
    free(line);
}
END_TEST

/* msgfmt leaves out what is empty or marked as doubtful. */
START_TEST(no_translation_is_left_open)
{
    char text[256] = "";
    FILE *told = popen("LC_ALL=C LANGUAGE= msgfmt --statistics -o /dev/null runner/po/ko.po 2>&1", "re");
    text[fread(text, 1, sizeof text - 1, told)] = '\0';
    ck_assert_int_eq(pclose(told), 0);
    ck_assert_ptr_nonnull(strstr(text, " translated messages.\n"));
    ck_assert_msg(!strchr(text, ','), "%s", text); /* "3 fuzzy translations, 1 untranslated message" */
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
    tcase_add_test(tests, all_sentences_of_rules_are_translated);
    tcase_add_test(tests, no_translation_is_left_open);
    tcase_add_test(tests, every_marked_sentence_is_translated);
    return run_suite(suite);
}
