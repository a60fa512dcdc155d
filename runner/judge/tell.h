/* The result of the play in the result's own terms: actors, their last events, notes, score, verdict. */
#ifndef IPCGRADE_JUDGE_TELL_H
#define IPCGRADE_JUDGE_TELL_H

#include "judge/stage.h"

/* What is known before the play: names, titles, points. */
void tell_case(const struct play_request *request, struct case_result *result);

/* How everybody is now (before the sandbox is closed). Source lines are looked up here, so it costs something: only for cases that lost points. */
void tell_scene(struct stage *stage);

/* Verdict, score and reason, from stage->points, the failures and stage->trouble. */
void tell_verdict(struct stage *stage);

/* Add a note. Text is copied. */
void tell_note(struct case_result *result, const char *text);

#endif
