/* Inside the diagnosis room: the parts that sentences about waits are made of. */
#ifndef IPCGRADE_DIAGNOSIS_WORDS_PARTS_H
#define IPCGRADE_DIAGNOSIS_WORDS_PARTS_H

#include "diagnosis/words.h"

/* words.c: a process, or the thread that is meant where its process has several. `tid` 0: the process. */
void who_text(const struct teller *teller, int process, pid_t tid, struct bytes *to);
/* "fgets() at tr.c:18": the function as the student wrote it; without the line when it is not known. */
void place_text(const struct teller *teller, const struct event *event, struct bytes *to);
void wait_place_text(const struct teller *teller, const struct wait *wait, struct bytes *to);

/* words_aim.c: "for bytes or the end of file from the pipe"; " It is empty." */
void aim_text(const struct wait *wait, struct bytes *to);
void standing_text(const struct wait *wait, const struct teller *teller, struct bytes *to);

/* words_help.c: a line, with its '\n' in front, for each of those who could end the wait; and what is known when there is nobody. */
void helpers_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
                  struct bytes *to);

#endif
