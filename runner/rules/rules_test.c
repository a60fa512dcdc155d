/* Each rule against a program that breaks it and against programs that come close and do not; and no error against programs that are right. */
#include "rules/programs_streams.h"

#include "diagnosis/waits.h"
#include "rules/rules.h"

static const struct {
    const char *rule;
    enum severity severity;
    rig_program *program;
} breaks[] = {
    {"self-held-end", SEVERITY_ERROR, own_end},
    {"deadlock", SEVERITY_ERROR, both_wait},
    {"wrong-end", SEVERITY_ERROR, reads_write_end},
    {"unchecked-failure", SEVERITY_ERROR, uses_minus_one},
    {"unchecked-failure", SEVERITY_ERROR, uses_missing_queue},
    {"key-is-minus-one", SEVERITY_ERROR, key_minus_one},
    {"mtype-not-long", SEVERITY_ERROR, int_type},
    {"rmid-early", SEVERITY_ERROR, removes_early},
    {"leak-sysv", SEVERITY_ERROR, leaks_segment},
    {"short-io-ignored", SEVERITY_ERROR, short_write},
    {"unclosed-end", SEVERITY_WARNING, keeps_write_end},
    {"fd-leak-exec", SEVERITY_WARNING, leaks_over_exec},
    {"zombie", SEVERITY_WARNING, leaves_zombie},
    {"busy-wait", SEVERITY_WARNING, asks_and_asks},
    {"nonatomic-write", SEVERITY_WARNING, mixes},
    {"world-writable", SEVERITY_WARNING, open_to_all},
    {"detach-missing", SEVERITY_NOTE, stays_attached},
    {"written-twice", SEVERITY_WARNING, forks_with_text},
    {"text-lost", SEVERITY_WARNING, exits_with_text},
    {"text-lost", SEVERITY_WARNING, executes_with_text},
    {"unlocked-too-early", SEVERITY_WARNING, unlocks_with_text},
    {"unread-bytes", SEVERITY_WARNING, reads_a_part},
    {"unread-bytes", SEVERITY_WARNING, reads_a_part_of_a_pair},
    {"unread-messages", SEVERITY_WARNING, forgets_a_message},
    {"sent-to-nobody", SEVERITY_WARNING, sends_to_nobody},
    {"read-past-end", SEVERITY_WARNING, reads_on_at_the_end},
    {"left-open", SEVERITY_WARNING, leaves_pipes},
    {"status-cut", SEVERITY_WARNING, status_too_large},
    {"decimal-mode", SEVERITY_WARNING, decimal_mode},
    {"name-is-option", SEVERITY_WARNING, option_first},
    {"busy-wait", SEVERITY_WARNING, polls_the_end},
    {"vfork-misused", SEVERITY_WARNING, works_as_vfork},
    {"option-too-late", SEVERITY_WARNING, sets_reuse_late},
};

/* The same programs say which rule they come close to; none of them may be told an error, nor that rule at all. */
static const struct {
    const char *near;
    rig_program *program;
} rights[] = {
    {"self-held-end", self_pipe},
    {"deadlock", posts_in_handler},
    {"unclosed-end", tidy_pipe},
    {"unchecked-failure", closes_minus_one},
    {"fd-leak-exec", passes_end_on},
    {"short-io-ignored", goes_on_writing},
    {"rmid-early", removal_is_the_end},
    {"zombie", ignores_children},
    {"leak-sysv", open_to_all},
    {"wrong-end", keeps_write_end},
    {"written-twice", forks_without_text},
    {"written-twice", leaves_it_to_the_parent},
    {"text-lost", leaves_it_to_the_parent},
    {"unlocked-too-early", unlocks_without_text},
    {"unread-bytes", reads_to_the_end},
    {"unread-messages", receives_all},
    {"sent-to-nobody", looks_who_is_there},
    {"read-past-end", reads_to_the_end},
    {"left-open", closes_pipes},
    {"status-cut", status_of_failure},
    {"decimal-mode", octal_mode},
    {"name-is-option", login_name},
    {"vfork-misused", executes_as_vfork},
    {"option-too-late", sets_reuse_in_time},
};

/* ---- running them ----------------------------------------------------------------------------------------------------------- */

static void kill_all(struct rig *rig)
{
    for (size_t i = 0; i < tracer_process_count(rig->tracer); i++)
        if (!tracer_process(rig->tracer, i)->is_dead)
            kill(tracer_process(rig->tracer, i)->pid, SIGKILL);
}

/* Runs it to its end; if it comes to rest, the rules see it stand, and it is killed. */
static struct study *study(struct rig *rig, rig_program *program)
{
    struct ledger before = {0};
    struct err err = {0};
    rig->config.wants_stacks = true;
    rig->config.stacks_kept = 10000;
    rig_open(rig);
    ck_assert(ledger_begin(&before, &err));
    struct study *study = study_new(rig->tracer);
    rig_start(rig, program);
    while (rig_turn(rig) != SCENE_AT_REST) /* who idles goes on */
        continue;
    if (tracer_task_count(rig->tracer) > 0) {
        struct waits waits;
        struct history *history = history_new(rig->tracer);
        history_play_all(history);
        waits_find(&waits, rig->tracer, history, &inspector_here);
        study_stands(study, &waits);
        waits_free(&waits);
        history_free(history);
        kill_all(rig);
    }
    rig_finish(rig);
    study_end(study, &before);
    ledger_free(&before);
    return study;
}

static const struct finding *found(const struct study *study, const char *rule)
{
    for (size_t i = 0; i < study_count(study); i++)
        if (strcmp(study_finding(study, i)->rule->id, rule) == 0)
            return study_finding(study, i);
    return NULL;
}

START_TEST(a_broken_law_is_found)
{
    struct rig rig = {0};
    struct study *result = study(&rig, breaks[_i].program);
    const struct finding *finding = found(result, breaks[_i].rule);
    ck_assert_msg(finding != NULL, "%s is not found", breaks[_i].rule);
    ck_assert_msg(finding->severity == breaks[_i].severity, "%s is a %s", breaks[_i].rule,
                  severity_word(finding->severity));
    ck_assert_ptr_nonnull(finding->place.event);
    study_free(result);
    if (breaks[_i].program == leaks_segment)
        shmctl(rig.shared->number[0], IPC_RMID, NULL);
    rig_close(&rig);
}
END_TEST

START_TEST(a_kept_law_is_silent)
{
    struct rig rig = {0};
    struct study *result = study(&rig, rights[_i].program);
    ck_assert_msg(!found(result, rights[_i].near), "%s is raised", rights[_i].near);
    for (size_t i = 0; i < study_count(result); i++)
        ck_assert_msg(study_finding(result, i)->severity != SEVERITY_ERROR, "an error: %s: %s",
                      study_finding(result, i)->rule->id, study_finding(result, i)->text);
    study_free(result);
    rig_close(&rig);
}
END_TEST

/* A type above 2^32 may be meant: never more than a warning. */
START_TEST(large_types_are_no_error)
{
    struct rig rig = {0};
    struct study *result = study(&rig, large_type);
    ck_assert(!found(result, "mtype-not-long") ||
              found(result, "mtype-not-long")->severity == SEVERITY_WARNING);
    study_free(result);
    rig_close(&rig);
}
END_TEST

/* Of a log that was too long to be kept nothing is certain: its errors are warnings. */
START_TEST(no_error_where_calls_were_dropped)
{
    struct rig rig = {.config.event_budget = 20};
    struct study *result = study(&rig, floods_then_uses_minus_one);
    ck_assert(tracer_dropped_detail(rig.tracer));
    ck_assert_ptr_nonnull(found(result, "unchecked-failure"));
    for (size_t i = 0; i < study_count(result); i++)
        ck_assert_int_ne(study_finding(result, i)->severity, SEVERITY_ERROR);
    study_free(result);
    rig_close(&rig);
}
END_TEST

START_TEST(equal_findings_are_counted)
{
    struct rig rig = {0};
    struct study *result = study(&rig, reads_write_end);
    ck_assert_uint_eq(found(result, "wrong-end")->count, 1);
    study_free(result);
    rig_close(&rig);
}
END_TEST

START_TEST(every_rule_explains_itself)
{
    for (size_t i = 0; rules[i]; i++) {
        const struct rule *rule = rules[i];
        ck_assert(rule->law && rule->see && rule->silent && (rule->event || rule->stands || rule->end));
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(rules[k]->id, rule->id);
    }
}
END_TEST

/* A flood that would keep a rule busy for minutes. The others go on. */
START_TEST(a_flood_tires_one_rule_only)
{
    struct rig rig = {0};
    struct study *result = study(&rig, floods_under_a_lock);
    ck_assert(study_is_tired(result));
    ck_assert_ptr_nonnull(found(result, "unchecked-failure"));
    study_free(result);
    rig_close(&rig);
    rig = (struct rig){0};
    result = study(&rig, floods_then_uses_minus_one);
    ck_assert(!study_is_tired(result));
    study_free(result);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules");
    TCase *tests = tcase_create("rules");
    tcase_add_loop_test(tests, a_broken_law_is_found, 0, sizeof breaks / sizeof *breaks);
    tcase_add_loop_test(tests, a_kept_law_is_silent, 0, sizeof rights / sizeof *rights);
    tcase_add_test(tests, large_types_are_no_error);
    tcase_add_test(tests, no_error_where_calls_were_dropped);
    tcase_add_test(tests, a_flood_tires_one_rule_only);
    tcase_add_test(tests, equal_findings_are_counted);
    tcase_add_test(tests, every_rule_explains_itself);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
