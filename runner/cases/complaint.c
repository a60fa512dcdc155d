/* What is wrong with the case files: a growing array, and the names of the files in an arena of its own. */
#include "cases/complaint.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/arena.h"

static const char *keep_name(struct complaints *complaints, const char *file)
{
    if (!file)
        return NULL;
    if (complaints->count > 0) {
        const char *last = complaints->items[complaints->count - 1].at.file;
        if (last && strcmp(last, file) == 0)
            return last;
    }
    if (!complaints->owner)
        complaints->owner = arena_new();
    return arena_text(complaints->owner, file);
}

void complaint_add(struct complaints *complaints, struct where at, bool is_note, const char *format,
                   va_list args)
{
    at.file = keep_name(complaints, at.file);
    if (complaints->count == complaints->room) {
        size_t room = complaints->room ? complaints->room * 2 : 16;
        struct complaint *items = realloc(complaints->items, room * sizeof *items);
        if (!items)
            errx(3, "out of memory while reading cases");
        complaints->items = items;
        complaints->room = room;
    }
    struct complaint *added = &complaints->items[complaints->count++];
    *added = (struct complaint){.at = at, .is_note = is_note};
    vsnprintf(added->text, sizeof added->text, format, args);
}

bool complain(struct complaints *complaints, struct where at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complaint_add(complaints, at, false, format, args);
    va_end(args);
    return false;
}

bool complaints_have_error(const struct complaints *complaints, size_t from)
{
    for (size_t i = from; i < complaints->count; i++)
        if (!complaints->items[i].is_note)
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct complaint *left = a, *right = b;
    int order = strcmp(left->at.file ? left->at.file : "", right->at.file ? right->at.file : "");
    if (order != 0)
        return order;
    if (left->at.line != right->at.line)
        return left->at.line < right->at.line ? -1 : 1;
    return (left->at.column > right->at.column) - (left->at.column < right->at.column);
}

void complaints_sort(struct complaints *complaints)
{
    /* glibc's qsort is a merge sort here, and so stable, only while memory lasts: insertion sort is stable always, and the
     * list is nearly sorted already. */
    for (size_t i = 1; i < complaints->count; i++) {
        struct complaint moved = complaints->items[i];
        size_t k = i;
        for (; k > 0 && by_place(&complaints->items[k - 1], &moved) > 0; k--)
            complaints->items[k] = complaints->items[k - 1];
        complaints->items[k] = moved;
    }
}

void complaints_free(struct complaints *complaints)
{
    free(complaints->items);
    arena_free(complaints->owner);
    *complaints = (struct complaints){0};
}
