/* A case from the file to plain data: each kind of step, names, defaults, and a step as it stands in the file. */
#include "cases/scenario.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/run_test.h"
#include "cases/memory_case.h"

static const char play[] =
    "title: {en: One, ko: 하나}\n"
    "points: 2.5\n"
    "visibility: hidden\n"
    "see: pipe(7)\n"
    "puppets: {ann: {user: other}}\n"
    "given:\n"
    "  box: {is: fifo, mode: 0640}\n"
    "  q: {is: queue, messages: [{type: 2, text: hi}], capacity: 100}\n"
    "  pager: {is: standin, path: /usr/bin/more}\n"
    "names:\n"
    "  seg: {is: segment, key: private}\n"
    "inject: [{p: {fork: any, nth: 2, error: EAGAIN}}]\n"
    "steps:\n"
    "  - hold: {p.child: {before: {write: pipe}}}\n"
    "  - start: {p: {run: [prog, <q>, -2], env: {PAGER: <pager>}, stdout: full, limits: {nofile: 3}}}\n"
    "  - do: {ann: {open: box, flags: [O_WRONLY, O_NONBLOCK], as: w}, peer: {blocks: {msgrcv: q, type: 9}}}\n"
    "  - expect: {p.parent: [{open: box, error: [ENXIO, EINTR]}, {read: fifo, gives: x}], q: {count: {max: "
    "3}}, seg: absent}\n"
    "    cost: 0.5\n"
    "    hint: careful\n"
    "  - expect: {any: [{p: {killed: [SIGPIPE, SIGTERM]}}, {p: {exit: nonzero}}]}\n"
    "  - send: {p: \"<ann>\\n\"}\n"
    "  - eof: [p]\n"
    "  - signal: {p: SIGUSR1}\n"
    "  - release: p\n"
    "never: [{p: {unlink: box}}]\n"
    "left: [box]\n"
    "may_be_left: seg\n"
    "rules: {crash: 1, left: ignored}\n";

static void load(struct memory_case *loaded)
{
    memory_case_load_text(loaded, play);
    for (size_t i = 0; i < loaded->complaints.count; i++)
        ck_assert_msg(loaded->complaints.items[i].is_note, "%d: %s", loaded->complaints.items[i].at.line,
                      loaded->complaints.items[i].text);
}

static const struct name *named(const struct scenario *scenario, const char *word)
{
    for (size_t i = 0; i < scenario->name_count; i++)
        if (strcmp(scenario->names[i].word, word) == 0)
            return &scenario->names[i];
    ck_abort_msg("nothing is called %s", word);
    return NULL;
}

START_TEST(the_top_of_a_case)
{
    struct memory_case loaded;
    load(&loaded);
    const struct scenario *s = &loaded.scenario;
    ck_assert_str_eq(s->title.in[ENGLISH], "One");
    ck_assert_str_eq(s->title.in[KOREAN], "하나");
    ck_assert_ptr_null(s->hint.in[ENGLISH]);
    ck_assert_str_eq(s->program, "prog");
    ck_assert_int_eq(s->points, 250);
    ck_assert_int_eq(s->visibility, HIDDEN);
    ck_assert_uint_eq(s->see_count, 1);
    ck_assert_uint_eq(s->step_count, 9);
    ck_assert(s->has_left);
    ck_assert_uint_eq(s->left_count, 1);
    ck_assert_str_eq(s->names[s->left[0]].word, "box");
    ck_assert_uint_eq(s->may_be_left_count, 1);
    ck_assert_uint_eq(s->price_count, 2);
    ck_assert_int_eq(s->prices[0].cost, 100);
    ck_assert_int_eq(s->prices[1].cost, -1);
    ck_assert_int_eq(s->limits.cpu_seconds, -1);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(names_and_their_state)
{
    struct memory_case loaded;
    load(&loaded);
    const struct scenario *s = &loaded.scenario;
    ck_assert_int_eq(named(s, "peer")->role, NAME_PUPPET);
    ck_assert(named(s, "ann")->is_other_user);
    ck_assert_int_eq(named(s, "p")->role, NAME_ACTOR);
    const struct name *box = named(s, "box"), *q = named(s, "q"), *pager = named(s, "pager"),
                      *seg = named(s, "seg");
    ck_assert(box->is_given);
    ck_assert_int_eq(box->kind->kind, OBJECT_FIFO);
    ck_assert_str_eq(box->identity.parts[0].data, "box");
    ck_assert_int_eq(box->state.values[0].row->state, STATE_MODE);
    ck_assert_int_eq(box->state.values[0].value.bits, 0640);
    ck_assert(!q->has_key && !q->is_private);
    const struct message *message = &q->state.values[0].value.messages[0];
    ck_assert_int_eq(message->type.one_of[0].value, 2);
    ck_assert_str_eq(message->text.texts.texts[0].parts[0].data, "hi");
    ck_assert(pager->is_mounted_over);
    ck_assert(seg->is_private && !seg->is_given);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(hold_start_and_inject)
{
    struct memory_case loaded;
    load(&loaded);
    const struct scenario *s = &loaded.scenario;
    const struct hold *hold = &s->steps[0].holds[0];
    ck_assert_int_eq(hold->who.part, WHO_CHILD);
    ck_assert(hold->is_before && !hold->any_blocking);
    ck_assert_str_eq(hold->deed->row->word, "write");
    ck_assert_int_eq(hold->deed->first.kind, TARGET_KIND);
    ck_assert_int_eq(hold->deed->first.object, OBJECT_PIPE);
    const struct start *start = &s->steps[1].starts[0];
    ck_assert_str_eq(start->program, "prog");
    ck_assert_uint_eq(start->run.count, 3);
    ck_assert_int_eq(start->run.texts[1].parts[0].kind, PART_REF);
    ck_assert_uint_eq(start->env_count, 1);
    ck_assert_str_eq(start->env[0].texts[0].parts[0].data, "PAGER");
    ck_assert_int_eq(start->out, STREAM_FULL);
    ck_assert_int_eq(start->in, STREAM_USUAL);
    ck_assert_int_eq(start->limits.nofile, 3);
    ck_assert_int_eq(start->limits.cpu_seconds, -1);
    ck_assert_uint_eq(s->injection_count, 1);
    ck_assert_int_eq(s->injections[0].error, EAGAIN);
    ck_assert_int_eq(s->injections[0].nth, 2);
    ck_assert_uint_eq(s->never_count, 1);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(deeds_of_puppets)
{
    struct memory_case loaded;
    load(&loaded);
    const struct step *step = &loaded.scenario.steps[2];
    ck_assert_uint_eq(step->count, 2);
    const struct deed *open = &step->acts[0].deed, *receive = &step->acts[1].deed;
    ck_assert_str_eq(open->row->word, "open");
    ck_assert_int_eq(open->first.kind, TARGET_NAME);
    ck_assert_int_eq(deed_value(open, PARAM_FLAGS)->bits, O_WRONLY | O_NONBLOCK);
    ck_assert_str_eq(deed_value(open, PARAM_AS)->word, "w");
    ck_assert_ptr_null(deed_value(open, PARAM_MODE));
    ck_assert(!step->acts[0].must_block && step->acts[1].must_block);
    ck_assert_int_eq(deed_value(receive, PARAM_TYPE)->range.one_of[0].value, 9);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(looks_and_alternatives)
{
    struct memory_case loaded;
    load(&loaded);
    const struct step *one = &loaded.scenario.steps[3], *two = &loaded.scenario.steps[4];
    ck_assert_uint_eq(one->count, 1);
    ck_assert_int_eq(one->cost, 50);
    ck_assert_str_eq(one->hint.texts[0].parts[0].data, "careful");
    const struct expectation *items = one->alternatives[0].items;
    ck_assert_uint_eq(one->alternatives[0].count, 3);
    ck_assert_int_eq(items[0].who.part, WHO_PARENT);
    ck_assert_uint_eq(items[0].look_count, 2);
    ck_assert_uint_eq(items[0].looks[0].deed->error_count, 2);
    ck_assert_int_eq(items[0].looks[0].deed->errors[0], ENXIO);
    ck_assert_int_eq(items[0].looks[1].deed->first.object, OBJECT_FIFO);
    ck_assert_int_eq(items[1].kind, EXPECT_STATE);
    ck_assert(items[1].state.values[0].value.range.has_max && !items[1].state.values[0].value.range.has_min);
    ck_assert_int_eq(items[2].kind, EXPECT_ABSENT);
    ck_assert_uint_eq(two->count, 2);
    const struct value *killed = &two->alternatives[0].items[0].looks[0].facts[0].value;
    ck_assert_uint_eq(killed->count, 2);
    ck_assert_int_eq(killed->signals[1], SIGTERM);
    ck_assert(two->alternatives[1].items[0].looks[0].facts[0].value.is_nonzero);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(input_signals_and_release)
{
    struct memory_case loaded;
    load(&loaded);
    const struct step *steps = loaded.scenario.steps;
    ck_assert_int_eq(steps[5].sends[0].data.parts[0].kind, PART_REF);
    ck_assert_int_eq(steps[6].kind, STEP_EOF);
    ck_assert_uint_eq(steps[6].count, 1);
    ck_assert_int_eq(steps[7].signals[0].signal, SIGUSR1);
    ck_assert_int_eq(steps[8].kind, STEP_RELEASE);
    ck_assert_int_eq(steps[8].whos[0].part, WHO_ALL);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(a_step_as_it_stands_in_the_file)
{
    static const struct {
        const char *yaml, *text;
    } rows[] = {
        {"  - start: {q: [prog, \"a # b\", 'it''s']}    # a comment\nhint: h\n",
         "start: {q: [prog, \"a # b\", 'it''s']}"},
        {"  - expect:\n      p:\n        exit: 0   # why\n        # and this\n\n        stdout: \"]\"\nhint: "
         "h\n",
         "expect: p: exit: 0 stdout: \"]\""},
        {"  - eof: p", "eof: p"},
        {"  -   signal:  {p:   SIGTERM}\n  - eof: p\n", "signal: {p: SIGTERM}"},
        {"  - send: {p: \"a\\\"}\"}\n", "send: {p: \"a\\\"}\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, "title: t\nsteps:\n  - start: {p: [prog]}\n%s", rows[i].yaml);
        struct memory_case loaded;
        memory_case_load_text(&loaded, text);
        ck_assert_msg(loaded.is_right, "%s", loaded.complaints.count ? loaded.complaints.items[0].text : "");
        char *step = scenario_step_text(&loaded.scenario, 1);
        ck_assert_str_eq(step, rows[i].text);
        free(step);
        memory_case_free(&loaded);
    }
}
END_TEST

START_TEST(steps_in_brackets_too)
{
    struct memory_case loaded;
    memory_case_load_text(&loaded, "{title: t, steps: [{start: {p: [prog, \"}\"]}}, {eof: p}]}\n");
    ck_assert(loaded.is_right);
    char *one = scenario_step_text(&loaded.scenario, 0), *two = scenario_step_text(&loaded.scenario, 1);
    ck_assert_str_eq(one, "{start: {p: [prog, \"}\"]}}");
    ck_assert_str_eq(two, "{eof: p}");
    free(one);
    free(two);
    memory_case_free(&loaded);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenario");
    TCase *tests = tcase_create("scenario");
    tcase_add_test(tests, the_top_of_a_case);
    tcase_add_test(tests, names_and_their_state);
    tcase_add_test(tests, hold_start_and_inject);
    tcase_add_test(tests, deeds_of_puppets);
    tcase_add_test(tests, looks_and_alternatives);
    tcase_add_test(tests, input_signals_and_release);
    tcase_add_test(tests, a_step_as_it_stands_in_the_file);
    tcase_add_test(tests, steps_in_brackets_too);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
