/* The wait-for graph in words: who waits where for what, who could end it and where he got that power, and the deadlock.
 *
 * Facts only; what is inferred says "probably". Sentences are in the language of the process (gettext).
 *
 * Layer: diagnosis.
 */
#ifndef IPCGRADE_DIAGNOSIS_WORDS_H
#define IPCGRADE_DIAGNOSIS_WORDS_H

#include "base/bytes.h"
#include "diagnosis/waits.h"

struct teller { /* how people and places are named where the words are read */
    struct tracer *tracer;
    const char *source_root; /* for source_find(); may be NULL */
    void (*who)(void *context, const struct process *process, struct bytes *to);
    void *context;
};

/* One wait: a sentence of who waits for what, then a line "- .." for each of those who could end it. Lines are separated, not ended, by '\n'. */
void wait_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
               struct bytes *to);

/* The cycle in one sentence; nothing when there is none, or it is a wait for itself (wait_text says that). */
void cycle_text(const struct waits *waits, const struct teller *teller, struct bytes *to);

/* All of it: the cycle in one sentence, its waits, the other waits (of many, the first), and which programs would have to be compiled with -g for their lines to be told. Nothing
 * when nobody waits. Lines as in wait_text(). */
void waits_text(const struct waits *waits, const struct teller *teller, struct bytes *to);

#endif
