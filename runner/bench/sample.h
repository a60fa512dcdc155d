/* A few figures of the same thing: median, smallest, largest. Only for the programs of this room. */
#ifndef IPCGRADE_BENCH_SAMPLE_H
#define IPCGRADE_BENCH_SAMPLE_H

#include <stdlib.h>
#include <time.h>

enum { SAMPLE_MOST = 101 };

struct sample {
    double values[SAMPLE_MOST]; /* sorted once sample_sort() was called */
    int count;
};

static inline double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline void sample_add(struct sample *sample, double value)
{
    if (sample->count < SAMPLE_MOST)
        sample->values[sample->count++] = value;
}

static inline int sample_order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static inline void sample_sort(struct sample *sample)
{
    qsort(sample->values, (size_t)sample->count, sizeof sample->values[0], sample_order);
}

/* These want a sorted sample that is not empty. */
static inline double sample_median(const struct sample *sample)
{
    int middle = sample->count / 2;
    return sample->count % 2 ? sample->values[middle]
                             : (sample->values[middle - 1] + sample->values[middle]) / 2;
}

static inline double sample_least(const struct sample *sample)
{
    return sample->values[0];
}

static inline double sample_most(const struct sample *sample)
{
    return sample->values[sample->count - 1];
}

#endif
