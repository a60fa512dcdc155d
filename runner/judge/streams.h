/* The standard streams of the actors: all output is read at once, input is fed, the end of a terminal's input stays. */
#ifndef IPCGRADE_JUDGE_STREAMS_H
#define IPCGRADE_JUDGE_STREAMS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "judge/stage.h"

/* Descriptors to wait for; returns how many were put into `polls`. */
size_t streams_poll(struct stage *stage, struct pollfd *polls, size_t room);

/* Read what is there, write what is to be written. True when anything moved. Output beyond the limit strikes stage->limit. */
bool streams_move(struct stage *stage);

/* Give the end of file once more to whoever waits for input from a terminal that has ended. True when it was given. Call it when everybody waits. */
bool streams_end_again(struct stage *stage);

void streams_close(struct actor *actor);

#endif
