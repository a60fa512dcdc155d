/* What goes along with a message over a UNIX socket: descriptors, or who sends.
 *
 * Layer: base. Sources: cmsg(3), unix(7).
 */
#ifndef IPCGRADE_BASE_ANCILLARY_H
#define IPCGRADE_BASE_ANCILLARY_H

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

enum { ANCILLARY_FDS = 4 }; /* at most */

union ancillary { /* with room for both, aligned as cmsg(3) wants it */
    char bytes[CMSG_SPACE(ANCILLARY_FDS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr header;
};

/* `type`: SCM_RIGHTS or SCM_CREDENTIALS. The message borrows `ancillary`; all else of it is the caller's. */
static inline void ancillary_add(struct msghdr *message, union ancillary *ancillary, int type,
                                 const void *data, size_t len)
{
    assert(CMSG_SPACE(len) <= sizeof *ancillary);
    memset(ancillary, 0, sizeof *ancillary);
    message->msg_control = ancillary->bytes;
    message->msg_controllen = CMSG_SPACE(len);
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(header), data, len);
}

#endif
