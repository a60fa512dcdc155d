/* From rules to a seccomp program, by libseccomp, in a process apart: where memory is out, libseccomp 2.5 frees things twice, goes round for ever, or leaves rules
 * out and says nothing. So the process has a limit, and what it wrote is run against the rules before anybody loads it.
 *
 * libseccomp only writes to a descriptor, so the program is exported through a memfd.
 */
#include "trace/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* ---- what a program answers ------------------------------------------------------------------------------------------ */

static uint32_t load(const struct seccomp_data *call, uint32_t offset)
{
    uint32_t word = 0;
    if (offset <= sizeof *call - sizeof word)
        memcpy(&word, (const char *)call + offset, sizeof word);
    return word;
}

static bool compare(uint16_t code, uint32_t value, uint32_t with)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ: return value == with;
    case BPF_JGT: return value > with;
    case BPF_JGE: return value >= with;
    default: return (value & with) != 0;
    }
}

uint32_t filter_answer(const struct sock_filter *filter, size_t length, const struct seccomp_data *call)
{
    uint32_t value = 0;
    for (size_t at = 0; filter && at < length; at++) {
        const struct sock_filter *word = &filter[at];
        if (word->code == (BPF_LD | BPF_W | BPF_ABS))
            value = load(call, word->k);
        else if (word->code == (BPF_ALU | BPF_AND | BPF_K))
            value &= word->k;
        else if (word->code == (BPF_JMP | BPF_JA))
            at += word->k;
        else if (BPF_CLASS(word->code) == BPF_JMP && BPF_SRC(word->code) == BPF_K)
            at += compare(word->code, value, word->k) ? word->jt : word->jf;
        else if (word->code == (BPF_RET | BPF_K))
            return word->k;
        else
            break;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

enum { X32_BIT = 0x40000000 }; /* of the numbers of another architecture under the same name */

/* ---- whether it is what was asked ------------------------------------------------------------------------------------ */

static bool is_so(const struct scmp_arg_cmp *is, uint64_t value)
{
    return is->op == SCMP_CMP_NE ? value != is->datum_a : (value & is->datum_a) == is->datum_b;
}

static bool applies(const struct filter_rule *rule, const struct seccomp_data *call)
{
    bool does = rule->number == call->nr;
    for (unsigned i = 0; i < rule->where.count; i++)
        does &= is_so(&rule->where.is[i], call->args[rule->where.is[i].arg]);
    return does;
}

/* Where two rules apply, either will do: none of ours contradict each other. */
static bool is_answered(const struct sock_filter *filter, size_t length, const struct filter_rules *rules,
                        const struct seccomp_data *call)
{
    uint32_t answer = filter_answer(filter, length, call);
    bool has_rule = false;
    for (size_t i = 0; i < rules->count; i++)
        if (applies(&rules->items[i], call)) {
            if (answer == rules->items[i].action)
                return true;
            has_rule = true;
        }
    return !has_rule && answer == SECCOMP_RET_ALLOW;
}

/* An argument of which that is so, and one of which it is not. */
static uint64_t value_for(const struct scmp_arg_cmp *is)
{
    return is->op == SCMP_CMP_NE ? is->datum_a + 1 : is->datum_b;
}

static uint64_t value_against(const struct scmp_arg_cmp *is)
{
    return is->op == SCMP_CMP_NE ? is->datum_a : is->datum_b ^ (is->datum_a & -is->datum_a);
}

static struct seccomp_data call_of(const struct filter_rule *rule)
{
    struct seccomp_data call = {.nr = rule->number, .arch = AUDIT_ARCH_X86_64};
    for (unsigned i = 0; i < rule->where.count; i++)
        call.args[rule->where.is[i].arg] = value_for(&rule->where.is[i]);
    return call;
}

/* What the rule says, and that it asks for each of its conditions. */
static bool is_kept(const struct sock_filter *filter, size_t length, const struct filter_rules *rules,
                    const struct filter_rule *rule)
{
    const struct seccomp_data call = call_of(rule);
    bool is = is_answered(filter, length, rules, &call);
    for (unsigned i = 0; i < rule->where.count && is; i++) {
        struct seccomp_data other = call;
        other.args[rule->where.is[i].arg] = value_against(&rule->where.is[i]);
        is = is_answered(filter, length, rules, &other);
    }
    return is;
}

bool filter_is_right(const struct sock_filter *filter, size_t length, const struct filter_rules *rules)
{
    enum { NUMBERS = 1024 }; /* more than any kernel has */
    static const struct seccomp_data i386 = {.arch = AUDIT_ARCH_I386},
                                     x32 = {.nr = X32_BIT, .arch = AUDIT_ARCH_X86_64};
    bool is_right = filter_answer(filter, length, &i386) == SECCOMP_RET_KILL_PROCESS &&
                    filter_answer(filter, length, &x32) == SECCOMP_RET_KILL_PROCESS;
    for (size_t i = 0; i < rules->count && is_right; i++)
        is_right = is_kept(filter, length, rules, &rules->items[i]);
    for (int number = 0; number < NUMBERS && is_right; number++) {
        struct seccomp_data call = {.nr = number, .arch = AUDIT_ARCH_X86_64};
        is_right = is_answered(filter, length, rules, &call);
        memset(call.args, 0xff, sizeof call.args);
        is_right &= is_answered(filter, length, rules, &call);
    }
    return is_right;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static void cleanup_filter_fn(scmp_filter_ctx *filter)
{
    if (*filter)
        seccomp_release(*filter);
}
#define cleanup_filter __attribute__((cleanup(cleanup_filter_fn)))

/* Returns 0 or a negative errno. */
static int export_rules(const struct filter_rules *rules, int fd)
{
    cleanup_filter scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    int problem =
        context ? seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) : -ENOMEM;
    for (size_t i = 0; i < rules->count && problem == 0; i++) {
        const struct filter_rule *rule = &rules->items[i];
        problem =
            seccomp_rule_add_array(context, rule->action, rule->number, rule->where.count, rule->where.is);
    }
    if (problem != 0)
        return problem;
    /* The kernel's own error where the library is young enough, else ECANCELED for any. */
    (void)seccomp_attr_set(context, SCMP_FLTATR_API_SYSRAWRC, 1);
    /* A tree instead of a ladder of a hundred comparisons; older libraries do not have it, and work. */
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return seccomp_export_bpf(context, fd);
}

/* The limit is a thousand times what it takes. */
static bool export_apart(const struct filter_rules *rules, int fd, struct err *err)
{
    enum { CPU_SECONDS = 5 };
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
        _exit(-export_rules(rules, fd));
    }
    if (pid < 0)
        return err_sys(err, "fork for the seccomp filter");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_sys(err, "wait for the seccomp filter");
    if (!WIFEXITED(status))
        return err_set(err, "write the seccomp filter: the library ended by SIG%s",
                       sigabbrev_np(WTERMSIG(status)));
    errno = WEXITSTATUS(status);
    if (errno ==
        EFAULT) /* seccomp_rule_add(3): a failure within the library, which has no other word for want of memory in some places */
        return err_set(err, "write the seccomp filter: the library failed; memory may have been short");
    return errno == 0 || err_sys(err, "write the seccomp filter");
}

static bool read_back(int fd, struct sock_filter **program, size_t *length, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size <= 0)
        return err_sys(err, "measure the seccomp filter");
    cleanup_free char *bytes = malloc((size_t)info.st_size);
    if (!bytes || pread(fd, bytes, (size_t)info.st_size, 0) != info.st_size)
        return err_sys(err, "read the seccomp filter back");
    *program = (struct sock_filter *)(void *)steal_ptr(&bytes);
    *length = (size_t)info.st_size / sizeof **program;
    return true;
}

bool filter_write(const struct filter_rules *rules, struct sock_filter **filter, size_t *length,
                  struct err *err)
{
    struct sock_filter *program = NULL;
    cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "make a memory file for the seccomp filter");
    if (!export_apart(rules, fd, err) || !read_back(fd, &program, length, err))
        return false;
    *filter = program;
    if (filter_is_right(program, *length, rules))
        return true;
    free(program);
    *filter = NULL;
    return err_set(err, "write the seccomp filter: libseccomp left rules out; memory may have been short");
}
