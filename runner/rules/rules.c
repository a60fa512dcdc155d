/* The table of rules; each stands with its law beside its code. */
#include "rules/rules.h"

extern const struct rule rule_deadlock, rule_self_held_end, rule_unclosed_end, rule_fd_leak_exec,
    rule_wrong_end;

const struct rule *const rules[] = {
    &rule_deadlock, &rule_self_held_end, &rule_unclosed_end, &rule_fd_leak_exec, &rule_wrong_end, NULL,
};
