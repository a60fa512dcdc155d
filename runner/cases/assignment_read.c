/* assignment.yaml: the programs, how they are built, what the groups are worth, defaults for all cases. */
#include <string.h>
#include <unistd.h>

#include "cases/number.h"
#include "cases/pattern.h"
#include "cases/scenario_read.h"
#include "cases/settings.h"

struct target_assignment { /* what the keys are read into */
    struct assignment *assignment;
    const char *directory;
};

static struct assignment *assignment_of(void *into)
{
    return ((struct target_assignment *)into)->assignment;
}

static void read_title(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    words_read(reader, value, &assignment_of(into)->title);
}

static bool is_file_name(const struct node *node, bool may_have_folder)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/";
    if (node->len == 0 || strspn(node->text, letters) != node->len || strchr("-/", node->text[0]))
        return false;
    return !strstr(node->text, "..") && (may_have_folder || !strchr(node->text, '/')) && !node_is(node, ".");
}

static void read_source(struct reader *reader, const struct node *key, const struct node *value,
                        const char *directory, struct program *program)
{
    bool is_driver = node_is(key, "driver");
    if (!is_driver && !node_is(key, "library")) {
        if (key->kind == NODE_TEXT)
            reader_fail(reader, key->at, "'%s' is not one of library, driver%s", key->text,
                        reader_nearest(reader, key->text, (const char *const[]){"library", "driver", NULL}));
        return;
    }
    if (!reader_is_text(reader, value, "the name of a file is expected here"))
        return;
    if (!is_file_name(value, is_driver))
        reader_fail(reader, value->at, "'%s' is not the name of a file%s", value->text,
                    is_driver ? " below the cases" : "");
    else if (is_driver && access(arena_print(reader->arena, "%s/%s", directory, value->text), R_OK) != 0)
        reader_fail(reader, value->at, "there is no file '%s' beside assignment.yaml", value->text);
    *(is_driver ? &program->driver : &program->library) = value->text;
}

static void read_program(struct reader *reader, const struct node *key, const struct node *value,
                         const char *directory, struct program *program)
{
    program->name = key->kind == NODE_TEXT ? key->text : "";
    if (key->kind == NODE_TEXT && !is_file_name(key, false))
        reader_fail(reader, key->at, "'%s' is not the name of a program", key->text);
    if (!reader_is_map(reader, value, "a program is {} or {library: FILE, driver: FILE}"))
        return;
    for (size_t i = 0; i < value->count; i++)
        read_source(reader, value->keys[i], value->items[i], directory, program);
    if (!program->library != !program->driver)
        reader_fail(reader, key->at, "a library is linked with a driver: {library: FILE, driver: FILE}");
}

static void read_programs(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct target_assignment *target = into;
    struct program *list = NULL;
    (void)key;
    if (!reader_has_items(reader, value, "programs are a map: {NAME: {}, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++)
        read_program(reader, value->keys[i], value->items[i], target->directory,
                     ARENA_ADD(reader->arena, list, target->assignment->program_count));
    target->assignment->programs = list;
}

static void read_build(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    const char *build = text_read_plain(reader, value);
    if (build && !*build)
        reader_fail(reader, value->at, "the command that builds is empty");
    else if (build)
        assignment_of(into)->build = build;
}

static void read_groups(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct group *list = NULL;
    struct where *places = NULL;
    size_t count = 0;
    (void)key;
    if (!reader_has_items(reader, value, "groups are a map: {GROUP: points, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++) {
        const struct node *name = value->keys[i];
        if (name->kind != NODE_TEXT || name->is_told)
            continue;
        *ARENA_ADD(reader->arena, places, count) = name->at;
        struct group *group = ARENA_ADD(reader->arena, list, assignment_of(into)->group_count);
        group->name = name->text;
        hundredths_read(reader, value->items[i], "points are", &group->points);
    }
    assignment_of(into)->groups = list;
    reader->places = places;
}

static void read_rules(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct assignment *assignment = assignment_of(into);
    (void)key;
    prices_read(reader, value, NULL, 0, &assignment->prices, &assignment->price_count);
}

static void read_limits(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    limits_read(reader, value, &assignment_of(into)->limits);
}

const struct key_row assignment_keys[] = {
    {"assignment", read_title, "text or {en: .., ko: ..}", "its title", "sentence", NULL},
    {"programs", read_programs, "{NAME: {} or {library: FILE, driver: FILE}}",
     "what is handed in. A library is the student's file, linked with the grader's driver into a program of "
     "that name",
     "programs", NULL},
    {"build", read_build, "text", "the command that builds a submission; `make`", "command", NULL},
    {"groups", read_groups, "{GROUP: points}",
     "what each folder of cases is worth; its cases are scaled to that. Without it: the sum of its cases",
     "groups", NULL},
    {"rules", read_rules, "{RULE: N or `ignored`}", "for all cases", "prices", NULL},
    {"limits", read_limits, "{LIMIT: N}", "for all cases", "limits", NULL},
    {0},
};

void assignment_read(struct reader *reader, const struct document *document, const char *directory,
                     struct assignment *assignment)
{
    struct target_assignment target = {assignment, directory};
    struct where top = {reader->file, 1, 1};
    *assignment = (struct assignment){.build = "make", .limits = limits_unsaid()};
    if (!reader_is_map(reader, document->root,
                       "assignment.yaml is a map of keys: assignment: .., programs: .."))
        return;
    reader_keys(reader, document->root, assignment_keys, "a key of assignment.yaml", &target);
    if (!node_get(document->root, "assignment"))
        reader_fail(reader, top, "'assignment' is missing");
    if (!node_get(document->root, "programs"))
        reader_fail(reader, top, "'programs' is missing");
}
