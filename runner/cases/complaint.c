/* What is wrong with the case files: a growing array, and the names of the files in an arena of its own. */
#include "cases/complaint.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/arena.h"

/* What the list owns beside its items. */
struct keep {
    struct arena *names;
    const char *file;     /* of the newest complaint */
    size_t errors, notes; /* of that file */
};

static struct keep *keep_of(struct complaints *complaints)
{
    if (!complaints->owner) {
        struct arena *names = arena_new();
        struct keep *keep = arena_alloc(names, sizeof *keep);
        keep->names = names;
        complaints->owner = keep;
    }
    return complaints->owner;
}

static const char *keep_name(struct keep *keep, const char *file)
{
    if (!keep->file || strcmp(keep->file, file) != 0) {
        keep->file = arena_text(keep->names, file);
        keep->errors = keep->notes = 0;
    }
    return keep->file;
}

static struct complaint *add(struct complaints *complaints)
{
    if (complaints->count == complaints->room) {
        size_t room = complaints->room ? complaints->room * 2 : 16;
        struct complaint *items = realloc(complaints->items, room * sizeof *items);
        if (!items)
            errx(3, "out of memory while reading cases");
        complaints->items = items;
        complaints->room = room;
    }
    return &complaints->items[complaints->count++];
}

/* One line, whatever an instructor's file has put into a word of it; a text that did not fit ends in dots, between characters. */
static void make_line(char *text, size_t room, size_t wanted)
{
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    if (wanted < room)
        return;
    size_t end = room - sizeof "...";
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof "...");
}

void complaint_add(struct complaints *complaints, struct where at, bool is_note, const char *format,
                   va_list args)
{
    struct keep *keep = keep_of(complaints);
    at.file = keep_name(keep, at.file);
    size_t number = is_note ? ++keep->notes : ++keep->errors;
    if (number > ERRORS_PER_FILE + 1 || (is_note && number > ERRORS_PER_FILE))
        return;
    struct complaint *added = add(complaints);
    *added = (struct complaint){.at = at, .is_note = is_note};
    int wanted = number > ERRORS_PER_FILE
                     ? snprintf(added->text, sizeof added->text,
                                "more than %d errors in this file; the rest is not told", ERRORS_PER_FILE)
                     : vsnprintf(added->text, sizeof added->text, format, args);
    make_line(added->text, sizeof added->text, wanted < 0 ? 0 : (size_t)wanted);
}

bool complain(struct complaints *complaints, struct where at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complaint_add(complaints, at, false, format, args);
    va_end(args);
    return false;
}

bool complain_unread(struct complaints *complaints, struct where at, int error)
{
    complaints->is_machines |= !err_is_of_name(error);
    return complain(complaints, at, "cannot be read: %s", strerror(error));
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
    if (complaints->owner)
        arena_free(((struct keep *)complaints->owner)->names); /* the keep itself lives there too */
    *complaints = (struct complaints){0};
}
