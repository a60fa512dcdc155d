/* Turns; see turn.h.
 *
 * The loop waits for statuses of tracees and for their output, never for time: a turn is over when trace/proof.c proves it from the kernel's state. Only where
 * everybody may be waiting but is still on the way there (a task in a waiting call that has not gone to sleep yet) is the proof tried again shortly after, and where somebody may sleep
 * in a call that is not followed, to know what he has slept; how soon changes how fast the answer comes, never which. The wall limit is the one clock, and what it says is told as a safety limit; it counts what the program sleeps, not what it waits for
 * a processor.
 */
#include "judge/turn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "judge/rulings.h"
#include "judge/streams.h"

enum { POLLS = 256, PATIENCE = 10, MOST_ROUNDS = 1000 };
#define SECOND_NS 1000000000ull

/* From each look to the next, twice as long each time. Who is said to run may be going to sleep where no status tells of it, and who sleeps there may be going on. */
static const struct pauses {
    long first_ns, longest_ns;
} while_unproved = {20000, 2000000}, while_unseen = {2000000, 64000000};

void turn_act(struct stage *stage, const char *what)
{
    bytes_clear(&stage->cause);
    bytes_print(&stage->cause, "%s", what);
    for (size_t i = 0; i < stage->actor_count; i++)
        stage->actors[i].ends_given = 0;
    tracer_begin_turn(stage->tracer);
}

/* execve of a started program has ended: with an errno, the program could not be executed at all. */
static void hear_reports(struct stage *stage)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        struct actor *actor = &stage->actors[i];
        int number = 0;
        if (actor->report_fd < 0)
            continue;
        ssize_t got = recv(actor->report_fd, &number, sizeof number, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got == (ssize_t)sizeof number)
            actor->exec_error = number;
        close(actor->report_fd);
        actor->report_fd = -1;
    }
}

/* The turn goes on by the program's own doing: some task sleeps, or all wait and time may still change something. Else somebody runs, or was about to when it was looked at. */
static bool is_own_doing(const struct stage *stage)
{
    if (stage->scene == SCENE_TURN_OVER || stage->scene == SCENE_AT_REST)
        return true;
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++)
        if (tracer_task(stage->tracer, i)->state == TASK_SLEEPING ||
            tracer_task(stage->tracer, i)->sleeps_unseen)
            return true;
    return false;
}

/* Until the next look; 0: when a status comes, as it does where all that go on sleep in calls that are followed. */
static long next_pause(const struct stage *stage, long pause_ns)
{
    bool is_unseen = !is_own_doing(stage);
    for (size_t i = 0; !is_unseen && i < tracer_task_count(stage->tracer); i++)
        is_unseen = tracer_task(stage->tracer, i)->sleeps_unseen;
    const struct pauses *pauses = stage->scene == SCENE_UNPROVED ? &while_unproved
                                  : is_unseen                    ? &while_unseen
                                                                 : NULL;
    if (!pauses)
        return 0;
    long next = pause_ns * 2 > pauses->first_ns ? pause_ns * 2 : pauses->first_ns;
    return next < pauses->longest_ns ? next : pauses->longest_ns;
}

/* When the wall limit strikes. Only what the program itself has slept is held against it. Who runs all the time and has not used up his processor time was not given the processor: a
 * program with thousands of calls can take ten times as long beside busy neighbours as alone, and may sleep a little after that. It is no fault of his, so there is patience, and
 * after it the case is broken, not failed. */
static uint64_t wall_left(const struct stage *stage)
{
    uint64_t limit = (uint64_t)stage->limits.wall_seconds * SECOND_NS,
             passed = stage_now_ns() - stage->began_ns;
    uint64_t patience = limit * PATIENCE > passed ? limit * PATIENCE - passed : 0,
             own = limit > stage->own_ns ? limit - stage->own_ns : 0;
    return patience < own || !is_own_doing(stage) ? patience : own;
}

/* When the program has slept as long as it may, if it sleeps from now on. */
static uint64_t wall_end(const struct stage *stage)
{
    uint64_t limit = (uint64_t)stage->limits.wall_seconds * SECOND_NS;
    return stage_now_ns() + (limit > stage->own_ns ? limit - stage->own_ns : 0);
}

static bool wall_strikes(struct stage *stage)
{
    if (stage->own_ns < (uint64_t)stage->limits.wall_seconds * SECOND_NS) {
        if (wall_left(stage) > 0)
            return false;
        stage->limit_is_ours = true;
        stage->limits.wall_seconds *= PATIENCE; /* so long it was: for the report */
    }
    stage->limit = "wall";
    return true;
}

long turn_cpu_seconds(const struct stage *stage)
{
    long programs = 0;
    for (size_t i = 0; i < stage->actor_count; i++)
        programs += stage->actors[i].role == ROLE_STUDENT && stage_main(stage, &stage->actors[i]);
    return TURN_CPU_SHARES * stage->limits.cpu_seconds * (programs > 1 ? programs : 1);
}

/* What a play may cost in processor time, all together: the programs' own, and ours for following them. NULL: it has not come to that. The next look is due when somebody could have
 * used up the rest, each processor of the machine for the programs, one for us. */
static const char *cpu_limit(struct stage *stage)
{
    enum { SHORTEST_NS = 10000000, LONGEST_S = 1000000 };
    uint64_t now = stage_now_ns();
    if (now < stage->cpu_look_ns)
        return NULL;
    long seconds = turn_cpu_seconds(stage), processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t most = (uint64_t)(seconds < LONGEST_S ? seconds : LONGEST_S) * SECOND_NS,
             used = tracer_cpu_ns(stage->tracer), ours = tracer_own_cpu_ns(stage->tracer);
    if (used >= most)
        return "cpu of all";
    if (ours >= most && ours / TURN_FOLLOWING >= used)
        return "following";
    uint64_t rest = (most - used) / (uint64_t)(processors > 0 ? processors : 1),
             our_rest = ours < most ? most - ours : SECOND_NS;
    stage->cpu_look_ns = now + SHORTEST_NS + (rest < our_rest ? rest : our_rest);
    return NULL;
}

static bool can_go_on(struct stage *stage)
{
    struct err err = {0};
    const char *trouble = tracer_trouble(stage->tracer);
    if (trouble) {
        err_set(&err, "%s", trouble);
        return stage_broke(stage, &err);
    }
    if (stage->trouble.text[0] || stage->limit || stage->has_never)
        return false;
    if (tracer_tasks_made(stage->tracer) > TURN_MOST_MADE)
        stage->limit = "made";
    if (!stage->limit)
        stage->limit = cpu_limit(stage);
    return !stage->limit && !wall_strikes(stage);
}

/* What was slept since `began`. Who has slept long enough and waits for a processor sleeps no longer, though nobody has heard of it yet. */
static void charge(struct stage *stage, uint64_t began, uint64_t starved_before)
{
    uint64_t passed = stage_now_ns() - began, starved = tracer_starved_ns(stage->tracer);
    starved = starved > starved_before ? starved - starved_before : 0;
    stage->own_ns += passed > starved ? passed - starved : 0;
}

/* Wait for a status or output; at most `pause_ns`, 0 means until the wall limit. */
static void wait_for_something(struct stage *stage, long pause_ns)
{
    struct pollfd polls[POLLS] = {{.fd = tracer_poll_fd(stage->tracer), .events = POLLIN}};
    size_t count = 1 + streams_poll(stage, polls + 1, POLLS - 1);
    uint64_t left = wall_left(stage), began = stage_now_ns();
    uint64_t starved = is_own_doing(stage) ? tracer_starved_ns(stage->tracer) : 0;
    uint64_t to_look = stage->cpu_look_ns > began ? stage->cpu_look_ns - began : 0;
    if (to_look < left)
        left = to_look;
    if (pause_ns > 0 && (uint64_t)pause_ns < left)
        left = (uint64_t)pause_ns;
    struct timespec most = {.tv_sec = (time_t)(left / SECOND_NS), .tv_nsec = (long)(left % SECOND_NS)};
    ppoll(polls, count, &most, NULL);
    if (is_own_doing(stage))
        charge(stage, began, starved);
}

/* One look at everything that may have happened. True when something has. */
static bool take_in(struct stage *stage)
{
    bool any = tracer_pump(stage->tracer) > 0;
    hear_reports(stage);
    any |= streams_move(stage);
    return any;
}

/* The proof stands; what the writers had written before is read now, and a terminal's end of file is given to who waits for it. Whoever polls has gone on
 * meanwhile: then it must still hold that he only polls. */
static bool is_really_over(struct stage *stage)
{
    bool any = tracer_pump(stage->tracer) > 0;
    hear_reports(stage);
    if (streams_move(stage) || streams_end_again(stage))
        return false;
    return !any || (stage->scene == SCENE_TURN_OVER && scene_prove(stage->tracer) == SCENE_TURN_OVER);
}

bool turn_run(struct stage *stage)
{
    long pause_ns = 0;
    int rounds = 0;              /* since the last proof */
    stage->scene = SCENE_MOVING; /* until it is proved otherwise */
    tracer_freeze(stage->tracer, false);
    while (can_go_on(stage)) {
        bool is_news = take_in(stage);
        if (is_news && ++rounds < MOST_ROUNDS) {
            pause_ns = 0;
            continue;
        }
        rounds = 0;
        tracer_wait_until(stage->tracer, wall_end(stage));
        stage->scene = scene_prove(stage->tracer);
        if (scene_spinning(stage->tracer, NULL) > TURN_MOST_LOOKS) {
            stage->limit = "spin"; /* now that it is known whether anybody else has run */
            continue;
        }
        if (stage->scene == SCENE_TURN_OVER || stage->scene == SCENE_AT_REST) {
            if (!is_really_over(stage) || rulings_settle(stage)) {
                stage->scene = SCENE_MOVING;
                continue;
            }
            tracer_freeze(stage->tracer, true);
            return true;
        }
        bool is_foreseen =
            tracer_outlasts(stage->tracer); /* nothing before the wall limit: so it strikes now */
        if (is_foreseen && !take_in(stage))
            stage->limit = "sleep";
        if (is_news || tracer_trouble(stage->tracer) || is_foreseen)
            continue; /* there may be more, which nothing would wake us for; nor would it for what could not be looked at */
        pause_ns = next_pause(stage, pause_ns);
        wait_for_something(stage, pause_ns);
    }
    return false;
}

bool turn_wait(struct stage *stage)
{
    if (tracer_outlasts(stage->tracer)) /* the proof that ended the last turn */
        stage->limit = "sleep";
    tracer_freeze(stage->tracer, false);
    while (can_go_on(stage)) {
        if (take_in(stage))
            return turn_run(stage);
        wait_for_something(stage, 0);
    }
    return false;
}
