/* What the victim tells of itself to image_fuzz. */
#ifndef IPCGRADE_FUZZ_VICTIM_H
#define IPCGRADE_FUZZ_VICTIM_H

#include <stdint.h>
#include <sys/user.h>

struct victim_told {
    struct user_regs_struct regs;
    unsigned char stack[3072]; /* from regs.rsp upwards */
    uint64_t text_start, text_end, text_offset;
    uint64_t address; /* of a variable in it */
};

#endif
