/* What the drawing of a sequence diagram shares with its arrows. Layer: report, private to html_sequence.c and html_arrow.c. */
#ifndef IPCGRADE_REPORT_HTML_SEQUENCE_PRIVATE_H
#define IPCGRADE_REPORT_HTML_SEQUENCE_PRIVATE_H

#include <stdbool.h>
#include <stdio.h>

#include "result/result.h"

/* In units of the drawing, which are pixels as long as nobody zooms. */
enum {
    LANE_LEAST = 236,
    LANE_MOST = 520,
    PAGE = 1100, /* as wide as a page usually is: so much is used where there is something to say */
    LETTER = 29, /* a quarter of a unit each: the width of a letter */
    MARGIN = 12,
    HEAD = 52,
    ROW = 40,
    GAP = 24,
    ABOVE = 13, /* the text of a call */
    LOOP = 16,
    BOX = 11,
    BAR = 8,
    MOST_LANES = 12
};

struct lane { /* one process of one actor */
    int actor, pid;
    const char *program, *state;
};

struct sequence {
    FILE *to;
    const struct case_result *one;
    size_t number;
    struct lane lanes[MOST_LANES];
    int count;
    int lane, columns; /* of each lane: its width, and how many letters of a text fit into it */
    bool is_too_wide;
    int *y; /* of each event */
    int foot;
};

/* The lane of a process, by its actor or by its pid alone; -1: it has none. */
int sequence_lane(const struct sequence *sequence, int actor, int pid);
int sequence_lane_of_pid(const struct sequence *sequence, int pid);

const char *sequence_name(const struct sequence *sequence, int lane); /* of its actor; "" */
int sequence_x(const struct sequence *sequence, int lane);            /* of its line */
/* Where the text of a call begins, and so many letters further on. */
int sequence_text_x(const struct sequence *sequence, int lane, int columns);

/* As much as fits, on one line; the whole stands in the title and in the table. Caller frees. */
char *sequence_shortened(const char *text, int columns);
void sequence_put_text(const struct sequence *sequence, int x, int y, const char *kind, const char *text);

/* Of the event of that index: what it took, whom it made or sent a signal to. */
void sequence_put_carried(const struct sequence *sequence, size_t index);
void sequence_put_reach(const struct sequence *sequence, size_t index);
/* Who waits for whom, as long as both are in the circle. Returns how many lines that took. */
int sequence_put_circle(const struct sequence *sequence);

#endif
