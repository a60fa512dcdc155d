/* For tests only: where in our own sources the call stands that is made to fail, so that a fault which does not hold can be understood. */
#ifndef IPCGRADE_COMMANDS_FAULTS_WHERE_H
#define IPCGRADE_COMMANDS_FAULTS_WHERE_H

#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static inline int print_frame(Dwfl_Frame *frame, void *context)
{
    Dwfl *dwfl = context;
    Dwarf_Addr place = 0;
    bool is_active = true;
    if (!dwfl_frame_pc(frame, &place, &is_active))
        return DWARF_CB_ABORT;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, place);
    const char *name = module ? dwfl_module_addrname(module, place) : NULL;
    printf(" %s", name ? name : "?");
    return DWARF_CB_OK;
}

/* The functions that task `pid` is in, innermost first. It is stopped, and ours to trace. */
static inline void print_where(pid_t pid)
{
    static char *paths;
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                             .find_debuginfo = dwfl_standard_find_debuginfo,
                                             .debuginfo_path = &paths};
    Dwfl *dwfl = dwfl_begin(&callbacks);
    printf("it fails in");
    if (dwfl && dwfl_linux_proc_report(dwfl, pid) == 0 && dwfl_report_end(dwfl, NULL, NULL) == 0 &&
        dwfl_linux_proc_attach(dwfl, pid, true) == 0)
        dwfl_getthread_frames(dwfl, pid, print_frame, dwfl);
    printf("\n");
    dwfl_end(dwfl);
}

#endif
