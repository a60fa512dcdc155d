/* Turns: let everything run until nobody can go on without the case. */
#ifndef IPCGRADE_JUDGE_TURN_H
#define IPCGRADE_JUDGE_TURN_H

#include <stdbool.h>

#include "judge/stage.h"

/* Processes and threads in the whole of a play. Who hands on to a child and ends, again and again, meets no limit on processor time, and always runs. */
enum { TURN_MOST_MADE = 2000 };

/* Questions that change nothing and never wait, while nobody else goes on and no time runs that may end it (scene_spinning() in trace/trace.h). */
enum { TURN_MOST_LOOKS = 50000 };

/* Of the processor time that one process may use, in the whole of a play, for each program that is started: else who has it used by one process after the other, or by sixty at once,
 * keeps a worker for minutes. */
enum { TURN_CPU_SHARES = 4 };
long turn_cpu_seconds(const struct stage *stage);

/* As much may our own following of a play take, unless the programs have used more than a sixteenth of it themselves: then they only work much, and following any call takes its time. (The most
 * that was seen of a program that goes on for seconds is three and a half times as much as its own; one that makes us look at ten thousands of its mappings comes to thousands.) */
enum { TURN_FOLLOWING = 16 };

/* An act is about to be done: what idled before is forgotten. `what` is the act in words, for the cause of a failure. */
void turn_act(struct stage *stage, const char *what);

/* Let everything run until the turn is over; stage->scene then says how, and everything stands still. False when the play cannot go on: trouble of ours, a safety limit,
 * or a `never` that was broken. */
bool turn_run(struct stage *stage);

/* At the end of a turn that is not at rest: let time do its work until something has happened, then run to the end of the next turn. */
bool turn_wait(struct stage *stage);

#endif
