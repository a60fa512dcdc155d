/* The agent's deeds on streams: each once with success and once with a failure, and what "read until" and O_NONBLOCK mean. */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "agent/drive.h"
#include "base/run_test.h"

#ifdef SYS_poll
enum { CALL_POLL = SYS_poll };
#else
enum { CALL_POLL = SYS_ppoll };
#endif
enum { FEW = 40 }; /* descriptors */

static char agent_path[PATH_MAX];
static char directory[] = "/tmp/ipcgrade-agent-XXXXXX";
static struct driven agent;

static void set_up(void)
{
    drive_agent_path(agent_path);
    drive_directory(directory);
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    static const char *const names[] = {"box", "file", "other", "dir", NULL};
    drive_stop(&agent);
    for (const char *const *name = names; *name; name++)
        remove(*name);
    rmdir(directory);
}

static struct order opening(const char *path, int flags, const char *as)
{
    struct order order = drive_on_path("open", path);
    drive_set(&order, PARAM_FLAGS, flags);
    snprintf(order.as[0], sizeof order.as[0], "%s", as);
    return order;
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

static struct reply writing(const char *end, const char *text)
{
    return drive(&agent, drive_on_end("write", end), text, strlen(text));
}

static struct order reading(const char *end, size_t want_len, bool until_eof)
{
    struct order order = drive_on_end("read", end);
    order.want_len = want_len;
    order.until_eof = until_eof;
    return order;
}

static void check_got(struct reply reply, const char *text)
{
    char got[4096];
    DRIVE_SUCCEEDS(reply, (int64_t)strlen(text));
    ck_assert_uint_eq(reply.total, strlen(text));
    ck_assert_uint_eq(reply.got_len, strlen(text));
    drive_got(&agent, got, reply.got_len);
    ck_assert_mem_eq(got, text, reply.got_len);
}

static void make_pipe(void)
{
    DRIVE_SUCCEEDS(perform(drive_pair("pipe", "r", "w")), 0);
}

START_TEST(names_in_the_file_system)
{
    struct stat status;
    struct order make = drive_on_path("mkfifo", "box"), mode = drive_on_path("chmod", "box");
    drive_set(&make, PARAM_MODE, 0640);
    DRIVE_SUCCEEDS(perform(make), 0);
    ck_assert_int_eq(stat("box", &status), 0);
    ck_assert(S_ISFIFO(status.st_mode) && (status.st_mode & 07777) == 0640);
    DRIVE_FAILS(perform(make), EEXIST);
    drive_set(&mode, PARAM_MODE, 0604);
    DRIVE_SUCCEEDS(perform(mode), 0);
    ck_assert_int_eq(stat("box", &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0604);
    DRIVE_FAILS(perform(drive_on_path("chmod", "missing")), ENOENT);
    struct order name = drive_on_path("rename", "box");
    strcpy(name.path2, "other");
    DRIVE_SUCCEEDS(perform(name), 0);
    ck_assert_int_eq(stat("other", &status), 0);
    DRIVE_FAILS(perform(name), ENOENT);
    DRIVE_SUCCEEDS(perform(drive_on_path("unlink", "other")), 0);
    ck_assert_int_eq(access("other", F_OK), -1);
    DRIVE_FAILS(perform(drive_on_path("unlink", "other")), ENOENT);
    ck_assert_int_eq(mkdir("dir", 0700), 0);
    DRIVE_SUCCEEDS(perform(drive_on_path("unlink", "dir")), 0); /* as remove does */
}
END_TEST

START_TEST(files)
{
    struct stat status;
    struct order make = opening("file", O_RDWR | O_CREAT | O_EXCL, "f"),
                 size = drive_on_path("truncate", "file");
    drive_set(&make, PARAM_MODE, 0620);
    struct reply reply = perform(make);
    DRIVE_SUCCEEDS(reply, reply.result);
    ck_assert_int_ge(reply.result, 0);
    DRIVE_FAILS(perform(make), EEXIST);
    DRIVE_FAILS(perform(opening("missing", O_RDONLY, "x")), ENOENT);
    DRIVE_SUCCEEDS(writing("f", "hello"), 5);
    ck_assert_int_eq(stat("file", &status), 0);
    ck_assert_int_eq(status.st_size, 5);
    ck_assert_int_eq(status.st_mode & 07777, 0620);
    drive_set(&size, PARAM_SIZE, 3);
    DRIVE_SUCCEEDS(perform(size), 0);
    size = drive_on_end("truncate", "f");
    drive_set(&size, PARAM_SIZE, 7);
    DRIVE_SUCCEEDS(perform(size), 0);
    ck_assert_int_eq(stat("file", &status), 0);
    ck_assert_int_eq(status.st_size, 7);
    DRIVE_FAILS(perform(drive_on_path("truncate", "missing")), ENOENT);
    perform(opening("file", O_RDONLY, "g"));
    DRIVE_FAILS(perform(drive_on_end("truncate", "g")), EINVAL); /* not open for writing */
    DRIVE_FAILS(writing("g", "x"), EBADF);
    struct order directory_read = reading("d", 0, false);
    perform(opening(".", O_RDONLY, "d"));
    DRIVE_FAILS(perform(directory_read), EISDIR);
}
END_TEST

START_TEST(read_no_further_than_asked)
{
    make_pipe();
    DRIVE_SUCCEEDS(writing("w", "hello world"), 11);
    check_got(perform(reading("r", 5, false)), "hello");
    check_got(perform(reading("r", 1, false)), " ");
    check_got(perform(reading("r", 0, false)), "world"); /* one read */
}
END_TEST

START_TEST(read_goes_on_until_all_is_there)
{
    make_pipe();
    DRIVE_SUCCEEDS(writing("w", "hel"), 3);
    /* Nobody can write while the agent waits, but its own other end: so the second half comes from here. */
    struct order read = reading("r", 5, false);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/4", (int)agent.pid);
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(writer, 0);
    drive_give(&agent, &read, NULL, 0);
    ck_assert(drive_to_call(&agent, SYS_read)); /* takes what is there */
    ck_assert(drive_to_call(&agent, SYS_read)); /* and wants the rest */
    ck_assert_int_eq(write(writer, "lo!", 3), 3);
    check_got(drive_reply(&agent), "hello");
    close(writer);
    check_got(perform(reading("r", 1, false)), "!");
}
END_TEST

START_TEST(read_until_the_end)
{
    make_pipe();
    DRIVE_SUCCEEDS(writing("w", "hello"), 5);
    DRIVE_SUCCEEDS(perform(drive_on_end("close", "w")), 0);
    struct reply reply = perform(reading("r", 2, true)); /* the end counts, not the length */
    check_got(reply, "hello");
    ck_assert_int_eq(reply.met_eof, 1);
    reply = perform(reading("r", 1, false));
    DRIVE_SUCCEEDS(reply, 0);
    ck_assert_int_eq(reply.met_eof, 1);
    make_pipe();
    DRIVE_SUCCEEDS(writing("w", "x"), 1);
    reply = perform(reading("r", 1, false));
    ck_assert_int_eq(reply.met_eof, 0);
}
END_TEST

/* What does not fit into the mailbox is read and counted, but never more than was asked for. */
START_TEST(more_than_a_mailbox)
{
    enum { ALL = AGENT_DATA + 3000, WANTED = AGENT_DATA + 1000 };
    char *bytes = malloc(ALL);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < ALL; i++)
        bytes[i] = (char)('a' + i % 23);
    int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, bytes, ALL), ALL);
    close(fd);
    perform(opening("file", O_RDONLY, "f"));
    struct reply reply = perform(reading("f", WANTED, false));
    DRIVE_SUCCEEDS(reply, WANTED);
    ck_assert_uint_eq(reply.total, WANTED);
    ck_assert_uint_eq(reply.got_len, AGENT_DATA);
    char *got = malloc(AGENT_DATA);
    ck_assert_ptr_nonnull(got);
    drive_got(&agent, got, AGENT_DATA);
    ck_assert_mem_eq(got, bytes, AGENT_DATA);
    reply = perform(reading("f", 0, true));
    DRIVE_SUCCEEDS(reply, ALL - WANTED);
    drive_got(&agent, got, ALL - WANTED);
    ck_assert_mem_eq(got, bytes + WANTED, ALL - WANTED);
    ck_assert_int_eq(reply.met_eof, 1);
    free(got);
    free(bytes);
}
END_TEST

static void make_fifo(void)
{
    DRIVE_SUCCEEDS(perform(drive_on_path("mkfifo", "box")), 0);
}

START_TEST(nonblocking_reads_wait_all_the_same)
{
    make_fifo();
    perform(opening("box", O_RDONLY | O_NONBLOCK, "r"));
    int writer = open("box", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(writer, 0);
    struct order read = reading("r", 5, false);
    drive_give(&agent, &read, NULL, 0);
    ck_assert(drive_to_call(&agent, CALL_POLL));
    ck_assert_int_eq(write(writer, "hel", 3), 3);
    ck_assert(drive_to_call(&agent, CALL_POLL)); /* for the rest */
    ck_assert_int_eq(write(writer, "lo", 2), 2);
    check_got(drive_reply(&agent), "hello");
    read.wants_error = 1; /* unless EAGAIN is what the case wants */
    DRIVE_FAILS(perform(read), EAGAIN);
    close(writer);
}
END_TEST

START_TEST(nonblocking_writes_wait_all_the_same)
{
    enum { CAPACITY = 65536, MORE = 100000 }; /* pipe(7) */
    char *bytes = malloc(MORE), *came = malloc(MORE);
    ck_assert(bytes && came);
    memset(bytes, 'x', MORE);
    make_fifo();
    DRIVE_FAILS(perform(opening("box", O_WRONLY | O_NONBLOCK, "w")), ENXIO);
    int reader = open("box", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    perform(opening("box", O_WRONLY | O_NONBLOCK, "w"));
    struct order write = drive_on_end("write", "w");
    drive_give(&agent, &write, bytes, MORE);
    ck_assert(drive_to_call(&agent, CALL_POLL)); /* the FIFO is full */
    ck_assert_int_eq(read(reader, came, MORE), CAPACITY);
    DRIVE_SUCCEEDS(drive_reply(&agent), MORE);
    ck_assert_int_eq(read(reader, came, MORE), MORE - CAPACITY);
    DRIVE_SUCCEEDS(drive(&agent, write, bytes, CAPACITY), CAPACITY);
    write.wants_error = 1;
    DRIVE_FAILS(drive(&agent, write, "x", 1), EAGAIN);
    close(reader);
    free(bytes);
    free(came);
}
END_TEST

START_TEST(a_pipe_without_a_reader)
{
    make_pipe();
    DRIVE_SUCCEEDS(perform(drive_on_end("close", "r")), 0);
    DRIVE_FAILS(writing("w", "x"), EPIPE); /* an answer, not its death */
    DRIVE_SUCCEEDS(perform(drive_on_end("close", "w")), 0);
}
END_TEST

START_TEST(a_pair_of_sockets)
{
    DRIVE_SUCCEEDS(perform(drive_pair("socketpair", "a", "b")), 0);
    DRIVE_SUCCEEDS(writing("a", "ping"), 4);
    check_got(perform(reading("b", 4, false)), "ping");
    DRIVE_SUCCEEDS(writing("b", "pong"), 4);
    check_got(perform(reading("a", 4, false)), "pong");
    struct order close = drive_on_end("close", "a");
    drive_set(&close, PARAM_HOW, 1);
    DRIVE_SUCCEEDS(perform(close), 0);
    struct reply reply = perform(reading("b", 0, true));
    ck_assert_int_eq(reply.met_eof, 1);
}
END_TEST

START_TEST(duplicates)
{
    make_pipe();
    struct order dup = drive_on_end("dup", "w");
    strcpy(dup.as[0], "w2");
    struct reply reply = perform(dup);
    ck_assert_int_gt(reply.result, 4);
    DRIVE_SUCCEEDS(writing("w2", "a"), 1);
    drive_set(&dup, PARAM_ONTO, 9);
    strcpy(dup.as[0], "w9");
    DRIVE_SUCCEEDS(perform(dup), 9);
    DRIVE_SUCCEEDS(writing("w9", "b"), 1);
    check_got(perform(reading("r", 2, false)), "ab");
    drive_set(&dup, PARAM_ONTO, 1 << 30);
    DRIVE_FAILS(perform(dup), EBADF);
}
END_TEST

START_TEST(too_many_descriptors)
{
    struct reply reply = {0};
    static const char *const words[] = {"pipe", "socketpair"};
    for (int i = 0; i < 100 && !reply.error; i++) {
        ck_assert_str_eq(reply.trouble, "");
        reply = perform(
            drive_pair("pipe", "r", "w")); /* the same names: the older ones stay open, without a name */
    }
    DRIVE_FAILS(reply, EMFILE); /* the limit is lowered in main() */
    for (size_t i = 0; i < 2; i++)
        DRIVE_FAILS(perform(drive_pair(words[i], "x", "y")), EMFILE);
    DRIVE_SUCCEEDS(writing("w", "still"), 5); /* the last pair that was made */
    check_got(perform(reading("r", 5, false)), "still");
}
END_TEST

START_TEST(standard_streams)
{
    struct order write = drive_order("write"), close = drive_order("close"), dup = drive_on_end("dup", "w");
    write.object = close.object = ORDER_STREAM;
    write.fd = close.fd = 1;
    make_pipe();
    drive_set(&dup, PARAM_ONTO, 1);
    DRIVE_SUCCEEDS(perform(dup), 1);
    DRIVE_SUCCEEDS(drive(&agent, write, "out", 3), 3);
    check_got(perform(reading("r", 3, false)), "out");
    DRIVE_SUCCEEDS(perform(close), 0);
    DRIVE_FAILS(perform(close), EBADF);
    DRIVE_FAILS(drive(&agent, write, "x", 1), EBADF);
}
END_TEST

int main(void)
{
    struct rlimit limit = {FEW, FEW};
    setrlimit(RLIMIT_NOFILE, &limit);
    TCase *tests = tcase_create("stream");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, names_in_the_file_system);
    tcase_add_test(tests, files);
    tcase_add_test(tests, read_no_further_than_asked);
    tcase_add_test(tests, read_goes_on_until_all_is_there);
    tcase_add_test(tests, read_until_the_end);
    tcase_add_test(tests, more_than_a_mailbox);
    tcase_add_test(tests, nonblocking_reads_wait_all_the_same);
    tcase_add_test(tests, nonblocking_writes_wait_all_the_same);
    tcase_add_test(tests, a_pipe_without_a_reader);
    tcase_add_test(tests, a_pair_of_sockets);
    tcase_add_test(tests, duplicates);
    tcase_add_test(tests, too_many_descriptors);
    tcase_add_test(tests, standard_streams);
    Suite *suite = suite_create("stream");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
