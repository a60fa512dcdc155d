/* The program whose file image_fuzz breaks. It tells of itself what the tracer keeps of a program at a call: its registers, a piece of its stack, and
 * where its text is mapped, as struct victim_told on its standard output.
 */
#include "fuzz/victim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static struct victim_told told;
static int kept_number;

/* The mapping of our own text. */
static int find_text(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    unsigned long start = 0, end = 0, offset = 0, here = (unsigned long)(uintptr_t)&find_text;
    int is_found = 0;
    while (maps && !is_found && fgets(line, sizeof line, maps))
        // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
        is_found = sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && here >= start && here < end;
    if (maps)
        fclose(maps);
    told.text_start = start;
    told.text_end = end;
    told.text_offset = offset;
    return is_found;
}

struct message {
    long type;
    struct {
        char text[40];
        int numbers[3];
    } body;
};

static void keep_registers(const gregset_t regs)
{
    told.regs = (struct user_regs_struct){.rip = (uint64_t)regs[REG_RIP],
                                          .rsp = (uint64_t)regs[REG_RSP],
                                          .rbp = (uint64_t)regs[REG_RBP],
                                          .rbx = (uint64_t)regs[REG_RBX],
                                          .r12 = (uint64_t)regs[REG_R12],
                                          .r13 = (uint64_t)regs[REG_R13],
                                          .r14 = (uint64_t)regs[REG_R14],
                                          .r15 = (uint64_t)regs[REG_R15]};
}

static __attribute__((noinline)) int tell(struct message *message)
{
    ucontext_t context;
    told.address = (uint64_t)(uintptr_t)&message->body.text;
    if (getcontext(&context) != 0)
        return EXIT_FAILURE;
    keep_registers(context.uc_mcontext.gregs);
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    memcpy(told.stack, (void *)(uintptr_t)told.regs.rsp, sizeof told.stack);
    return fwrite(&told, sizeof told, 1, stdout) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline __attribute__((always_inline)) int inlined(struct message *message)
{
    message->body.numbers[1] = kept_number;
    return tell(message);
}

static __attribute__((noinline)) int sends(int number)
{
    struct message message = {.type = number};
    int status = inlined(&message);
    kept_number += message.body.numbers[1];
    return status; // NOLINT(clang-analyzer-core.StackAddressEscape): it is told, never followed
}

int main(void)
{
    char room[sizeof told.stack] = ""; /* so that the piece ends within our own stack */
    int status = find_text() ? sends(room[0] + 1) : EXIT_FAILURE;
    return kept_number == 0 ? status : EXIT_FAILURE;
}
