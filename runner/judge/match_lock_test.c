/* Calls on locks made by hand against deeds; the rest is in match_test.c. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

#include "base/run_test.h"
#include "judge/by_hand.h"
#include "judge/match.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

static bool done(const struct deed *asked, const struct event *seen)
{
    return match_done(&hand.stage, asked, seen);
}

static struct event locked(int command, int type)
{
    struct event made = a_call("lock");
    call_set(&made.call, PARAM_CMD, command);
    call_set(&made.call, PARAM_TYPE, type);
    return made;
}

START_TEST(types_of_lock)
{
    const struct event reading = locked(F_SETLKW, F_RDLCK), freeing = locked(F_SETLK, F_UNLCK);
    const struct deed any = a_deed("lock", NULL, 0);
    const struct deed read = a_deed("lock", PARAMS(with_bits("lock", "type", F_RDLCK)));
    const struct deed unlock = a_deed("lock", PARAMS(with_bits("lock", "type", F_UNLCK)));
    ck_assert(done(&any, &reading));
    ck_assert(done(&any, &freeing));  /* what is not written is not asked */
    ck_assert(done(&read, &reading)); /* though F_RDLCK is 0 */
    ck_assert(!done(&read, &freeing));
    ck_assert(!done(&unlock, &reading));
    ck_assert(done(&unlock, &freeing));
}
END_TEST

START_TEST(bytes_that_are_locked)
{
    struct event seen = locked(F_OFD_SETLK, F_WRLCK);
    const struct deed record =
        a_deed("lock", PARAMS(with_range("lock", "start", ONLY(10)), with_range("lock", "len", ONLY(10))));
    call_set(&seen.call, PARAM_LEN, 10);
    ck_assert(!done(&record, &seen)); /* counted from elsewhere: not known */
    call_set(&seen.call, PARAM_START, 20);
    ck_assert(!done(&record, &seen));
    call_set(&seen.call, PARAM_START, 10);
    ck_assert(done(&record, &seen));
    call_set(&seen.call, PARAM_LEN, 0);
    ck_assert(!done(&record, &seen));
}
END_TEST

START_TEST(asking_is_no_locking)
{
    const struct event asked = locked(F_GETLK, F_WRLCK), taken = locked(F_SETLK, F_WRLCK);
    const struct deed any = a_deed("lock", NULL, 0);
    const struct deed write = a_deed("lock", PARAMS(with_bits("lock", "type", F_WRLCK)));
    const struct deed get = a_deed("lock", PARAMS(with_bits("lock", "cmd", F_GETLK)));
    const struct deed other = a_deed("lock", PARAMS(with_bits("lock", "cmd", F_OFD_GETLK)));
    ck_assert(!done(&any, &asked));
    ck_assert(!done(&write, &asked));
    ck_assert(done(&get, &asked));
    ck_assert(!done(&other, &asked));
    ck_assert(!done(&get, &taken));
}
END_TEST

START_TEST(errors_that_differ_between_systems)
{
    static const int both[] = {EAGAIN, EACCES}, deadlock[] = {EDEADLK};
    struct event seen = locked(F_SETLK, F_WRLCK);
    struct deed refused = a_deed("lock", NULL, 0), stuck = refused;
    refused.errors = both, refused.error_count = 2;
    stuck.errors = deadlock, stuck.error_count = 1;
    ck_assert(!done(&refused, &seen));
    seen.call.error = EACCES;
    ck_assert(done(&refused, &seen));
    ck_assert(!done(&stuck, &seen));
    seen.call.error = EAGAIN;
    ck_assert(done(&refused, &seen));
}
END_TEST

START_TEST(operations_of_flock)
{
    struct event seen = a_call("flock");
    const struct deed exclusive = a_deed("flock", PARAMS(with_bits("flock", "op", LOCK_EX)));
    const struct deed not_waiting = a_deed("flock", PARAMS(with_bits("flock", "op", LOCK_EX | LOCK_NB)));
    const struct deed lock = a_deed("lock", NULL, 0);
    call_set(&seen.call, PARAM_OP, LOCK_EX);
    ck_assert(done(&exclusive, &seen));
    ck_assert(!done(&not_waiting, &seen));
    ck_assert(!done(&lock, &seen)); /* another family */
    call_set(&seen.call, PARAM_OP, LOCK_EX | LOCK_NB);
    ck_assert(done(&exclusive, &seen)); /* at least these */
    ck_assert(done(&not_waiting, &seen));
    call_set(&seen.call, PARAM_OP, LOCK_UN);
    ck_assert(!done(&exclusive, &seen));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge: match locks");
    TCase *tests = tcase_create("locks");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, types_of_lock);
    tcase_add_test(tests, bytes_that_are_locked);
    tcase_add_test(tests, asking_is_no_locking);
    tcase_add_test(tests, errors_that_differ_between_systems);
    tcase_add_test(tests, operations_of_flock);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
