/* Processor time of processes, from their clocks (clock_getcpuclockid(3)): of all threads, those that have ended included. It is noted whenever a thread leaves, since nothing tells
 * it of who has gone; a child that is waited for adds nothing to its parent's clock.
 */
#include "trace/tracer.h"

#include <time.h>

void cpu_note(struct member *member)
{
    struct timespec used;
    clockid_t clock;
    if (clock_getcpuclockid(member->pub.pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        member->cpu_ns = (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

uint64_t tracer_own_cpu_ns(const struct tracer *tracer)
{
    return tracer->pumped_ns;
}

/* The leader is among the tasks as long as any thread of his process lives. */
uint64_t tracer_cpu_ns(struct tracer *tracer)
{
    uint64_t sum = tracer->dead_cpu_ns;
    for (size_t i = 0; i < tracer->task_count; i++) {
        struct member *member = (struct member *)tracer->tasks[i]->pub.process;
        if (tracer->tasks[i]->pub.tid != member->pub.pid)
            continue;
        cpu_note(member);
        sum += member->cpu_ns;
    }
    return sum;
}
