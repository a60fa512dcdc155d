/* Copying into a kit; see kit_files.h. */
#include "commands/kit_files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"

enum { MOST_FILE = 4 << 20, MOST_WORD = 32 };

struct copying {
    const char *to;
    size_t from_len; /* of the path that is copied */
    kit_filter *is_wanted;
    const struct kit_word *words;
};

bool kit_folder(const char *to, struct err *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s", to) >= (int)sizeof path)
        return err_set(err, "%s: the name is too long", to);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return err_sys(err, "make the folder %s", path);
        *slash = '/';
    }
    return mkdir(path, 0755) == 0 || errno == EEXIST || err_sys(err, "make the folder %s", path);
}

static bool write_file(const char *path, const struct bytes *text, mode_t mode, struct err *err)
{
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 || write(fd, bytes_text(text), text->len) != (ssize_t)text->len)
        return err_sys(err, "write %s", path);
    return true;
}

bool kit_write(const char *path, const char *text, struct err *err)
{
    cleanup_bytes struct bytes whole = {0};
    bytes_print(&whole, "%s", text);
    return write_file(path, &whole, 0644, err);
}

static bool read_file(const char *path, struct bytes *text, struct err *err)
{
    char part[16384];
    ssize_t len;
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "open %s", path);
    while ((len = read(fd, part, sizeof part)) > 0)
        if (!bytes_add(text, part, (size_t)len, MOST_FILE))
            return err_set(err, "%s holds more than %d MiB", path, MOST_FILE >> 20);
    return len == 0 || err_sys(err, "read %s", path);
}

/* ---- words -------------------------------------------------------------------------------------------------------------------- */

/* The length of "@NAME@" at `text`; 0: it is an ordinary @. */
static size_t mark_length(const char *text)
{
    size_t len = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    return len > 0 && len < MOST_WORD && text[len + 1] == '@' ? len + 2 : 0;
}

static const char *value_of(const struct kit_word *words, const char *name, size_t len)
{
    for (; words->name; words++)
        if (strlen(words->name) == len && strncmp(words->name, name, len) == 0)
            return words->value;
    return NULL;
}

static bool fill(struct bytes *to, const char *text, const char *path, const struct kit_word *words,
                 struct err *err)
{
    for (const char *at; (at = strchr(text, '@')) != NULL;) {
        size_t len = mark_length(at);
        const char *value = len ? value_of(words, at + 1, len - 2) : "@";
        if (!value)
            return err_set(err, "%s: nothing is known of %.*s", path, (int)len, at);
        bytes_print(to, "%.*s%s", (int)(at - text), text, value);
        text = at + (len ? len : 1);
    }
    return bytes_print(to, "%s", text);
}

/* ---- copying ------------------------------------------------------------------------------------------------------------------ */

static bool copy_file(const struct copying *copying, const FTSENT *entry, const char *to, struct err *err)
{
    cleanup_bytes struct bytes text = {0}, filled = {0};
    mode_t mode = entry->fts_statp->st_mode & 0100 ? 0755 : 0644;
    if (!read_file(entry->fts_accpath, &text, err))
        return false;
    if (!copying->words)
        return write_file(to, &text, mode, err);
    return fill(&filled, bytes_text(&text), entry->fts_path, copying->words, err) &&
           write_file(to, &filled, mode, err);
}

static bool copy_entry(const struct copying *copying, FTS *tree, FTSENT *entry, struct err *err)
{
    char to[PATH_MAX];
    if (snprintf(to, sizeof to, "%s%s", copying->to, entry->fts_path + copying->from_len) >= (int)sizeof to)
        return err_set(err, "%s: the name is too long", entry->fts_path);
    switch (entry->fts_info) {
    case FTS_DP: return true;
    case FTS_DC: return err_set(err, "%s: a link that leads to a folder above itself", entry->fts_path);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
    case FTS_SLNONE:
        errno = entry->fts_errno ? entry->fts_errno : ENOENT;
        return err_sys(err, "read %s", entry->fts_path);
    default: break;
    }
    bool is_top = entry->fts_level == FTS_ROOTLEVEL;
    if (!is_top && copying->is_wanted && !copying->is_wanted(entry->fts_name, entry->fts_statp)) {
        fts_set(tree, entry, FTS_SKIP);
        return true;
    }
    if (entry->fts_info == FTS_D)
        return kit_folder(to, err);
    return entry->fts_info == FTS_F ? copy_file(copying, entry, to, err)
                                    : err_set(err, "%s: neither a file nor a folder", entry->fts_path);
}

bool kit_copy(const char *from, const char *to, kit_filter *is_wanted, const struct kit_word *words,
              struct err *err)
{
    const struct copying copying = {to, strlen(from), is_wanted, words};
    char *const paths[] = {(char *)from, NULL};
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    bool is_copied = tree || err_sys(err, "read %s", from);
    while (is_copied && (errno = 0, entry = fts_read(tree)) != NULL)
        is_copied = copy_entry(&copying, tree, entry, err);
    if (is_copied && errno)
        is_copied = err_sys(err, "read %s", from);
    if (tree)
        fts_close(tree);
    return is_copied;
}
