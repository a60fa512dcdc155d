/* Who owns what. The case's directory belongs to the student, and the second user's number is the next one. */
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/question.h"

/* Also where its owner has shut it. */
static uid_t student(void)
{
    struct stat status;
    return stat("/proc/self/cwd", &status) == 0 ? status.st_uid : geteuid();
}

uid_t owner_inside(uid_t uid)
{
    uid_t first = student();
    if (uid == first)
        return INSPECT_STUDENT_UID;
    return uid == first + 1 && first != 0 ? INSPECT_OTHER_UID : uid;
}

uid_t owner_to_set(uid_t owner)
{
    return student() + (owner == INSPECT_OTHER_UID);
}

/* An ordinary user's sandbox has no second user: the next number is some other person's. */
bool owner_is_students(uid_t uid)
{
    uid_t inside = owner_inside(uid);
    return inside == INSPECT_STUDENT_UID || (inside == INSPECT_OTHER_UID && student() != getuid());
}

bool owner_is_ours(uid_t uid)
{
    return uid == geteuid();
}
