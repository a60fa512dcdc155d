/* Who owns what. The case's directory belongs to the student, and the second user's number is the next one. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/question.h"

bool owner_learn(uid_t *student, struct err *err)
{
    struct stat status;
    if (stat("/proc/self/cwd", &status) < 0) /* "." may be shut */
        return err_set(err, "look at the directory of the case: %s",
                       strerror(errno)); /* no object's number */
    *student = status.st_uid;
    return true;
}

uid_t owner_inside(uid_t student, uid_t uid)
{
    if (uid == student)
        return INSPECT_STUDENT_UID;
    return uid == student + 1 && student != 0 ? INSPECT_OTHER_UID : uid;
}

uid_t owner_to_set(uid_t student, uid_t owner)
{
    return student + (owner == INSPECT_OTHER_UID);
}

/* An ordinary user's sandbox has no second user: the next number is some other person's. */
bool owner_is_students(uid_t student, uid_t uid)
{
    uid_t inside = owner_inside(student, uid);
    return inside == INSPECT_STUDENT_UID || (inside == INSPECT_OTHER_UID && student != getuid());
}

bool owner_is_ours(uid_t uid)
{
    return uid == geteuid();
}
