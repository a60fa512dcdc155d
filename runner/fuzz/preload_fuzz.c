/* What the tracer reads of a program's file within an execve, under a fuzzer: the input is the file. */
#include "fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "trace/tracer.h"

static int file_of(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("program", MFD_CLOEXEC);
    must(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
         "a file in memory can be filled");
    return fd;
}

static bool holds(const uint8_t *data, size_t size, const char *text)
{
    return size > 0 && memmem(data, size, text, strlen(text)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum preload seen = loading_look(file_of(data, size));
    must(seen == PRELOAD_NOT || seen == PRELOAD_STATIC || seen == PRELOAD_SANITIZED || seen == PRELOAD_DONE,
         "it is decided");
    must(seen != PRELOAD_DONE || holds(data, size, "ld-linux"), "the probe is for the loader alone");
    must(seen == PRELOAD_NOT || holds(data, size, "\177ELF"), "whoever takes the probe is a program");
    must(seen == loading_look(file_of(data, size)), "the same file is judged the same");
    return 0;
}
