/* The table of rules, the gravest first; each stands with its law beside its code. */
#include "rules/rules.h"

extern const struct rule rule_deadlock, rule_self_held_end, rule_wrong_end, rule_unchecked_failure,
    rule_key_is_minus_one, rule_mtype_not_long, rule_rmid_early, rule_init_race, rule_short_io_ignored,
    rule_sigpipe_kills_server, rule_leak_sysv, rule_leak_posix, rule_leak_fifo, rule_leak_socket_file,
    rule_unclosed_end, rule_fd_leak_exec, rule_eintr_ignored, rule_zombie, rule_orphan, rule_sleep_sync,
    rule_busy_wait, rule_nonatomic_write, rule_world_writable, rule_detach_missing;

const struct rule *const rules[] = {&rule_deadlock,
                                    &rule_self_held_end,
                                    &rule_wrong_end,
                                    &rule_unchecked_failure,
                                    &rule_key_is_minus_one,
                                    &rule_mtype_not_long,
                                    &rule_rmid_early,
                                    &rule_init_race,
                                    &rule_short_io_ignored,
                                    &rule_sigpipe_kills_server,
                                    &rule_leak_sysv,
                                    &rule_leak_posix,
                                    &rule_leak_fifo,
                                    &rule_leak_socket_file,
                                    &rule_unclosed_end,
                                    &rule_fd_leak_exec,
                                    &rule_eintr_ignored,
                                    &rule_zombie,
                                    &rule_orphan,
                                    &rule_sleep_sync,
                                    &rule_busy_wait,
                                    &rule_nonatomic_write,
                                    &rule_world_writable,
                                    &rule_detach_missing,
                                    NULL};
