/* What ipcgrade was started with: streams, signals. A cron job, a shell or a parent that is careless may have left any of them in a state in which nothing of ours would work.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_SURROUNDINGS_H
#define IPCGRADE_COMMANDS_SURROUNDINGS_H

/* Fill standard streams that are closed, so that no file or socket of ours becomes one, with what can be used as little as a closed one (EBADF); what we execute
 * has them closed again. First thing in main(). */
void surroundings_fill_streams(void);

/* Signals whose disposition is inherited over execve(2) and would get in the way of grading: SIGCHLD ignored hides how children ended, and SIGXFSZ would kill us where
 * EFBIG says it all. What is graded has every disposition set back anyway. */
void surroundings_set_signals(void);

#endif
