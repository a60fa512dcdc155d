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
    {"agent_orders", "HHHHH."},
    {"all_keys", "HHHHH."},
    {"b_bomb_for_debuggers", "HHHHH."},
    {"b_build_namespaces", "HHHHH."},
    {"b_constructor", "HHHHH."},
    {"b_deep_folders", "HHHHH."},
    {"b_driver_replaced", "HHHHH."},
    {"b_embeds_secrets", "HHHHH."},
    {"b_evil_names", "HHHHH."},
    {"b_hard_link", "HHHHH."},
    {"b_includes_a_fifo", "HHHHH."},
    {"b_includes_devices", "HHHHH."},
    {"b_includes_secrets", "HHHHH."},
    {"b_keyring", "HHHHHs"},
    {"b_link_to_secrets", "HHHHH."},
    {"b_make_calls_home", "HHnnn."},
    {"b_make_fills_the_disk", "HH...."},
    {"b_make_floods", "HHHHH."},
    {"b_make_forks", "HHHHH."},
    {"b_make_leaves_a_daemon", "HHHHHs"},
    {"b_make_never_ends", "HHHHH."},
    {"b_make_reads_secrets", "HHHHos"},
    {"b_make_removes_all", "HHHHH."},
    {"b_make_shuts_the_folder", "HHnHH."},
    {"b_make_spins", "HHHHH."},
    {"b_make_writes_outside", "HHHHo."},
    {"b_many_files", "HHHHH."},
    {"b_many_folders", "HHHHH."},
    {"b_noise_for_debuggers", "HHHHH."},
    {"b_own_tools", "HHHHH."},
    {"b_program_is_a_fifo", "HHHHH."},
    {"b_program_is_a_link", "HHHHH."},
    {"b_program_is_a_script", "HHHHH."},
    {"b_program_is_huge", "HHHHH."},
    {"b_program_is_noise", "HHHHH."},
    {"b_recursive_include", "HHHHH."},
    {"b_sparse_file", "HHHHH."},
    {"b_special_files", "HHHHH."},
    {"b_template_bomb", "HHHHH."},
    {"b_tools_in_the_way", "HHHHH."},
    {"bad_pointers", "HHHH.s"},
    {"changes_its_mind", "HHHH.."},
    {"clock_page", "HHHH.."},
    {"crashes", "HHHH.."},
    {"daemon", "HHHH.s"},
    {"descriptor_hunt", "HHHH.."},
    {"descriptors_under_way", "HnHH.."},
    {"disk_flood", "HHnn.."},
    {"error_flood", "HHHH.."},
    {"escapes", "HHHH.."},
    {"exec_storm", "HHHH.."},
    {"exits_in_a_thread", "HHHH.."},
    {"file_hunt", "HHHH.."},
    {"foreign_objects", "HHHH.."},
    {"forged_report", "HHHH.."},
    {"fork_and_reap", "HHHH.."},
    {"fork_bomb", "HHHH.."},
    {"fork_relay", "HHHH.."},
    {"from_memory", "HHHH.."},
    {"higher_limits", "HHHH.."},
    {"kills_everybody", "HHNN.."},
    {"kills_the_parent", "HNNN.."},
    {"kills_the_worker", "HHHHBs"},
    {"landlocked", "HHHH.."},
    {"memory_hog", "HHHH.."},
    {"memory_in_files", "HHHH.."},
    {"memory_in_pipes", "HnHH.."},
    {"memory_in_queues", "HH---."},
    {"memory_in_segments", "HH---."},
    {"memory_in_sets", "HH---."},
    {"memory_in_sockets", "HHHH.."},
    {"names", "HHHH.."},
    {"namespaces", "HHHH.."},
    {"network", "HHnn.."},
    {"old_calls", "HHHH.."},
    {"output_flood", "HHHH.."},
    {"own_filter", "HHHH.."},
    {"own_memory", "HHHH.."},
    {"own_limits", "H....."},
    {"peer_descriptors", "HHHH.."},
    {"peer_limits", "HHNN.."},
    {"peer_memory", "HHHH.."},
    {"peer_priority", "HHHH.."},
    {"peer_signals", "HHHH.."},
    {"probe_marks", "HHHH.."},
    {"probe_rewritten", "HHHH.."},
    {"proc_exposed", "HNHH.."},
    {"proc_hunt", "HHHH.."},
    {"queue_bytes", "HHHH.."},
    {"queues_by_hundreds", "HH.H.."},
    {"refused_calls", "HHHH.."},
    {"replaced_by_device", "HHHH.."},
    {"replaced_by_fifo", "HHHH.."},
    {"replaced_by_folder", "HHHH.."},
    {"replaced_by_hole", "HHHH.."},
    {"replaced_by_link", "HHHH.."},
    {"replaced_by_loop", "HHHH.."},
    {"secret_memory", "HHHH.."},
    {"shares_everything", "HHHH.."},
    {"signal_flood", "HHHH.."},
    {"sleeper", "HHHH.."},
    {"spinner", "HHHH.."},
    {"standin_forged", "HHHH.."},
    {"standin_memory", "HNNN.."},
    {"standin_preload", "HHHH.."},
    {"standin_starved", "HHHH.."},
    {"stops_everybody", "HHNN.."},
    {"stops_itself", "HHHH.."},
    {"takes_the_word", "HHHH.."},
    {"terminal_games", "HHH..."},
    {"terminals", "HHH..."},
    {"thread_bomb", "HHH..."},
    {"thread_relay", "HHH..."},
    {"through_links", "HH...."},
    {"timer_storm", "HH...."},
    {"traces_its_own", "HH...."},
    {"traps", "HH...."},
    {"unreadable", "HH...."},
    {"untraced", "HH...."},
    {"user_dispatch", "HH...."},
    {"vfork_stays", "HH...."},
    {"watchers", "HH...."},
    {"watches", "HH...."},
    {"writes_outside", "HH...."},
    {"descriptors", "H....."},
    {"inode_flood", "H....."},
    {"x32_calls", "HH...."},
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
