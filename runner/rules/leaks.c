/* leak-sysv, leak-posix, leak-fifo, leak-socket-file, detach-missing, zombie, orphan: what is left when the program has ended. */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "trace/ledger.h"
