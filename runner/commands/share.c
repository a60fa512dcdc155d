/* What each case of a suite is worth; see grading.h. Where the assignment gives a group no points, the group is worth the sum of its cases. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "commands/grading.h"
#include "result/score.h"

static int group_points(const struct suite *suite, const char *group, int sum)
{
    for (size_t i = 0; i < suite->assignment.group_count; i++)
        if (strcmp(suite->assignment.groups[i].name, group) == 0)
            return suite->assignment.groups[i].points;
    return sum;
}

bool suite_share(const struct suite *suite, int *shares)
{
    cleanup_free int *weights = calloc(suite->count + 1, sizeof *weights);
    if (!weights)
        return false;
    /* Scenarios are sorted by id, so those of a group stand together. */
    for (size_t first = 0, end; first < suite->count; first = end) {
        const char *group = suite->scenarios[first].group;
        int sum = 0;
        for (end = first; end < suite->count && strcmp(suite->scenarios[end].group, group) == 0; end++)
            sum += weights[end] = suite->scenarios[end].points;
        if (!score_share(weights + first, end - first, group_points(suite, group, sum), shares + first))
            return false;
    }
    return true;
}
