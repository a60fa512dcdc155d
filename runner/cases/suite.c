/* A directory of cases.
 *
 * Every file is read and every error told before anything is decided. What only the whole shows (needed cases, groups) is
 * checked at the end, among the cases that could be read. One arena owns everything.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cases/complaint.h"
#include "cases/needs.h"
#include "cases/scenario_read.h"
#include "cases/settings.h"

struct loading {
    struct arena *arena;
    struct complaints *complaints;
    struct suite *suite;
    const struct assignment *assignment; /* NULL while there is none */
    struct case_files files;
    const struct where *groups_at;
};

static bool has_ending(const char *name, const char *ending)
{
    size_t len = strlen(name), tail = strlen(ending);
    return len > tail && strcmp(name + len - tail, ending) == 0;
}

static struct reader reader_for(struct loading *loading, const char *file)
{
    return (struct reader){.arena = loading->arena,
                           .complaints = loading->complaints,
                           .file = file,
                           .assignment = loading->assignment};
}

static void load_assignment(struct loading *loading, const char *directory, const char *file)
{
    struct document document;
    struct assignment *assignment = &loading->suite->assignment;
    *assignment = (struct assignment){.build = "make", .limits = limits_unsaid()};
    if (!document_load(&document, loading->arena, loading->complaints, file))
        return;
    struct reader reader = reader_for(loading, file);
    assignment_read(&reader, &document, directory, assignment);
    loading->groups_at = reader.places;
    if (assignment->program_count > 0)
        loading->assignment = assignment;
}

static void load_case(struct loading *loading, struct case_file *file)
{
    struct document document;
    struct reader reader = reader_for(loading, file->path);
    file->scenario = (struct scenario){.id = file->id, .group = file->group};
    size_t before = loading->complaints->count;
    bool has_tree = document_load(&document, loading->arena, loading->complaints, file->path);
    reader.errors = complaints_have_error(loading->complaints, before);
    if (has_tree)
        scenario_read(&reader, &document, &file->scenario);
    file->needs_at = reader.places;
    file->is_right = !complaints_have_error(loading->complaints, before);
}

/* ---- finding the files ---------------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct case_file *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static bool is_id_part(const char *name, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return len > 0 && strspn(name, letters) >= len && name[0] != '-';
}

static void find_case(struct loading *loading, const char *directory, const char *group, const char *name)
{
    const char *path = arena_print(loading->arena, "%s/%s/%s", directory, group, name);
    struct where top = {path, 1, 1};
    size_t stem = strlen(name) - strlen(".yaml");
    if (has_ending(name, ".yml"))
        complain(loading->complaints, top, "a case ends in .yaml; this file would not be read");
    else if (!is_id_part(name, stem))
        complain(loading->complaints, top, "the name of a case has letters, digits, _ and - only");
    else
        *ARENA_ADD(loading->arena, loading->files.items, loading->files.count) =
            (struct case_file){.path = path,
                               .group = group,
                               .id = arena_print(loading->arena, "%s/%.*s", group, (int)stem, name)};
}

static void close_directory(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

static void find_group(struct loading *loading, const char *directory, const char *group)
{
    const char *path = arena_print(loading->arena, "%s/%s", directory, group);
    __attribute__((cleanup(close_directory))) DIR *folder = opendir(path);
    if (!folder && errno != ENOTDIR)
        complain_unread(loading->complaints, (struct where){path, 1, 1}, errno);
    errno = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder)); errno = 0)
        if (entry->d_name[0] != '.' &&
            (has_ending(entry->d_name, ".yaml") || has_ending(entry->d_name, ".yml")))
            find_case(loading, directory, group, entry->d_name);
    if (folder && errno) /* cases that are missed would be missing in the score */
        complain_unread(loading->complaints, (struct where){path, 1, 1}, errno);
}

static bool find_all(struct loading *loading, const char *directory)
{
    __attribute__((cleanup(close_directory))) DIR *top = opendir(directory);
    if (!top)
        return complain_unread(loading->complaints, (struct where){directory, 1, 1}, errno);
    errno = 0;
    for (struct dirent *entry; (entry = readdir(top)); errno = 0) {
        const char *name = entry->d_name;
        bool is_yaml = has_ending(name, ".yaml") || has_ending(name, ".yml");
        if (name[0] == '.' || strcmp(name, "assignment.yaml") == 0)
            continue;
        if (is_yaml)
            complain(loading->complaints,
                     (struct where){arena_print(loading->arena, "%s/%s", directory, name), 1, 1},
                     "a case lies in a folder, its group: GROUP/NAME.yaml");
        else
            find_group(loading, directory, arena_text(loading->arena, name));
    }
    if (errno)
        complain_unread(loading->complaints, (struct where){directory, 1, 1}, errno);
    if (loading->files.count > 0)
        qsort(loading->files.items, loading->files.count, sizeof *loading->files.items, by_id);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

static bool has_group(const struct assignment *assignment, const char *group)
{
    for (size_t i = 0; i < assignment->group_count; i++)
        if (strcmp(assignment->groups[i].name, group) == 0)
            return true;
    return false;
}

/* Groups with points and without cases, and the other way round. Both may be meant, so they are notes. */
static void check_groups(struct loading *loading, const char *assignment_file)
{
    const struct assignment *assignment = &loading->suite->assignment;
    const struct case_files *files = &loading->files;
    const char *last = "";
    struct reader reader = reader_for(loading, assignment_file);
    for (size_t i = 0; i < assignment->group_count; i++) {
        bool has_case = false;
        for (size_t k = 0; k < files->count; k++)
            has_case |= strcmp(files->items[k].group, assignment->groups[i].name) == 0;
        if (!has_case)
            reader_note(&reader, loading->groups_at[i], "there is no case in the group '%s'",
                        assignment->groups[i].name);
    }
    for (size_t k = 0; assignment->group_count > 0 && k < files->count; k++) {
        const char *group = files->items[k].group;
        if (strcmp(group, last) != 0 && !has_group(assignment, group))
            reader_note(&reader, (struct where){assignment_file, 1, 1},
                        "the group '%s' has no points here: it gets the sum of its cases", group);
        last = group;
    }
}

static void keep_scenarios(struct loading *loading)
{
    struct scenario *scenarios = arena_alloc(loading->arena, (loading->files.count + 1) * sizeof *scenarios);
    for (size_t i = 0; i < loading->files.count; i++)
        if (loading->files.items[i].is_loaded)
            scenarios[loading->suite->count++] = loading->files.items[i].scenario;
    loading->suite->scenarios = scenarios;
}

static struct loading loading_begin(struct complaints *complaints)
{
    struct loading loading = {.arena = arena_new(), .complaints = complaints};
    loading.suite = arena_alloc(loading.arena, sizeof *loading.suite);
    loading.suite->owner = loading.arena;
    loading.suite->assignment = (struct assignment){.build = "make", .limits = limits_unsaid()};
    return loading;
}

static bool loading_end(struct loading *loading, size_t before, struct suite **suite)
{
    *suite = NULL;
    keep_scenarios(loading);
    bool is_right = !complaints_have_error(loading->complaints, before);
    complaints_sort(loading->complaints);
    if (is_right)
        *suite = loading->suite;
    else
        suite_free(loading->suite);
    return is_right;
}

bool suite_load(struct suite **suite, const char *directory, struct complaints *complaints)
{
    size_t before = complaints->count, len = strlen(directory);
    struct loading loading = loading_begin(complaints);
    while (len > 1 && directory[len - 1] == '/')
        len--;
    const char *top = arena_copy(loading.arena, directory, len);
    const char *assignment_file = arena_print(loading.arena, "%s/assignment.yaml", top);
    loading.suite->directory = top;
    if (!find_all(&loading, top))
        return loading_end(&loading, before, suite);
    load_assignment(&loading, top, assignment_file);
    if (loading.files.count == 0)
        complain(complaints, (struct where){top, 1, 1}, "there is no case here: cases are GROUP/NAME.yaml");
    for (size_t i = 0; i < loading.files.count; i++) {
        load_case(&loading, &loading.files.items[i]);
        loading.files.items[i].is_loaded = true;
    }
    check_groups(&loading, assignment_file);
    needs_check(&loading.files, loading.arena, complaints);
    return loading_end(&loading, before, suite);
}

/* ---- one file ------------------------------------------------------------------------------------------------------- */

/* The folder with assignment.yaml: where the file lies, or one above; NULL when there is none. */
static const char *assignment_folder(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? arena_copy(arena, path, (size_t)(slash - path)) : ".";
    const char *const places[] = {folder, arena_print(arena, "%s/..", folder)};
    for (size_t i = 0; i < 2; i++)
        if (access(arena_print(arena, "%s/assignment.yaml", places[i]), R_OK) == 0)
            return places[i];
    return NULL;
}

static struct case_file case_file_at(struct arena *arena, const char *path)
{
    cleanup_free char *real = realpath(path, NULL);
    char *whole = arena_text(arena, real ? real : path), *name = strrchr(whole, '/');
    const char *group = "";
    if (name) {
        *name = '\0';
        const char *folder = strrchr(whole, '/');
        group = folder ? folder + 1 : whole;
    }
    name = name ? name + 1 : whole;
    int stem = (int)(strlen(name) - (has_ending(name, ".yaml") ? strlen(".yaml") : 0));
    return (struct case_file){.path = arena_text(arena, path),
                              .group = group,
                              .is_loaded = true,
                              .id = arena_print(arena, "%s/%.*s", group, stem, name)};
}

/* The other cases are not read, but a needed one must exist. */
static void load_one(struct loading *loading, const char *path, const char *folder)
{
    struct case_file file = case_file_at(loading->arena, path);
    load_case(loading, &file);
    struct complaints ignored = {0}, *told = loading->complaints;
    loading->complaints = &ignored;
    if (folder)
        find_all(loading, folder);
    loading->complaints = told;
    complaints_free(&ignored);
    for (size_t i = 0; i < loading->files.count; i++)
        if (strcmp(loading->files.items[i].id, file.id) == 0)
            loading->files.items[i].id = ""; /* it is the file itself */
    *ARENA_ADD(loading->arena, loading->files.items, loading->files.count) = file;
    if (folder)
        needs_check(&loading->files, loading->arena, told);
}

bool suite_load_file(struct suite **suite, const char *path, struct complaints *complaints)
{
    size_t before = complaints->count;
    struct loading loading = loading_begin(complaints);
    const char *folder = assignment_folder(loading.arena, path), *slash = strrchr(path, '/');
    bool is_assignment = strcmp(slash ? slash + 1 : path, "assignment.yaml") == 0;
    loading.suite->directory = folder;
    if (is_assignment) {
        load_assignment(&loading, folder ? folder : ".", arena_text(loading.arena, path));
    } else {
        if (folder)
            load_assignment(&loading, folder, arena_print(loading.arena, "%s/assignment.yaml", folder));
        load_one(&loading, path, folder);
    }
    return loading_end(&loading, before, suite);
}

void suite_keep_from_children(const struct suite *suite)
{
    arena_keep_from_children(suite->owner);
}

void suite_free(struct suite *suite)
{
    if (suite)
        arena_free(suite->owner); /* the suite itself lives there too */
}
