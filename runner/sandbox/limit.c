/* A resource limit for a process that runs already. prlimit(2) lets root do it to others by CAP_SYS_RESOURCE only, which root lacks in a
 * usual container; a process may do it to its own user. So a child of ours becomes that user and does it.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

/* In a child: becomes the owner and limits. Returns the errno, which fits into an exit status. */
static int limit_as(const struct stat *owner, pid_t pid, int resource, const struct rlimit *limit)
{
    bool is_limited = setgroups(0, NULL) == 0 &&
                      setresgid(owner->st_gid, owner->st_gid, owner->st_gid) == 0 &&
                      setresuid(owner->st_uid, owner->st_uid, owner->st_uid) == 0 &&
                      prlimit(pid, resource, limit, NULL) == 0;
    return is_limited ? 0 : errno;
}

bool sandbox_limit(pid_t pid, int resource, rlim_t value, struct err *err)
{
    const struct rlimit limit = {value, value};
    char path[32];
    struct stat owner;
    int status = 0;
    if (prlimit(pid, resource, &limit, NULL) == 0)
        return true;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    if (errno != EPERM || stat(path, &owner) != 0)
        return err_sys(err, "limit process %d", (int)pid);
    pid_t child = fork();
    if (child == 0)
        _exit(limit_as(&owner, pid, resource, &limit));
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    errno = child < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return errno == 0 || err_sys(err, "limit process %d", (int)pid);
}
