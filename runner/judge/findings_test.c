/* Findings of the rules in plays: which are the student's, which the play has caused itself, what they cost. */
#include "judge/findings.h"

#include "judge/playing.h"

struct row {
    struct play_row play;
    const char *rule; /* that is found, and no other error or warning; NULL: nothing is */
    const char *severity;
    size_t count;
    int price; /* hundredths */
    bool is_told;
};

#define PROGRAM(words) "steps:\n  - start: {p: [does, " words "]}\n"
/* The child reads one byte and has the write end open; the parent has closed its read end. */
#define UNCLOSED PROGRAM("pipe, fork, read, \"3\", done, close, \"3\", write, \"4\", x, wait")

static const struct row own[] = {
    {.play = {.title = "who waits for its own write end fails, and the failure says why",
              .yaml = PROGRAM("pipe, read, \"3\"") "  - expect: {p: {exit: 0}}\n",
              .verdict = FAILED},
     .rule = "self-held-end",
     .severity = "error",
     .count = 1,
     .price = 0,
     .is_told = true},
    {.play = {.title = "a warning costs nothing", .yaml = UNCLOSED},
     .rule = "unclosed-end",
     .severity = "warning",
     .count = 1,
     .price = 0,
     .is_told = false},
    {.play = {.title = "the result of a call that failed", .yaml = PROGRAM("open, missing, r, read, \"-1\"")},
     .rule = "unchecked-failure",
     .severity = "error",
     .count = 1,
     .price = 0,
     .is_told = false},
    {.play = {.title = "the call has failed because the case made it fail: it is used all the same",
              .yaml = "inject: [{p: {open: f, error: EMFILE, nth: 1}}]\ngiven: {f: file}\n" PROGRAM(
                  "open, f, r, read, \"-1\"")},
     .rule = "unchecked-failure",
     .severity = "error",
     .count = 1,
     .price = 0,
     .is_told = false},
    {.play = {.title = "a child that nobody waits for",
              .yaml = PROGRAM("fork, exit, \"0\", done, line") "  - send: {p: \"go\\n\"}\n"},
     .rule = "zombie",
     .severity = "warning",
     .count = 1,
     .price = 0,
     .is_told = false},
};

static const struct row of_the_play[] = {
    {.play = {.title = "a puppet removes the queue",
              .yaml = "given: {q: queue}\n" PROGRAM(
                  "msgrcv, <q>, \"0\", exit, \"1\"") "  - do: {peer: {msgctl: q, cmd: IPC_RMID}}\n"
                                                     "  - expect: {p: {exit: 1}}\n"}},
    {.play = {.title = "another program removes the queue",
              .yaml = "given: {q: queue}\nleft: nothing\n" PROGRAM(
                  "msgrcv, <q>, \"0\", exit, \"1\"") "  - start: {q2: [does, msgrm, <q>]}\n"
                                                     "  - expect: {p: {exit: 1}}\n"}},
    {.play = {.title = "who is killed has waited for nobody",
              .yaml = PROGRAM("fork, exit, \"0\", done, line") "  - signal: {p: SIGKILL}\n"}},
    {.play = {.title = "waits for a puppet that has not written yet",
              .yaml = "given: {box: fifo}\n" PROGRAM(
                  "open, box, r, read, \"3\"") "  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n"
                                               "  - expect: {p: {stdout: x}}\n",
              .verdict = FAILED}},
};

#define HALF "rules: {unclosed-end: 0.5}\n"

static const struct row priced[] = {
    {.play = {.title = "the case has a price", .yaml = HALF UNCLOSED, .verdict = FAILED, .score = 50},
     .rule = "unclosed-end",
     .severity = "warning",
     .count = 1,
     .price = 50,
     .is_told = true},
    {.play = {.title = "the assignment has one",
              .assignment = HALF,
              .yaml = UNCLOSED,
              .verdict = FAILED,
              .score = 50},
     .rule = "unclosed-end",
     .severity = "warning",
     .count = 1,
     .price = 50,
     .is_told = true},
    {.play = {.title = "the case says something else than the assignment",
              .assignment = HALF,
              .yaml = "rules: {unclosed-end: 0}\n" UNCLOSED},
     .rule = "unclosed-end",
     .severity = "warning",
     .count = 1,
     .price = 0,
     .is_told = false},
    {.play = {.title = "ignored", .yaml = "rules: {unclosed-end: ignored}\n" UNCLOSED}},
    {.play = {.title = "it never costs more than is left",
              .yaml = "points: 2\nrules: {crash: 1.5, unclosed-end: 1}\n" PROGRAM(
                  "pipe, fork, read, \"3\", crash, done, close, \"3\", write, \"4\", x, wait"),
              .verdict = FAILED},
     .rule = "unclosed-end",
     .severity = "warning",
     .count = 1,
     .price = 50,
     .is_told = true},
    {.play = {.title = "what is left behind, by its kind",
              .yaml = "rules: {leak-fifo: 0.3}\n" PROGRAM("mkfifo, box"),
              .verdict = FAILED,
              .score = 70}},
    {.play = {.title = "another kind has no price of its own",
              .yaml = "rules: {leak-sysv: 0.3}\n" PROGRAM("mkfifo, box"),
              .verdict = FAILED}},
    {.play = {.title = "what is left behind may be ignored by its kind",
              .yaml = "rules: {leak-fifo: ignored}\n" PROGRAM("mkfifo, box")}},
};

static const struct result_finding *only_finding(const struct case_result *result)
{
    const struct result_finding *only = NULL;
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].severity, "note") == 0)
            continue;
        ck_assert_msg(!only || strcmp(result->findings[i].rule, "unclosed-end") == 0, "also found: %s: %s",
                      result->findings[i].rule, result->findings[i].text);
        only = only ? only : &result->findings[i];
    }
    return only;
}

static void check(const struct row *row)
{
    struct played played;
    play_row(&played, &row->play);
    const struct case_result *result = &played.result;
    cleanup_free char *told = played_text(&played);
    int score = row->play.verdict == PASSED ? result->max_score : row->play.score;
    ck_assert_msg(result->verdict == row->play.verdict && result->score == score, "%s: %s", row->play.title,
                  told);
    const struct result_finding *finding = only_finding(result);
    ck_assert_msg(!row->rule == !finding, "%s: %s is found: %s", row->play.title,
                  finding ? finding->rule : "nothing", told);
    if (finding) {
        ck_assert_str_eq(finding->rule, row->rule);
        ck_assert_str_eq(finding->severity, row->severity);
        ck_assert_str_eq(finding->program, "does");
        ck_assert_str_eq(finding->at.file, "does.c");
        ck_assert_uint_eq(finding->count, row->count);
        ck_assert_int_eq(finding->price, row->price);
        ck_assert_int_eq(finding->is_told, row->is_told);
    }
    played_free(&played);
}

#define ROWS(rows)                                                                                           \
    START_TEST(test_##rows)                                                                                  \
    {                                                                                                        \
        check(&(rows)[_i]);                                                                                  \
    }                                                                                                        \
    END_TEST

ROWS(own)
ROWS(of_the_play)
ROWS(priced)

int main(void)
{
    Suite *suite = suite_create("findings in plays");
    ADD_ROWS(suite, own);
    ADD_ROWS(suite, of_the_play);
    ADD_ROWS(suite, priced);
    return run_suite(suite);
}
