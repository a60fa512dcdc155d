/* What a machine may have too little of; see doctor_room.h. */
#include "sandbox/doctor_room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sandbox/ground.h"
#include "sandbox/own_directory.h"
#include "sandbox/terminal.h"

int room_directory(void)
{
    struct statvfs status;
    struct ground ground;
    ground_choose(&ground, ground_without());
    cleanup_free char *place = own_directory_place(ground.has_own_ids, NULL);
    if (!place || access(place, W_OK | X_OK) < 0 || statvfs(place, &status) < 0)
        return errno;
    return (unsigned long long)status.f_bavail * status.f_frsize < OWN_DIRECTORY_ROOM ? ENOSPC : 0;
}

int room_terminal(void)
{
    int master = -1, slave = -1;
    struct err err = {0};
    bool is_open = terminal_open(&master, &slave, (uid_t)-1, &err);
    if (master >= 0)
        close(master);
    if (slave >= 0)
        close(slave);
    return is_open ? 0 : err.number;
}

/* They end when the pipe's only writer closes it, which we are. */
int room_processes(void)
{
    enum { ENOUGH = 64 };
    int hold[2], number = 0;
    if (pipe2(hold, O_CLOEXEC) < 0)
        return errno;
    for (int i = 0; i < ENOUGH && number == 0; i++) {
        char end;
        pid_t pid = fork();
        number = pid < 0 ? errno : 0;
        if (pid == 0) {
            close(hold[1]);
            _exit(read(hold[0], &end, 1) != 0);
        }
    }
    close(hold[1]);
    close(hold[0]);
    while (wait(NULL) > 0)
        ;
    return number;
}

int room_limits(void)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t least;
    } rows[] = {
        {RLIMIT_CPU, 60},
        {RLIMIT_AS, (rlim_t)2 << 30},
        {RLIMIT_DATA, (rlim_t)2 << 30},
        {RLIMIT_FSIZE, 256 << 20},
        {RLIMIT_NOFILE, 256},
        {RLIMIT_NPROC, 128},
        {RLIMIT_STACK, 8 << 20},
        {RLIMIT_MSGQUEUE, SANDBOX_QUEUE_BYTES},
        {RLIMIT_SIGPENDING, 1024},
        {RLIMIT_MEMLOCK, 64 << 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rlimit limit;
        if (getrlimit(rows[i].resource, &limit) == 0 && limit.rlim_max < rows[i].least)
            return EAGAIN;
    }
    return 0;
}
