/* Whose user namespace; see account.h.
 *
 * To change the effective user for the moment of the clone has three side effects, which are undone: effective capabilities go (they are wanted where unprivileged users may not make
 * namespaces), the signal at the parent's death is forgotten, and the process is not dumpable (prctl(2)).
 */
#include "sandbox/account.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* More neighbours than that at a time are not expected; a part is still more than an exercise needs (some 1500 signals). */
enum { PARTS = 64 };

static bool enter_own(struct account *account, uid_t owner)
{
    account->death_signal = ground_death_signal();
    account->is_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    account->parent = getppid();
    if (seteuid(owner) < 0)
        return false;
    ground_keep_capabilities(NULL); /* without them the clone shows what this machine allows */
    return true;
}

static bool leave_own(const struct account *account)
{
    if (seteuid(0) < 0)
        return false;
    prctl(PR_SET_DUMPABLE, account->is_dumpable == 1, 0, 0, 0);
    ground_die_with(account->parent, account->death_signal);
    return true;
}

static const __rlimit_resource_t shared[ACCOUNT_SHARED] = {
    [ACCOUNT_SIGNALS] = RLIMIT_SIGPENDING, [ACCOUNT_QUEUES] = RLIMIT_MSGQUEUE};

/* For the sandbox's own namespace all that its maker may have: the kernel holds that against what all of the maker's namespaces have together. What is not known is left alone: a hard limit
 * that was lowered by mistake could not be raised again. */
static void enter_shared(struct account *account)
{
    for (int i = 0; i < ACCOUNT_SHARED; i++) {
        struct rlimit *limit = &account->limits[i];
        account->is_known[i] = getrlimit(shared[i], limit) == 0;
        if (account->is_known[i])
            setrlimit(shared[i], &(struct rlimit){limit->rlim_max, limit->rlim_max});
    }
}

static void leave_shared(const struct account *account)
{
    for (int i = 0; i < ACCOUNT_SHARED; i++)
        if (account->is_known[i])
            setrlimit(shared[i], &account->limits[i]);
}

/* Init has the sandbox's part: its processes inherit it, and each makes a namespace by it (ground_nest()), which is held against what all of the sandbox have together. */
static void take_part(const struct account *account, rlim_t queue_bytes)
{
    rlim_t signals = account->limits[ACCOUNT_SIGNALS].rlim_max,
           queues = account->limits[ACCOUNT_QUEUES].rlim_max;
    const rlim_t parts[ACCOUNT_SHARED] = {
        [ACCOUNT_SIGNALS] = signals == RLIM_INFINITY ? RLIM_INFINITY : signals / PARTS,
        [ACCOUNT_QUEUES] = queue_bytes > 0 && queue_bytes < queues ? queue_bytes : queues};
    for (int i = 0; i < ACCOUNT_SHARED; i++)
        if (account->is_known[i])
            setrlimit(shared[i], &(struct rlimit){parts[i], parts[i]});
}

void account_enter(struct account *account, const struct ground *ground)
{
    *account = (struct account){0};
    account->is_shared = ground_is_shared(ground);
    if (account->is_shared)
        enter_shared(account);
    else if (ground->flags & CLONE_NEWUSER)
        account->is_own = enter_own(account, ground->base);
}

bool account_leave(const struct account *account, const struct ground *ground, bool is_init)
{
    int error = errno;
    if (account->is_own && !is_init && !leave_own(account))
        return false;
    if (account->is_shared && is_init)
        take_part(account, ground->queue_bytes);
    else if (account->is_shared)
        leave_shared(account);
    errno = error;
    return true;
}

/* inotify(7), fanotify(7): of 128 instances, as a rule, that the machine's user may have. */
void account_limit(void)
{
    static const char *const rows[][2] = {
        {"/proc/sys/user/max_inotify_instances", "8\n"},
        {"/proc/sys/user/max_inotify_watches", "2048\n"},
        {"/proc/sys/user/max_fanotify_groups", "8\n"},
        {"/proc/sys/user/max_fanotify_marks", "2048\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ground_write(rows[i][0], rows[i][1], NULL);
}
