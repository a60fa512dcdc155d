/* Excerpts of the source; see html_source.h. Source: openat2(2), RESOLVE_BENEATH. */
#include "report/html_source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "report/html_text.h"

enum { AROUND = 4, SOURCE_MOST = 256 << 10, LINES_MOST = 20000, FILES_MOST = 200 };

struct wanted { /* lines of one file */
    const char *file;
    bool *lines; /* owned; LINES_MOST of them, counted from 1 */
};

struct all_wanted {
    struct wanted files[FILES_MOST];
    size_t count;
};

static void want(struct all_wanted *all, const struct source_line *at)
{
    size_t i = 0;
    if (!at->file || at->line <= 0 || at->line > LINES_MOST)
        return;
    while (i < all->count && strcmp(all->files[i].file, at->file) != 0)
        i++;
    if (i == FILES_MOST)
        return;
    if (i == all->count)
        all->files[all->count++] = (struct wanted){at->file, calloc(LINES_MOST + 1, sizeof(bool))};
    for (int line = at->line - AROUND; all->files[i].lines && line <= at->line + AROUND; line++)
        if (line > 0 && line <= LINES_MOST)
            all->files[i].lines[line] = true;
}

static int open_beneath(const char *folder, const char *file)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    cleanup_fd int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    int fd = root < 0 ? -1 : (int)syscall(SYS_openat2, root, file, &how, sizeof how);
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > SOURCE_MOST)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void put_lines(FILE *to, const struct wanted *wanted, FILE *from)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool any = false;
    for (int number = 1; number <= LINES_MOST && (len = getline(&line, &room, from)) > 0; number++) {
        if (!wanted->lines[number])
            continue;
        line[len - (line[len - 1] == '\n')] = '\0';
        fprintf(to, "%s\"%d\":", any ? "," : "", number);
        html_json(to, line);
        any = true;
    }
    free(line);
}

void html_sources(FILE *to, const struct result *result)
{
    struct all_wanted all = {.count = 0};
    bool any = false;
    for (size_t i = 0; i < result->count; i++)
        for (size_t k = 0; k < result->cases[i].event_count; k++)
            want(&all, &result->cases[i].events[k].at);
    fputc('{', to);
    for (size_t i = 0; i < all.count; i++) {
        int fd = result->submission && all.files[i].lines
                     ? open_beneath(result->submission, all.files[i].file)
                     : -1;
        cleanup_file FILE *from = fd >= 0 ? fdopen(fd, "r") : NULL;
        if (from) {
            fputs(any ? "," : "", to);
            html_json(to, all.files[i].file);
            fputs(":{", to);
            put_lines(to, &all.files[i], from);
            fputc('}', to);
            any = true;
        }
        free(all.files[i].lines);
    }
    fputc('}', to);
}
