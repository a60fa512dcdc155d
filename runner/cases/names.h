/* Who and what a case speaks of: actors, puppets and objects, in one namespace, each declared once.
 *
 * Layer: cases, private to the loader.
 */
#ifndef IPCGRADE_CASES_NAMES_H
#define IPCGRADE_CASES_NAMES_H

#include "cases/reader.h"

/* Find all names of the case before anything else is read: `peer`, puppets, given, names, and the actors of all `start`s.
 * What the declarations say is read later, by object_read_all(). */
void names_declare(struct reader *reader, const struct node *root);

/* What names puppets give must fit into an order to an agent. */
enum { NAME_MAX_LETTERS = 31 };

/* Words that cannot be names, beside those of the tables of deeds, kinds, facts, and keys of cases and steps. NULL-terminated. */
extern const char *const names_reserved[];
extern const struct word_row names_parts[]; /* of a student's program: parent, child, held */

int names_find(struct reader *reader, const char *word); /* index, or -1 */
const char **names_words(struct reader *reader);         /* NULL-terminated */

bool names_is_word(struct reader *reader, const struct node *node);   /* small letters, digits, _ */
bool names_check_new(struct reader *reader, const struct node *node); /* and neither reserved nor declared */

/* `name` or `name.part` of anybody or anything; tells when there is no such name. Marks it as used. */
bool names_who(struct reader *reader, const struct node *node, struct who *who);
/* A name without part, as an index; -1 and an error otherwise. */
int names_object(struct reader *reader, const struct node *node);

/* Refuse the key of a file where an object is expected. */
bool names_check_no_key(struct reader *reader, const struct node *node, int index);

bool names_is_person(const struct name *name); /* actor, puppet or stand-in */
bool names_is_standin(const struct name *name);
/* The actor has been started (puppets and stand-ins need not be); else tells. */
bool names_check_started(struct reader *reader, const struct who *who);

/* Nobody whose pid is in the object's path is still to be started; else tells. True for everything that is no object. */
bool names_check_named(struct reader *reader, struct where at, int index);

/* Declared and never used is a mistake. */
void names_check_used(struct reader *reader);

#endif
