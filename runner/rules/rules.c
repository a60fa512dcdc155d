/* The table of rules, the gravest first; each stands with its law beside its code. */
#include "rules/rules.h"

/* clang-format off: one on each line */
#define ALL_RULES(R)                                                                                         \
    R(deadlock)                                                                                              \
    R(left_locked)                                                                                           \
    R(self_held_end)                                                                                         \
    R(wrong_end)                                                                                             \
    R(closed_descriptor)                                                                                     \
    R(unchecked_failure)                                                                                     \
    R(key_is_minus_one)                                                                                      \
    R(port_byte_order)                                                                                       \
    R(mtype_not_long)                                                                                        \
    R(msgsz_counts_mtype)                                                                                    \
    R(msgsz_too_large)                                                                                       \
    R(refused_call)                                                                                          \
    R(rmid_early)                                                                                            \
    R(use_after_removal)                                                                                     \
    R(removed_twice)                                                                                         \
    R(not_shared)                                                                                            \
    R(map_beyond_end)                                                                                        \
    R(use_after_detach)                                                                                      \
    R(write_to_read_only)                                                                                    \
    R(lock_order)                                                                                            \
    R(lock_lost)                                                                                             \
    R(lock_ignored)                                                                                          \
    R(init_race)                                                                                             \
    R(short_io_ignored)                                                                                      \
    R(sigpipe_kills_server)                                                                                  \
    R(leak_sysv)                                                                                             \
    R(leak_posix)                                                                                            \
    R(leak_fifo)                                                                                             \
    R(leak_socket_file)                                                                                      \
    R(unclosed_end)                                                                                          \
    R(fd_leak_exec)                                                                                          \
    R(double_close)                                                                                          \
    R(dup2_reversed)                                                                                         \
    R(connection_kept)                                                                                       \
    R(datagram_cut)                                                                                          \
    R(text_lost)                                                                                             \
    R(written_twice)                                                                                         \
    R(unlocked_too_early)                                                                                    \
    R(unread_bytes)                                                                                          \
    R(unread_messages)                                                                                       \
    R(sent_to_nobody)                                                                                        \
    R(read_past_end)                                                                                         \
    R(left_open)                                                                                             \
    R(status_cut)                                                                                            \
    R(decimal_mode)                                                                                          \
    R(name_is_option)                                                                                        \
    R(vfork_misused)                                                                                         \
    R(option_too_late)                                                                                       \
    R(lost_write)                                                                                            \
    R(lock_inherited)                                                                                        \
    R(own_message)                                                                                           \
    R(pointer_sent)                                                                                          \
    R(eintr_ignored)                                                                                         \
    R(misused_call)                                                                                          \
    R(select_nfds)                                                                                           \
    R(wait_for_nobody)                                                                                       \
    R(fifo_no_writer)                                                                                        \
    R(fifo_read_write)                                                                                       \
    R(zombie)                                                                                                \
    R(orphan)                                                                                                \
    R(sleep_sync)                                                                                            \
    R(lost_signal)                                                                                           \
    R(signal_too_early)                                                                                      \
    R(sigpipe_kills)                                                                                         \
    R(busy_wait)                                                                                             \
    R(nonatomic_write)                                                                                       \
    R(world_writable)                                                                                        \
    R(detach_missing)                                                                                        \
    R(never_ends)                                                                                            \
    R(fatal_signal)
/* clang-format on */

#define DECLARED(name) extern const struct rule rule_##name;
ALL_RULES(DECLARED)

#define LISTED(name) &rule_##name,
const struct rule *const rules[] = {ALL_RULES(LISTED) NULL};
