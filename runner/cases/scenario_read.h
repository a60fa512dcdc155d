/* A case from its YAML tree. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_SCENARIO_READ_H
#define IPCGRADE_CASES_SCENARIO_READ_H

#include "cases/reader.h"

extern const struct key_row case_keys[];
extern const struct word_row visibility_words[];

/* Fill in *scenario (its id and group are set already). All errors are told; the scenario may be used only if there were none.
 * The places of its needs are in reader->places. */
void scenario_read(struct reader *reader, const struct document *document, struct scenario *scenario);

/* assignment.yaml: its places are those of the groups. `directory` is where it lies. */
extern const struct key_row assignment_keys[];
void assignment_read(struct reader *reader, const struct document *document, const char *directory,
                     struct assignment *assignment);

#endif
