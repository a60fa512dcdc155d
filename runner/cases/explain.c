/* One case in prose, made from the tables: the sentences of deeds and facts are theirs. */
#include "cases/explain.h"

#include <string.h>

#include "base/text.h"
#include "cases/prose.h"
#include "cases/settings.h"

static const char *in(const struct words *words, enum language language)
{
    return words->in[language] ? words->in[language] : words->in[ENGLISH];
}

static void add_list(struct bytes *out, const char *label, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_print(out, "%s%s", i == 0 ? label : ", ", words[i]);
    if (count > 0)
        bytes_print(out, "\n");
}

static void add_head(struct bytes *out, const struct scenario *scenario, enum language language)
{
    bytes_print(out, "%s\n%s\n\n", scenario->id, in(&scenario->title, language));
    if (scenario->program)
        bytes_print(out, _("Program: %s\n"), scenario->program);
    bytes_print(out, "%s", _("Points: "));
    prose_points(out, scenario->points);
    bytes_print(out, "\n");
    if (scenario->visibility == HIDDEN)
        bytes_print(out, "%s", _("Hidden: a student sees group, points and verdict only.\n"));
    if (scenario->visibility == AFTER_DUE_DATE)
        bytes_print(out, "%s", _("Hidden until the due date.\n"));
    add_list(out, _("Needs: "), scenario->needs, scenario->need_count);
    add_list(out, _("Read: "), scenario->see, scenario->see_count);
}

/* ---- who and what --------------------------------------------------------------------------------------------------- */

static void add_identity(struct bytes *out, const struct scenario *scenario, const struct name *name)
{
    if (name->is_private)
        bytes_print(out, "%s", _(", without a key (IPC_PRIVATE)"));
    else if (name->has_key && name->key.is_ref)
        bytes_print(out, _(", with the key %s"), scenario->names[name->key.name].word);
    else if (name->has_key)
        bytes_print(out, _(", with %lld"), (long long)name->key.value);
    else if (name->kind->identity == IDENTITY_KEY || name->kind->identity == IDENTITY_PORT)
        bytes_print(out, "%s", _(", at a place that the runner chooses"));
    if (name->ftok_file >= 0)
        bytes_print(out, _(", of the file %s"), scenario->names[name->ftok_file].word);
    if (name->identity.count > 0) {
        bytes_print(out, "%s", _(", called "));
        prose_text(out, prose_of(scenario), &name->identity);
    }
}

static void add_object(struct bytes *out, const struct scenario *scenario, const struct name *name)
{
    bytes_print(out, "  - %s: %s", name->word, _(name->kind->noun));
    add_identity(out, scenario, name);
    if (name->state.count > 0) {
        bytes_print(out, "; ");
        prose_state(out, prose_of(scenario), &name->state);
    }
    bytes_print(out, "\n");
}

static void add_objects(struct bytes *out, const struct scenario *scenario, bool is_given, const char *label)
{
    bool is_first = true;
    for (size_t i = 0; i < scenario->name_count; i++) {
        const struct name *name = &scenario->names[i];
        if (name->role != NAME_OBJECT || name->is_given != is_given)
            continue;
        bytes_print(out, "%s", is_first ? label : "");
        is_first = false;
        add_object(out, scenario, name);
    }
}

static void add_puppets(struct bytes *out, const struct scenario *scenario)
{
    const char *before = _("\nPuppets (processes of the grader that do what the case says): ");
    for (size_t i = 0; i < scenario->name_count; i++) {
        const struct name *name = &scenario->names[i];
        if (name->role != NAME_PUPPET || name->at.line == 0)
            continue;
        bytes_print(out, "%s%s%s", before, name->word, name->is_other_user ? _(" (the second user)") : "");
        before = ", ";
    }
    if (*before == ',')
        bytes_print(out, "\n");
}

static void add_limits(struct bytes *out, const struct limits *limits, const char *before)
{
    for (const struct limit_row *row = limit_rows; row->word; row++) {
        long value = *(const long *)((const char *)limits + row->offset);
        if (value < 0)
            continue;
        bytes_print(out, "%s%s %ld", before, row->word, value);
        before = ", ";
    }
}

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

static void add_command(struct bytes *out, const struct scenario *scenario, const struct start *start)
{
    for (size_t i = 0; i < start->run.count; i++) {
        const struct text *text = &start->run.texts[i];
        bool is_word = text->count == 1 && text->parts[0].kind == PART_BYTES &&
                       strspn(text->parts[0].data,
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-") ==
                           text->parts[0].len;
        bytes_print(out, " ");
        if (is_word)
            bytes_print(out, "%s", text->parts[0].data);
        else
            prose_text(out, prose_of(scenario), text);
    }
}

static void add_options(struct bytes *out, const struct scenario *scenario, const struct start *start)
{
    static const char *const inputs[] = {[STREAM_CLOSED] = "closed", [STREAM_NONE] = "/dev/null"};
    static const char *const outputs[] = {[STREAM_CLOSED] = "closed", [STREAM_FULL] = "/dev/full"};
    for (size_t i = 0; i < start->env_count; i++) {
        bytes_print(out, _("; with %s="), start->env[i].texts[0].parts[0].data);
        prose_text(out, prose_of(scenario), &start->env[i].texts[1]);
    }
    if (start->is_piped)
        bytes_print(out, "%s", _("; its input and output are pipes, not a terminal"));
    if (start->has_input) {
        bytes_print(out, "%s", _("; its input is "));
        prose_text(out, prose_of(scenario), &start->input);
    }
    if (start->in != STREAM_USUAL)
        bytes_print(out, _("; its standard input is %s"), inputs[start->in]);
    if (start->out != STREAM_USUAL)
        bytes_print(out, _("; its standard output is %s"), outputs[start->out]);
    if (start->is_other_user)
        bytes_print(out, "%s", _("; as the second user"));
    add_limits(out, &start->limits, _("; with the limits "));
}

static void say_start(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    const struct start *start = &step->starts[i];
    bytes_print(out, _("%s is started:"), scenario->names[start->actor].word);
    add_command(out, scenario, start);
    add_options(out, scenario, start);
}

static void say_act(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    const struct act *act = &step->acts[i];
    prose_who(out, prose_of(scenario), &act->who);
    bytes_print(out, "%s", act->must_block ? _(" begins this and is blocked in it: ") : " ");
    prose_deed(out, prose_of(scenario), &act->deed, act->must_block);
}

static void say_expect(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    const struct expect_map *map = &step->alternatives[i];
    bytes_print(out, "%s", i == 0 ? _("Expected: ") : _("or: "));
    for (size_t k = 0; k < map->count; k++) {
        bytes_print(out, "%s", k > 0 ? "; " : "");
        prose_expectation(out, prose_of(scenario), &map->items[k]);
    }
}

static void say_send(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    bytes_print(out, _("%s gets on its standard input: "), scenario->names[step->sends[i].who.name].word);
    prose_text(out, prose_of(scenario), &step->sends[i].data);
}

static void say_eof(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    bytes_print(out, _("The input of %s ends"), scenario->names[step->whos[i].name].word);
}

static void say_signal(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    prose_who(out, prose_of(scenario), &step->signals[i].who);
    bytes_print(out, _(" gets %s"), signal_name(step->signals[i].signal));
}

static void say_hold(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    const struct hold *hold = &step->holds[i];
    prose_who(out, prose_of(scenario), &hold->who);
    bytes_print(out, " %s ", hold->is_before ? _("will be held just before") : _("will be held just after"));
    if (hold->any_blocking)
        bytes_print(out, "%s", _("the first call that may block"));
    else
        prose_deed(out, prose_of(scenario), hold->deed, true);
}

static void say_release(struct bytes *out, const struct scenario *scenario, const struct step *step, size_t i)
{
    prose_who(out, prose_of(scenario), &step->whos[i]);
    bytes_print(out, "%s", _(" is let go on"));
}

static void add_step(struct bytes *out, const struct scenario *scenario, size_t number,
                     enum language language)
{
    static void (*const say[])(struct bytes *, const struct scenario *, const struct step *, size_t) = {
        [STEP_START] = say_start, [STEP_DO] = say_act,          [STEP_EXPECT] = say_expect,
        [STEP_SEND] = say_send,   [STEP_EOF] = say_eof,         [STEP_SIGNAL] = say_signal,
        [STEP_HOLD] = say_hold,   [STEP_RELEASE] = say_release,
    };
    const struct step *step = &scenario->steps[number];
    bytes_print(out, "%3zu. ", number + 1);
    for (size_t i = 0; i < step->count; i++) {
        bytes_print(out, "%s", i > 0 ? "\n     " : "");
        say[step->kind](out, scenario, step, i);
    }
    bytes_print(out, ".");
    if (step->has_cost) {
        bytes_print(out, "%s", _(" Otherwise it costs "));
        prose_points(out, step->cost);
        bytes_print(out, "%s", _(" and the play goes on."));
    }
    bytes_print(out, "\n");
    if (step->hint.count > 0) {
        size_t index = (size_t)language < step->hint.count ? (size_t)language : 0;
        bytes_print(out, _("     If it fails: %s\n"), step->hint.texts[index].parts[0].data);
    }
}

/* ---- the whole play ------------------------------------------------------------------------------------------------- */

static void add_injections(struct bytes *out, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->injection_count; i++) {
        const struct injection *injection = &scenario->injections[i];
        bytes_print(out, "\n%s", _("Injected: when "));
        prose_who(out, prose_of(scenario), &injection->who);
        bytes_print(out, " ");
        struct deed deed = injection->deed;
        deed.error_count = 0;
        prose_deed(out, prose_of(scenario), &deed, false);
        if (injection->nth == 0)
            bytes_print(out, "%s", _(" (each time)"));
        else if (injection->nth != 1)
            bytes_print(out, _(" (time number %lld)"), (long long)injection->nth);
        if (injection->error)
            bytes_print(out, _(", that fails with %s.\n"), errno_name(injection->error));
        else
            bytes_print(out, _(", at most %lld bytes move.\n"), (long long)injection->short_bytes);
    }
}

static void add_nevers(struct bytes *out, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->never_count; i++) {
        bytes_print(out, "%s", _("Never allowed: "));
        prose_who(out, prose_of(scenario), &scenario->nevers[i].who);
        bytes_print(out, " ");
        prose_deed(out, prose_of(scenario), &scenario->nevers[i].deed, false);
        bytes_print(out, ".\n");
    }
}

static void add_names(struct bytes *out, const struct scenario *scenario, const char *label, const int *names,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_print(out, "%s%s", i == 0 ? label : ", ", scenario->names[names[i]].word);
    if (count > 0)
        bytes_print(out, ".\n");
}

static void add_end(struct bytes *out, const struct scenario *scenario)
{
    bytes_print(
        out, "%s",
        _("At the end every program has ended with status 0 unless a step asked otherwise, none has crashed, "
          "no process is left.\n"));
    if (scenario->has_left && scenario->left_count == 0)
        bytes_print(out, "%s", _("Nothing remains.\n"));
    else if (!scenario->has_left)
        bytes_print(out, "%s", _("What was given is still there, and nothing that the programs made.\n"));
    add_names(out, scenario, _("These remain: "), scenario->left, scenario->left_count);
    add_names(out, scenario, _("These may remain or go: "), scenario->may_be_left,
              scenario->may_be_left_count);
    for (size_t i = 0; i < scenario->price_count; i++) {
        const struct price *price = &scenario->prices[i];
        bytes_print(out, "%s %s: ", _("Rule"), price->rule);
        if (price->cost < 0)
            bytes_print(out, "%s", _("ignored"));
        else
            prose_points(out, price->cost);
        bytes_print(out, "\n");
    }
}

bool explain_case(FILE *to, const struct scenario *scenario, enum language language)
{
    cleanup_bytes struct bytes out = {0};
    const char *hint = in(&scenario->hint, language);
    add_head(&out, scenario, language);
    add_objects(&out, scenario, true, _("\nGiven before the first step:\n"));
    add_objects(&out, scenario, false, _("\nNames for what the program makes:\n"));
    add_puppets(&out, scenario);
    add_limits(&out, &scenario->limits, _("\nLimits: "));
    add_injections(&out, scenario);
    bytes_print(&out, "%s", _("\nThe play; each step begins when nobody can go on without it:\n"));
    for (size_t i = 0; i < scenario->step_count; i++)
        add_step(&out, scenario, i, language);
    bytes_print(&out, "\n");
    add_nevers(&out, scenario);
    add_end(&out, scenario);
    if (hint)
        bytes_print(&out, _("\nHint: %s\n"), hint);
    return fwrite(bytes_text(&out), 1, out.len, to) == out.len && !ferror(to);
}
