/* Does a system call answer to a deed? One matcher for looks, `blocks`, `hold`, `never` and `inject`. */
#ifndef IPCGRADE_JUDGE_MATCH_H
#define IPCGRADE_JUDGE_MATCH_H

#include <stdbool.h>

#include "judge/stage.h"

/* A call that begins: family, object and what is passed. */
bool match_begun(struct stage *stage, const struct deed *deed, const struct event *event);

/* A call that has ended, successfully, or with one of the deed's errors. Texts of streams are not compared here: see match_stream(). */
bool match_done(struct stage *stage, const struct deed *deed, const struct event *event);

/* A blocked task: in a member of the family, or in poll, select, epoll for what the deed needs. deed NULL: in any waiting call. */
bool match_blocked(struct stage *stage, const struct deed *deed, const struct task *task);

/* Does what stands first in the deed name the event's object? */
bool match_target(struct stage *stage, const struct deed *deed, const struct event *event);

/* Is the object one of the runner's streams of some actor? Gives which, else OBJECT_NONE. */
enum object_kind match_stream_of(const struct stage *stage, const struct object_id *id);

/* A deed on a stream whose bytes are asked for (`read gives`, `write text`, `until: eof`): judged by all that WHO moved. */
bool match_is_stream(const struct deed *deed);
bool match_stream(struct stage *stage, const struct who *who, const struct deed *deed, struct bytes *moved,
                  bool *met_eof);

#endif
