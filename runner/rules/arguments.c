/* status-cut, decimal-mode, name-is-option: arguments that mean something else to the kernel than to who wrote them. */
#include "rules/facts.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/stat.h>

/* ---- status-cut ---------------------------------------------------------------------------------------------------------- */

static void status_event(struct study *study, const struct event *event);

const struct rule rule_status_cut = {
    .id = "status-cut",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "The status that a process ends with is a number from 0 to 255: of a larger one only the lowest "
           "byte arrives.",
    .see = "exit(3), wait(2) (WEXITSTATUS)",
    .silent =
        "Small negative numbers, which stand for failure; the command itself, of which no parent is seen.",
    .event = status_event,
};

static void status_event(struct study *study, const struct event *event)
{
    int status = (int)event->call.arg[0];
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    if (is_deed(event, "exit") && process->parent >= 0 && (status < -128 || status > 255))
        finding_add(study, &rule_status_cut, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "it ends with status %d, and its parent sees %d", status, status & 0xff);
}

/* ---- decimal-mode -------------------------------------------------------------------------------------------------------- */

static void mode_event(struct study *study, const struct event *event);

const struct rule rule_decimal_mode = {
    .id = "decimal-mode",
    .severity = SEVERITY_WARNING,
    .law = "Permissions are written in octal, with a 0 in front: 0666.",
    .see = "open(2), mkfifo(3), msgget(2), inode(7), \"The file type and mode\"",
    .silent = "Numbers that are sensible permissions, too, whichever way they are read.",
    .event = mode_event,
};

/* 0: it is none of those that are written by habit. Each has bits, as a number of the decimal system, that nobody would ask for. */
static int decimal_of(unsigned mode)
{
    static const int habits[] = {600, 644, 660, 664, 666, 700, 755, 775, 777};
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if ((mode & 0777U) == ((unsigned)habits[i] & 0777U))
            return habits[i];
    return 0;
}

/* It makes something with permissions. */
static bool has_mode(const struct event *event)
{
    static const char *const makers[] = {"mkfifo", "msgget", "semget", "shmget", NULL};
    static const char *const openers[] = {"open", "shm_open", "sem_open", "mq_open", NULL};
    return is_any_deed(event, makers) ||
           (is_any_deed(event, openers) && (event->call.value[PARAM_FLAGS] & O_CREAT) != 0);
}

static void mode_event(struct study *study, const struct event *event)
{
    if (!has_mode(event) || !call_knows(&event->call, PARAM_MODE))
        return;
    unsigned mode = (unsigned)event->call.value[PARAM_MODE];
    int decimal = decimal_of(mode);
    if (decimal)
        finding_add(
            study, &rule_decimal_mode, SEVERITY_WARNING,
            &(struct place){.process = event->process, .event = event},
            "the permissions are 0%03o: that is what the decimal number %d means; 0%d was probably meant",
            mode & 0777U, decimal, decimal);
}

/* ---- name-is-option ------------------------------------------------------------------------------------------------------ */

static void name_event(struct study *study, const struct event *event);

const struct rule rule_name_is_option = {
    .id = "name-is-option",
    .severity = SEVERITY_WARNING,
    .law = "The first argument of a new program is its own name; its options come behind.",
    .see = "exec(3), execve(2)",
    .silent = "A name with a dash in front, by which a shell is told that it is a login shell (-bash).",
    .event = name_event,
};

static void name_event(struct study *study, const struct event *event)
{
    if (!is_deed(event, "exec") || event->call.error != 0)
        return;
    const char *slash = strrchr(event->call.path, '/'), *name = slash ? slash + 1 : event->call.path;
    const char *first = event->call.data.len > 0 ? event->call.data.data : "";
    bool is_option = first[0] == '-' && first[1] != '\0' && strcmp(first + 1, name) != 0;
    bool is_login = strlen(first) > 2 && strcmp(first + strlen(first) - 2, "sh") == 0;
    if (is_option && !is_login)
        finding_add(study, &rule_name_is_option, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "the new program takes \"%s\" for its own name, not for an option", first);
}
