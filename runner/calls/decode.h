/* The decoders that the rows of the vocabulary name: raw arguments in, decoded fields of struct call out.
 *
 * What stands where, beyond what call.h says:
 *   open          path, dirfd, FLAGS, MODE (when it may make the file)      read, write   fd, SIZE (asked for); data is what moved
 *   splice & co.  fds[0] is read from, fds[1] written to; fd is fds[0]      close_range   START, LEN (first and last descriptor)
 *   dup           fd, ONTO (dup2, dup3)                                     flock         OP
 *   fcntl locks   CMD, TYPE, LEN, HOW (l_whence), START (counted from the file's beginning) or AT (from elsewhere); ID (who holds it; 0: nobody)
 *   kill          ID (the pid as the caller counts), SIG                    fork          FLAGS; child's pid is the result
 *   exec          path, path2 (first argument), data (all arguments, each ended by a NUL)
 *   wait          ID (asked for), FLAGS; VALUE (pid that was waited for), STATUS (as wait(2) gives it)
 *   sleep         LEN (nanoseconds)                                         exit          STATUS
 *   timers        VALUE and LEN (first expiry and interval in ns), TYPE (clock or which), ID, FLAGS, SIG, OP (sigev_notify)
 *   futex         OP (command), VALUE                                       sigtimedwait  VALUE (the set, bit (signal - 1))
 *   msgrcv        TYPE (asked for), SIZE; GIVES (the type that came)        msgsnd        TYPE, SIZE
 *   semop         ops; NUM, OP, FLAGS are those of the first operation      semctl        NUM, CMD, VALUE, MODE
 *   socket        family, FLAGS (type and its flags)                        bind, connect family, path or port
 *   sendto        the same where it names an address                        listen        SIZE (how many may wait)
 *   sendmsg, recvmsg  FDS (how many descriptors go with it)                 shutdown      HOW
 *   setsockopt    OP (which option), LEN (nanoseconds): those that limit how long calls wait
 *   shmat, shmdt  AT (address)                                              *get          ipc_key, FLAGS, MODE, SIZE, NSEMS
 *   mq_open       path ("/name"), FLAGS, MODE, MAXMSG, MSGSIZE              mmap          fd, AT (result), SIZE, PROT, FLAGS
 *   mq_timedsend  fd, SIZE, PRIO; data                                      mq_timedreceive  fd, SIZE; GIVES (the priority that came); data
 *   mq_notify     fd, OP (sigev_notify), SIG                                munmap        AT, SIZE
 *   sem_open      path (the name), FLAGS, MODE, VALUE                       sem_init      VALUE
 *   popen         path (the command), path2 (the mode)                      pclose        STATUS; path2 is the command
 *   ftok          path, ID; the key is the result                           sem_*         path2: which semaphore, for people
 *
 * Layer: calls.
 */
#ifndef IPCGRADE_CALLS_DECODE_H
#define IPCGRADE_CALLS_DECODE_H

#include "calls/call.h"

enum { NS_PER_US = 1000, NS_PER_S = 1000000000 };

/* Nanoseconds of a time that a program has written, of whose second part one is `unit` nanoseconds. Any number may stand there: what does
 * not fit is the most, or the least, that does. */
static inline int64_t decode_ns(int64_t seconds, int64_t part, int64_t unit)
{
    int64_t whole, rest, sum;
    if (__builtin_mul_overflow(seconds, (int64_t)NS_PER_S, &whole))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    if (__builtin_mul_overflow(part, unit, &rest) || __builtin_add_overflow(whole, rest, &sum))
        return part < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* decode_stream.c, decode_data.c */
void decode_open(struct call *call);
void decode_openat(struct call *call);
void decode_openat2(struct call *call);
void decode_creat(struct call *call);
void decode_read(struct call *call);
void decode_readv(struct call *call);
void decode_recvfrom(struct call *call);
void decode_recvmsg(struct call *call);
void decode_recvmmsg(struct call *call);
void decode_splice(struct call *call);
void decode_sendfile(struct call *call);
void decode_write(struct call *call);
void decode_writev(struct call *call);
void decode_sendto(struct call *call);
void decode_sendmsg(struct call *call);
void decode_sendmmsg(struct call *call);
void decode_vmsplice(struct call *call);
void decode_fd(struct call *call); /* the first argument is a descriptor, no more */
void decode_close_range(struct call *call);
void decode_mknod(struct call *call);
void decode_mknodat(struct call *call);
void decode_unlink(struct call *call);
void decode_unlinkat(struct call *call);
void decode_rename(struct call *call);
void decode_renameat(struct call *call);
void decode_chmod(struct call *call);
void decode_fchmod(struct call *call);
void decode_fchmodat(struct call *call);
void decode_truncate(struct call *call);
void decode_ftruncate(struct call *call);
void decode_pipe(struct call *call);
void decode_pipe2(struct call *call);
void decode_socketpair(struct call *call);
void decode_dup(struct call *call);
void decode_dup2(struct call *call);
void decode_fcntl(struct call *call);

/* decode_socket.c */
void decode_socket(struct call *call);
void decode_bind(struct call *call);
void decode_listen(struct call *call);
void decode_accept(struct call *call);
void decode_connect(struct call *call);
void decode_shutdown(struct call *call);
void decode_setsockopt(struct call *call);
/* For the decoders of sending: the address at `address` becomes family, path, port, path2. */
void decode_address(struct call *call, uint64_t address, uint64_t len);
/* Of a message at its entry or exit: how many descriptors its control data carry becomes FDS. */
void decode_passed(struct call *call, uint64_t control, uint64_t len);

/* decode_lock.c */
bool decode_lock(struct call *call); /* of fcntl; false: it is no lock */
void decode_flock(struct call *call);

/* decode_process.c */
void decode_fork(struct call *call);
void decode_clone(struct call *call);
void decode_execve(struct call *call);
void decode_execveat(struct call *call);
void decode_wait4(struct call *call);
void decode_waitid(struct call *call);
void decode_kill(struct call *call);
void decode_tgkill(struct call *call);
void decode_pidfd_send_signal(struct call *call);
void decode_exit(struct call *call);

/* decode_wait.c */
void decode_sigsuspend(struct call *call);
void decode_sigtimedwait(struct call *call);
void decode_nanosleep(struct call *call);
void decode_clock_nanosleep(struct call *call);
void decode_poll(struct call *call);
void decode_ppoll(struct call *call);
void decode_select(struct call *call);
void decode_pselect(struct call *call);
void decode_epoll_wait(struct call *call);
void decode_epoll_pwait2(struct call *call);
void decode_epoll_ctl(struct call *call);
void decode_makes_fd(struct call *call); /* its result is a new descriptor, no more */
void decode_alarm(struct call *call);
void decode_setitimer(struct call *call);
void decode_timer_create(struct call *call);
void decode_timer_settime(struct call *call);
void decode_timer_delete(struct call *call);
void decode_timerfd_settime(struct call *call);
void decode_futex(struct call *call);
void decode_futex_waitv(struct call *call);
void decode_nothing(struct call *call);

/* decode_posix.c */
void decode_mq_open(struct call *call);
void decode_mq_unlink(struct call *call);
void decode_mq_notify(struct call *call);
void decode_mq_timedsend(struct call *call);
void decode_mq_timedreceive(struct call *call);
void decode_mmap(struct call *call);
void decode_munmap(struct call *call);
/* For the decoders of open and unlink: the deed of a path below /dev/shm, by its word for shared memory and for a semaphore. */
void decode_posix_name(struct call *call, const char *of_memory, const char *of_semaphore);

/* decode_sysv.c */
void decode_msgget(struct call *call);
void decode_semget(struct call *call);
void decode_shmget(struct call *call);
void decode_msgctl(struct call *call);
void decode_semctl(struct call *call);
void decode_shmctl(struct call *call);
void decode_msgsnd(struct call *call);
void decode_msgrcv(struct call *call);
void decode_semop(struct call *call);
void decode_semtimedop(struct call *call);
void decode_shmat(struct call *call);
void decode_shmdt(struct call *call);

/* decode_library.c */
void decode_sem_open(struct call *call);
void decode_sem_unlink(struct call *call);
void decode_sem_init(struct call *call);
void decode_sem_wait(struct call *call);
void decode_sem_timedwait(struct call *call);
void decode_popen(struct call *call);
void decode_pclose(struct call *call);
void decode_ftok(struct call *call);

#endif
