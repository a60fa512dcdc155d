/* Play one case: sandbox, tracer, director, the end of the case, and its result.
 *
 * Runs in a worker process of its own, which has no other children, is single-threaded, and is pinned to one core by the caller.
 *
 * Layer: judge (may name everything but report, store and commands).
 */
#ifndef IPCGRADE_JUDGE_PLAY_H
#define IPCGRADE_JUDGE_PLAY_H

#include <stddef.h>
#include <stdint.h>

#include "cases/scenario.h"
#include "result/result.h"

struct play_program { /* a program of the submission */
    const char *name;
    const char *host_path; /* the built executable, or NULL: not handed in */
};

struct play_request {
    const struct suite *suite;
    const struct scenario *scenario;
    const struct play_program *programs;
    size_t program_count;
    const char *agent_path;    /* the agent's executable on the host */
    const char *source_root;   /* the submission's directory as its compiler saw it, "/submission" */
    const char *const *hidden; /* host paths that students must not read; NULL-terminated; see sandbox.h */
    uint64_t seed;             /* for keys, ports and names that the runner chooses */
    uint64_t queue_bytes;      /* see sandbox.h; 0: no bound */
    bool has_neighbours;       /* it is theirs what this case has less: see case_result.is_crowded */
    const struct sock_filter *
        filter; /* of tracer_filter(), the same for all plays of a run; NULL: one is made for this play, which takes some milliseconds */
    size_t filter_length;
    int held; /* a descriptor that the case's sandbox is to hold to its end: sandbox.h; 0: none */
};

/* Fill *result, whatever happens: a trouble of ours is verdict BROKEN with its reason. score and max_score are the case's own points (not yet scaled to its group).
 * `result` is zeroed first; the caller frees it with case_result_free(). */
void play_case(const struct play_request *request, struct case_result *result);

#endif
