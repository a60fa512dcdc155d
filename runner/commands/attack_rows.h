/* For the test of the attacks only: what holds where. sandbox/README.md tells it to people.
 *
 * A letter for each machine of attack_modes.h, in that order: root, user, bare, container, old, untraced. Whatever the letter: the run ends by itself, nothing is left of it, no
 * word that was hidden comes into a report, and (but for n) the honest program keeps its marks; o promises no more than that.
 */
#ifndef IPCGRADE_COMMANDS_ATTACK_ROWS_H
#define IPCGRADE_COMMANDS_ATTACK_ROWS_H

#include "commands/attack_modes.h"

enum attack_letter {
    HELD = 'H',         /* what its head says */
    NOT_PROMISED = 'N', /* that does not come true there: another wall stands in its way, or none */
    OPEN = 'o',         /* it reads and leaves what its user can: only the honest case is looked at */
    NOT_PROMISED_TO_ANYBODY =
        'n', /* the same, and another case of the same run may fail with it, as time will have it */
    BREAKS_ITSELF = 'B',  /* its own case is broken, and says why */
    NOTHING_JUDGED = 's', /* all is skipped */
    WOULD_HARM = '-',     /* not promised, and not tried: it would harm the machine of whoever tests */
    NOT_TRIED = '.',
};

static const struct attack_row {
    const char *name, *letters;
} attack_rows[] = {
    {"agent_orders", "HHHHHs"},
    {"all_keys", "HHHHHs"},
    {"b_bomb_for_debuggers", "HHHHHs"},
    {"b_build_namespaces", "HHHHHs"},
    {"b_constructor", "HHHHHs"},
    {"b_deep_folders", "HHHHHs"},
    {"b_driver_replaced", "HHHHHs"},
    {"b_embeds_secrets", "HHHHHs"},
    {"b_evil_names", "HHHHHs"},
    {"b_hard_link", "HHHHHs"},
    {"b_includes_a_fifo", "HHHHHs"},
    {"b_includes_devices", "HHHHHs"},
    {"b_includes_secrets", "HHHHHs"},
    {"b_keyring", "HHHHHs"},
    {"b_link_to_secrets", "HHHHHs"},
    {"b_make_calls_home", "HHnnns"},
    {"b_make_fills_the_disk", "HH...s"},
    {"b_make_floods", "HHHHHs"},
    {"b_make_forks", "HHHHHs"},
    {"b_make_leaves_a_daemon", "HHHHHs"},
    {"b_make_never_ends", "HHHHHs"},
    {"b_make_reads_secrets", "HHHHos"},
    {"b_make_removes_all", "HHHHHs"},
    {"b_make_shuts_the_folder", "HHnHHs"},
    {"b_make_spins", "HHHHHs"},
    {"b_make_writes_outside", "HHHHos"},
    {"b_many_files", "HHHHHs"},
    {"b_many_folders", "HHHHHs"},
    {"b_noise_for_debuggers", "HHHHHs"},
    {"b_own_tools", "HHHHHs"},
    {"b_program_is_a_fifo", "HHHHHs"},
    {"b_program_is_a_link", "HHHHHs"},
    {"b_program_is_a_script", "HHHHHs"},
    {"b_program_is_huge", "HHHHHs"},
    {"b_program_is_noise", "HHHHHs"},
    {"b_recursive_include", "HHHHHs"},
    {"b_sparse_file", "HHHHHs"},
    {"b_special_files", "HHHHHs"},
    {"b_template_bomb", "HHHHHs"},
    {"b_tools_in_the_way", "HHHHHs"},
    {"bad_pointers", "HHHH.s"},
    {"changes_its_mind", "HHHH.s"},
    {"clock_page", "HHHH.s"},
    {"crashes", "HHHH.s"},
    {"daemon", "HHHH.s"},
    {"descriptor_hunt", "HHHH.s"},
    {"descriptors_under_way", "HnHH.s"},
    {"disk_flood", "HHnn.s"},
    {"error_flood", "HHHH.s"},
    {"escapes", "HHHH.s"},
    {"exec_storm", "HHHH.s"},
    {"exits_in_a_thread", "HHHH.s"},
    {"file_hunt", "HHHH.s"},
    {"foreign_objects", "HHHH.s"},
    {"forged_report", "HHHH.s"},
    {"fork_and_reap", "HHHH.s"},
    {"fork_bomb", "HHHH.s"},
    {"fork_relay", "HHHH.s"},
    {"from_memory", "HHHH.s"},
    {"higher_limits", "HHHH.s"},
    {"kills_everybody", "HHNN.s"},
    {"kills_the_parent", "HNNN.s"},
    {"kills_the_worker", "HHHHBs"},
    {"landlocked", "HHHH.s"},
    {"memory_hog", "HHHH.s"},
    {"memory_in_files", "HHHH.s"},
    {"memory_in_pipes", "HnHH.s"},
    {"memory_in_queues", "HH---s"},
    {"memory_in_segments", "HH---s"},
    {"memory_in_sets", "HH---s"},
    {"memory_in_sockets", "HHHH.s"},
    {"names", "HHHH.s"},
    {"namespaces", "HHHH.s"},
    {"network", "HHnn.s"},
    {"old_calls", "HHHH.s"},
    {"output_flood", "HHHH.s"},
    {"own_filter", "HHHH.s"},
    {"own_memory", "HHHH.s"},
    {"own_limits", "H....s"},
    {"peer_descriptors", "HHHH.s"},
    {"peer_limits", "HHNN.s"},
    {"peer_memory", "HHHH.s"},
    {"peer_priority", "HHHH.s"},
    {"peer_signals", "HHHH.s"},
    {"probe_marks", "HHHH.s"},
    {"probe_rewritten", "HHHH.s"},
    {"proc_exposed", "HNHH.s"},
    {"proc_hunt", "HHHH.s"},
    {"queue_bytes", "HHHH.s"},
    {"queues_by_hundreds", "HH.H.s"},
    {"refused_calls", "HHHH.s"},
    {"replaced_by_device", "HHHH.s"},
    {"replaced_by_fifo", "HHHH.s"},
    {"replaced_by_folder", "HHHH.s"},
    {"replaced_by_hole", "HHHH.s"},
    {"replaced_by_link", "HHHH.s"},
    {"replaced_by_loop", "HHHH.s"},
    {"secret_memory", "HHHH.s"},
    {"shares_everything", "HHHH.s"},
    {"signal_flood", "HHHH.s"},
    {"sleeper", "HHHH.s"},
    {"spinner", "HHHH.s"},
    {"standin_forged", "HHHH.s"},
    {"standin_memory", "HNNN.s"},
    {"standin_preload", "HHHH.s"},
    {"standin_starved", "HHHH.s"},
    {"stops_everybody", "HHNN.s"},
    {"stops_itself", "HHHH.s"},
    {"takes_the_word", "HHHH.s"},
    {"terminal_games", "HHH..s"},
    {"terminals", "HHH..s"},
    {"thread_bomb", "HHH..s"},
    {"thread_relay", "HHH..s"},
    {"through_links", "HH...s"},
    {"timer_storm", "HH...s"},
    {"traces_its_own", "HH...s"},
    {"traps", "HH...s"},
    {"unreadable", "HH...s"},
    {"untraced", "HH...s"},
    {"user_dispatch", "HH...s"},
    {"vfork_stays", "HH...s"},
    {"watchers", "HH...s"},
    {"watches", "HH...s"},
    {"writes_outside", "HH...s"},
    {"descriptors", "H....s"},
    {"inode_flood", "H....s"},
    {"x32_calls", "HH...s"},
};

/* NULL: it has none. */
static inline const struct attack_row *attack_row(const char *file)
{
    size_t len = strcspn(file, ".");
    for (size_t i = 0; i < sizeof attack_rows / sizeof *attack_rows; i++)
        if (strncmp(attack_rows[i].name, file, len) == 0 && !attack_rows[i].name[len])
            return &attack_rows[i];
    return NULL;
}

static inline enum attack_letter attack_letter(const char *file, size_t mode)
{
    const struct attack_row *row = attack_row(file);
    return row ? (enum attack_letter)row->letters[mode] : HELD;
}

#endif
