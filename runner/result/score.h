/* Points: sharing a group's points among its cases, scaling what a case earned, adding up.
 *
 * All points are hundredths. What a broken or skipped case is worth is neither in the score nor lost: it is `unjudged`, max_score stays,
 * and so a broken grader never costs a student a point.
 *
 * Layer: result (may name base only).
 */
#ifndef IPCGRADE_RESULT_SCORE_H
#define IPCGRADE_RESULT_SCORE_H

#include "result/result.h"

/* Share `total` among `count` cases in proportion to their weights (CASES, section 13), so that the shares add up to it exactly: each gets
 * the whole hundredths of its part, and what is left goes one by one to the largest remainders, the earlier case first. Weights that are all
 * 0 count as equal. None may be negative; false without memory. */
bool score_share(const int *weights, size_t count, int total, int *shares);

/* What `score` of `own_max` is worth where the case is worth `share`: to the nearest hundredth, but the whole share only for the whole
 * score. */
int score_scale(int score, int own_max, int share);

/* Turn a case's own points into its share: score, max_score, and what its failures cost. */
void case_result_scale(struct case_result *result, int share);

/* Fill score, unjudged, groups and verdict from the cases. max_score and planned are the caller's, who knows the cases that are still to
 * come. False without memory. */
bool result_total(struct result *result);

/* The score where a consumer knows no `unjudged`: what was judged makes up the whole, so that a submission with all of that has max_score. -1: nothing
 * that is worth points was judged. A result that is not whole yet is left as it is. */
int result_scaled(const struct result *result);

/* Leave of a hidden case only group, points and verdict (CASES, section 11), under an id such as "fifo/hidden-2": the number-th hidden one of its
 * group, counted from 1. */
void case_result_hide(struct case_result *result, int number);

#endif
