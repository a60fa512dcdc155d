/* Each call that moves bytes, made to move fewer: how many come, and what the program finds in its memory then. */
#include "trace/shorten_rig.h"

#include <stdlib.h>
#include <sys/sendfile.h>

static int file_with_letters(void)
{
    char path[] = "/tmp/ipcgrade-shorten-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    return write(fd, letters, LETTERS) == LETTERS ? fd : -1;
}

static ssize_t call_preadv2(int fd, const struct iovec *pieces, int count, off_t at)
{
    return preadv2(fd, pieces, count, at, 0);
}

static ssize_t call_writev(int fd, const struct iovec *pieces, int count, off_t at)
{
    return (void)at, writev(fd, pieces, count);
}

static ssize_t call_pwritev2(int fd, const struct iovec *pieces, int count, off_t at)
{
    return pwritev2(fd, pieces, count, at, 0);
}

static void scatter(struct rig_shared *shared, vector_call *call, off_t at)
{
    int ends[2];
    struct iovec pieces[4];
    sockets(SOCK_STREAM, ends);
    pieces_of(letters, pieces);
    tell_arrived(shared, call(ends[0], pieces, 4, at), ends[1]);
}

static void readvs(struct rig_shared *shared)
{
    gather(shared, call_readv, with_letters(SOCK_STREAM), 0);
}
static void preadvs(struct rig_shared *shared)
{
    gather(shared, preadv, file_with_letters(), 0);
}
static void preadv2s(struct rig_shared *shared)
{
    gather(shared, call_preadv2, with_letters(SOCK_STREAM), -1);
}
static void writevs(struct rig_shared *shared)
{
    scatter(shared, call_writev, 0);
}
static void pwritev2s(struct rig_shared *shared)
{
    scatter(shared, call_pwritev2, -1);
}

static void pwritevs(struct rig_shared *shared)
{
    char text[LETTERS + 1] = "", others[] = "ABCDEFGH";
    struct iovec pieces[4];
    int fd = file_with_letters();
    pieces_of(others, pieces);
    ssize_t result = pwritev(fd, pieces, 4, 0);
    shared->number[1] = pread(fd, text, LETTERS, 0) == LETTERS && strcmp(text, "ABCdefgh") == 0 ? SHORT : -1;
    memcpy(text, "abc", sizeof "abc");
    tell(shared, result, text);
}

static void vmsplices(struct rig_shared *shared)
{
    int ends[2];
    char text[LETTERS + 1] = "";
    struct iovec pieces[4];
    streams(ends);
    pieces_of(letters, pieces);
    ssize_t result = vmsplice(ends[1], pieces, 4, 0);
    shared->number[1] = (int)read(ends[0], text, LETTERS);
    tell(shared, result, text);
}

/* With a descriptor; the header's answer is the kernel's, and the rest of the header is what it was. */
static void recvmsgs(struct rig_shared *shared)
{
    int ends[2], one = 1;
    char text[LETTERS + 1] = "", control[64], out[CMSG_SPACE(sizeof one)] = "";
    struct iovec pieces[4], all = {letters, LETTERS};
    struct msghdr sent = {.msg_iov = &all, .msg_iovlen = 1, .msg_control = out, .msg_controllen = sizeof out};
    struct msghdr got = {
        .msg_iov = pieces, .msg_iovlen = 4, .msg_control = control, .msg_controllen = sizeof control};
    *CMSG_FIRSTHDR(&sent) = (struct cmsghdr){CMSG_LEN(sizeof one), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&sent)), &one, sizeof one);
    sockets(SOCK_STREAM, ends);
    pieces_of(text, pieces);
    if (sendmsg(ends[0], &sent, 0) != LETTERS)
        return;
    tell(shared, recvmsg(ends[1], &got, MSG_CMSG_CLOEXEC), text);
    shared->number[1] = got.msg_controllen == sizeof out && got.msg_flags == MSG_CMSG_CLOEXEC &&
                                got.msg_iov == pieces && got.msg_iovlen == 4 &&
                                pieces[3].iov_len == LETTERS - 2
                            ? SHORT
                            : -1;
}

/* The header cannot be written to. */
static void sendmsgs(struct rig_shared *shared)
{
    static struct iovec all = {letters, LETTERS};
    static const struct msghdr header = {.msg_iov = &all, .msg_iovlen = 1};
    int ends[2];
    sockets(SOCK_STREAM, ends);
    tell_arrived(shared, sendmsg(ends[0], &header, MSG_NOSIGNAL), ends[1]);
}

static void messages_of(char *text, struct iovec pieces[2], struct mmsghdr messages[2])
{
    for (int i = 0; i < 2; i++) {
        pieces[i] = (struct iovec){text + (ptrdiff_t)i * 4, 4};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}};
    }
}

static void sendmmsgs(struct rig_shared *shared)
{
    int ends[2];
    struct iovec pieces[2];
    struct mmsghdr messages[2];
    sockets(SOCK_STREAM, ends);
    messages_of(letters, pieces, messages);
    int count = sendmmsg(ends[0], messages, 2, 0);
    tell_arrived(shared, count == 1 ? (ssize_t)messages[0].msg_len : -1, ends[1]);
}

static void recvmmsgs(struct rig_shared *shared)
{
    char text[LETTERS + 1] = "";
    struct iovec pieces[2];
    struct mmsghdr messages[2];
    int fd = with_letters(SOCK_STREAM);
    messages_of(text, pieces, messages);
    int count = recvmmsg(fd, messages, 2, 0, NULL);
    tell(shared, count == 1 ? (ssize_t)messages[0].msg_len : -1, text);
}

static void recvfroms(struct rig_shared *shared)
{
    char text[LETTERS + 1] = "";
    ssize_t result = recv(with_letters(SOCK_STREAM), text, LETTERS, 0);
    tell(shared, result, text);
}

static void sendfiles(struct rig_shared *shared)
{
    int ends[2], fd = file_with_letters();
    off_t at = 0;
    sockets(SOCK_STREAM, ends);
    tell_arrived(shared, sendfile(ends[0], fd, &at, LETTERS), ends[1]);
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static const struct row {
    const char *call;
    rig_program *program;
    int arrived; /* at the other end, or that all else is as it must be; 0: it is not asked */
} rows[] = {
    {"readv", readvs, 0},           {"preadv", preadvs, 0},       {"preadv2", preadv2s, 0},
    {"recvfrom", recvfroms, 0},     {"recvmsg", recvmsgs, SHORT}, {"recvmmsg", recvmmsgs, 0},
    {"writev", writevs, SHORT},     {"pwritev", pwritevs, SHORT}, {"pwritev2", pwritev2s, SHORT},
    {"vmsplice", vmsplices, SHORT}, {"sendmsg", sendmsgs, SHORT}, {"sendmmsg", sendmmsgs, SHORT},
    {"sendfile", sendfiles, SHORT},
};

START_TEST(comes_short)
{
    const struct row *row = &rows[_i];
    struct trap trap = {.call = row->call, .left = 1};
    struct rig rig = {0};
    open_trap(&rig, &trap);
    struct process *process = rig_start(&rig, row->program);
    rig_finish(&rig);
    ck_assert_msg(rig.shared->number[0] == SHORT, "%s, row %d: %d", row->call, _i, rig.shared->number[0]);
    ck_assert_int_eq(rig.shared->number[1], row->arrived);
    ck_assert_str_eq(rig.shared->text, "abc");
    const struct event *event = rig_event(&rig, process, row->call, 0);
    ck_assert(event->is_injected);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: shortening");
    TCase *tests = tcase_create("shorten");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, comes_short, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
