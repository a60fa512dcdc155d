/* The table of report formats, and the one place where reports reach files; see writer.h. */
#include "report/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"

const struct writer *const writers[] = {&writer_terminal,
                                        &writer_json,
                                        &writer_junit,
                                        &writer_junit_strict,
                                        &writer_tap,
                                        &writer_gradescope,
                                        &writer_github,
                                        &writer_github_summary,
                                        &writer_classroom,
                                        &writer_sarif,
                                        &writer_markdown,
                                        &writer_gnu,
                                        &writer_csv,
                                        &writer_html,
                                        NULL};

const struct writer *writer_find(const char *name)
{
    for (const struct writer *const *writer = writers; *writer; writer++)
        if (strcmp((*writer)->name, name) == 0)
            return *writer;
    return NULL;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, data, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        len -= (size_t)written;
    }
    return true;
}

/* Where a link leads, so that the file there is replaced and not the link. Caller frees. */
static char *real_target(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

/* A name beside the target that no other run uses at the same time. Caller frees. */
static char *name_beside(const char *target)
{
    const char *slash = strrchr(target, '/');
    int folder = slash ? (int)(slash - target + 1) : 0;
    char *name = NULL;
    if (asprintf(&name, "%.*s.%s.%ld.new", folder, target, target + folder, (long)getpid()) < 0)
        return NULL;
    return name;
}

/* A file without a name in the folder of `beside`: if we are killed while we write it, it is gone with us (open(2), O_TMPFILE). -1: the filesystem has none. */
static int open_nameless(const char *beside)
{
    const char *slash = strrchr(beside, '/');
    cleanup_free char *folder = slash ? strndup(beside, (size_t)(slash - beside + 1)) : strdup(".");
    return folder ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
}

static bool give_name(int fd, const char *name)
{
    char link[sizeof "/proc/self/fd/" + 3 * sizeof fd];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    unlink(name); /* of a run that was killed and had our process ID */
    return linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool write_beside(const char *name, const char *data, size_t len)
{
    cleanup_fd int nameless = open_nameless(name);
    if (nameless >= 0 && !write_all(nameless, data, len))
        return false;
    if (nameless >= 0 && give_name(nameless, name))
        return true;
    cleanup_fd int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    return fd >= 0 && write_all(fd, data, len);
}

static bool replace(const char *target, const char *beside, const char *data, size_t len, const char *path,
                    struct err *err)
{
    if (write_beside(beside, data, len) && rename(beside, target) == 0)
        return true;
    err_sys(err, "write %s", path);
    unlink(beside);
    return false;
}

/* Who is asked to end meanwhile ends a moment later, so that no half report is left beside the old one. */
static bool file_replace(const char *path, const char *data, size_t len, struct err *err)
{
    sigset_t asking, old;
    cleanup_free char *target = real_target(path);
    cleanup_free char *beside = target ? name_beside(target) : NULL;
    if (!beside)
        return err_set(err, "no memory to write %s", path);
    sigemptyset(&asking);
    sigaddset(&asking, SIGINT);
    sigaddset(&asking, SIGTERM);
    sigaddset(&asking, SIGHUP);
    sigprocmask(SIG_BLOCK, &asking, &old);
    bool is_replaced = replace(target, beside, data, len, path, err);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return is_replaced;
}

static bool file_write(const char *path, const char *data, size_t len, struct err *err)
{
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode))
        return file_replace(path, data, len, err);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return (fd >= 0 && write_all(fd, data, len)) || err_sys(err, "write %s", path);
}

bool report_write(const struct writer *writer, const char *path, const struct result *result,
                  const struct report_options *options, struct err *err)
{
    return report_write_behind(writer, path, "", result, options, err);
}

bool report_write_behind(const struct writer *writer, const char *path, const char *before,
                         const struct result *result, const struct report_options *options, struct err *err)
{
    cleanup_free char *text = NULL;
    size_t len = 0, refusals = memory_refusals();
    FILE *memory = open_memstream(&text, &len);
    if (!memory)
        return err_sys(err, "make the %s report", writer->name);
    size_t before_len = strlen(before);
    fprintf(memory, "%s%s", before, before_len > 0 && before[before_len - 1] != '\n' ? "\n" : "");
    bool is_made = writer->write(memory, result, options);
    is_made = is_made && !ferror(memory);
    if (fclose(memory) != 0 || !is_made || !text ||
        memory_refusals() > refusals) /* something may be left out */
        return err_set(err, "make the %s report: no memory", writer->name);
    if (path)
        return file_write(path, text, len, err);
    return write_all(STDOUT_FILENO, text, len) || err_sys(err, "write the %s report", writer->name);
}
