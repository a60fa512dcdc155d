/* For the test of the corpus only: what the first line of a program of fixtures/corpus says of it.
 *
 *     / * ipcgrade: error self-held-end; args: a b; stdin: one\ntwo\n; flags: -O2 -static * /
 *
 * Clauses, separated by ';':
 *   error RULE, warning RULE, note RULE   must be found, with that severity; where the file has lines with the comment HERE, at one of them
 *   found RULE                            must be found, as whatever: how grave it is hangs on who comes first
 *   right                                 no error may be found; "right silent": no warning either
 *   near RULE...                          a right program that comes close to breaking these: they may find nothing in it, not even a note
 *   may RULE                              a finding of that rule, if there is one, counts neither way
 *   args: WORD...                         arguments
 *   stdin: TEXT                           standard input (\n is a newline); without it, it is empty
 *   flags: WORD...                        for the compiler; read by the Makefile
 * A program with a mistake may have no error but those that are named.
 */
#ifndef IPCGRADE_COMMANDS_CORPUS_H
#define IPCGRADE_COMMANDS_CORPUS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/rules.h"

enum { CORPUS_MOST = 1024, CORPUS_WANTS = 6, CORPUS_LINES = 12, CORPUS_ARGS = 12 };

struct wanted_finding {
    char severity[12]; /* "" : it only may be there */
    const struct rule *rule;
};

struct specimen {
    char file[80]; /* "own_end.c" */
    char name[80]; /* "own_end" */
    bool is_right, is_silent;
    struct wanted_finding wants[CORPUS_WANTS];
    size_t want_count;
    const struct rule *near[CORPUS_WANTS]; /* NULL-terminated when there are fewer */
    int lines[CORPUS_LINES];               /* that say HERE */
    size_t line_count;
    char words[256]; /* the arguments, cut at their blanks */
    char *args[CORPUS_ARGS + 1];
    char input[256];
    char complaint[96]; /* what is wrong with the header; "": nothing */
};

static inline void corpus_complain(struct specimen *specimen, const char *what, const char *word)
{
    snprintf(specimen->complaint, sizeof specimen->complaint, "%s%s", what, word);
}

/* NULL, and a complaint, when there is none of that name. */
static inline const struct rule *corpus_rule(struct specimen *specimen, const char *id)
{
    for (size_t i = 0; rules[i]; i++)
        if (strcmp(rules[i]->id, id) == 0)
            return rules[i];
    corpus_complain(specimen, "no rule has the name ", id);
    return NULL;
}

static inline void corpus_want(struct specimen *specimen, const char *severity, char *id)
{
    const struct rule *rule = corpus_rule(specimen, id);
    if (specimen->want_count == CORPUS_WANTS)
        corpus_complain(specimen, "too many rules", "");
    if (!rule || specimen->want_count == CORPUS_WANTS)
        return;
    struct wanted_finding *want = &specimen->wants[specimen->want_count++];
    snprintf(want->severity, sizeof want->severity, "%s", strcmp(severity, "may") == 0 ? "" : severity);
    want->rule = rule;
}

static inline void corpus_right(struct specimen *specimen, const char *word, char *rest)
{
    (void)word;
    specimen->is_right = true;
    specimen->is_silent = strcmp(rest, "silent") == 0;
}

static inline void corpus_near(struct specimen *specimen, const char *word, char *rest)
{
    size_t count = 0;
    (void)word;
    for (char *id; (id = strsep(&rest, " "));) {
        if (*id && count < CORPUS_WANTS)
            specimen->near[count++] = corpus_rule(specimen, id);
        else if (*id)
            corpus_complain(specimen, "too many rules", "");
    }
}

static inline void corpus_split_arguments(struct specimen *specimen, const char *word, char *rest)
{
    size_t count = 0;
    (void)word;
    snprintf(specimen->words, sizeof specimen->words, "%s", rest);
    for (char *left = specimen->words, *argument; (argument = strsep(&left, " "));)
        if (*argument && count < CORPUS_ARGS)
            specimen->args[count++] = argument;
}

static inline void corpus_unescape(struct specimen *specimen, const char *word, char *rest)
{
    size_t len = 0;
    (void)word;
    for (const char *text = rest; *text && len + 1 < sizeof specimen->input; text++)
        if (text[0] == '\\' && text[1] == 'n')
            specimen->input[len++] = '\n', text++;
        else
            specimen->input[len++] = *text;
}

static inline void corpus_clause(struct specimen *specimen, char *clause)
{
    static const struct {
        const char *word;
        void (*take)(struct specimen *specimen, const char *word, char *rest);
    } clauses[] = {
        {"error", corpus_want}, {"warning", corpus_want},
        {"note", corpus_want},  {"found", corpus_want},
        {"may", corpus_want},   {"right", corpus_right},
        {"near", corpus_near},  {"stdin:", corpus_unescape},
        {"flags:", NULL},       {"args:", corpus_split_arguments},
    };
    clause += strspn(clause, " ");
    for (size_t len = strlen(clause); len > 0 && clause[len - 1] == ' '; len--)
        clause[len - 1] = '\0';
    char *rest = strchrnul(clause, ' ');
    if (*rest)
        *rest++ = '\0';
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        if (strcmp(clause, clauses[i].word) == 0) {
            if (clauses[i].take)
                clauses[i].take(specimen, clauses[i].word, rest);
            return;
        }
    corpus_complain(specimen, "no clause has the name ", clause);
}

static inline void corpus_header(struct specimen *specimen, char *line)
{
    char *rest = strstr(line, "ipcgrade:"), *end = rest ? strstr(rest, "*/") : NULL;
    if (!rest || !end) {
        corpus_complain(specimen, "its first line is no header", "");
        return;
    }
    *end = '\0';
    rest += strlen("ipcgrade:");
    for (char *clause; (clause = strsep(&rest, ";"));)
        corpus_clause(specimen, clause);
    bool has_mistake = false;
    for (size_t i = 0; i < specimen->want_count; i++)
        has_mistake |= specimen->wants[i].severity[0] != '\0';
    if (has_mistake == specimen->is_right)
        corpus_complain(specimen, "it is either right or has a mistake", "");
    if (has_mistake && specimen->near[0])
        corpus_complain(specimen, "only a right program comes close to breaking a rule", "");
}

static inline void corpus_read(struct specimen *specimen, const char *folder)
{
    char path[512], line[1024];
    snprintf(path, sizeof path, "%s/%s", folder, specimen->file);
    snprintf(specimen->name, sizeof specimen->name, "%.*s", (int)strcspn(specimen->file, "."),
             specimen->file);
    cleanup_file FILE *file = fopen(path, "re");
    for (int number = 1; file && fgets(line, sizeof line, file); number++) {
        if (number == 1)
            corpus_header(specimen, line);
        if (strstr(line, "/* HERE */") && specimen->line_count < CORPUS_LINES)
            specimen->lines[specimen->line_count++] = number;
    }
}

static inline int corpus_is_wanted(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return ending && (strcmp(ending, ".c") == 0 || strcmp(ending, ".cc") == 0);
}

/* All of them, sorted by name; arguments are cut into words when the place of a specimen is final. Returns how many. */
static inline size_t corpus_find(struct specimen *specimens, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, corpus_is_wanted, alphasort);
    if (count < 0 || count > CORPUS_MOST) { /* no test runs yet that could fail */
        fprintf(stderr, "%s: %d programs\n", folder, count);
        exit(EXIT_FAILURE);
    }
    for (int i = 0; i < count; i++) {
        snprintf(specimens[i].file, sizeof specimens->file, "%.79s", entries[i]->d_name);
        corpus_read(&specimens[i], folder);
        free(entries[i]);
    }
    free(entries);
    return (size_t)count;
}

#endif
