/* The addresses of sockets: ports that the runner chooses, and whether an event is about the socket that a case names. */
#ifndef IPCGRADE_JUDGE_ADDRESSES_H
#define IPCGRADE_JUDGE_ADDRESSES_H

#include <stdbool.h>

#include "judge/stage.h"

/* A free port for `name`, the same in each play of the case with the same seed, and of no other name of the case. Goes to its thing's key. */
bool address_choose_port(struct stage *stage, int name, struct err *err);

/* Is the event's object, a socket's name, that of `name`? `is_known` says whether it is a socket's name at all. */
bool address_is(const struct stage *stage, int name, const struct event *event, bool *is_known);

#endif
