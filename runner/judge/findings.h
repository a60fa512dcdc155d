/* What the rules (rules/) find in the student's own processes during a play: told beside the score, and priced where the assignment or the case says so.
 *
 * The case plays the other side, makes calls fail, holds them, kills. So a finding counts only when what it says was done by programs of the student, and the play was not the cause of it.
 */
#ifndef IPCGRADE_JUDGE_FINDINGS_H
#define IPCGRADE_JUDGE_FINDINGS_H

#include "judge/stage.h"

/* Ask the rules, fill result->findings, and take what is priced from the case's points. When the play is over and everybody still stands there. */
void findings_judge(struct stage *stage);

#endif
