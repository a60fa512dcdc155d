/* How many files we ourselves may open, and a resource limit for a process that runs already. prlimit(2) lets root do it to others by CAP_SYS_RESOURCE only, which root lacks in a
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

static struct {
    bool is_known;
    rlim_t soft;
} files_before;

/* Where either cannot be had, what is there must do. */
void sandbox_raise_files(void)
{
    struct rlimit limit;
    if (files_before.is_known || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    files_before.is_known = true;
    files_before.soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

bool sandbox_usual_files(struct err *err)
{
    struct rlimit limit;
    if (!files_before.is_known)
        return true;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return err_sys(err, "read the limit of open files");
    limit.rlim_cur = files_before.soft < limit.rlim_max ? files_before.soft : limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 || err_sys(err, "set the limit of open files");
}

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
