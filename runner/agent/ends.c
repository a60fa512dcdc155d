/* What an agent has by name; see ends.h. */
#include "agent/ends.h"

#include <stdio.h>
#include <string.h>

struct end *ends_find(struct ends *ends, const char *name)
{
    for (size_t i = 0; i < AGENT_ENDS; i++)
        if (name[0] && strcmp(ends->items[i].name, name) == 0)
            return &ends->items[i];
    return NULL;
}

void ends_forget(struct end *end)
{
    *end = (struct end){.fd = -1};
}

struct end *ends_add(struct ends *ends, const char *name)
{
    struct end *end = ends_find(ends, name);
    for (size_t i = 0; !end && i < AGENT_ENDS; i++)
        if (!ends->items[i].name[0])
            end = &ends->items[i];
    if (!end)
        return NULL;
    ends_forget(end);
    snprintf(end->name, sizeof end->name, "%s", name[0] ? name : "(unnamed)");
    return end;
}
