/* For the test of the attacks only: what the first line of a file of fixtures/attacks says of it.
 *
 *     / * ipcgrade: failed; says: 2 seconds of processor time; play: peer; limits: cpu_seconds: 2 * /
 *
 * NAME.c is the program p of a submission, NAME.sh lays a submission out (it is run before anything is graded, in the submission's folder, with $CASES and $OTHER: the
 * cases and somebody else's submission). What it tries stands in the comment behind the header. Clauses, separated by ';', say what must hold:
 *   passed, failed, broken   the verdict that is fair to the attacker's case
 *   prints: TEXT             the program has printed that; may be repeated, as the next three
 *   withholds: TEXT          it has not
 *   says: TEXT               stands in the report of that case, or of the build
 *   never: TEXT              stands nowhere in it
 *   play: NAME               which of the test's plays it is; without it, "ends"
 *   limits: LIMIT: N, ..     of the attacker's case
 *   build: SECONDS           that the build may take; 600, as a busy machine is no reason to stop
 *   neighbours: N            honest cases that are played beside it, one after the other; 1, and for a flood as many as it lasts
 *   costs: SECONDS           of processor time that the whole run may take, whoever uses it; 60
 *   memory: MIB              that the largest process of the run may take, the grader's own and the attacker's; without it, as much as its limits allow
 *   report: KIB              that the report does not go beyond
 *   honest: lost             the honest program of the same submission may fall with it, as its own build has seen to that
 * What must hold of all of them is in the test itself; on which machines it does, in attack_rows.h.
 */
#ifndef IPCGRADE_COMMANDS_ATTACKS_H
#define IPCGRADE_COMMANDS_ATTACKS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { ATTACKS_MOST = 256, ATTACK_TEXTS = 6 };

struct attack {
    char file[80];
    char line[1024]; /* cut at its clauses */
    const char *verdict, *play, *limits, *honest, *build, *neighbours, *costs, *memory, *report;
    const char *says[ATTACK_TEXTS + 1], *never[ATTACK_TEXTS + 1];
    const char *prints[ATTACK_TEXTS + 1], *withholds[ATTACK_TEXTS + 1];
    bool is_script;
    const char *complaint; /* what is wrong with the header; NULL: nothing */
};

static inline void attack_text(struct attack *attack, const char **texts, const char *text)
{
    size_t count = 0;
    while (texts[count])
        count++;
    if (count < ATTACK_TEXTS)
        texts[count] = text;
    else
        attack->complaint = "too many texts";
}

/* "passed", or "says: TEXT". */
static inline void attack_clause(struct attack *attack, char *clause)
{
    static const char *const verdicts[] = {"passed", "failed", "broken"};
    const struct {
        const char *word, **texts, **text;
    } rows[] = {{"says", attack->says, NULL},      {"never", attack->never, NULL},
                {"prints", attack->prints, NULL},  {"withholds", attack->withholds, NULL},
                {"play", NULL, &attack->play},     {"limits", NULL, &attack->limits},
                {"build", NULL, &attack->build},   {"honest", NULL, &attack->honest},
                {"costs", NULL, &attack->costs},   {"neighbours", NULL, &attack->neighbours},
                {"memory", NULL, &attack->memory}, {"report", NULL, &attack->report}};
    clause += strspn(clause, " ");
    for (size_t len = strlen(clause); len > 0 && clause[len - 1] == ' '; len--)
        clause[len - 1] = '\0';
    size_t word = strcspn(clause, ":");
    bool is_known = false;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (strcmp(clause, verdicts[i]) == 0) {
            attack->verdict = verdicts[i];
            is_known = true;
        }
    for (size_t i = 0; clause[word] && i < sizeof rows / sizeof *rows; i++) {
        if (strncmp(clause, rows[i].word, word) != 0 || rows[i].word[word])
            continue;
        const char *value = clause + word + 1 + strspn(clause + word + 1, " ");
        is_known = true;
        if (rows[i].texts)
            attack_text(attack, rows[i].texts, value);
        else
            *rows[i].text = value;
    }
    if (!is_known)
        attack->complaint = "its header has a clause that nobody knows";
}

/* Of a script it is the second line. */
static inline void attack_read(struct attack *attack, const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, attack->file);
    attack->is_script = strstr(attack->file, ".sh") != NULL;
    attack->play = "ends";
    attack->limits = attack->honest = attack->memory = attack->report = "";
    attack->build = "600";
    attack->neighbours = "1";
    attack->costs = "60";
    cleanup_file FILE *file = fopen(path, "re");
    for (int i = 0; file && i <= (attack->is_script ? 1 : 0); i++)
        if (!fgets(attack->line, sizeof attack->line, file))
            break;
    char *rest = strstr(attack->line, "ipcgrade:");
    if (!rest) {
        attack->complaint = "it has no header";
        return;
    }
    rest += strlen("ipcgrade:");
    rest[strcspn(rest, "\n")] = '\0';
    char *end = strstr(rest, "*/");
    if (end)
        *end = '\0';
    for (char *clause; (clause = strsep(&rest, ";"));)
        attack_clause(attack, clause);
    if (!attack->verdict)
        attack->complaint = "its header names no verdict";
}

static inline long attack_neighbours(const struct attack *attack)
{
    return strtol(attack->neighbours, NULL, 10);
}

/* `make check PROGRAM=NAME` asks for one alone. */
static inline bool attack_is_asked_for(const char *file)
{
    const char *asked = getenv("IPCGRADE_PROGRAM");
    return !asked || !*asked || strncmp(file, asked, strcspn(file, ".")) == 0;
}

static inline int attack_is_wanted(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return ending && (strcmp(ending, ".c") == 0 || strcmp(ending, ".sh") == 0) &&
           attack_is_asked_for(entry->d_name);
}

/* All of them, sorted by name. Returns how many. */
static inline size_t attacks_find(struct attack *attacks, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, attack_is_wanted, alphasort);
    if (count < 0 || count > ATTACKS_MOST) { /* no test runs yet that could fail */
        fprintf(stderr, "%s: %d attacks\n", folder, count);
        exit(EXIT_FAILURE);
    }
    for (int i = 0; i < count; i++) {
        snprintf(attacks[i].file, sizeof attacks->file, "%.79s", entries[i]->d_name);
        attack_read(&attacks[i], folder);
        free(entries[i]);
    }
    free(entries);
    return (size_t)count;
}

#endif
