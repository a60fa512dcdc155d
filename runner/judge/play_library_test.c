/* POSIX semaphores and library functions in whole plays: given, looked at, done by puppets, blocked in, held, injected, left behind, and not seen. */
#include "judge/playing.h"

static const struct play_row semaphores[] = {
    {.title = "given, waited for, posted by a puppet, looked at",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n"
             "  - start: {p: [does, semopen, <s>, semwait, print, in, sempost, sempost]}\n"
             "  - expect: {p: {blocks: {sem_wait: s}}}\n"
             "  - do: {peer: {sem_post: s}}\n"
             "  - expect: {p: {stdout: \"in\\n\", exit: 0}, s: {value: 2, mode: 0600, owner: user}}\n"
             "  - expect: {p: [{sem_open: s}, {sem_wait: s}, {sem_post: s}]}\n"},
    {.title = "by the name that a puppet keeps, while it has none any more",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n"
             "  - do: {peer: {sem_open: s, as: mine}}\n"
             "  - start: {p: [does, semopen, <s>, semwait]}\n"
             "  - do: {peer: {sem_unlink: s}}\n"
             "  - expect: {p: {blocks: {sem_wait: any}}, s: absent}\n"
             "  - do: {peer: {sem_post: mine}}\n"
             "  - expect: {p: {exit: 0}}\n"
             "  - do: {peer: {sem_close: mine}}\n"},
    {.title = "a puppet waits",
     .yaml = "given: {s: sem}\n"
             "steps:\n"
             "  - do: {peer: {blocks: {sem_wait: s}}}\n"
             "  - start: {p: [does, semopen, <s>, sempost]}\n"
             "  - expect: {peer: {sem_wait: s}, s: {value: 0}}\n"
             "  - do: {peer: {sem_trywait: s, error: EAGAIN}}\n"},
    {.title = "made, with mode and value, and left",
     .yaml = "names: {s: {is: sem, name: /mine}}\n"
             "steps:\n"
             "  - start: {p: [does, semnew, <s>, 0640, 7]}\n"
             "  - expect: {p: {sem_open: s, flags: [O_CREAT, O_EXCL], mode: 0640, value: 7}, s: {value: 7, "
             "mode: 0640}}\n"
             "left: s\n"},
    {.title = "made and not removed",
     .yaml = "steps:\n  - start: {p: [does, semnew, /mine, 0600, 1]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "nothing that the program made is left",
     .seen = "POSIX semaphore /mine",
     .also = "sem_open(\"/mine\", O_CREAT|O_EXCL, 0600, 1)",
     .left = {"/mine"}},
    {.title = "given ones stay",
     .yaml = "given: {s: sem}\nsteps:\n  - start: {p: [does, semunlink, <s>]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "POSIX semaphore s is still there",
     .seen = "is gone"},
    {.title = "a value that is not",
     .yaml = "given: {s: {is: sem, value: 3}}\n"
             "steps:\n  - start: {p: [does]}\n  - expect: {s: {value: {min: 4, max: 9}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "POSIX semaphore s has value",
     .seen = "value 3"},
    {.title = "errors are seen",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "names: {none: sem}\n"
             "steps:\n"
             "  - start: {p: [does, semnew, <s>, 0600, 1, semopen, <none>, semopen, <s>, semtry, semlimited, "
             "1]}\n"
             "  - expect: {p: [{sem_open: s, error: EEXIST}, {sem_open: none, error: ENOENT},\n"
             "                 {sem_trywait: s, error: EAGAIN}, {sem_wait: s, error: ETIMEDOUT}]}\n"},
    {.title = "interrupted",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n"
             "  - start: {p: [does, semopen, <s>, catch, SIGUSR1, semwait]}\n"
             "  - expect: {p: {blocks: {sem_wait: s}}}\n"
             "  - signal: {p: SIGUSR1}\n"
             "  - expect: {p: {sem_wait: s, error: EINTR}}\n"},
    {.title = "where it waits is told by its name",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n  - start: {p: [does, semopen, <s>, semwait]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p ends with status 0",
     .seen = "is blocked in sem_wait(/s) ... at does.c"},
    {.title = "a poller idles, and goes on",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n"
             "  - start: {p: [does, semopen, <s>, sempoll, 500]}\n"
             "  - expect: {p: {ends: not_yet}}\n"
             "  - do: {peer: {sem_post: s}}\n"
             "  - expect: {p: {exit: 0}}\n"},
    {.title = "a hold before, of one child",
     .yaml = "steps:\n"
             "  - hold: {p.child: {before: {sem_post: any}}}\n"
             "  - start: {p: [does, seminit, 0, fork, sempost, done, semwait, print, over, wait]}\n"
             "  - expect: {p.parent: {blocks: {sem_wait: any}}}\n"
             "  - release: p\n"
             "  - expect: {p: {stdout: \"over\\n\", sem_init: any, value: 0}}\n"},
    {.title = "a fault",
     .yaml = "names: {s: sem}\n"
             "inject: [{p: {sem_open: s, error: ENOSPC}}]\n"
             "steps:\n"
             "  - start: {p: [does, semnew, <s>, 0600, 1]}\n"
             "  - expect: {p: {stderr: \"sem_open: ENOSPC\\n\"}, s: absent}\n",
     .note = "injected: ENOSPC in sem_open"},
    {.title = "never",
     .yaml = "given: {s: sem}\n"
             "never: [{p: {sem_trywait: s, error: EAGAIN}}]\n"
             "steps:\n  - start: {p: [does, semopen, <s>, semtry]}\n",
     .verdict = FAILED,
     .step = 0,
     .expected = "at no time: p tries to take from POSIX semaphore s",
     .seen = "sem_trywait(/s) = -1 EAGAIN"},
};

static const struct play_row functions[] = {
    {.title = "popen and ftok",
     .yaml = "given: {f: file}\n"
             "steps:\n"
             "  - start: {p: [does, ftok, <f>, 7, popen, echo hello]}\n"
             "  - expect: {p: [{ftok: any, id: 7}, {popen: any}, {pclose: any}]}\n"},
    {.title = "pclose waits for its command",
     .yaml = "steps:\n"
             "  - start: {p: [does, pclose, \"read line </dev/tty; exit 3\"]}\n"
             "  - expect: {p: {blocks: {pclose: any}}}\n"
             "  - send: {p: \"\\n\"}\n"
             "  - expect: {p: {stdout: \"768\\n\"}}\n"},
    {.title = "no such call",
     .yaml = "steps:\n  - start: {p: [does]}\n  - expect: {p: {popen: any}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p runs a command by popen",
     .seen = "no such call was completed"},
};

static const struct play_row unseen[] = {
    {.title = "a static program says so",
     .yaml = "given: {s: {is: sem, value: 1}}\n"
             "steps:\n  - start: {p: [static, semopen, <s>, semwait]}\n  - expect: {p: {sem_wait: s}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p waits for POSIX semaphore s",
     .seen = "static is linked statically, so its calls of sem_wait can neither be seen"},
    {.title = "that it waits is proved all the same",
     .yaml = "given: {s: {is: sem, value: 0}}\n"
             "steps:\n"
             "  - start: {p: [static, semopen, <s>, semwait]}\n"
             "  - expect: {p: {blocks: {sem_wait: s}}}\n"
             "  - do: {peer: {sem_post: s}}\n"
             "  - expect: {p: {exit: 0}, s: {value: 0}}\n"},
    {.title = "but not in what",
     .yaml = "steps:\n"
             "  - start: {p: [static, pclose, \"read line </dev/tty\"]}\n"
             "  - expect: {p: {blocks: {pclose: any}}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "p is blocked waiting for a command by pclose",
     .seen = "so its calls of pclose can neither be seen"},
    {.title = "nor can it be held there",
     .yaml = "given: {s: {is: sem, value: 1}}\n"
             "steps:\n"
             "  - hold: {p: {before: {sem_post: s}}}\n"
             "  - start: {p: [static, semopen, <s>, sempost]}\n"
             "  - release: p\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "p comes to the point before it posts POSIX semaphore s",
     .seen = "it never came there",
     .note = "static is linked statically, so its calls of sem_post"},
    {.title = "which is told also when an earlier step has failed by that",
     .yaml = "given: {s: {is: sem, value: 1}}\n"
             "steps:\n"
             "  - hold: {p: {before: {sem_post: s}}}\n"
             "  - start: {p: [static, semopen, <s>, sempost]}\n"
             "  - expect: {s: {value: 1}}\n"
             "  - release: p\n",
     .verdict = FAILED,
     .step = 2,
     .seen = "value 2",
     .note = "static is linked statically, so its calls of sem_post"},
    {.title = "nor made to fail",
     .yaml = "names: {s: sem}\n"
             "inject: [{p: {sem_open: s, error: ENOSPC}}]\n"
             "steps:\n"
             "  - start: {p: [static, semnew, <s>, 0600, 1]}\n"
             "left: s\n",
     .note = "was never reached: static is linked statically, so its calls of sem_open"},
    {.title = "and it gains nothing by what is not seen",
     .yaml = "given: {s: sem}\n"
             "never: [{p: {sem_trywait: s, error: EAGAIN}}]\n"
             "steps:\n  - start: {p: [static, semopen, <s>, semtry]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "at no time: p tries to take from POSIX semaphore s",
     .seen = "static is linked statically, so its calls of sem_trywait"},
    {.title = "of other calls it is",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [static]}\nnever: [{p: {unlink: box}}]\n"},
};

PLAY_ROWS(semaphores)
PLAY_ROWS(functions)
PLAY_ROWS(unseen)

int main(void)
{
    Suite *suite = suite_create("library calls in plays");
    ADD_ROWS(suite, semaphores);
    ADD_ROWS(suite, functions);
    ADD_ROWS(suite, unseen);
    return run_suite(suite);
}
