/* A process in words, as it is now or as it ended. */
#ifndef IPCGRADE_JUDGE_PROCESS_TEXT_H
#define IPCGRADE_JUDGE_PROCESS_TEXT_H

#include "judge/stage.h"
#include "trace/source.h"

/* "ended with status 1", "was killed by SIGPIPE", "is blocked in open("box", O_WRONLY) at fifo_write.c:31", "is running", "is held before ...". Appends. */
void process_text(struct stage *stage, const struct process *process, struct bytes *to);

/* The task that says most about a living process: a blocked one before a running one. NULL when there is none. */
struct task *process_task(const struct stage *stage, const struct process *process);

/* " at file.c:12", or nothing when no line is known. Appends. */
void source_text(struct stage *stage, const struct event *event, struct bytes *to);

/* The line of a call into the result's own form; *to stays as it is when no line is known. */
void source_set(struct stage *stage, const struct event *event, struct source_line *to);

/* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT: the program came to grief by itself. */
bool is_crash_signal(int signal);

/* Every living process of whom the case speaks, one line each. Appends. */
void living_text(struct stage *stage, const struct who *who, struct bytes *to);

/* Why a library function (sem_post, popen) may have been called and was not seen: the program is a static one. Nothing when it would be seen; else `before` comes in front. */
void unseen_text(struct stage *stage, const struct who *who, const struct deed *deed, const char *before,
                 struct bytes *to);

/* True, and the same in words, when some process of WHO may have called it unseen, because it is a static one. */
bool unseen_in_any(struct stage *stage, const struct who *who, const struct deed *deed, struct bytes *to);

#endif
