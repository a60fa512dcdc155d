/* Init: the first process of the sandbox. A fork of the runner that obeys its orders and never runs a student's code.
 *
 * Layer: sandbox, private to the room. Sources: pid_namespaces(7), prctl(2) (PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER).
 */
#ifndef IPCGRADE_SANDBOX_INIT_H
#define IPCGRADE_SANDBOX_INIT_H

#include "sandbox/broker.h"
#include "sandbox/sandbox.h"
#include "sandbox/world.h"

enum { INIT_LEADERS = 64 }; /* more are not looked after */

struct init {
    struct world world;
    const struct sandbox_config *config;
    struct broker broker;
    int control;                 /* its end of the socket pair to the runner */
    struct place place;          /* that it holds */
    pid_t leaders[INIT_LEADERS]; /* of sessions that live; 0: the place is free */
    bool has_lost_leader;        /* one of them has ended, and not by us */
    struct err trouble;          /* why it ends before its time */
};

/* The whole life of init; never returns. It ends when the runner closes its end, or dies. */
_Noreturn void init_live(struct init *init);

#endif
