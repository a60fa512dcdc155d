/* How the arguments of each call read; see text_rows.h. One row for each call, one table of words for each kind of flag. */
#include "calls/text_rows.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#define WORD(name)                                                                                           \
    {                                                                                                        \
#name, name                                                                                          \
    }

/* O_TMPFILE holds the bit of O_DIRECTORY, and so comes first. */
static const struct word_row open_words[] = {
    WORD(O_WRONLY),    WORD(O_RDWR),
    WORD(O_CREAT),     WORD(O_EXCL),
    WORD(O_NOCTTY),    WORD(O_TRUNC),
    WORD(O_APPEND),    WORD(O_NONBLOCK),
    WORD(O_CLOEXEC),   WORD(O_TMPFILE),
    WORD(O_DIRECTORY), WORD(O_NOFOLLOW),
    WORD(O_PATH),      {0},
};
static const struct word_row wait_words[] = {
    WORD(WNOHANG), WORD(WUNTRACED), WORD(WEXITED), WORD(WCONTINUED), WORD(WNOWAIT), {0},
};
static const struct word_row get_words[] = {WORD(IPC_CREAT), WORD(IPC_EXCL), {0}};
static const struct word_row send_words[] = {WORD(IPC_NOWAIT), {0}};
static const struct word_row receive_words[] = {WORD(IPC_NOWAIT), WORD(MSG_NOERROR), WORD(MSG_EXCEPT), {0}};
static const struct word_row operation_words[] = {WORD(IPC_NOWAIT), WORD(SEM_UNDO), {0}};
static const struct word_row attach_words[] = {WORD(SHM_RDONLY), WORD(SHM_RND), {0}};
static const struct word_row control_words[] = {
    WORD(IPC_RMID), WORD(IPC_SET), WORD(IPC_STAT), WORD(IPC_INFO), WORD(SETVAL),  WORD(SETALL),
    WORD(GETVAL),   WORD(GETALL),  WORD(GETPID),   WORD(GETNCNT),  WORD(GETZCNT), {0},
};
static const struct word_row pipe_words[] = {WORD(O_NONBLOCK), WORD(O_CLOEXEC), {0}};
static const struct word_row fcntl_words[] = {
    WORD(F_DUPFD), WORD(F_DUPFD_CLOEXEC), WORD(F_SETFD),      WORD(F_SETLK),     WORD(F_SETLKW),
    WORD(F_GETLK), WORD(F_OFD_SETLK),     WORD(F_OFD_SETLKW), WORD(F_OFD_GETLK), {0},
};
static const struct word_row flock_words[] = {
    WORD(LOCK_SH), WORD(LOCK_EX), WORD(LOCK_UN), WORD(LOCK_NB), {0}};
static const struct word_row at_words[] = {
    WORD(AT_REMOVEDIR), WORD(AT_SYMLINK_NOFOLLOW), WORD(AT_EMPTY_PATH), {0}};
static const struct word_row link_words[] = {WORD(AT_SYMLINK_FOLLOW), WORD(AT_EMPTY_PATH), {0}};
static const struct word_row message_words[] = {
    WORD(MSG_PEEK), WORD(MSG_DONTWAIT), WORD(MSG_WAITALL), WORD(MSG_NOSIGNAL), WORD(MSG_TRUNC), {0},
};
static const struct word_row socket_words[] = {
    WORD(SOCK_NONBLOCK),
    WORD(SOCK_CLOEXEC),
    WORD(SOCK_SEQPACKET),
    WORD(SOCK_RAW),
    WORD(SOCK_DGRAM),
    WORD(SOCK_STREAM),
    {0},
};
const struct word_row text_families[] = {
    WORD(AF_UNIX), WORD(AF_INET), WORD(AF_INET6), WORD(AF_NETLINK), {0},
};
static const struct word_row shutdown_words[] = {WORD(SHUT_RD), WORD(SHUT_WR), WORD(SHUT_RDWR), {0}};
static const struct word_row option_words[] = {WORD(SO_RCVTIMEO),
                                               WORD(SO_SNDTIMEO),
                                               WORD(SO_LINGER),
                                               WORD(SO_RCVTIMEO_NEW),
                                               WORD(SO_SNDTIMEO_NEW),
                                               WORD(SO_REUSEADDR),
                                               {0}};
static const struct word_row epoll_words[] = {
    WORD(EPOLL_CTL_ADD), WORD(EPOLL_CTL_DEL), WORD(EPOLL_CTL_MOD), {0}};
static const struct word_row futex_words[] = {
    WORD(FUTEX_WAIT),     WORD(FUTEX_WAIT_BITSET),     WORD(FUTEX_LOCK_PI),
    WORD(FUTEX_LOCK_PI2), WORD(FUTEX_WAIT_REQUEUE_PI), {0},
};
static const struct word_row itimer_words[] = {
    WORD(ITIMER_REAL), WORD(ITIMER_VIRTUAL), WORD(ITIMER_PROF), {0}};
static const struct word_row clone_words[] = {
    WORD(CLONE_VM),      WORD(CLONE_VFORK),  WORD(CLONE_FS),     WORD(CLONE_FILES),
    WORD(CLONE_SIGHAND), WORD(CLONE_THREAD), WORD(CLONE_PARENT), {0},
};

static const struct word_row map_words[] = {WORD(MAP_SHARED_VALIDATE), WORD(MAP_SHARED),    WORD(MAP_FIXED),
                                            WORD(MAP_POPULATE),        WORD(MAP_NORESERVE), {0}};

static const struct text_row rows[] = {
    {"open", "pFo", open_words, true},
    {"openat", "DpFo", open_words, true},
    {"openat2", "DpF", open_words, true},
    {"creat", "po", NULL, false},
    {"read", "fbu", NULL, false},
    {"pread64", "fbud", NULL, false},
    {"readv", "fb.", NULL, false},
    {"preadv", "fb.d", NULL, false},
    {"preadv2", "fb.d", NULL, false},
    {"recvfrom", "fbuF", message_words, false},
    {"recvmsg", "fbF", message_words, false},
    {"recvmmsg", "fb.F", message_words, false},
    {"splice", "f.d.u", NULL, false},
    {"tee", "ffu", NULL, false},
    {"sendfile", "ff.u", NULL, false},
    {"copy_file_range", "f.d.u", NULL, false},
    {"write", "fbu", NULL, false},
    {"pwrite64", "fbud", NULL, false},
    {"writev", "fb.", NULL, false},
    {"pwritev", "fb.d", NULL, false},
    {"pwritev2", "fb.d", NULL, false},
    {"sendto", "fbuFa", message_words, false},
    {"sendmsg", "fbF", message_words, false},
    {"sendmmsg", "fb.F", message_words, false},
    {"vmsplice", "fb.", NULL, false},
    {"close", "f", NULL, false},
    {"close_range", "uu", NULL, false},
    {"mknod", "po", NULL, false},
    {"mknodat", "Dpo", NULL, false},
    {"socket", "mFd", socket_words, false},
    {"bind", "fa", NULL, false},
    {"listen", "fd", NULL, false},
    {"accept", "f", NULL, false},
    {"accept4", "f..F", socket_words, false},
    {"connect", "fa", NULL, false},
    {"shutdown", "fC", shutdown_words, false},
    {"setsockopt", "f.C", option_words, false},
    {"mq_open", "pFo", open_words, true},
    {"mq_unlink", "p", NULL, false},
    {"mq_notify", "fe", NULL, false},
    {"mq_timedsend", "fbuu", NULL, false},
    {"mq_timedreceive", "fbui", NULL, false},
    {"mmap", "xurFfd", map_words, false},
    {"munmap", "xu", NULL, false},
    {"unlink", "p", NULL, false},
    {"unlinkat", "DpF", at_words, false},
    {"link", "pP", NULL, false},
    {"linkat", "DpDPF", link_words, false},
    {"rename", "pP", NULL, false},
    {"renameat", "DpDP", NULL, false},
    {"renameat2", "DpDP", NULL, false},
    {"chmod", "po", NULL, false},
    {"fchmod", "fo", NULL, false},
    {"fchmodat", "Dpo", NULL, false},
    {"truncate", "pd", NULL, false},
    {"ftruncate", "fd", NULL, false},
    {"pipe", "2", NULL, false},
    {"pipe2", "2F", pipe_words, false},
    {"socketpair", ".d.2", NULL, false},
    {"dup", "f", NULL, false},
    {"dup2", "ff", NULL, false},
    {"dup3", "ff", NULL, false},
    {"fcntl", "fCd", fcntl_words, false},
    {"flock", "fF", flock_words, false},
    {"fork", "", NULL, false},
    {"vfork", "", NULL, false},
    {"clone", "F", clone_words, false},
    {"execve", "pA", NULL, false},
    {"execveat", "DpA", NULL, false},
    {"wait4", "dSF", wait_words, false},
    {"waitid", ".dSF", wait_words, false},
    {"kill", "ds", NULL, false},
    {"tkill", "ds", NULL, false},
    {"tgkill", "dds", NULL, false},
    {"rt_sigqueueinfo", "ds", NULL, false},
    {"rt_tgsigqueueinfo", "dds", NULL, false},
    {"pidfd_send_signal", "fs", NULL, false},
    {"exit_group", "d", NULL, false},
    {"rt_sigsuspend", "", NULL, false},
    {"pause", "", NULL, false},
    {"rt_sigtimedwait", "", NULL, false},
    {"nanosleep", "t", NULL, false},
    {"clock_nanosleep", "..t", NULL, false},
    {"poll", "w.d", NULL, false},
    {"ppoll", "w", NULL, false},
    {"select", "w", NULL, false},
    {"pselect6", "w", NULL, false},
    {"epoll_wait", "f.dd", NULL, false},
    {"epoll_pwait", "f.dd", NULL, false},
    {"epoll_pwait2", "f.d", NULL, false},
    {"epoll_ctl", "fCd", epoll_words, false},
    {"alarm", "u", NULL, false},
    {"setitimer", "Ct", itimer_words, false},
    {"futex", "xCd", futex_words, false},
    {"sched_yield", "", NULL, false},
    {"msgget", "kG", get_words, false},
    {"semget", "kdG", get_words, false},
    {"shmget", "kuG", get_words, false},
    {"msgctl", "dC", control_words, false},
    {"semctl", "ddC", control_words, false},
    {"shmctl", "dC", control_words, false},
    {"msgsnd", "dyuF", send_words, false},
    {"msgrcv", "dyudF", receive_words, false},
    {"semop", "dO", operation_words, false},
    {"semtimedop", "dO", operation_words, false},
    {"shmat", "dxF", attach_words, false},
    {"shmdt", "x", NULL, false},
    {"sem_open", "pFod", open_words, false},
    {"sem_close", "N", NULL, false},
    {"sem_unlink", "p", NULL, false},
    {"sem_init", "Ndu", NULL, false},
    {"sem_destroy", "N", NULL, false},
    {"sem_wait", "N", NULL, false},
    {"sem_timedwait", "N", NULL, false},
    {"sem_clockwait", "N", NULL, false},
    {"sem_trywait", "N", NULL, false},
    {"sem_post", "N", NULL, false},
    {"popen", "pP", NULL, false},
    {"pclose", "N", NULL, false},
    {"ftok", "pd", NULL, false},
    {0},
};

const struct text_row *text_row_find(const char *name)
{
    for (const struct text_row *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

/* ---- names of functions ------------------------------------------------------------------------------------------------- */

static bool is_here(const struct call *call)
{
    return (int)call->arg[0] == AT_FDCWD;
}

static bool makes_fifo_here(const struct call *call)
{
    return is_here(call) && S_ISFIFO(call->arg[2]);
}

static bool makes_fifo(const struct call *call)
{
    return S_ISFIFO(call->arg[1]);
}

static bool has_no_flags(const struct call *call)
{
    return call->arg[1] == 0;
}

static bool is_plain_clone(const struct call *call)
{
    const uint64_t accounts = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;
    return (call->arg[0] & ~accounts) == SIGCHLD;
}

/* The C library's functions add these flags themselves. */
static bool is_shm_open(const struct call *call)
{
    const uint64_t added = O_NOFOLLOW | O_CLOEXEC;
    return is_here(call) && call->deed && strcmp(call->deed->word, "shm_open") == 0 &&
           (call->arg[2] & added) == added && (call->arg[2] & O_TMPFILE) != O_TMPFILE;
}

static bool is_shm_unlink(const struct call *call)
{
    return call->deed && strcmp(call->deed->word, "shm_unlink") == 0;
}

static bool lacks_fifth(const struct call *call)
{
    return call->arg[4] == 0;
}

static bool lacks_fourth(const struct call *call)
{
    return call->arg[3] == 0;
}

static bool is_lock(const struct call *call)
{
    return call_knows(call, PARAM_TYPE) && call_knows(call, PARAM_HOW);
}

static bool makes_nothing(const struct call *call)
{
    return !(call->arg[1] & O_CREAT);
}

static const struct function {
    const char *call;
    struct text_row row;
    bool (*is_meant)(const struct call *call);
} functions[] = {
    {"openat", {"shm_open", ".nHo", open_words, true}, is_shm_open},
    {"unlink", {"shm_unlink", "n", NULL, false}, is_shm_unlink},
    {"mq_timedsend", {"mq_send", "fbuu", NULL, false}, lacks_fifth},
    {"mq_timedreceive", {"mq_receive", "fbui", NULL, false}, lacks_fifth},
    {"openat", {"open", ".pFo", open_words, true}, is_here},
    {"mknodat", {"mkfifo", ".po", NULL, false}, makes_fifo_here},
    {"mknod", {"mkfifo", "po", NULL, false}, makes_fifo},
    {"pipe2", {"pipe", "2", NULL, false}, has_no_flags},
    {"clone", {"fork", "", NULL, false}, is_plain_clone},
    {"wait4", {"waitpid", "dSF", wait_words, false}, lacks_fourth},        /* no resource usage */
    {"semtimedop", {"semop", "dO", operation_words, false}, lacks_fourth}, /* no time limit */
    {"fcntl", {"fcntl", "fCl", fcntl_words, false}, is_lock},
    {"sem_open", {"sem_open", "pF", open_words, false}, makes_nothing},
};

const struct text_row *text_row_of(const struct call *call)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].call, call->row->name) == 0 && functions[i].is_meant(call))
            return &functions[i].row;
    return text_row_find(call->row->name);
}
