/* Bringing the probe into a program: at the entry of its execve(), LD_PRELOAD is added to the environment that it will get.
 *
 * Theory of operation. The owner of the tracer says which programs get it. The tracer writes a longer copy of the environment's vector, and the text of the
 * variable, below the stack of the task that executes (behind the red zone, where nothing lives), and lets the call see that vector. Nobody else's
 * environment ever holds the variable: the probe takes it out before main(), so neither getenv() nor a program that is executed later finds it.
 *
 * Only a program that glibc's loader starts can take it: a static one has no loader, and a sanitizer's library insists on being the first (loading.c).
 */
#include "trace/tracer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { RED_ZONE = 128, GAP = 512, MOST_VARIABLES = 4096, TEXT_ROOM = 2048, ALIGNMENT = 16 };

/* ---- which programs --------------------------------------------------------------------------------------------------- */

static enum preload look_at_file(int place)
{
    char path[64];
    struct stat info;
    if (fstat(place, &info) != 0 || !S_ISREG(info.st_mode))
        return PRELOAD_NOT;
    snprintf(path, sizeof path, "/proc/self/fd/%d", place);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? PRELOAD_NOT : loading_look(fd);
}

static enum preload is_wanted(struct tracee *tracee, const struct event *event)
{
    const struct tracer_config *config = &tracee->tracer->config;
    char self[64], program[512];
    cleanup_fd int place = object_open_program(tracee, &event->call);
    if (place < 0)
        return PRELOAD_NOT;
    snprintf(self, sizeof self, "/proc/self/fd/%d", place);
    ssize_t len = readlink(self, program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    if (!config->hooks.preloads(config->hooks.context, tracee->pub.process, program))
        return PRELOAD_NOT;
    return look_at_file(place);
}

/* ---- the environment ---------------------------------------------------------------------------------------------------- */

struct vector {
    uint64_t *items; /* owned; with room for two more */
    size_t count;
    char text[TEXT_ROOM]; /* of our variable */
};

/* What the program itself preloads comes first, as if nothing else were there. The loader takes the last variable of that name. */
static bool read_vector(struct tracee *tracee, uint64_t address, struct vector *vector)
{
    static const char variable[] = "LD_PRELOAD=";
    struct call reader = {.memory = {memory_read, tracee}};
    char text[TEXT_ROOM / 2], own[TEXT_ROOM / 2] = "";
    for (uint64_t item; vector->count < MOST_VARIABLES; vector->count++) {
        if (address == 0 || !call_read(&reader, address + vector->count * sizeof item, &item, sizeof item))
            return address == 0; /* no vector at all: an empty environment */
        if (item == 0)
            break;
        vector->items[vector->count] = item;
        call_read_string(&reader, item, text, sizeof text);
        if (strncmp(text, variable, sizeof variable - 1) == 0)
            snprintf(own, sizeof own, "%s:", text + sizeof variable - 1);
    }
    int len = snprintf(vector->text, sizeof vector->text, "%s%s%s", variable, own,
                       tracee->tracer->config.probe_path);
    return vector->count < MOST_VARIABLES && len < (int)sizeof vector->text;
}

static int environment_index(const struct event *event)
{
    return strcmp(event->call.row->name, "execveat") == 0 ? 3 : 2;
}

static bool inject(struct tracee *tracee, const struct event *event)
{
    struct vector vector = {.items = calloc(MOST_VARIABLES + 2, sizeof *vector.items)};
    int index = environment_index(event);
    bool is_done = vector.items && read_vector(tracee, event->call.arg[index], &vector);
    size_t text = strlen(vector.text) + 1, size = (vector.count + 2) * sizeof *vector.items;
    uint64_t place = (tracee->sp - RED_ZONE - GAP - size - text) & ~(uint64_t)(ALIGNMENT - 1);
    if (is_done) {
        vector.items[vector.count] = place + size;
        is_done = memory_write(tracee, place, vector.items, size) &&
                  memory_write(tracee, place + size, vector.text, text) &&
                  registers_set_arg(tracee, index, place);
    }
    free(vector.items);
    return is_done;
}

void preload_at_entry(struct tracee *tracee, const struct event *event)
{
    const struct tracer_config *config = &tracee->tracer->config;
    tracee->preload = PRELOAD_NOT;
    if (!config->probe_path || !config->hooks.preloads || strpbrk(config->probe_path, ": "))
        return;
    tracee->preload = is_wanted(tracee, event);
    if (tracee->preload == PRELOAD_DONE && !inject(tracee, event))
        tracee->preload = PRELOAD_NOT;
}

/* A program that goes on behind a failed execve() finds its registers as they were. */
void preload_at_exit(struct tracee *tracee, const struct event *event, int64_t result)
{
    int index = environment_index(event);
    if (tracee->preload == PRELOAD_DONE && result < 0)
        registers_set_arg(tracee, index, event->call.arg[index]);
    tracee->preload = PRELOAD_NOT;
}
