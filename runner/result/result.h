/* The result of grading one submission: plain data that the director fills in and report writers read.
 *
 * Points are integers, hundredths of a point. Texts are owned by the struct and already printable (no control bytes, valid UTF-8).
 * A worker process sends its case_result to the parent as the JSON of result_json.h.
 *
 * Layer: result (may name base only).
 */
#ifndef IPCGRADE_RESULT_RESULT_H
#define IPCGRADE_RESULT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict {
    PASSED,
    FAILED,  /* the student's fault */
    BROKEN,  /* the grader's or machine's; never costs points */
    SKIPPED, /* cannot be run here; never costs points */
};

enum { VERDICTS = SKIPPED + 1 };

const char *verdict_word(enum verdict verdict); /* "passed", ... */
bool verdict_is_judged(enum verdict verdict);   /* passed or failed: its points are given or lost */

/* Points for people, exact: "7", "7.1", "7.05". */
struct points_text {
    char text[16];
};
struct points_text points_text(int hundredths);

struct source_line {
    char *file; /* as the submission names it, or NULL: not known */
    int line;
    char *function; /* or NULL */
};

struct result_event { /* one call that matters */
    int actor;        /* index into actors */
    int pid;          /* as the sandbox counts */
    uint64_t time_ns; /* since the play began */
    char *text;       /* `read(3, ...)`: the readable line, result included */
    char *call;       /* "read" */
    char *error;      /* "EPIPE", or NULL */
    bool is_unfinished;
    bool is_injected;
    struct source_line at;
    char *object;  /* that it works on: "pipe", "box", or NULL */
    size_t bytes;  /* that it has moved */
    int other_pid; /* the process that it has made, or sent a signal to; 0: none */
    size_t giver;  /* the event that gave what this one took, counted from 1; 0: none that is told */
    size_t
        began; /* it was in the call before this event took effect, counted from 1; 0: it has not waited for one that is told */
    size_t skipped;      /* calls between the one that stands before it and this one that are not told */
    char *skipped_calls; /* what they do: "read, write", or NULL */
};

struct result_process {
    int pid; /* as the sandbox counts */
    char *program;
    char *state;
    struct source_line at;
};

struct result_actor { /* a program of the play, a puppet, a stand-in */
    char *name;
    int pid; /* of its first process, as the sandbox counts; 0: it never lived */
    char *program;
    /* In words, at the moment of failure or at the end: "blocked in open(\"box\")", "ended with status 0". */
    char *state;
    struct source_line at;            /* where it is now, if it lives */
    struct result_process *processes; /* where it has or had several: these, the first one first */
    size_t process_count;
};

struct result_left { /* something left behind */
    char *kind;      /* "message queue" */
    char *name;      /* path, key, name or pid */
    char *about;     /* "id 3, key 0x0000002a, owner student, 40 bytes" */
    char *made_by;   /* actor and call, or NULL */
    struct source_line at;
};

struct result_helper { /* a process that could end a wait */
    int pid;
    char *who;
    char *help; /* a word: write_end, read_end, child, taken, owner, user, party, thread */
    int fd;     /* the descriptor through which, or -1 */
    int wait;   /* its own wait among the case's, from 1; 0: it does not wait */
    bool is_probable;
    struct source_line at; /* where it got that power */
};

struct result_wait { /* a node of the wait-for graph: a task that is blocked */
    int pid;
    char *who;
    char *call;   /* "read" */
    char *object; /* "pipe", "box", or NULL */
    char *text;   /* in words: a sentence, and a line "- .." for each helper */
    bool is_told; /* it has to do with the failure */
    bool is_in_cycle;
    struct source_line at;
    struct result_helper *helpers;
    size_t helper_count;
};

struct result_finding {    /* what a rule has found in a program of the submission */
    char *rule, *severity; /* "self-held-end"; "error", "warning" or "note" */
    char *law, *see;
    char *text;    /* facts in one sentence */
    char *program; /* whose process it was */
    char *call;    /* the readable line, or NULL */
    struct source_line at;
    char *other;  /* "made by pipe([3, 4]) = 0 at p.c:7": the call that belongs to it, or NULL */
    size_t count; /* how often */
    int price;    /* hundredths that it has cost here */
    bool is_told; /* a failure of the case says it already */
};

struct failure {
    int step;        /* 0-based; -1: at the end of the case */
    int line;        /* in the case file */
    char *step_text; /* the step as written, or NULL */
    char *cause;     /* "After peer closed w (step 4) everything came to rest." or NULL */
    char *expected;  /* one line or more */
    char *seen;      /* one line or more */
    bool is_limit;   /* it comes from a safety limit, which `seen` names */
    int cost;        /* hundredths that this failure costs */
    char *hint[2];   /* English, Korean; or NULL */
};

struct case_result {
    char *id;
    char *title[2]; /* English, Korean (or NULL) */
    char *group;
    char *program;
    char *file; /* case file */
    bool is_hidden;
    bool
        is_skeleton; /* a program of it is what the student was handed: `reason` says so, and nothing else is worth telling */
    char *
        lacks; /* the program without which there is nothing to judge, or NULL; `reason` is that name and why: not handed in, does not build, still the skeleton */
    bool
        is_taken_back; /* skipped after the student's program has run: it had failed, and this machine may be the reason */
    bool
        is_crowded; /* from a worker alone: its neighbours may be to blame, so it is played again without them, and this is forgotten */
    enum verdict verdict;
    int score, max_score; /* hundredths, scaled to the group's points */
    char *reason;  /* one line: why it failed, broke or was skipped; NULL when passed with full points */
    char *hint[2]; /* the case's */
    char **see;
    size_t see_count;
    struct failure *failures; /* the one that ended the play last; before it those that only cost */
    size_t failure_count;
    struct result_actor *actors;
    size_t actor_count;
    struct result_event *events; /* those that tell what led to the failure, in order of time */
    size_t event_count;
    struct result_wait *waits; /* why nobody goes on, when a case failed */
    size_t wait_count;
    char *deadlock;                  /* the cycle among them in one sentence, or NULL */
    struct result_finding *findings; /* the gravest first */
    size_t finding_count;
    struct result_left *left;
    size_t left_count;
    /* "detail was dropped after 50000 calls", "a fault was injected", "... was never reached" */
    char **notes;
    size_t note_count;
    double seconds; /* wall clock, for information only */
};

struct build_result {
    bool is_ok;
    int status;   /* of make */
    char *output; /* printable lines, cut at a limit */
    bool is_cut;
};

struct result_group { /* computed by result_total() */
    char *name;
    int score, max_score, unjudged; /* hundredths */
    int counts[VERDICTS];           /* cases with each verdict */
};

struct result {
    char *assignment[2];
    char *submission;
    struct build_result build;
    struct case_result *cases;
    size_t count;
    size_t planned;       /* cases that were to be judged; `count` of them have been */
    int score, max_score; /* hundredths; max_score is that of all planned cases */
    int unjudged;         /* hundredths of the cases that broke or were skipped: neither in score nor lost */
    struct result_group *groups; /* in order of appearance */
    size_t group_count;
    /* passed: full marks; failed: points lost; broken: some case broke; skipped: everything was skipped */
    enum verdict verdict;
    char **machine_notes; /* what this machine lacks */
    size_t machine_note_count;
    uint64_t seed;
    double seconds;
    bool is_partial; /* cases are still to come, or the run was cut short */
};

void case_result_free(struct case_result *result); /* what it owns; not the struct */
void result_free(struct result *result);

/* The case failed because `program` is still the skeleton that was handed out. */
void result_skeleton(struct case_result *result, const char *program);

/* A copy of `text` in *field, freeing what was there. */
void result_set(char **field, const char *text);

#endif
