/* What the files of this room offer each other, file by file; what they share is in tracer.h.
 *
 * Layer: trace, private to the room.
 */
#ifndef IPCGRADE_TRACE_PARTS_H
#define IPCGRADE_TRACE_PARTS_H

#include "trace/tracer.h"

/* trouble: keeps the first sentence */
void tracer_set_trouble(struct tracer *tracer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tasks.c */
struct tracee *tasks_find(struct tracer *tracer, pid_t tid);
struct tracee *tasks_add(struct tracer *tracer, pid_t tid, struct member *member);
void tasks_rename(struct tracer *tracer, struct tracee *tracee, pid_t tid);
void tasks_bury(struct tracer *tracer, struct tracee *tracee); /* from the living to the dead */
struct member *tasks_member(struct tracer *tracer, pid_t pid); /* living process */
bool tasks_know(const struct tracer *tracer, pid_t inner_pid); /* a process, living or dead */
struct member *tasks_new_member(struct tracer *tracer, pid_t pid, struct member *parent);
/* A task that nobody knows yet: from its FORK event (maker not NULL) or from its first stop. NULL: it has vanished or is none of ours. */
struct tracee *tasks_adopt(struct tracer *tracer, pid_t tid, struct tracee *maker);
bool tasks_grow(void *array, size_t count, size_t *room, size_t size);
void tasks_free(struct tracer *tracer);

/* events.c */
struct event *events_new(struct tracer *tracer, struct tracee *tracee);
void events_decode(struct tracer *tracer,
                   struct event *event); /* its call, and count what is kept of its data */
/* `scratch`: which of its two scratch events */
struct event *events_scratch(struct tracer *tracer, struct tracee *tracee, struct event **scratch);
struct event *events_promote(struct tracer *tracer,
                             struct event **scratch); /* the scratch event becomes one of the log */
void events_free(struct tracer *tracer);
bool memory_read(void *context, uint64_t address, void *to, size_t len); /* context: struct tracee */
bool memory_write(const struct tracee *tracee, uint64_t address, const void *from, size_t len);
uint64_t now_ns(void);

/* enter.c: entries and exits of calls */
void enter_call(struct tracee *tracee, const struct __ptrace_syscall_info *info);
void leave_call(struct tracee *tracee, int64_t result);
void leave_skipped(struct tracee *tracee);
void finish_event(struct tracee *tracee, struct event *event,
                  int64_t result); /* fills in the result and its consequences */

bool call_is_over_budget(struct tracee *tracee, const struct deed_row *deed);
void call_remember(struct tracee *tracee, struct event *event);      /* of the last few the stacks are kept */
bool call_is_to_be_held(struct tracee *tracee, struct event *event); /* it is over: tells its owner */
void call_hold_after(struct tracee *tracee);

/* own_limit.c: limits that a program has set itself */
void own_limit_note(struct tracee *tracee, const struct __ptrace_syscall_info *info);
bool own_limit_failed(const struct tracee *tracee, struct event *event); /* notes the zombies, too */

/* zombies.c: of a fork. `*zombies`: how many stand in its way; 0: it is not they */
bool zombies_fill(const struct tracer *tracer, size_t room,
                  int *zombies); /* the living and the zombies are so many, or more */
bool zombies_are_to_blame(const struct tracer *tracer, int *zombies); /* that the kernel has refused it */

/* cpu.c: while the process is there */
void cpu_note(struct member *member);

/* library.c: calls that the probe announces */
bool library_learn(struct tracer *tracer, struct err *err);
bool library_mark(struct tracee *tracee,
                  const struct __ptrace_syscall_info *info); /* false: nobody's, to be passed by */
bool library_is_around(const struct tracee *tracee, const struct event *inner);
void library_cut(struct tracee *tracee); /* it ended inside */

/* preload.c */
void preload_at_entry(struct tracee *tracee, const struct event *event); /* of an exec */
void preload_at_exit(struct tracee *tracee, const struct event *event, int64_t result);

/* loading.c: what a program's file allows; `fd` is an open plain file of anybody's making */
enum preload loading_look(int fd);
struct loading_need {
    uint64_t bytes;     /* of address space, at least */
    bool is_all;        /* and not much more; false: what else it takes is not known */
    bool is_impossible; /* it has places that no process has */
};
struct loading_need loading_need(int fd); /* all 0: it is no program of this machine */

/* lost.c: programs that the kernel could not load when it was too late to go back */
bool lost_by_its_file(const struct tracee *tracee); /* at the exit of an execve that gave ENOMEM */
void lost_note(struct tracee *tracee, int signal, const siginfo_t *info); /* before it is delivered */

/* again.c: interrupted calls */
bool again_matches(const struct tracee *tracee, const struct __ptrace_syscall_info *info);
void again_note(struct tracee *tracee, int64_t result);
int again_signal(struct tracee *tracee, int signal); /* returns the ptrace request to resume with */
void again_stepped(struct tracee *tracee);
void again_settle(struct tracee *tracee);              /* it will not come again: what it gave is final */
uint64_t signals_ignored(const struct tracee *tracee); /* bit (signal - 1) */

/* enter.c: a call that is held before is ruled upon once; what else was decided then waits until it comes again. */
void ruling_keep(struct tracee *tracee, struct ruling held);
struct ruling ruling_take(struct tracee *tracee);

/* partial.c */
bool partial_goes_on(struct tracee *tracee, struct event *event,
                     int64_t result); /* it comes again for the rest */
int64_t partial_total(struct tracee *tracee, const struct event *event,
                      int64_t result); /* what the program is given */

/* registers.c */
bool registers_void_call(struct tracee *tracee, int64_t result); /* at the entry: do nothing, give `result` */
bool registers_step_back(struct tracee *tracee); /* at the exit: to the instruction of the call */
bool registers_set_result(struct tracee *tracee, int64_t result);
bool registers_set_arg(struct tracee *tracee, int index, uint64_t value);
bool registers_set_nr(struct tracee *tracee, uint64_t nr);
bool registers_behind_breakpoint(struct tracee *tracee, uint64_t entry);
bool registers_go_to(struct tracee *tracee, uint64_t address); /* it will go on there */
bool registers_handler_result(struct tracee *tracee,
                              int64_t *result); /* at a handler's start: what the call will give */
bool request(struct tracee *tracee, int what, uintptr_t address,
             uintptr_t data); /* ptrace; ESRCH of who was killed is passed over */
bool request_failed(struct tracee *tracee, int what, int error); /* what request() does then; false */

/* stops.c */
void resume(struct tracee *tracee, int signal);
void resume_by(struct tracee *tracee, int what, int signal);

/* image.c */
void image_missed(const struct tracee *tracee,
                  const char *file); /* of /proc/TID, by errno: trouble, unless its program may not be read */
uint64_t image_auxiliary(const struct tracee *tracee, uint64_t type); /* getauxval(3); 0: none */
void image_changed(struct tracee *tracee);
bool image_entered(struct tracee *tracee);

/* early.c: who makes a call before the entry point; whether a program of the system is only a cloak */
void early_note(struct tracee *tracee, struct event *event, uint64_t ip);
void early_uncloak(struct tracee *tracee);

/* object.c */
void object_of_fd(struct tracee *tracee, int fd, struct object_id *id);
void object_of_entry(struct tracee *tracee, struct event *event);
void object_of_exit(struct tracee *tracee, struct event *event);
void object_forget_fd(struct member *member, int fd); /* -1: all */
struct known_object *object_known(struct tracer *tracer, const struct object_id *id);
struct known_object *object_ever_known(struct tracer *tracer, const struct object_id *id); /* removed, too */

/* path.c: what a path of the task's leads to, as the task sees it. O_PATH, the caller's; -1: it leads nowhere */
int path_open(const struct tracee *tracee, const char *path, int dirfd, bool follows_last);
int path_open_descriptor(const struct tracee *tracee, int number);

/* attached.c: an event of the log, when it is over; and what an event that begins detaches */
void attached_note(struct tracer *tracer, const struct event *event);
bool attached_ends(const struct call *call);
void attached_find(struct tracer *tracer, struct event *event);

bool object_of_path(struct tracee *tracee, const struct call *call, const char *path, struct object_id *id);
/* Name the object of the event, by its descriptor or, with fd -1, by what the call says. */
void object_name(struct tracee *tracee, struct event *event, int fd);
void object_name_path(struct known_object *known, const struct tracee *tracee, int dirfd,
                      const char *path); /* a name for people, and the whole path */
struct known_object *object_learn(struct tracer *tracer, const struct object_id *id); /* NULL: no memory */
void object_removed(struct tracer *tracer, const struct object_id *id);
bool object_is_link(const struct tracee *tracee, const struct call *call); /* its path is a link itself */
int object_open_program(const struct tracee *tracee,
                        const struct call *exec); /* O_PATH, the caller's; -1: it is not there */

/* function_object.c */
void object_of_function(struct tracee *tracee, struct event *event);
void object_of_function_exit(struct tracee *tracee, struct event *event);
/* The semaphore at an address; `name` is for people. */
bool object_of_sem(struct tracee *tracee, uint64_t address, struct object_id *id, char *name, size_t room);

/* shorten.c */
bool shorten_call(struct tracee *tracee,
                  struct event *event); /* at its entry, as its ruling says; false: it cannot be */
void shorten_restore(
    struct tracee *tracee, struct event *event,
    int64_t result); /* at the exit of any call: is_injected says whether it has come short */

/* held_pipe.c */
bool held_pipe_refuse(struct tracee *tracee, struct event *event); /* at the entry of any call: it was */

/* socket.c */
bool socket_learn_device(struct tracer *tracer);
void socket_resolve(struct tracer *tracer, struct object_id *id); /* a socket of its own becomes its name */
void socket_of_entry(struct tracee *tracee, struct event *event);
void socket_of_exit(struct tracee *tracee, const struct event *event); /* before its objects are looked up */
void socket_linger(struct tracee *tracee, const struct event *event);  /* at the entry of any call */
void socket_made_file(struct tracee *tracee,
                      struct event *event); /* of bind(2): the name in the file system */
bool socket_is_limited(struct tracee *tracee, const struct call *call);
bool socket_print_name(const struct tracer *tracer, const struct object_id *id, char *to, size_t room);
void socket_free(struct tracer *tracer);

/* socket_name.c: the names of UNIX sockets */
/* Which socket an address names; 0: memory is out. */
uint64_t socket_number(struct tracee *tracee, const struct call *call);
void socket_name_bound(struct tracee *tracee, const char *path);             /* now there is its file */
void socket_name_linked(struct tracee *tracee, const char *path, int dirfd); /* so it is called now, too */
void socket_names_free(struct tracer *tracer);

/* internet.c */
enum internet { INTERNET_STILL, INTERNET_WAITS, INTERNET_MOVES };
enum internet internet_look(struct tracer *tracer);

/* garbage.c */
enum garbage_look {
    GARBAGE_NONE,
    GARBAGE_LEFT,   /* some was closed just now, and more may follow: look again */
    GARBAGE_MAY_BE, /* it cannot be known */
};
void garbage_note(struct tracer *tracer, const struct call *call); /* at its entry */
enum garbage_look garbage_look(struct tracer *tracer);             /* has it closed */

/* timer.c */
void timer_note(struct tracee *tracee, const struct event *event);
void timer_inherit(struct member *child);
void timer_exec(struct member *member);
void timer_signal(struct member *member, int signal);
bool timer_pending(struct member *member, uint64_t waiting_signals, uint64_t now);
/* One that is due until `horizon` (0: at any time), with one of these signals. */
bool timer_gives(const struct member *member, uint64_t signals, uint64_t horizon);

/* watched.c */
struct watched {
    int count;   /* things that are waited for */
    int timers;  /* timers that run among them */
    int unknown; /* and what may be one */
};
struct watched watched_by(struct tracee *tracee, const struct event *event);
bool watched_may_have_timer(struct tracee *tracee); /* its process has one that runs, or an epoll may */

/* terminal.c */
struct stat;
bool terminal_is_master(const struct stat *info);
bool terminal_ends_read(const struct tracee *tracee, const struct event *event); /* by its time limit */
bool terminals_flush(struct tracer *tracer); /* false: something may still be on its way through one */

/* idle.c */
void idle_note(struct tracee *tracee, const struct event *event);
bool idle_holds(struct tracee *tracee);
bool idle_repeats(struct tracee *tracee,
                  const struct event *event);    /* the call is one more of an idle round */
bool idle_is_known(const struct tracee *tracee); /* proved in this turn */
bool idle_expects(const struct tracee *tracee,
                  const struct call_row *row); /* it idles, and this call comes next */

/* stack.c */
int layout_of(struct tracee *tracee); /* of what its process has mapped; -1: there is none */
void stack_capture(struct tracee *tracee, struct event *event);
/* The same of a call that has failed or made something. These stacks are kept to the end, so a flood of such calls has no more than so many; who waits after it still has one. */
void stack_capture_result(struct tracee *tracee, struct event *event);
void stack_of_crash(struct tracee *tracee, int signal, const siginfo_t *info);
void stack_release(struct event *event);

/* unwritten.c: at the entry of a call that copies the streams of its process, or loses what they hold */
void unwritten_note(struct tracee *tracee, struct event *event);
void unwritten_release(struct event *event);

/* source.c */
void source_forget(struct tracer *tracer);

/* procfs.c: what cannot be read of a task that is there makes trouble for the tracer, which breaks the case. */

/* It could not be read, for errno: gone, or closed to us as on poor machines; all else is a fault of ours or of the machine, on which no proof may be built. Always false. */
bool procfs_missed(struct tracer *tracer, pid_t tid, const char *file);
bool procfs_failed(struct tracer *tracer, pid_t tid, const char *file); /* the same of what is open to us */

bool procfs_stat(struct tracer *tracer, pid_t tid, int fd, struct stat *info);  /* behind its descriptor */
unsigned procfs_open_flags(struct tracer *tracer, pid_t tid, int fd);           /* O_ flags; 0: not known */
bool procfs_next_line(struct tracer *tracer, FILE *file, char *line, int room); /* file: may be NULL */
DIR *procfs_descriptors(struct tracer *tracer, pid_t tid); /* to be closed; NULL: it was missed */
int procfs_next_descriptor(struct tracer *tracer, pid_t tid, DIR *directory); /* -1: no more */
FILE *procfs_open(struct tracer *tracer, pid_t tid, const char *file);
/* Of whoever is there: what is the same for all. The first to come may have ended as a thread long before the others, and shows nothing more. */
FILE *procfs_open_of_any(struct tracer *tracer, const char *file);
bool procfs_only_ignored(struct tracer *tracer,
                         pid_t tid); /* signals wait for delivery, and all of them are ignored */
bool procfs_see(struct tracee *tracee, struct seen *seen);
/* Of one in state D: it waits in none of the places where a disk is waited for (calls/own_wait.h). */
bool procfs_is_own_wait(struct tracee *tracee);
uint64_t procfs_cpu_ns(pid_t tid);
uint64_t procfs_starved_ns(pid_t tid); /* runnable, and not given a processor */
bool procfs_is_ours(struct tracer *tracer, pid_t tid);
bool procfs_any_unknown(
    struct tracer *tracer); /* a process that is traced by us and has not come to a stop yet */
bool procfs_ids(struct tracer *tracer, pid_t tid, pid_t *tgid, pid_t *ppid, pid_t *inner);
uint64_t procfs_limit(struct tracer *tracer, pid_t tid,
                      const char *label); /* soft; RLIM_INFINITY when it cannot be read, too */
bool procfs_has_no_descriptor(struct tracer *tracer, pid_t tid); /* all that its limit allows are taken */
char procfs_state(struct tracer *tracer, pid_t pid,
                  pid_t *ppid); /* 'Z' ..., or NUL: there is no such process */

#endif
