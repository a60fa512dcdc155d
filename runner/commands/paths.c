/* Where the program's own things lie; see paths.h. */
#include "commands/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#ifndef IPCGRADE_LIBEXECDIR
#define IPCGRADE_LIBEXECDIR "/usr/local/libexec/ipcgrade"
#endif
#ifndef IPCGRADE_DATADIR
#define IPCGRADE_DATADIR "/usr/local/share/ipcgrade"
#endif
#ifndef IPCGRADE_LOCALEDIR
#define IPCGRADE_LOCALEDIR "/usr/local/share/locale"
#endif

/* Where to look, in this order: from the executable's folder, or absolute. The test programs lie one folder deeper than the program. */
static const char *const agent_places[] = {"ipcgrade-agent", "../ipcgrade-agent",
                                           "../libexec/ipcgrade/ipcgrade-agent",
                                           (IPCGRADE_LIBEXECDIR "/ipcgrade-agent"), NULL};
static const char *const probe_places[] = {"ipcgrade-probe.so", "../ipcgrade-probe.so",
                                           "../libexec/ipcgrade/ipcgrade-probe.so",
                                           (IPCGRADE_LIBEXECDIR "/ipcgrade-probe.so"), NULL};
static const char *const case_places[] = {
    "../cases", "../../cases", "../../../cases", "../share/ipcgrade/cases", (IPCGRADE_DATADIR "/cases"),
    NULL};
/* The tree that the program was built from, or what make install keeps of it. */
static const char *const source_places[] = {
    "..", "../..", "../../..", "../share/ipcgrade/source", (IPCGRADE_DATADIR "/source"), NULL};
static const char *const locale_places[] = {"locale", "../locale", "../share/locale", IPCGRADE_LOCALEDIR,
                                            NULL};

static bool exe_folder(char *folder)
{
    ssize_t len = readlink("/proc/self/exe", folder, PATHS_ROOM - 1);
    if (len < 0)
        return false;
    folder[len] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* The first place below which `probe` is there. False with errno: something could not be looked at; 0: it is nowhere. */
static bool find_place(const char *const *places, const char *probe, char *path)
{
    char folder[PATHS_ROOM], whole[PATHS_ROOM + 64];
    errno = 0;
    bool has_folder = exe_folder(folder);
    int trouble = errno;
    for (; *places; places++) {
        if (**places != '/' && !has_folder)
            continue;
        int len = **places == '/' ? snprintf(path, PATHS_ROOM, "%s", *places)
                                  : snprintf(path, PATHS_ROOM, "%s/%s", folder, *places);
        if (len < 0 || len >= PATHS_ROOM)
            continue;
        snprintf(whole, sizeof whole, "%s%s", path, probe);
        if (access(whole, R_OK) == 0)
            return true;
        if (!err_is_of_name(errno)) /* and what lies at a later place may be another version's */
            return false;
        trouble = errno == ENOENT || errno == ENOTDIR ? trouble : errno;
    }
    errno = trouble;
    return false;
}

bool paths_agent(char *path, struct err *err)
{
    if (access("/proc/self/exe", F_OK) != 0)
        return err_set(err, "/proc is not mounted, and everything is read from there; as root: mount -t proc "
                            "proc /proc");
    return find_place(agent_places, "", path) ||
           err_sys(err, "the agent (ipcgrade-agent) is neither beside the program nor installed");
}

bool paths_probe(char *path, struct err *err)
{
    char found[PATHS_ROOM];
    if (!find_place(probe_places, "", found))
        return err_sys(err, "the probe (ipcgrade-probe.so) is neither beside the program nor installed");
    return realpath(found, path) != NULL || err_sys(err, "find %s", found);
}

/* As a person would write it: without "..", from the current directory where it lies below that. */
static void shorten(char *path)
{
    char whole[PATHS_ROOM], here[PATHS_ROOM];
    if (!realpath(path, whole))
        return;
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool is_below = len > 1 && strncmp(whole, here, len) == 0 && whole[len] == '/';
    snprintf(path, PATHS_ROOM, "%s", is_below ? whole + len + 1 : whole);
}

/* What the environment names is meant: where it is wrong, nothing else is taken. */
static bool wanted_cases(char *path, const char *wanted, struct err *err)
{
    char file[PATHS_ROOM + 64];
    if (snprintf(path, PATHS_ROOM, "%s", wanted) >= PATHS_ROOM)
        return err_set(err, _("IPCGRADE_CASES: the name is too long"));
    snprintf(file, sizeof file, "%s/assignment.yaml", path);
    return access(file, R_OK) == 0 || err_sys(err, "IPCGRADE_CASES: %s", file);
}

bool paths_cases(char *path, struct err *err)
{
    const char *wanted = getenv("IPCGRADE_CASES");
    if (wanted && *wanted)
        return wanted_cases(path, wanted, err);
    if (!find_place(case_places, "/assignment.yaml", path))
        return err_sys(err,
                       _("no cases (a folder with assignment.yaml) are beside the program or in %s; name "
                         "their folder with --cases or IPCGRADE_CASES"),
                       IPCGRADE_DATADIR "/cases");
    shorten(path);
    return true;
}

bool paths_source(char *path, struct err *err)
{
    return find_place(source_places, "/runner/kit/common/setup.sh", path) ||
           err_sys(err, "the program's sources are neither around the program nor installed");
}

void paths_locale(char *path)
{
    if (!find_place(locale_places, "/ko/LC_MESSAGES/ipcgrade.mo", path))
        snprintf(path, PATHS_ROOM, "%s", IPCGRADE_LOCALEDIR);
}
