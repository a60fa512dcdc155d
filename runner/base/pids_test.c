/* The numbers in a folder of /proc, however many there are. */
#include "base/pids.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/run_test.h"

enum { THREADS = 400 }; /* more than one read takes */

static pthread_barrier_t all_stand, may_go;

static void *stand(void *told)
{
    *(pid_t *)told = gettid();
    pthread_barrier_wait(&all_stand);
    pthread_barrier_wait(&may_go);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return *(const pid_t *)a - *(const pid_t *)b;
}

START_TEST(each_task_is_found_once)
{
    static pthread_t threads[THREADS];
    static pid_t told[THREADS + 1], found[THREADS + 1];
    size_t count = 0;
    pthread_barrier_init(&all_stand, NULL, THREADS + 1);
    pthread_barrier_init(&may_go, NULL, THREADS + 1);
    told[THREADS] = getpid();
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, stand, &told[i]), 0);
    pthread_barrier_wait(&all_stand);
    cleanup_pids struct pids tasks = pids_of_tasks(getpid());
    ck_assert(pids_are_told(&tasks));
    for (pid_t tid; (tid = pids_next(&tasks)) && count <= THREADS;)
        found[count++] = tid;
    ck_assert_int_eq(pids_next(&tasks), 0);
    pthread_barrier_wait(&may_go);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(told, THREADS + 1, sizeof *told, compare);
    qsort(found, count, sizeof *found, compare);
    ck_assert_uint_eq(count, THREADS + 1);
    ck_assert_mem_eq(told, found, sizeof told);
}
END_TEST

/* "self", "sys" and the others have none. */
START_TEST(only_numbers_count)
{
    bool is_found = false;
    cleanup_pids struct pids all = pids_of("/proc");
    for (pid_t pid; (pid = pids_next(&all));)
        is_found |= pid == getpid();
    ck_assert(is_found);
    cleanup_pids struct pids none = pids_of("/proc/sys/kernel");
    ck_assert(pids_are_told(&none));
    ck_assert_int_eq(pids_next(&none), 0);
}
END_TEST

START_TEST(who_is_gone_has_no_tasks)
{
    cleanup_pids struct pids tasks = pids_of_tasks(-1), file = pids_of("/proc/self/stat");
    ck_assert(!pids_are_told(&tasks) && !pids_are_told(&file));
    ck_assert_int_eq(pids_next(&tasks), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pids");
    TCase *tests = tcase_create("pids");
    tcase_add_test(tests, each_task_is_found_once);
    tcase_add_test(tests, only_numbers_count);
    tcase_add_test(tests, who_is_gone_has_no_tasks);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
