/* The case's directory where it is one of the machine; see own_directory.h. */
#include "sandbox/own_directory.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/cargo.h"
#include "sandbox/fence.h"
#include "sandbox/sandbox_private.h"

/* Can cases be played there, and does the fence not give it away to all of them? How large it is counts, not what is free: a submission that fills it must not bring its neighbours' cases elsewhere. Owned by
 * the caller; NULL: no. */
static char *place_apart(const char *place)
{
    struct statvfs status;
    cleanup_free char *whole = place && *place ? realpath(place, NULL) : NULL;
    if (!whole || fence_gives_away(whole) || access(whole, W_OK | X_OK) < 0 || statvfs(whole, &status) < 0 ||
        (status.f_flag & ST_NOEXEC) ||
        (unsigned long long)status.f_blocks * status.f_frsize < OWN_DIRECTORY_ROOM)
        return NULL;
    return steal_ptr(&whole);
}

/* Another case's programs are kept out by their user, or where all have one user, by the fence, which lets all write to /tmp. */
char *own_directory_place(bool has_own_ids, struct err *err)
{
    const char *variable = getenv("TMPDIR"), *usual = variable && *variable ? variable : "/tmp";
    const char *const others[] = {"/var/tmp", getenv("XDG_RUNTIME_DIR")};
    /* Init, which goes elsewhere, calls it by the same name. */
    char *whole = realpath(usual, NULL);
    if (!whole)
        err_sys(err, "make a directory for the case in %s", usual);
    if (!whole || has_own_ids || !fence_gives_away(whole))
        return whole;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char *apart = place_apart(others[i]);
        if (apart) {
            free(whole);
            return apart;
        }
    }
    return whole;
}

bool own_directory_name(struct sandbox *sandbox, struct err *err)
{
    uint64_t number = 0;
    cleanup_free char *whole = own_directory_place(sandbox->ground.has_own_ids, err);
    if (!whole || !place_draw(&number, err))
        return false;
    int length = snprintf(sandbox->directory, sizeof sandbox->directory, "%s/ipcgrade-case-%016llx", whole,
                          (unsigned long long)number);
    return length < (int)sizeof sandbox->directory ||
           err_set(err, "%s is too long a name for the place of a case's directory", whole);
}

/* To whoever is of the case, and nobody else: the second user comes in by his group. So does init where a container's root has no right to pass doors that are shut to it, unless that user needs the group;
 * then there is no other way than to let all in. */
static bool open_to_its_own(const struct sandbox *sandbox, bool wants_other_user, struct err *err)
{
    const struct ground *ground = &sandbox->ground;
    const char *name = sandbox->own_directory;
    gid_t group = ground->outer_student;
    mode_t mode = 0700;
    bool may_pass = !ground->is_root || (ground->flags & CLONE_NEWUSER) ||
                    ground_has_capabilities(1ULL << CAP_DAC_OVERRIDE);
    if (ground->is_root && wants_other_user) {
        group += SANDBOX_OTHER_UID - SANDBOX_STUDENT_UID;
        mode = may_pass ? 0770 : 0777;
    } else if (!may_pass) {
        group = getegid();
        mode = 0770;
    }
    if (ground->is_root && chown(name, ground->outer_student, group) < 0)
        return err_sys(err, "give %s to the student", name);
    return chmod(name, mode) == 0 || err_sys(err, "open %s", name);
}

bool own_directory_make(struct sandbox *sandbox, bool wants_other_user, struct err *err)
{
    char *name = strdup(sandbox->directory);
    if (!name)
        return err_set(err, "no memory for a directory's name");
    if (mkdir(name, 0700) < 0) {
        err_sys(err, "make %s", name);
        free(name);
        return false;
    }
    sandbox->own_directory = name;
    return open_to_its_own(sandbox, wants_other_user, err);
}

void own_directory_remove(struct sandbox *sandbox)
{
    if (sandbox->own_directory)
        cargo_remove_all(sandbox->own_directory);
    free(sandbox->own_directory);
    sandbox->own_directory = NULL;
}
