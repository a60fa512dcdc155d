/* What is known of a folder's cases from the runs before, and which of them a new run must play.
 *
 * A case sees of the submission nothing but its built programs. So its result stands as long as the programs that it starts are the same, byte for byte, and whatever
 * these may execute: other programs whose names are written in them. What a run has not come to stays due.
 *
 * A run is a process of its own, which writes what it has found into a file that the two share (known_write) and ends; known_read() takes it in.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_KNOWN_H
#define IPCGRADE_COMMANDS_KNOWN_H

#include <stdint.h>
#include <stdio.h>

#include "commands/grading.h"
#include "commands/submission.h"

/* Of one scenario in the run that was read last. */
enum known_state {
    KNOWN_NOT,  /* it is due: never judged, or its programs have changed since */
    KNOWN_LEFT, /* it stands as it was */
    KNOWN_NOW,  /* it was judged in this run */
};

struct known {
    const struct suite *suite; /* borrowed */
    struct case_result *
        cases; /* owned, one per scenario: the last result, also of one that is due; id NULL: there is none */
    uint64_t *programs;        /* owned, one per program of the assignment: its digest; 0: it was not there */
    unsigned char *states;     /* owned, enum known_state of each scenario */
    bool has_built;            /* programs holds what a run has built */
    struct build_result build; /* of the last run; owned */
    char **machine_notes;      /* owned */
    size_t machine_note_count;
};

bool known_new(struct known *known, const struct suite *suite, struct err *err);
void known_free(struct known *known); /* safe on a zeroed struct */

/* In the run, with its built programs: mark as done in the plan what stands, and leave out what can wait, if programs have changed: first their cases are played.
 * known->programs and known->states are this run's then. False without memory. */
bool known_settle(struct known *known, const struct submission *submission, struct plan *plan);

/* In the run, at its end: write what it has found. */
bool known_write(struct known *known, const struct grading *grading, FILE *to);

/* Take in what a run has written; an empty file changes nothing. False when it is not that. */
bool known_read(struct known *known, FILE *from, struct err *err);

/* Cases of the plan that are due. */
size_t known_due(const struct known *known, const struct plan *plan);

#endif
