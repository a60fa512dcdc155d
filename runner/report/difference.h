/* Where two quoted texts part: "expected" and "seen" of a failure hold the same sentence with another text in it.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_DIFFERENCE_H
#define IPCGRADE_REPORT_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

struct difference {
    size_t expected_at,
        seen_at;   /* byte offsets, of the first character that differs, in the whole sentences */
    size_t inside; /* bytes from the opening quote to it */
};

/* False when one of them holds no text between double quotes, when the texts are equal, or when they differ from their beginning: then there is
 * nothing to point at. A character is never cut. */
bool difference_find(const char *expected, const char *seen, struct difference *difference);

#endif
