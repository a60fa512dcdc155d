/* Points; see score.h. */
#include "result/score.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct part {
    int64_t remainder;
    size_t at;
};

static int compare_parts(const void *a, const void *b)
{
    const struct part *left = a, *right = b;
    if (left->remainder != right->remainder)
        return left->remainder > right->remainder ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

bool score_share(const int *weights, size_t count, int total, int *shares)
{
    cleanup_free struct part *parts = calloc(count ? count : 1, sizeof *parts);
    int64_t sum = 0, given = 0;
    if (!parts)
        return false;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    for (size_t i = 0; i < count; i++) {
        int64_t weight = sum ? weights[i] : 1, whole = sum ? sum : (int64_t)count;
        shares[i] = (int)(total * weight / whole);
        parts[i] = (struct part){total * weight % whole, i};
        given += shares[i];
    }
    qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 0; i < count && given < total; i++, given++)
        shares[parts[i].at]++;
    return true;
}

int score_scale(int score, int own_max, int share)
{
    if (score >= own_max)
        return share;
    if (score <= 0)
        return 0;
    int scaled = (int)(((int64_t)score * share * 2 + own_max) / (2 * (int64_t)own_max));
    return scaled < share ? scaled : share > 0 ? share - 1 : 0;
}

void case_result_scale(struct case_result *result, int share)
{
    for (size_t i = 0; i < result->failure_count; i++)
        result->failures[i].cost = score_scale(result->failures[i].cost, result->max_score, share);
    for (size_t i = 0; i < result->finding_count; i++)
        result->findings[i].price = score_scale(result->findings[i].price, result->max_score, share);
    result->score = result->verdict == PASSED ? score_scale(result->score, result->max_score, share) : 0;
    result->max_score = share;
}

static struct result_group *group_of(struct result *result, const char *name)
{
    for (size_t i = 0; i < result->group_count; i++)
        if (strcmp(result->groups[i].name, name) == 0)
            return &result->groups[i];
    struct result_group *group = &result->groups[result->group_count];
    result_set(&group->name, name);
    result->group_count += group->name != NULL;
    return group->name ? group : NULL;
}

static bool groups_reset(struct result *result)
{
    for (size_t i = 0; i < result->group_count; i++)
        free(result->groups[i].name);
    free(result->groups);
    result->group_count = 0;
    result->groups = calloc(result->count ? result->count : 1, sizeof *result->groups);
    return result->groups != NULL;
}

static enum verdict verdict_of(const struct result *result, const int counts[VERDICTS], int lost)
{
    if (counts[BROKEN] > 0 || result->count == 0)
        return BROKEN;
    if ((size_t)counts[SKIPPED] == result->count)
        return SKIPPED;
    return lost > 0 ? FAILED : PASSED;
}

bool result_total(struct result *result)
{
    int counts[VERDICTS] = {0}, lost = 0;
    result->score = result->unjudged = 0;
    if (!groups_reset(result))
        return false;
    for (size_t i = 0; i < result->count; i++) {
        const struct case_result *one = &result->cases[i];
        struct result_group *group = group_of(result, one->group ? one->group : "");
        if (!group)
            return false;
        bool is_judged = verdict_is_judged(one->verdict);
        int score = is_judged ? one->score : 0, unjudged = is_judged ? 0 : one->max_score;
        counts[one->verdict]++;
        group->counts[one->verdict]++;
        group->score += score;
        group->unjudged += unjudged;
        group->max_score += one->max_score;
        result->score += score;
        result->unjudged += unjudged;
        lost += one->max_score - score - unjudged;
    }
    result->verdict = verdict_of(result, counts, lost);
    return true;
}

int result_scaled(const struct result *result)
{
    int judged = result->max_score - result->unjudged;
    if (result->unjudged == 0 || result->is_partial)
        return result->score;
    return judged > 0 ? score_scale(result->score, judged, result->max_score) : -1;
}

void case_result_hide(struct case_result *result, int number)
{
    char *group = steal_ptr(&result->group);
    struct case_result hidden = {
        .group = group,
        .is_hidden = true,
        .is_taken_back = result->is_taken_back,
        .verdict = result->verdict,
        .score = result->score,
        .max_score = result->max_score,
    };
    char id[256];
    snprintf(id, sizeof id, "%.200s/hidden-%d", hidden.group ? hidden.group : "", number);
    result_set(&hidden.id, id);
    result_set(&hidden.title[0], "A hidden case");
    result_set(&hidden.title[1], "숨은 사례");
    case_result_free(result);
    *result = hidden;
}
