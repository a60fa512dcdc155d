/* Deeds: {open: box, as: r}. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_DEED_H
#define IPCGRADE_CASES_DEED_H

#include "cases/reader.h"

/* Where a deed stands. */
struct deed_place {
    int who;         /* whose deed: index of the name */
    bool is_done;    /* a puppet does it; else it is looked for, held, injected, forbidden */
    bool must_block; /* under `blocks` */
    bool (*is_other)(const char *word); /* keys of the same map that somebody else reads; or NULL */
};

/* The first word of the map that is a deed, or NULL. Facts of a look are no deeds (`exit`). */
const struct deed_row *deed_find(const struct node *map, const struct deed_place *place,
                                 const struct node **key);

bool deed_read(struct reader *reader, const struct node *map, const struct deed_place *place,
               struct deed *deed);

#endif
