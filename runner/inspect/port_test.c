/* Ports and socket files, seen and made in a real sandbox: taken as long as it lives, and free for whoever asks in his own network. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/run_test.h"
#include "inspect/inspect.h"
#include "sandbox/sandbox.h"

static struct sandbox *sandbox;
static struct inspector inspector;

static bool ask(void *context, const void *question, size_t len, struct bytes *reply, struct err *err)
{
    return sandbox_ask(context, question, len, reply, err);
}

static void set_up(void)
{
    static const struct sandbox_config config = {.answer = inspect_answer};
    struct err err = {0};
    ck_assert_msg(sandbox_open(&sandbox, &config, &err), "%s", err.text);
    inspector = (struct inspector){.ask = ask, .context = sandbox};
}

static void tear_down(void)
{
    sandbox_close(sandbox);
}

static int free_port(int type)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t len = sizeof any;
    int fd = socket(AF_INET, type, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&any, &len), 0);
    close(fd);
    return ntohs(any.sin_port);
}

static bool is_there(const struct identity_of *which)
{
    struct object_state state;
    struct err err = {0};
    ck_assert_msg(inspect_state(&inspector, which, &state, &err), "%s", err.text);
    bool there = state.is_there;
    object_state_free(&state);
    return there;
}

static const struct {
    enum object_kind kind;
    int type;
} rows[] = {{OBJECT_TCP, SOCK_STREAM}, {OBJECT_UDP, SOCK_DGRAM}};

START_TEST(a_port_that_is_taken)
{
    struct identity_of which = {.kind = rows[_i].kind, .key = free_port(rows[_i].type), .id = -1},
                       other = {.kind = rows[1 - _i].kind, .key = which.key, .id = -1};
    struct object_state nothing = {0};
    struct object_id id;
    struct err err = {0};
    ck_assert(!is_there(&which));
    ck_assert(!is_there(&which)); /* looking takes nothing */
    ck_assert_msg(inspect_make(&inspector, &which, &nothing, false, &id, &err), "%s", err.text);
    ck_assert_int_eq(id.kind, which.kind);
    ck_assert_uint_eq(id.device, 0);
    ck_assert_uint_eq(id.number, (uint64_t)which.key);
    ck_assert(is_there(&which));
    ck_assert(!is_there(&other));
    ck_assert(!inspect_make(&inspector, &which, &nothing, false, &id, &err));
    ck_assert(strstr(err.text, "Address already in use") != NULL);
}
END_TEST

/* Whoever closes first leaves his port remembered for a minute; if he has said SO_REUSEADDR himself, it can be bound meanwhile. */
static int remembered_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    char nothing;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    ck_assert_int_eq(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&any, sizeof any), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&any, &len), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&any, len), 0);
    int server = accept(listener, NULL, NULL);
    ck_assert_int_eq(close(server), 0);
    ck_assert_int_eq(recv(client, &nothing, 1, 0), 0);
    close(client);
    close(listener);
    return ntohs(any.sin_port);
}

START_TEST(a_port_that_is_remembered)
{
    const struct identity_of which = {.kind = OBJECT_TCP, .key = remembered_port(), .id = -1};
    struct object_state state = {0};
    struct object_id id;
    struct err err = {0};
    ck_assert_msg(inspect_state(&inspector_here, &which, &state, &err), "%s", err.text);
    ck_assert(!state.is_there);
    ck_assert(state.is_remembered);
    ck_assert_msg(inspect_make(&inspector_here, &which, &state, false, &id, &err), "%s", err.text);
    ck_assert_msg(inspect_state(&inspector_here, &which, &state, &err), "%s", err.text);
    ck_assert(state.is_there);
    ck_assert(!state.is_remembered);
}
END_TEST

/* A port below 1024 is nobody's but root's: in a network of the sandbox's own that is init. */
START_TEST(a_port_of_the_system)
{
    const struct identity_of which = {.kind = OBJECT_TCP, .key = 7, .id = -1};
    if (!(sandbox_lacks(sandbox) & (LACKS_NET_NS | LACKS_USER_NS)))
        ck_assert(!is_there(&which));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inspect: ports");
    TCase *tests = tcase_create("ports");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_port_that_is_taken, 0, 2);
    tcase_add_test(tests, a_port_that_is_remembered);
    tcase_add_test(tests, a_port_of_the_system);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
