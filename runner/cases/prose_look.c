/* What is expected, in words. */
#include <string.h>

#include "base/text.h"
#include "cases/prose.h"

/* What stands before and behind the value of a fact. */
static const struct {
    const char *before, *behind;
} sentences[] = {
    [FACT_EXIT] = {"has ended with status ", ""},
    [FACT_KILLED] = {"was ended by ", ""},
    [FACT_ENDS] = {"", ""}, /* its word decides */
    [FACT_STDOUT] = {"has printed ", ""},
    [FACT_STDERR] = {"has printed ", " on standard error"},
    [FACT_BLOCKS] = {"is blocked ", ""},
    [FACT_ZOMBIES] = {"has left ", " of its children unwaited-for"},
    [FACT_CHILDREN] = {"has ", " living children"},
    [FACT_FDS] = {"has exactly the descriptors ", " open"},
    [FACT_STARTS] = {"was executed ", " times"},
    [FACT_ARGS] = {"was executed with the arguments ", ""},
};

static void add_fact(struct bytes *out, const struct scenario *scenario, const struct fact *fact)
{
    enum fact_kind kind = fact->row->fact;
    if (kind == FACT_ENDS) {
        bytes_print(out, "%s", fact->value.bits == ENDS_NOT_YET ? _("has not ended yet") : _("has ended"));
        return;
    }
    bytes_print(out, "%s", _(sentences[kind].before));
    const struct pattern *pattern = fact->value.kind == VALUE_TEXT ? &fact->value.pattern : NULL;
    if (pattern && pattern->kind == PATTERN_EXACT && pattern->texts.texts[0].count > 0)
        bytes_print(out, "%s", _("exactly "));
    prose_value(out, scenario, &fact->value, fact->row->words);
    if (*sentences[kind].behind)
        bytes_print(out, "%s", _(sentences[kind].behind));
}

static void add_look(struct bytes *out, const struct scenario *scenario, const struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        bytes_print(out, "%s", i == 0 ? "" : i + 1 == look->count && !look->deed ? _(" and ") : ", ");
        add_fact(out, scenario, &look->facts[i]);
    }
    if (look->deed) {
        bytes_print(out, "%s%s", look->count > 0 ? _(" and ") : "", _("has done this: it "));
        prose_deed(out, scenario, look->deed, false);
    }
}

void prose_state(struct bytes *out, const struct scenario *scenario, const struct state_list *state)
{
    for (size_t i = 0; i < state->count; i++) {
        bytes_print(out, "%s%s ", i > 0 ? ", " : "", state->values[i].row->word);
        prose_value(out, scenario, &state->values[i].value, NULL);
    }
}

void prose_expectation(struct bytes *out, const struct scenario *scenario,
                       const struct expectation *expectation)
{
    const char *object = expectation->object >= 0 ? scenario->names[expectation->object].word : "";
    switch (expectation->kind) {
    case EXPECT_WHO:
        prose_who(out, scenario, &expectation->who);
        bytes_print(out, " ");
        for (size_t i = 0; i < expectation->look_count; i++) {
            bytes_print(out, "%s", i > 0 ? _("; then it ") : "");
            add_look(out, scenario, &expectation->looks[i]);
        }
        break;
    case EXPECT_STATE:
        bytes_print(out, _("%s has "), object);
        prose_state(out, scenario, &expectation->state);
        break;
    case EXPECT_PRESENT: bytes_print(out, _("%s is there"), object); break;
    case EXPECT_ABSENT: bytes_print(out, _("%s is not there"), object); break;
    }
}
