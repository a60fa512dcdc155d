/* Things that let go of themselves at the end of their block (gcc's and clang's cleanup attribute).
 *
 *     cleanup_free char *name = ...;
 *     cleanup_fd int fd = open(...);
 *     return steal_fd(&fd);               -- passes it on instead
 */
#ifndef IPCGRADE_BASE_CLEANUP_H
#define IPCGRADE_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_fn(void *p)
{
    free(*(void **)p);
}

static inline void cleanup_fd_fn(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void cleanup_file_fn(FILE **file)
{
    if (*file)
        fclose(*file);
}

static inline void cleanup_dir_fn(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_fn)))
#define cleanup_fd __attribute__((cleanup(cleanup_fd_fn)))
#define cleanup_file __attribute__((cleanup(cleanup_file_fn)))
#define cleanup_dir __attribute__((cleanup(cleanup_dir_fn)))

static inline int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

static inline void *steal_ptr_fn(void *p)
{
    void **at = p, *stolen = *at;
    *at = NULL;
    return stolen;
}

#define steal_ptr(p) ((__typeof__(*(p)))steal_ptr_fn(p))

#endif
