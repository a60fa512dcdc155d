/* The tracer's side of the reader; see reader.h.
 *
 * Theory of operation. The reader is forked when first asked and knows no file then. Before each question it is told, in order, the files and layouts that were recorded
 * since (maps.h), so that both sides count them alike; the files' descriptors go with it. A question is one message, its answer another; whoever finds the connection closed instead knows
 * that the reader has died of the question.
 */
#include "trace/reader_message.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ancillary.h"
#include "base/text.h"

void reader_end(struct tracer *tracer)
{
    struct reader *reader = &tracer->reader;
    if (reader->pid == 0)
        return;
    close(reader->socket); /* by which it ends too, should the signal not be sent */
    syscall(SYS_pidfd_send_signal, reader->pidfd, SIGKILL, NULL, 0);
    while (!reader->is_reaped && waitpid(reader->pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    close(reader->pidfd);
    *reader = (struct reader){0};
}

static bool reader_start(struct tracer *tracer)
{
    int ends[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        reader_serve(ends[1], parent);
    close(ends[1]);
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    tracer->reader = (struct reader){.pid = pid, .pidfd = pidfd, .socket = ends[0]};
    if (pidfd >= 0)
        return true;
    close(ends[0]); /* that ends it */
    tracer->reader = (struct reader){0};
    return false;
}

static bool send_message(const struct reader *reader, const struct question *question, const void *with,
                         size_t len, int fd)
{
    union ancillary control;
    struct iovec parts[] = {{(void *)question, offsetof(struct message, with)}, {(void *)with, len}};
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
    if (fd >= 0)
        ancillary_add(&header, &control, SCM_RIGHTS, &fd, sizeof fd);
    ssize_t sent;
    while ((sent = sendmsg(reader->socket, &header, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return sent >= 0;
}

static bool tell_news(struct tracer *tracer)
{
    struct reader *reader = &tracer->reader;
    const struct maps *maps = &tracer->maps;
    const struct question file = {.kind = TELL_FILE}, layout = {.kind = TELL_LAYOUT};
    bool is_told = true;
    for (; is_told && reader->files_told < maps->file_count; reader->files_told++) {
        const struct mapped_file *one = &maps->files[reader->files_told];
        is_told = send_message(reader, &file, one, sizeof *one, one->fd);
    }
    for (; is_told && reader->layouts_told < maps->layout_count; reader->layouts_told++) {
        const struct layout *one = maps->layouts[reader->layouts_told];
        is_told = send_message(reader, &layout, one, sizeof *one, -1);
    }
    return is_told;
}

/* Names are what a program's compiler was told, or its student has written there: they go to terminals and reports. */
static void end_text(char *text, size_t room)
{
    text[room - 1] = '\0';
    text_tame(text);
}

/* The files have had their way with the reader, perhaps: its texts end where their room does, and its numbers are such as can be asked for. */
static bool is_sane(const struct question *question, struct answer *answer)
{
    end_text(answer->at.file, sizeof answer->at.file);
    end_text(answer->at.function, sizeof answer->at.function);
    end_text(answer->at.caller_file, sizeof answer->at.caller_file);
    end_text(answer->at.called, sizeof answer->at.called);
    end_text(answer->extent.variable, sizeof answer->extent.variable);
    end_text(answer->variable, sizeof answer->variable);
    if (question->kind == ASK_LACK)
        return answer->number >= SOURCE_LACKS_NOTHING && answer->number <= SOURCE_IS_UNREADABLE;
    if (question->kind == ASK_FUNCTION)
        return answer->number == -1 || (answer->number >= 0 && answer->number < READER_NAMES &&
                                        question->names[answer->number][0] != '\0');
    return true;
}

static bool take_answer(const struct reader *reader, struct answer *answer)
{
    ssize_t got;
    while ((got = recv(reader->socket, answer, sizeof *answer, 0)) < 0 && errno == EINTR)
        ;
    return got == sizeof *answer;
}

/* False: there is no answer, and *answer is empty. */
static bool ask(struct tracer *tracer, int layout, const struct question *question,
                const struct stack_capture *stack, struct answer *answer)
{
    *answer = (struct answer){0};
    enum { MOST_LOST = 5 }; /* else each program that is executed once more would cost the time of one */
    if (layout < 0 || tracer->maps.layouts[layout]->is_unreadable)
        return false;
    if (tracer->readers_lost >= MOST_LOST)
        return !(tracer->maps.layouts[layout]->is_unreadable = true);
    if (tracer->reader.pid == 0 && !reader_start(tracer))
        return false;
    size_t len = stack ? sizeof *stack + stack->len : 0;
    if (tell_news(tracer) && send_message(&tracer->reader, question, stack, len, -1) &&
        take_answer(&tracer->reader, answer) && is_sane(question, answer))
        return true;
    tracer->maps.layouts[layout]->is_unreadable = true;
    tracer->readers_lost++;
    reader_end(tracer);
    *answer = (struct answer){0};
    return false;
}

static bool ask_event(struct tracer *tracer, const struct event *event, struct question *question,
                      struct answer *answer)
{
    *answer = (struct answer){0};
    snprintf(question->call, sizeof question->call, "%s", event->call.row ? event->call.row->name : "");
    return event->stack && ask(tracer, event->stack->layout, question, event->stack, answer);
}

bool source_find(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at)
{
    struct question question = {.kind = ASK_LINE, .has_root = root != NULL};
    struct answer answer;
    snprintf(question.root, sizeof question.root, "%s", root ? root : "");
    ask_event(tracer, event, &question, &answer);
    *at = answer.at;
    return answer.is_found;
}

int source_inside(struct tracer *tracer, const struct event *event, const char *const names[])
{
    struct question question = {.kind = ASK_FUNCTION};
    struct answer answer;
    for (int i = 0; i < READER_NAMES && names[i]; i++)
        snprintf(question.names[i], sizeof question.names[i], "%s", names[i]);
    return ask_event(tracer, event, &question, &answer) ? answer.number : -1;
}

bool source_variable(struct tracer *tracer, const struct event *event, uint64_t address, char *to,
                     size_t room)
{
    struct question question = {.kind = ASK_VARIABLE, .address = address};
    struct answer answer;
    if (!ask_event(tracer, event, &question, &answer) || !answer.is_found)
        return false;
    snprintf(to, room, "%s", answer.variable);
    return true;
}

enum source_lack source_lack(struct tracer *tracer, const struct event *event)
{
    struct question question = {.kind = ASK_LACK};
    struct answer answer;
    if (ask_event(tracer, event, &question, &answer))
        return (enum source_lack)answer.number;
    bool is_known = event->stack && event->stack->layout >= 0;
    return is_known && tracer->maps.layouts[event->stack->layout]->is_unreadable ? SOURCE_IS_UNREADABLE
                                                                                 : SOURCE_LACKS_NOTHING;
}

bool extent_find(struct tracer *tracer, const struct event *event, uint64_t address, struct extent *extent)
{
    struct question question = {.kind = ASK_EXTENT, .address = address};
    struct answer answer;
    ask_event(tracer, event, &question, &answer);
    *extent = answer.extent;
    return answer.is_found;
}

uint64_t reader_streams(struct tracer *tracer, int layout)
{
    const struct question question = {.kind = ASK_STREAMS, .layout = layout};
    struct answer answer;
    ask(tracer, layout, &question, NULL, &answer);
    return answer.address;
}
