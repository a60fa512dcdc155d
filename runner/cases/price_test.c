/* What can have a price under `rules` is what the rules look for. */
#include <check.h>
#include <string.h>

#include "base/run_test.h"
#include "cases/settings.h"
#include "rules/rules.h"

static bool is_word(const char *id)
{
    for (const struct rule_row *row = rule_rows; row->word; row++)
        if (strcmp(row->word, id) == 0)
            return !row->law;
    return false;
}

static bool is_rule(const char *id)
{
    for (size_t i = 0; rules[i]; i++)
        if (strcmp(rules[i]->id, id) == 0)
            return true;
    return false;
}

/* The loader's table of what can have a price (it may not name the rules) and the rules themselves. */
START_TEST(the_tables_agree)
{
    for (size_t i = 0; rules[i]; i++)
        ck_assert_msg(is_word(rules[i]->id), "cases/settings.c does not know the rule %s", rules[i]->id);
    for (const struct rule_row *row = rule_rows; row->word; row++)
        ck_assert_msg(row->law || is_rule(row->word), "there is no rule %s", row->word);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prices");
    TCase *tables = tcase_create("tables");
    tcase_add_test(tables, the_tables_agree);
    suite_add_tcase(suite, tables);
    return run_suite(suite);
}
