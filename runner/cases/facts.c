/* The table of facts. The reader of looks, the reference and the sentences of `explain` come from it. */
#include "cases/facts.h"

#include <string.h>

static const struct word_row ends_words[] = {{"any", ENDS_ANY}, {"not_yet", ENDS_NOT_YET}, {0}};

const struct fact_row facts[] = {
    {"exit", FACT_EXIT, VALUE_EXIT, NULL,
     "it has ended by itself with this status, one of these, or any but 0"},
    {"killed", FACT_KILLED, VALUE_SIGNALS, NULL, "it has ended by this signal, or one of these"},
    {"ends", FACT_ENDS, VALUE_WORD, ends_words, "`any`: it has ended, however; `not_yet`: it lives"},
    {"stdout", FACT_STDOUT, VALUE_TEXT, NULL,
     "all that was printed there since the last look that asked for it and held"},
    {"stderr", FACT_STDERR, VALUE_TEXT, NULL, "the same of standard error"},
    {"blocks", FACT_BLOCKS, VALUE_DEED, NULL,
     "a thread of it waits in such a call, or in poll, select or epoll for what the call needs; `any`: in "
     "whatever call. Neither "
     "running nor asking again and again is waiting"},
    {"zombies", FACT_ZOMBIES, VALUE_RANGE, NULL,
     "so many of its descendants have ended and were not waited for, now or when their parent ended"},
    {"children", FACT_CHILDREN, VALUE_RANGE, NULL, "so many of its descendants live"},
    {"fds", FACT_FDS, VALUE_NUMBERS, NULL, "exactly these descriptors are open; meant for stand-ins"},
    {"starts", FACT_STARTS, VALUE_RANGE, NULL, "of a stand-in: it was executed so often"},
    {"args", FACT_ARGS, VALUE_TEXTS, NULL,
     "of a stand-in: its arguments, without its own name, when it was last executed"},
    {0},
};

bool fact_is_end(const struct fact_row *row)
{
    return row->fact == FACT_EXIT || row->fact == FACT_KILLED || row->fact == FACT_ENDS;
}

const struct fact_row *fact_find(const char *word)
{
    for (const struct fact_row *row = facts; row->word; row++)
        if (strcmp(row->word, word) == 0)
            return row;
    return NULL;
}
