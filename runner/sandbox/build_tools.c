/* What a build is given; see build_tools.h. */
#include "sandbox/build_tools.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define COMPILERS "/usr/bin"

static bool put_text(struct sandbox *sandbox, const char *path, const char *text, struct err *err)
{
    cleanup_fd int fd = memfd_create("ipcgrade", MFD_CLOEXEC);
    size_t len = strlen(text);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        return err_sys(err, "write %s", path);
    return sandbox_put(sandbox, fd, path, 0755, err);
}

/* "gcc", "gcc-12". */
static bool is_compiler(const char *name)
{
    static const char *const compilers[] = {"cc", "gcc", "clang", "tcc", "c99", "c++", "g++", "clang++"};
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        size_t len = strlen(compilers[i]);
        if (strncmp(name, compilers[i], len) != 0)
            continue;
        bool is_version = name[len] == '-' && name[len + 1] != '\0' &&
                          strspn(name + len + 1, "0123456789.") == strlen(name + len + 1);
        if (name[len] == '\0' || is_version)
            return true;
    }
    return false;
}

static bool put_tool(struct sandbox *sandbox, const char *name, struct err *err)
{
    char real[64], path[64], text[128];
    snprintf(real, sizeof real, COMPILERS "/%.32s", name);
    snprintf(path, sizeof path, BUILD_TOOLS "/%.32s", name);
    snprintf(text, sizeof text, "#!/bin/sh\nexec %s -g \"$@\"\n", real);
    return access(real, X_OK) != 0 || put_text(sandbox, path, text, err);
}

bool build_put_tools(struct sandbox *sandbox, struct err *err)
{
    DIR *directory = opendir(COMPILERS);
    bool is_done = true;
    if (!directory)
        return true;
    for (const struct dirent *entry; is_done && (entry = readdir(directory));)
        if (is_compiler(entry->d_name))
            is_done = put_tool(sandbox, entry->d_name, err);
    closedir(directory);
    return is_done;
}
