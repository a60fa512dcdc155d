/* Who has removed it; see removal.h. */
#include "judge/removal.h"

#include <string.h>
#include <sys/ipc.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/process_text.h"
#include "judge/things.h"

static bool is_removal(const struct event *event)
{
    static const char *const words[] = {"unlink",
                                        "mq_unlink"}; /* also of what shm_unlink and sem_unlink remove */
    const struct call *call = &event->call;
    if (!event->counts || !call->deed || !call->is_done || call->error)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(call->deed->word, words[i]) == 0)
            return true;
    return call->has_ipc && call_knows(call, PARAM_CMD) && call->value[PARAM_CMD] == IPC_RMID;
}

void removal_text(struct stage *stage, int name, struct bytes *to)
{
    for (size_t i = tracer_event_count(stage->tracer); i > 0; i--) {
        const struct event *event = tracer_event(stage->tracer, i - 1);
        if (!event || event->actor < 0 || !is_removal(event) || !thing_is(stage, name, event))
            continue;
        cleanup_free char *call = call_text(&event->call);
        bytes_print(to, _(": %s has removed it, %s"), stage->actors[event->actor].word, call ? call : "");
        source_text(stage, event, to);
        return;
    }
}
