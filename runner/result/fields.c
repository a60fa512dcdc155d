/* The rows of a result; see fields.h. Their order is the order in JSON. An event names its actor, so actors stand before
 * events.
 *
 * A field of a source line is flat in JSON: an event has `file`, `line` and `function` of its own.
 */
#include "result/fields.h"

#include "result/result.h"

#define MUST true
#define MAY false
#define PLAIN(kind, owner, name, member, required)                                                           \
    {                                                                                                        \
        name, kind, required, offsetof(struct owner, member), 0, NULL                                        \
    }
#define TEXTS(owner, name, member, counter)                                                                  \
    {                                                                                                        \
        name, FIELD_TEXTS, MAY, offsetof(struct owner, member), offsetof(struct owner, counter), NULL        \
    }
#define LIST(owner, name, member, counter, of, required)                                                     \
    {                                                                                                        \
        name, FIELD_LIST, required, offsetof(struct owner, member), offsetof(struct owner, counter), of      \
    }
#define SOURCE_LINE(owner)                                                                                   \
    PLAIN(FIELD_TEXT, owner, "file", at.file, MAY), PLAIN(FIELD_INT, owner, "line", at.line, MAY),           \
        PLAIN(FIELD_TEXT, owner, "function", at.function, MAY)
#define END                                                                                                  \
    {                                                                                                        \
        NULL, FIELD_TEXT, MAY, 0, 0, NULL                                                                    \
    }

static const struct field failure_fields[] = {
    PLAIN(FIELD_INT, failure, "step", step, MUST),
    PLAIN(FIELD_INT, failure, "line", line, MUST),
    PLAIN(FIELD_TEXT, failure, "text", step_text, MAY),
    PLAIN(FIELD_TEXT, failure, "cause", cause, MAY),
    PLAIN(FIELD_TEXT, failure, "expected", expected, MAY),
    PLAIN(FIELD_TEXT, failure, "seen", seen, MAY),
    PLAIN(FIELD_BOOL, failure, "limit", is_limit, MAY),
    PLAIN(FIELD_POINTS, failure, "cost", cost, MAY),
    PLAIN(FIELD_TEXT, failure, "hint", hint[0], MAY),
    PLAIN(FIELD_TEXT, failure, "hint_ko", hint[1], MAY),
    END,
};
static const struct shape failure_shape = {sizeof(struct failure), failure_fields};

static const struct field process_fields[] = {
    PLAIN(FIELD_INT, result_process, "pid", pid, MUST),
    PLAIN(FIELD_TEXT, result_process, "program", program, MAY),
    PLAIN(FIELD_TEXT, result_process, "state", state, MAY),
    SOURCE_LINE(result_process),
    END,
};
static const struct shape process_shape = {sizeof(struct result_process), process_fields};

static const struct field actor_fields[] = {
    PLAIN(FIELD_TEXT, result_actor, "name", name, MUST),
    PLAIN(FIELD_INT, result_actor, "pid", pid, MAY),
    PLAIN(FIELD_TEXT, result_actor, "program", program, MAY),
    PLAIN(FIELD_TEXT, result_actor, "state", state, MAY),
    SOURCE_LINE(result_actor),
    LIST(result_actor, "processes", processes, process_count, &process_shape, MAY),
    END,
};
static const struct shape actor_shape = {sizeof(struct result_actor), actor_fields};

static const struct field event_fields[] = {
    PLAIN(FIELD_ACTOR, result_event, "actor", actor, MUST),
    PLAIN(FIELD_INT, result_event, "pid", pid, MUST),
    PLAIN(FIELD_NUMBER, result_event, "time_ns", time_ns, MUST),
    PLAIN(FIELD_TEXT, result_event, "text", text, MUST),
    PLAIN(FIELD_TEXT, result_event, "call", call, MAY),
    PLAIN(FIELD_TEXT, result_event, "error", error, MAY),
    PLAIN(FIELD_BOOL, result_event, "unfinished", is_unfinished, MAY),
    PLAIN(FIELD_BOOL, result_event, "injected", is_injected, MAY),
    SOURCE_LINE(result_event),
    PLAIN(FIELD_TEXT, result_event, "object", object, MAY),
    PLAIN(FIELD_SIZE, result_event, "bytes", bytes, MAY),
    PLAIN(FIELD_INT, result_event, "other_pid", other_pid, MAY),
    PLAIN(FIELD_SIZE, result_event, "giver", giver, MAY),
    PLAIN(FIELD_SIZE, result_event, "began", began, MAY),
    PLAIN(FIELD_SIZE, result_event, "skipped", skipped, MAY),
    PLAIN(FIELD_TEXT, result_event, "skipped_calls", skipped_calls, MAY),
    END,
};
static const struct shape event_shape = {sizeof(struct result_event), event_fields};

static const struct field left_fields[] = {
    PLAIN(FIELD_TEXT, result_left, "kind", kind, MUST),
    PLAIN(FIELD_TEXT, result_left, "name", name, MUST),
    PLAIN(FIELD_TEXT, result_left, "about", about, MAY),
    PLAIN(FIELD_TEXT, result_left, "made_by", made_by, MAY),
    SOURCE_LINE(result_left),
    END,
};
static const struct shape left_shape = {sizeof(struct result_left), left_fields};

static const struct field finding_fields[] = {
    PLAIN(FIELD_TEXT, result_finding, "rule", rule, MUST),
    PLAIN(FIELD_TEXT, result_finding, "severity", severity, MUST),
    PLAIN(FIELD_TEXT, result_finding, "text", text, MUST),
    PLAIN(FIELD_SIZE, result_finding, "count", count, MUST),
    PLAIN(FIELD_TEXT, result_finding, "program", program, MAY),
    PLAIN(FIELD_TEXT, result_finding, "call", call, MAY),
    SOURCE_LINE(result_finding),
    PLAIN(FIELD_TEXT, result_finding, "other", other, MAY),
    PLAIN(FIELD_POINTS, result_finding, "price", price, MAY),
    PLAIN(FIELD_BOOL, result_finding, "told", is_told, MAY),
    PLAIN(FIELD_TEXT, result_finding, "law", law, MUST),
    PLAIN(FIELD_TEXT, result_finding, "see", see, MUST),
    END,
};
static const struct shape finding_shape = {sizeof(struct result_finding), finding_fields};

static const struct field helper_fields[] = {
    PLAIN(FIELD_INT, result_helper, "pid", pid, MUST),
    PLAIN(FIELD_TEXT, result_helper, "who", who, MUST),
    PLAIN(FIELD_TEXT, result_helper, "help", help, MUST),
    PLAIN(FIELD_INT, result_helper, "fd", fd, MUST),
    PLAIN(FIELD_INT, result_helper, "wait", wait, MAY),
    PLAIN(FIELD_BOOL, result_helper, "probable", is_probable, MAY),
    SOURCE_LINE(result_helper),
    END,
};
static const struct shape helper_shape = {sizeof(struct result_helper), helper_fields};

static const struct field wait_fields[] = {
    PLAIN(FIELD_INT, result_wait, "pid", pid, MUST),
    PLAIN(FIELD_TEXT, result_wait, "who", who, MUST),
    PLAIN(FIELD_TEXT, result_wait, "call", call, MUST),
    PLAIN(FIELD_TEXT, result_wait, "object", object, MAY),
    PLAIN(FIELD_TEXT, result_wait, "text", text, MUST),
    PLAIN(FIELD_BOOL, result_wait, "told", is_told, MAY),
    PLAIN(FIELD_BOOL, result_wait, "cycle", is_in_cycle, MAY),
    SOURCE_LINE(result_wait),
    LIST(result_wait, "helpers", helpers, helper_count, &helper_shape, MAY),
    END,
};
static const struct shape wait_shape = {sizeof(struct result_wait), wait_fields};

static const struct field case_fields[] = {
    PLAIN(FIELD_TEXT, case_result, "id", id, MUST),
    PLAIN(FIELD_TEXT, case_result, "title", title[0], MUST),
    PLAIN(FIELD_TEXT, case_result, "title_ko", title[1], MAY),
    PLAIN(FIELD_TEXT, case_result, "group", group, MUST),
    PLAIN(FIELD_TEXT, case_result, "program", program, MUST),
    PLAIN(FIELD_TEXT, case_result, "case_file", file, MAY),
    PLAIN(FIELD_BOOL, case_result, "hidden", is_hidden, MAY),
    PLAIN(FIELD_BOOL, case_result, "skeleton", is_skeleton, MAY),
    PLAIN(FIELD_TEXT, case_result, "lacks", lacks, MAY),
    PLAIN(FIELD_BOOL, case_result, "taken_back", is_taken_back, MAY),
    PLAIN(FIELD_BOOL, case_result, "crowded", is_crowded, MAY), /* in no report */
    PLAIN(FIELD_VERDICT, case_result, "verdict", verdict, MUST),
    PLAIN(FIELD_POINTS, case_result, "score", score, MUST),
    PLAIN(FIELD_POINTS, case_result, "max_score", max_score, MUST),
    PLAIN(FIELD_TEXT, case_result, "reason", reason, MUST),
    PLAIN(FIELD_TEXT, case_result, "hint", hint[0], MUST),
    PLAIN(FIELD_TEXT, case_result, "hint_ko", hint[1], MAY),
    TEXTS(case_result, "see", see, see_count),
    LIST(case_result, "failures", failures, failure_count, &failure_shape, MAY),
    LIST(case_result, "actors", actors, actor_count, &actor_shape, MAY),
    LIST(case_result, "events", events, event_count, &event_shape, MUST),
    LIST(case_result, "waits", waits, wait_count, &wait_shape, MAY),
    PLAIN(FIELD_TEXT, case_result, "deadlock", deadlock, MAY),
    LIST(case_result, "findings", findings, finding_count, &finding_shape, MAY),
    LIST(case_result, "left", left, left_count, &left_shape, MAY),
    TEXTS(case_result, "notes", notes, note_count),
    PLAIN(FIELD_SECONDS, case_result, "seconds", seconds, MAY),
    END,
};
const struct shape case_shape = {sizeof(struct case_result), case_fields};

static const struct field build_fields[] = {
    PLAIN(FIELD_BOOL, build_result, "ok", is_ok, MUST),
    PLAIN(FIELD_INT, build_result, "status", status, MUST),
    PLAIN(FIELD_TEXT, build_result, "output", output, MAY),
    PLAIN(FIELD_BOOL, build_result, "cut", is_cut, MAY),
    END,
};
static const struct shape build_shape = {sizeof(struct build_result), build_fields};

static const struct field group_fields[] = {
    PLAIN(FIELD_TEXT, result_group, "name", name, MUST),
    PLAIN(FIELD_POINTS, result_group, "score", score, MUST),
    PLAIN(FIELD_POINTS, result_group, "max_score", max_score, MUST),
    PLAIN(FIELD_POINTS, result_group, "unjudged", unjudged, MUST),
    PLAIN(FIELD_INT, result_group, "passed", counts[PASSED], MUST),
    PLAIN(FIELD_INT, result_group, "failed", counts[FAILED], MUST),
    PLAIN(FIELD_INT, result_group, "broken", counts[BROKEN], MUST),
    PLAIN(FIELD_INT, result_group, "skipped", counts[SKIPPED], MUST),
    END,
};
static const struct shape group_shape = {sizeof(struct result_group), group_fields};

static const struct field result_fields[] = {
    PLAIN(FIELD_TEXT, result, "assignment", assignment[0], MAY),
    PLAIN(FIELD_TEXT, result, "assignment_ko", assignment[1], MAY),
    PLAIN(FIELD_TEXT, result, "submission", submission, MUST),
    PLAIN(FIELD_VERDICT, result, "verdict", verdict, MUST),
    PLAIN(FIELD_POINTS, result, "score", score, MUST),
    PLAIN(FIELD_POINTS, result, "max_score", max_score, MUST),
    PLAIN(FIELD_POINTS, result, "unjudged", unjudged, MUST),
    PLAIN(FIELD_SIZE, result, "planned", planned, MUST),
    PLAIN(FIELD_BOOL, result, "partial", is_partial, MUST),
    PLAIN(FIELD_NUMBER, result, "seed", seed, MUST),
    PLAIN(FIELD_SECONDS, result, "seconds", seconds, MUST),
    {"build", FIELD_SHAPE, MUST, offsetof(struct result, build), 0, &build_shape},
    TEXTS(result, "machine_notes", machine_notes, machine_note_count),
    LIST(result, "groups", groups, group_count, &group_shape, MUST),
    LIST(result, "cases", cases, count, &case_shape, MUST),
    END,
};
const struct shape result_shape = {sizeof(struct result), result_fields};
