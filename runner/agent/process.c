/* Deeds of processes: kill and exit. */
#include <signal.h>
#include <unistd.h>

#include "agent/deeds.h"

static void do_kill(struct agent *agent)
{
    agent_result(agent, kill(agent->box->order.pid, (int)agent_value(agent, PARAM_SIG)));
}

static void do_exit(struct agent *agent)
{
    _exit((int)agent_value(agent, PARAM_STATUS));
}

const struct agent_deed agent_process_deeds[] = {{"kill", do_kill}, {"exit", do_exit}, {0}};
