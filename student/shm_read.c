/*
 * shm_read KEY: print the text that lies in a shared memory segment.
 *
 * A way to go:
 *   1. Find the segment (shmget). You know neither its size nor whether you may write to it: ask for neither.
 *   2. How large is it? (shmctl, IPC_STAT)
 *   3. Attach it for reading only (shmat; what does it return when it fails?).
 *   4. Print the text. It ends at the first zero byte or, if there is none, at the end of the segment.
 *   5. Detach. The segment is not yours: it stays.
 * See shmget(2), shmat(2), shmctl(2).
 */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>

int main(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    fprintf(stderr, "shm_read: not written yet\n");
    return 1;
}
