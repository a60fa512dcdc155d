/* What is expected, in words: by `explain`, and by reports, which tell beside it what was seen. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cases/prose.h"

/* What stands behind the name: %s is the value. Where there is no value, or the value is that nothing is there, `nothing`. */
static const struct {
    const char *format, *nothing;
} sentences[] = {
    [FACT_EXIT] = {N_(" ends with status %s"), N_(" ends with a status other than 0")},
    [FACT_KILLED] = {N_(" is killed by %s"), ""},
    [FACT_ENDS] = {"", ""}, /* its word decides */
    [FACT_STDOUT] = {N_(" prints %s"), N_(" prints nothing")},
    [FACT_STDERR] = {N_(" prints on standard error %s"), N_(" prints nothing on standard error")},
    [FACT_BLOCKS] = {N_(" is blocked %s"), N_(" waits")},
    [FACT_ZOMBIES] = {N_(" leaves %s ended children unwaited for"), ""},
    [FACT_CHILDREN] = {N_(" has %s living children"), ""},
    [FACT_FDS] = {N_(" has open exactly the descriptors %s"), ""},
    [FACT_STARTS] = {N_(" is executed %s times"), ""},
    [FACT_ARGS] = {N_(" is executed with the arguments %s"), ""},
};

static bool has_no_value(const struct value *value)
{
    return prose_is_nothing(value) || (value->kind == VALUE_EXIT && value->is_nonzero) ||
           (value->kind == VALUE_DEED && !value->deed);
}

void prose_fact(struct bytes *out, struct prose prose, const struct who *who, const struct fact *fact)
{
    enum fact_kind kind = fact->row->fact;
    cleanup_bytes struct bytes value = {0};
    prose_who(out, prose, who);
    if (kind == FACT_ENDS) {
        bytes_print(out, "%s", fact->value.bits == ENDS_NOT_YET ? _(" has not ended yet") : _(" ends"));
        return;
    }
    if (has_no_value(&fact->value)) {
        bytes_print(out, "%s", _(sentences[kind].nothing));
        return;
    }
    prose_value(&value, prose, &fact->value, fact->row->words);
    const char *format = _(sentences[kind].format), *hole = strstr(format, "%s");
    bytes_print(out, "%.*s%s%s", hole ? (int)(hole - format) : 0, format, bytes_text(&value),
                hole ? hole + 2 : format);
}

static void add_look(struct bytes *out, struct prose prose, const struct who *who, const struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        bytes_print(out, "%s", i > 0 ? "; " : "");
        prose_fact(out, prose, who, &look->facts[i]);
    }
    if (!look->deed)
        return;
    bytes_print(out, "%s", look->count > 0 ? "; " : "");
    prose_who(out, prose, who);
    bytes_print(out, "%s", _(" has done this: it "));
    prose_deed(out, prose, look->deed, false);
}

void prose_state(struct bytes *out, struct prose prose, const struct state_list *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct state_row *row = state->values[i].row;
        bytes_print(out, "%s", i > 0 ? ", " : "");
        if (row->kind != VALUE_MESSAGES) /* they speak for themselves */
            bytes_print(out, "%s ", row->word);
        prose_value(out, prose, &state->values[i].value, NULL);
    }
}

void prose_expectation(struct bytes *out, struct prose prose, const struct expectation *expectation)
{
    cleanup_bytes struct bytes thing = {0};
    if (expectation->kind != EXPECT_WHO)
        prose_thing(&thing, prose, expectation->object);
    switch (expectation->kind) {
    case EXPECT_WHO:
        for (size_t i = 0; i < expectation->look_count; i++) {
            bytes_print(out, "%s", i > 0 ? _("; then ") : "");
            add_look(out, prose, &expectation->who, &expectation->looks[i]);
        }
        break;
    case EXPECT_STATE:
        bytes_print(out, _("%s has "), bytes_text(&thing));
        prose_state(out, prose, &expectation->state);
        break;
    case EXPECT_PRESENT: bytes_print(out, _("%s is there"), bytes_text(&thing)); break;
    case EXPECT_ABSENT: bytes_print(out, _("%s is not there"), bytes_text(&thing)); break;
    }
}
