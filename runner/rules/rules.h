/* Rules: laws of interprocess communication that hold for any program, held against the log of a run, with no case written.
 *
 * A rule looks at each moment when nobody could go on, and when all is over at every event in the order of the log (before the event changes the tables of descriptors), and at what is left. What it
 * finds is a *finding*: the rule, where, who, the other end, and a sentence of facts. Equal findings (the same rule at the same call) are counted, not repeated.
 *
 * Severity: an *error* is wrong in every reading, a *warning* works by luck or on this kernel only, a *note* is worth knowing. No rule may raise an error against a correct
 * program; each says when it keeps silent.
 *
 * Layer: rules (may name base, calls, trace, inspect, diagnosis). Rules change nothing.
 */
#ifndef IPCGRADE_RULES_RULES_H
#define IPCGRADE_RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "diagnosis/descriptors.h"
#include "diagnosis/waits.h"
#include "trace/ledger.h"
#include "trace/trace.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE, SEVERITIES };

struct study;

struct rule {
    const char *id;         /* "self-held-end" */
    enum severity severity; /* of its gravest finding */
    const char *law;        /* one sentence: what is always so in a correct program */
    const char *see;        /* manual pages and standard */
    const char *silent;     /* when it keeps silent, and why */
    bool
        is_of_code; /* it is about how a program is written: of what belongs to the system (a shell that runs a script) nothing is told where no line of a source has to do with it */
    void (*event)(struct study *study, const struct event *event);  /* or NULL */
    void (*stands)(struct study *study, const struct waits *waits); /* or NULL */
    void (*end)(struct study *study, const struct ledger *ledger);  /* or NULL */
};

/* All of them, NULL-terminated; the order is that of `ipcgrade rules`. */
extern const struct rule *const rules[];

struct place {   /* where a finding is */
    int process; /* index, or -1 */
    const struct event *event;
    const struct event *other; /* the call that belongs to it, or NULL */
    const char *other_words;   /* what `other` is: "made by", "removed by"; constant */
};

struct finding {
    const struct rule *rule;
    enum severity severity;
    struct place place;
    char *text;   /* facts in one sentence; owned */
    size_t count; /* how often */
};

/* Begin: nothing has happened yet. Ends the process when there is no memory; free with study_free(). The tracer is borrowed. */
struct study *study_new(struct tracer *tracer);
void study_free(struct study *study); /* safe on NULL */

/* Nobody can go on now. */
void study_stands(struct study *study, const struct waits *waits);

/* Everything has ended: look at the whole log, then at what is left (`ledger` knows what was there before; NULL: somebody else looks after what is left). */
void study_end(struct study *study, const struct ledger *ledger);

/* There were so many calls that not each was held against every rule. */
bool study_is_tired(const struct study *study);

size_t study_count(const struct study *study);
const struct finding *study_finding(const struct study *study, size_t index); /* NULL beyond the last */

const char *severity_word(enum severity severity); /* "error", ... */

/* ---- for rules ---------------------------------------------------------------------------------------------------------- */

/* Asked for at each step through the log, since the steps are counted. */
struct tracer *study_tracer(const struct study *study);
const struct history *
study_history(const struct study *study); /* as before the event that is being looked at */

/* Room of a rule's own, zeroed when it is asked for first, freed with the study; nothing in it may have to be freed. */
void *study_room(struct study *study, const struct rule *rule, size_t size);

/* Add one; an error becomes a warning when the log is not complete (tracer_dropped_detail()). A finding of the same rule in the same program whose call stands at the same line is counted instead. */
void finding_add(struct study *study, const struct rule *rule, enum severity severity,
                 const struct place *place, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
