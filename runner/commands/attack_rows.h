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
    IN_THE_WAY = 'x',   /* the same, and what it leaves may be in the honest case's way */
    NOT_PROMISED_TO_ANYBODY =
        'n', /* the same, and another case of the same run may fail or break with it, as time will have it */
    BREAKS_ITSELF = 'B',  /* its own case is broken, and says why */
    NOTHING_JUDGED = 's', /* all is skipped */
    WOULD_HARM = '-',     /* not promised, and not tried: it would harm the machine of whoever tests */
    NOT_TRIED = '.',
};

static const struct attack_row {
    const char *name, *letters;
} attack_rows[] = {
    {"agent_left", "HHHHHs"},
    {"agent_orders", "HHHHHs"},
    {"all_keys", "HHHHHs"},
    {"b_bomb_for_debuggers", "HHHHHs"},
    {"b_build_namespaces", "HHHHHs"},
    {"b_constructor", "HHHHHs"},
    {"b_deep_folders", "HHHHHs"},
    {"b_driver_replaced", "HHHHHs"},
    {"b_embeds_secrets", "HHHHos"},
    {"b_evil_names", "HHHHHs"},
    {"b_hard_link", "HHHHHs"},
    {"b_includes_a_fifo", "HHHHHs"},
    {"b_includes_devices", "HHHHHs"},
    {"b_includes_secrets", "HHHHos"},
    {"b_keyring", "HHHHHs"},
    {"b_link_to_secrets", "HHHHHs"},
    {"b_make_calls_home", "HHooos"},
    {"b_make_closes_watches", "HHHHHs"},
    {"b_make_fills_the_disk", "HH----"}, /* a build, so the last machine runs it too */
    {"b_make_floods", "HHHHHs"},
    {"b_make_forks", "HHHHHs"},
    {"b_make_holds_pipes", "HHHHHs"},
    {"b_make_holds_queues", "HHHHHs"},
    {"b_make_leaves_a_daemon", "HHHHHs"},
    {"b_make_never_ends", "HHHHHs"},
    {"b_make_reads_secrets", "HHHHos"},
    {"b_make_removes_all", "HHHHHs"},
    {"b_make_shuts_the_folder", "HHnHHs"}, /* the honest program lies in the same folder */
    {"b_make_spins", "HHHHHs"},
    {"b_make_vfork_stays", "HHHHHs"},
    {"b_make_writes_outside", "HHHHos"},
    {"b_many_files", "HHHHHs"},
    {"b_many_folders", "HHHHHs"},
    {"b_noise_for_debuggers", "HHHHHs"},
    {"b_own_tools", "HHHHHs"},
    {"b_program_is_a_fifo", "HHHHHs"},
    {"b_program_is_a_link", "HHHHHs"},
    {"b_no_interpreter", "HHHHHs"},
    {"b_program_is_a_script", "HHHHHs"},
    {"b_program_is_huge", "HHHHHs"},
    {"b_program_is_noise", "HHHHHs"},
    {"b_program_is_nowhere", "HHHHHs"},
    {"b_recursive_include", "HHHHHs"},
    {"b_sparse_file", "HHHHHs"},
    {"b_special_files", "HHHHHs"},
    {"b_template_bomb", "HHHHHs"},
    {"b_tools_in_the_way", "HHHHHs"},
    {"bad_pointers", "HHHHHs"},
    {"changes_its_mind", "HHHHHs"},
    {"clock_page", "HHHHHs"},
    {"closes_watches", "HHHHHs"},
    {"crashes", "HHHHHs"},
    {"crashes_without_a_name", "HHHHHs"},
    {"daemon", "HHHHHs"},
    {"data_flood", "HHHHHs"},
    {"descriptor_hunt", "HHHHHs"},
    {"descriptors_under_way", "HnHHHs"},
    {"disk_flood", "HHnnns"},
    {"entry_covered", "HHHHHs"},
    {"error_flood", "HHHHHs"},
    {"escapes", "HHHHHs"},
    {"exec_storm", "HHHHHs"},
    {"executes_the_vast", "HHHHHs"},
    {"exits_in_a_thread", "HHHHHs"},
    {"file_hunt", "HHHHos"},
    {"foreign_objects", "HHHHHs"},
    {"forged_want", "HHHHHs"},
    {"forged_report", "HHHHos"},
    {"fork_and_reap", "HHHHHs"},
    {"fork_bomb", "HHHHHs"},
    {"fork_relay", "HHHHHs"},
    {"from_memory", "HHHHHs"},
    {"garbage_in_garbage", "HHHHHs"},
    {"gives_away_its_queue", "HHHHHs"},
    {"hides_leavings", "HHoHHs"},
    {"higher_limits", "HHHHHs"},
    {"holds_pipes", "HHHHHs"},
    {"kills_everybody", "HHNNNs"},
    {"kills_the_parent", "HNNNNs"},
    {"kills_the_worker", "HHHHHs"},
    {"landlocked", "HHHHHs"},
    {"leaves_files", "HHoHHs"},
    {"leaves_folders", "HHoHHs"},
    {"leads_astray", "HHHHHs"},
    {"leases", "HHHHHs"},
    {"limits_to_and_fro", "HHHHHs"},
    {"lingers", "HHHHHs"},
    {"lingers_in_garbage", "HHHHHs"},
    {"log_flood", "HHHHHs"},
    {"magic_links", "HHHHHs"},
    {"many_mapped_files", "HHHHHs"},
    {"makes_a_pipe_too_early", "HHHHHs"},
    {"many_spinners", "HHHHHs"},
    {"maps_by_thousands", "HHHHHs"},
    {"membarriers", "HHHHHs"},
    {"memory_hog", "HHHHHs"},
    {"memory_in_files", "HHHHHs"},
    {"memory_in_pipes", "HnHHHs"},
    {"memory_in_queues", "HH---s"},
    {"memory_in_segments", "HH---s"},
    {"memory_in_sets", "HH---s"},
    {"memory_in_sockets", "HHHHHs"},
    {"names", "HHHHHs"},
    {"namespaces", "HHHHHs"},
    {"network", "HHooos"},
    {"nine_queues", "HHH..s"}, /* root's own queues: other tests have some at the same time */
    {"old_calls", "HHHHHs"},
    {"objects_by_thousands", "HHHHHs"},
    {"output_flood", "HHHHHs"},
    {"own_descriptors", "HHHHHs"},
    {"own_filter", "HHHHHs"},
    {"own_memory", "HHHHHs"},
    {"own_limits", "HHHHHs"},
    {"peer_descriptors", "HHHHNs"},
    {"peer_limits", "HHHHHs"},
    {"peer_memory", "HHHHNs"},
    {"peer_priority", "HHHHHs"},
    {"peer_signals", "HHHHHs"},
    {"preloads_its_own", "HHHHHs"},
    {"probe_marks", "HHHHHs"},
    {"probe_rewritten", "HHHHHs"},
    {"proc_exposed", "HNHHHs"},
    {"proc_hunt", "HHHHHs"},
    {"program_is_vast", "HHHHHs"},
    {"queue_bytes", "HHHHHs"},
    {"queues_as_excuse", "HHHHHs"},
    {"queues_by_hundreds", "HHHHHs"},
    {"reads_below_a_loader", "HHHHHs"},
    {"reads_in_a_cloak", "HHHHHs"},
    {"reads_too_early", "HHHHHs"},
    {"reads_without_a_name", "HHHHHs"},
    {"refused_calls", "HHHHHs"},
    {"renices", "HHHHHs"},
    {"replaced_by_device", "HHHHHs"},
    {"replaced_by_fifo", "HHHHHs"},
    {"replaced_by_folder", "HHHHHs"},
    {"replaced_by_hole", "HHHHHs"},
    {"replaced_by_link", "HHHHHs"},
    {"replaced_by_loop", "HHHHHs"},
    {"replaced_by_maze", "HHHHHs"},
    {"secret_memory", "HHHHHs"},
    {"seals_what_is_used", "HHHHHs"},
    {"semaphores_among_maps", "HHHHHs"},
    {"shares_everything", "HHHHHs"},
    {"shuts_its_file", "HHHHHs"},
    {"shuts_its_objects", "HHHHHs"},
    {"signal_flood", "HHHHHs"},
    {"signals_by_descriptor", "HHHHHs"},
    {"sleeper", "HHHHHs"},
    {"spinner", "HHHHHs"},
    {"spinning_relay", "HHHHHs"},
    {"standin_forged", "HHHHHs"},
    {"standin_full", "HHHHHs"},
    {"standin_memory", "HNNNNs"},
    {"standin_poor", "HHHHHs"},
    {"standin_preload", "HHHHHs"},
    {"standin_starved", "HHHHHs"},
    {"stops_everybody", "HHNNNs"},
    {"stops_itself", "HHHHHs"},
    {"takes_all_queues", "HHHHHs"},
    {"stops_the_worker", "HHHHHs"},
    {"swaps_descriptors", "HHHHHs"},
    {"takes_the_word", "HHHHHs"},
    {"terminal_games", "HHHHHs"},
    {"terminals", "HHH--s"},
    {"thread_bomb", "HHHHHs"},
    {"thread_relay", "HHHHHs"},
    {"through_links", "HHxxxs"},
    {"timer_storm", "HHHHHs"},
    {"traces_its_own", "HHHHHs"},
    {"traps", "HHHHHs"},
    {"unmaps_nothing", "HHHHHs"},
    {"unreadable", "HHHHHs"},
    {"untraced", "HHHHHs"},
    {"user_dispatch", "HHHHHs"},
    {"vfork_stays", "HHHHHs"},
    {"watchers", "HHHHHs"},
    {"watches", "HHHHHs"},
    {"writes_outside", "HHHHHs"},
    {"zombies", "HHHHHs"},
    {"descriptors", "HHHHHs"},
    {"inode_flood", "HH---s"},
    {"x32_calls", "HHHHHs"},
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
