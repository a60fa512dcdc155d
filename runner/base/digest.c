/* A number that stands for bytes; see digest.h. */
#include "base/digest.h"

#include <unistd.h>

uint64_t digest_add(uint64_t digest, const void *data, size_t len)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ byte[i]) * UINT64_C(0x100000001b3);
    return digest;
}

bool digest_file(int fd, uint64_t *digest)
{
    char part[65536];
    off_t at = 0;
    ssize_t got;
    *digest = DIGEST_EMPTY;
    while ((got = pread(fd, part, sizeof part, at)) > 0) {
        *digest = digest_add(*digest, part, (size_t)got);
        at += got;
    }
    return got == 0;
}
