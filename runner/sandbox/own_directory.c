/* The case's directory where it is one of the machine, see sandbox_private.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/cargo.h"
#include "sandbox/sandbox_private.h"

bool own_directory_name(struct sandbox *sandbox, struct err *err)
{
    const char *variable = getenv("TMPDIR"), *place = variable && *variable ? variable : "/tmp";
    uint64_t number = 0;
    /* Init, which goes elsewhere, calls it by the same name. */
    cleanup_free char *whole = realpath(place, NULL);
    if (!whole)
        return err_sys(err, "make a directory for the case in %s", place);
    if (!place_draw(&number, err))
        return false;
    int length = snprintf(sandbox->directory, sizeof sandbox->directory, "%s/ipcgrade-case-%016llx", whole,
                          (unsigned long long)number);
    return length < (int)sizeof sandbox->directory ||
           err_set(err, "%s is too long a name for the place of a case's directory", whole);
}

bool own_directory_make(struct sandbox *sandbox, struct err *err)
{
    char *name = strdup(sandbox->directory);
    uid_t owner = sandbox->ground.outer_student;
    if (!name)
        return err_set(err, "no memory for a directory's name");
    if (mkdir(name, 0700) < 0) {
        err_sys(err, "make %s", name);
        free(name);
        return false;
    }
    sandbox->own_directory = name;
    if (sandbox->ground.is_root && chown(name, owner, owner) < 0)
        return err_sys(err, "give %s to the student", name);
    return chmod(name, sandbox->ground.is_root ? 0777 : 0755) == 0 || err_sys(err, "open %s", name);
}

void own_directory_remove(struct sandbox *sandbox)
{
    if (sandbox->own_directory)
        cargo_remove_all(sandbox->own_directory);
    free(sandbox->own_directory);
    sandbox->own_directory = NULL;
}
