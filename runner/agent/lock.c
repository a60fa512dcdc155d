/* Deeds on locks of files. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/deeds.h"

/* Whoever asks gets the holder's pid as the result, -1 if it is an open file description's lock, 0 if nobody has it. */
static void do_lock(struct agent *agent)
{
    int fd = agent_fd(agent), command = (int)agent_value(agent, PARAM_CMD);
    struct flock lock = {.l_type = (short)agent_value(agent, PARAM_TYPE),
                         .l_whence = SEEK_SET,
                         .l_start = (off_t)agent_value(agent, PARAM_START),
                         .l_len = (off_t)agent_value(agent, PARAM_LEN)};
    if (fd < 0)
        return;
    if (agent_result(agent, fcntl(fd, command, &lock)) < 0)
        return;
    if (command == F_GETLK || command == F_OFD_GETLK)
        agent->box->reply.result = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

static void do_flock(struct agent *agent)
{
    int fd = agent_fd(agent);
    if (fd >= 0)
        agent_result(agent, flock(fd, (int)agent_value(agent, PARAM_OP)));
}

const struct agent_deed agent_lock_deeds[] = {
    {"lock", do_lock},
    {"flock", do_flock},
    {0},
};
