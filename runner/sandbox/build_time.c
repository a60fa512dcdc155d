/* A build's time; see build_time.h.
 *
 * It is looked at a hundred times before the limit. Between two looks that both find everybody asleep all have slept, as far as can be known without tracing: a build that sleeps
 * a second, acts and sleeps again is seen asleep nearly each time, one that works nearly never, however seldom it is given the processor.
 */
#include "sandbox/build_time.h"

#include <time.h>

#include "base/text.h"

enum { PATIENCE = 10, LOOKS = 100, SHORTEST_MS = 20 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t between_looks_ms(const struct build_time *time)
{
    return time->limit_ms / LOOKS > SHORTEST_MS ? time->limit_ms / LOOKS : SHORTEST_MS;
}

void build_time_begin(struct build_time *time, unsigned seconds, unsigned patience_seconds)
{
    int64_t now = now_ms(), limit = (int64_t)seconds * 1000;
    *time = (struct build_time){.limit_ms = limit, .began_ms = now, .looked_ms = now};
    time->patience_ms = patience_seconds > 0 ? (int64_t)patience_seconds * 1000 : PATIENCE * limit;
}

int build_time_left_ms(const struct build_time *time)
{
    int64_t left = time->looked_ms + between_looks_ms(time) - now_ms();
    return left > 0 ? (int)left : 0;
}

bool build_time_look(struct build_time *time, struct sandbox *sandbox, struct err *err)
{
    uint64_t cpu_ms;
    bool is_asleep;
    if (build_time_left_ms(time) > 0)
        return true;
    if (!sandbox_look(sandbox, &cpu_ms, &is_asleep, err))
        return false;
    int64_t now = now_ms(), passed = now - time->looked_ms, most = 2 * between_looks_ms(time);
    /* Who comes late to look was starved himself, and cannot say that nobody else was. */
    if (is_asleep && time->was_asleep)
        time->slept_ms += passed < most ? passed : most;
    time->looked_ms = now;
    time->was_asleep = is_asleep;
    time->is_over = (int64_t)cpu_ms + time->slept_ms >= time->limit_ms;
    if (time->is_over || now - time->began_ms < time->patience_ms)
        return true;
    return err_set(
        err,
        _("safety limit: the build had not ended after %lld seconds, but the processor was not free "
          "for it"),
        (long long)time->patience_ms / 1000);
}
