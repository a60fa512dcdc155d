/* For knots_test.c only: programs that hang (fixtures/knots), and what is to be said of them.
 *
 * In the texts "@mark" stands for the file and line that say "line: mark" in the program, and "T0" for a thread that is not its process's first.
 */
#ifndef IPCGRADE_DIAGNOSIS_KNOTS_H
#define IPCGRADE_DIAGNOSIS_KNOTS_H

#include <stddef.h>

enum { TEXTS = 5, NONE = 0, FACT = 1, PROBABLE = 2, NOT_STATIC = 1 };

static const struct knot {
    const char *file;
    size_t cycle;  /* how many take part; 1: it waits for itself */
    int certainty; /* of the cycle */
    int needs;     /* NOT_STATIC: the probe */
    const char *texts[TEXTS];
} knots[] = {
    {"two_pipes.c",
     2,
     FACT,
     0,
     {"Deadlock: P0 waits for P1, P1 waits for P0. None of them can go on.",
      "P0 waits in read() at @parent for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end is "
      "open in P1, as descriptor 6 (inherited over fork(); pipe() at @pipes), which waits itself in read() "
      "at @child",
      "P1 waits in read() at @child for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end is "
      "open in P0, as descriptor 4 (pipe() at @pipes), which waits itself in read() at @parent"}},
    {"unflushed.c",
     2,
     FACT,
     0,
     {"P0 waits in fgets() at @read for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end "
      "is open in P1, as descriptor 6 (inherited over fork(); pipe() at @answer), which waits itself in "
      "fgets() "
      "at @read",
      "P1 waits in fgets() at @read for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end "
      "is open in P0, as descriptor 4 (pipe() at @ask), which waits itself in fgets() at @read. 13 bytes "
      "that "
      "it has printed are still in the buffer of its stream of that descriptor (fflush() writes them)"}},
    {"own_end.c",
     1,
     FACT,
     0,
     {"P0 waits in read() at @read for bytes or the end of file from the pipe. It is empty.\n- the write end "
      "is open in "
      "the same process, as descriptor 5 (dup() at @copy): IT WAITS FOR ITSELF."}},
    {"heir.c",
     1,
     FACT,
     0,
     {"P1 waits in fgets() at @fgets (called from @consumer) for bytes or the end of file from the pipe. It "
      "is "
      "empty.\n- the write end is open in the same process, as descriptor 4 (inherited over fork(); pipe() "
      "at @pipe): "
      "IT WAITS FOR ITSELF.",
      "P0 waits in wait() at @wait for a child to end.\n- this child lives: P1, which waits itself in "
      "fgets() at "
      "@fgets"}},
    {"full_pipes.c",
     2,
     FACT,
     0,
     {"P0 waits in write() at @write (called from @parent) for room in the pipe. It is full: 65536 bytes lie "
      "in it, "
      "and it holds 65536.\n- the read end is open in P1, as descriptor 3 (inherited over fork(); pipe() at "
      "@pipes), "
      "which waits itself in write() at @write (called from @child)",
      "P1 waits in write() at @write (called from @child) for room in the pipe. It is full",
      "- the read end is open in P0, as descriptor 5 (pipe() at @pipes), which waits itself in write() at "
      "@write "
      "(called from @parent)"}},
    {"full_sockets.c",
     2,
     FACT,
     0,
     {"P0 waits in send() at @send for room in the socket pair. It is full: ",
      " bytes lie unread at the other end.\n- the other end is open in P1, as descriptor 4 (inherited over "
      "fork(); "
      "socketpair() at @pair), which waits itself in send() at @send",
      "- the other end is open in P0, as descriptor 3 (socketpair() at @pair), which waits itself in send() "
      "at @send"}},
    {"sysv_semaphores.c",
     2,
     FACT,
     0,
     {"P0 waits in semop() at @semop (called from @parent wants) until semaphore 1 of semaphore set private "
      "id ",
      " has at least the value 1. Its value is 0. P1 was the last to change it, in semop() at @semop (called "
      "from @child "
      "takes).\n- P1 has taken it and not given it back (semop() at @semop (called from @child takes)), "
      "which waits "
      "itself in semop() at @semop (called from @child wants)",
      "P1 waits in semop() at @semop (called from @child wants) until semaphore 0 of semaphore set private "
      "id ",
      "- P0 has taken it and not given it back (semop() at @semop (called from @parent takes)), which waits "
      "itself in "
      "semop() at @semop (called from @parent wants)"}},
    {"posix_semaphores.c",
     2,
     FACT,
     NOT_STATIC,
     {"P0 waits in sem_wait() at @parent wants until somebody posts POSIX semaphore /knot-right-",
      " Its value is 0. P1 was the last to change it, in sem_wait() at @child takes.\n- P1 has taken it and "
      "not given "
      "it back (sem_wait() at @child takes), which waits itself in sem_wait() at @child wants",
      "P1 waits in sem_wait() at @child wants until somebody posts POSIX semaphore /knot-left-",
      "- P0 has taken it and not given it back (sem_wait() at @parent takes), which waits itself in "
      "sem_wait() at "
      "@parent wants"}},
    {"private_semaphore.c",
     0,
     NONE,
     NOT_STATIC,
     {"P0 waits in sem_wait() at @wait until somebody posts the unnamed semaphore. Its value is 0.\n- it "
      "lies in memory that no other process has, and its process has no other thread"}},
    {"lock_then_item.c",
     2,
     PROBABLE,
     NOT_STATIC,
     {"P0 waits in sem_wait() at @producer until somebody posts the unnamed semaphore. Its value is 0.",
      "- P1 has taken it and not given it back (sem_wait() at @consumer takes (called from @second)), which "
      "waits itself in sem_wait() at @consumer wants (called from @second)",
      "P1 waits in sem_wait() at @consumer wants (called from @second) until somebody posts the unnamed "
      "semaphore. Its value is 0. P1 was the last to change it, in sem_wait() at @consumer wants (called "
      "from @first).\n- probably P0 could: it has used the same object (sem_init() at @made)"}},
    {"fifo_order.c",
     2,
     PROBABLE,
     0,
     {"Probably a deadlock: P0 waits for P1, P1 waits for P0.",
      "P0 waits in open() at @server for somebody who opens FIFO request for writing.\n- probably P1 should, "
      "which waits "
      "itself in open() at @client",
      "P1 waits in open() at @client for somebody who opens FIFO answer for writing.\n- probably P0 should, "
      "which waits "
      "itself in open() at @server"}},
    {"fifo_alone.c",
     0,
     NONE,
     0,
     {"P0 waits in fopen() at @open for somebody who opens FIFO alone for writing.\n- nobody has it open for "
      "writing, "
      "and nobody is opening it\n- P1 has ended without opening it"}},
    {"shared_mutexes.c",
     2,
     FACT,
     0,
     {"P0 waits in pthread_mutex_lock() at @parent for a mutex.\n- P1 has it, which waits itself in "
      "pthread_mutex_lock() at @child",
      "P1 waits in pthread_mutex_lock() at @child for a mutex.\n- P0 has it, which waits itself in "
      "pthread_mutex_lock() at @parent"}},
    {"waiting_child.c",
     2,
     FACT,
     0,
     {"P0 waits in waitpid() at @parent for its child ",
      " to end.\n- this child lives: P1, which waits itself in read() at @child",
      "P1 waits in read() at @child for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end is open "
      "in P0, as descriptor 4 (pipe() at @pipe), which waits itself in waitpid() at @parent"}},
    {"wrong_type.c",
     2,
     PROBABLE,
     0,
     {"P0 waits in wait() at @parent for a child to end.\n- this child lives: P1, which waits itself in "
      "msgrcv() at "
      "@child",
      "P1 waits in msgrcv() at @child for a message of type 7 in message queue private id ",
      " Messages in the queue: 2 (1 of type 1, 1 of type 3). None of them is of the type that it asks "
      "for.\n- probably "
      "P0 could: it has used the same object (msgsnd() at @sent), which waits itself in wait() at "
      "@parent"}},
    {"threads.c",
     2,
     FACT,
     0,
     {"the main thread of P0 waits in pthread_mutex_lock() at @main for the mutex journal.\n- T0 has it, "
      "which waits "
      "itself in pthread_mutex_lock() at @thread",
      "T0 waits in pthread_mutex_lock() at @thread for the mutex accounts.\n- the main thread of P0 has it, "
      "which waits "
      "itself in pthread_mutex_lock() at @main"}},
    {"join_locked.c",
     2,
     FACT,
     0,
     {"the main thread of P0 waits in pthread_join() at @main for a thread of its own to end.\n- that is T0, "
      "which waits "
      "itself in pthread_mutex_lock() at @thread",
      "T0 waits in pthread_mutex_lock() at @thread for the mutex lock.\n- the main thread of P0 has it, "
      "which waits "
      "itself in pthread_join() at @main"}},
    {"relock.c",
     1,
     FACT,
     0,
     {"P0 waits in pthread_mutex_lock() at @lock (called from @insert) for the mutex table_lock.\n- it has "
      "it already, "
      "itself: IT WAITS FOR ITSELF"}},
    {"lost_signal.c",
     0,
     NONE,
     0,
     {"P0 waits in pthread_cond_wait() at @wait until somebody signals the condition variable ready.\n- its "
      "process has "
      "no other thread that could do it"}},
    {"barrier_short.c",
     2,
     PROBABLE,
     0,
     {"the main thread of P0 waits in pthread_barrier_wait() at @main until enough threads have come to the "
      "barrier "
      "line.\n- probably T0 could, which waits itself in pthread_barrier_wait() at @thread"}},
    {"file_locks.c",
     2,
     FACT,
     0,
     {"P0 waits in flock() at @parent wants for a lock on file two. In its way is an exclusive lock on the "
      "whole "
      "file.\n- P1 has it (flock() at @child takes), which waits itself in flock() at @child wants",
      "P1 waits in flock() at @child wants for a lock on file one. In its way is an exclusive lock on the "
      "whole "
      "file.\n- P0 has it (flock() at @parent takes), which waits itself in flock() at @parent wants"}},
    {"description_lock.c",
     2,
     FACT,
     0,
     {"P1 waits in fcntl() at @fcntl (called from @child) for a lock on file records. In its way is an "
      "exclusive lock on the whole file.\n- P0 has it (fcntl() at @fcntl (called from @parent)), which waits "
      "itself in wait() at @wait"}},
    {"record_lock.c",
     2,
     FACT,
     0,
     {"P1 waits in fcntl() at @fcntl (called from @child wants) for a lock on file records. In its way is an "
      "exclusive "
      "lock on bytes 64 to 95.\n- P0 has it (fcntl() at @fcntl (called from @parent takes)), which waits "
      "itself in "
      "wait() at @wait"}},
    {"tcp_both_read.c",
     2,
     FACT,
     0,
     {"P0 waits in recv() at @server reads for bytes or the end of file from the connection",
      " Nothing has come.\n- the other end is open in P1, as descriptor 3 (socket() at @client), which waits "
      "itself in "
      "recv() at @client reads",
      "- the other end is open in P0, as descriptor 4 (accept() at @accept), which waits itself in recv() at "
      "@server "
      "reads"}},
    {"nobody_accepts.c",
     2,
     FACT,
     0,
     {"P1 waits in read() at @client for bytes or the end of file from the connection to UNIX socket "
      "server.sock. "
      "Nothing has come.\n- nobody has accepted the connection: P0 listens, as descriptor 3 (socket() at "
      "@socket), "
      "which waits itself in wait() at @server"}},
    {"nobody_connects.c",
     0,
     NONE,
     0,
     {"P0 waits in accept() at @accept for somebody who connects to UNIX socket lonely.sock. No connection "
      "waits to be "
      "accepted."}},
    {"backlog.c",
     1,
     FACT,
     0,
     {"P0 waits in connect() at @connect for UNIX socket busy.sock to take its connection. Connections that "
      "wait there "
      "to be accepted: 2; the backlog of listen() is 1.\n- it listens there itself, as descriptor 3 "
      "(socket() at "
      "@socket): nobody but itself could accept"}},
    {"datagrams.c",
     0,
     NONE,
     0,
     {"P0 waits in recvfrom() at @recvfrom for a datagram to UDP port ", ". Nothing has come."}},
    {"full_queue.c",
     0,
     NONE,
     0,
     {"P0 waits in mq_send() at @send for room in POSIX message queue knot-",
      " Messages in it: 3; it holds 3.\n- "
      "probably P1 could: it has used the same object (mq_receive() at @taken), which waits itself in "
      "pause() at @pause"}},
    {"polled.c",
     0,
     NONE,
     0,
     {"P0 waits in poll() at @poll for one of several descriptors.\n- descriptor 3: the write end is open in "
      "P1, as "
      "descriptor 4 (inherited over fork(); pipe() at @pipes), which waits itself in pause() at @pause\n- "
      "descriptor 5: "
      "the write end is open in the same process, as descriptor 6 (pipe() at @pipes)"}},
    {"filter.c",
     2,
     FACT,
     0,
     {"P0 waits in fgets() at @fgets for bytes or the end of file from the pipe. It is empty.\n- the write "
      "end is open "
      "in P1, as descriptor 1 (dup2() at ",
      "P1 waits in read() for bytes or the end of file from the pipe. It is empty.\n- the write end is open "
      "in P0, as "
      "descriptor 4 (pipe() at @pipes), which waits itself in fgets() at @fgets"}},
    {"at_exit.c",
     2,
     FACT,
     0,
     {"P1 waits in write() in exit() for room in the pipe. It is full: 65536 bytes lie in it, and it holds "
      "65536.\n- "
      "the read end is open in P0, as descriptor 3 (pipe() at @pipe), which waits itself in wait() at "
      "@wait"}},
    {"undo.c",
     0,
     NONE,
     0,
     {" has at least the value 2. Its value is 0. P1 was the last to change it, in semop() at @take. "
      "Processes that "
      "wait for it: 2.\n- P1 has taken it and not given it back (semop() at @take), which waits itself in "
      "pause() at "
      "@pause (with SEM_UNDO: the kernel gives it back when that process ends)"}},
    {"condition.cc",
     2,
     FACT,
     0,
     {"the main thread of P0 waits in pthread_mutex_lock() at @main for the mutex right.\n- T0 has it, which "
      "waits itself "
      "in pthread_mutex_lock() at @thread",
      "T0 waits in pthread_mutex_lock() at @thread for the mutex left.\n- the main thread of P0 has it"}},
};
enum { KNOTS = sizeof knots / sizeof *knots };

#endif
