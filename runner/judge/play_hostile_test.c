/* Programs that mean harm, or are just odd: what they try does not work, and what they break is their own. */
#include "judge/playing.h"

#define TRIES(deed, outcome)                                                                                 \
    "steps:\n  - start: {p: [hostile, " deed "]}\n  - expect: {p: {stdout: {matches: \"" outcome             \
    "\\\\n\"}, exit: 0}}\n"

static const struct play_row refused[] = {
    {.title = "ptrace", .yaml = TRIES("ptrace", "ptrace: EPERM")},
    {.title = "seizing its own child's puppet", .yaml = TRIES("seize, <peer>", "seize: EPERM")},
    {.title = "unshare", .yaml = TRIES("unshare", "unshare: EPERM")},
    {.title = "mount", .yaml = TRIES("mount", "mount: EPERM")},
    {.title = "bpf", .yaml = TRIES("bpf", "bpf: EPERM")},
    {.title = "seccomp", .yaml = TRIES("seccomp", "seccomp: EPERM")},
    {.title = "hiding from the tracer", .yaml = TRIES("dumpable", "dumpable: EPERM")},
    {.title = "a child that nobody traces is traced", .yaml = TRIES("untraced", "untraced: done")},
    {.title = "the marker is just a number", .yaml = TRIES("marker", "marker: ENOSYS")},
    {.title = "passwords", .yaml = TRIES("open, /etc/shadow", "open: (ENOENT|EACCES)")},
    {.title = "a hidden directory",
     .yaml = TRIES("open, /usr/include/sys/stat.h", "open: (ENOENT|EACCES)"),
     .hidden = "/usr/include/sys"},
    {.title = "a file beside it is there",
     .yaml = TRIES("open, /usr/include/stdio.h", "open: done"),
     .hidden = "/usr/include/sys"},
    {.title = "system directories", .yaml = TRIES("overwrite, /etc/passwd", "overwrite: (EROFS|EACCES)")},
    {.title = "init, which hears nothing even where it is the same user",
     .yaml = TRIES("kill, 1", "kill: (EPERM|done)")},
    {.title = "the stand-in's executable is written",
     .yaml = "given: {filter: standin}\n" TRIES("overwrite, filter", "overwrite: (EROFS|EACCES)")},
    {.title = "the stand-in's executable is made writable",
     .unless = LACKS_MOUNT_NS,
     .yaml = "given: {filter: standin}\n" TRIES("chmod, filter", "chmod: (EROFS|EPERM)")},
    {.title = "the agent's executable", .yaml = TRIES("overwrite, .agent", "overwrite: (EROFS|EACCES)")},
};

static const struct play_row harm[] = {
    {.title = "everybody is killed, and nobody is missed",
     .broken_by = "the process that leads a session of the sandbox was killed",
     .yaml = "steps:\n  - start: {p: [hostile, kill, -1]}\n  - expect: {any: [{p: {exit: 0}}, {p: {killed: "
             "SIGHUP}}]}\n"},
    {.title = "everybody is killed: a puppet does not answer any more",
     .unless = LACKS_PID_NS,
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [hostile, kill, -1]}\n  - do: {peer: {open: box, "
             "as: r}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "peer opens FIFO box",
     .seen = "peer was killed by SIGKILL"},
    {.title = "a puppet is killed in its call",
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, line, kill, <peer>, SIGKILL]}\n  - do: "
             "{peer: {blocks: {open: box, as: r}}}\n"
             "  - send: {p: \"\\n\"}\n  - expect: {peer: {open: box}}\n",
     .verdict = FAILED,
     .step = 3,
     .expected = "peer opens FIFO box",
     .seen = "peer was killed by SIGKILL"},
    {.title = "one actor kills another",
     .unless = LACKS_PID_NS,
     .yaml = "steps:\n  - start: {p: [does, line, kill, \"-1\", SIGKILL], q: [does, pause]}\n  - send: {p: "
             "\"\\n\"}\n  - expect: {q: {ends: not_yet}}\n",
     .verdict = FAILED,
     .step = 2,
     .expected = "q has not ended yet",
     .seen = "q was killed by SIGKILL"},
    {.title = "a daemon in a session of its own, deaf",
     .yaml = "steps:\n  - start: {p: [hostile, daemon]}\n  - expect: {p: {exit: 0}}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "p leaves no process behind",
     .seen = "is blocked in pause"},
    {.title = "the leader of its terminal",
     .broken_by = "the process that leads a session of the sandbox was killed",
     .yaml = "steps:\n  - start: {p: [hostile, leader]}\n  - expect: {any: [{p: {stdout: \"leader: "
             "EPERM\\n\"}}, {p: {killed: SIGHUP}}]}\n"},
    {.title = "a 32-bit call dies",
     .yaml = "steps:\n  - start: {p: [hostile, gate]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "status 0",
     .seen = "32-bit"},
    {.title = "the stand-in cannot be removed",
     .unless = LACKS_MOUNT_NS,
     .yaml = "given: {filter: standin}\nsteps:\n  - start: {p: [does, unlink, filter, system, ./filter]}\n  "
             "- expect: {p: {stderr: \"unlink: EBUSY\\n\"}}\n"
             "  - do: {filter: {exit: 3}}\n  - expect: {p: {stdout: \"status 3\\n\"}}\n"},
    {.title = "nor can another program take its place",
     .unless = LACKS_MOUNT_NS,
     .yaml = "given: {filter: standin}\n"
             "steps:\n  - start: {p: [does, system, \"rm -f filter; mv -f /bin/true filter; cp -f /bin/true "
             "filter\", system, ./filter]}\n  - expect: {filter: {starts: 1}}\n"},
    {.title = "a copy of the agent takes no orders",
     .yaml = "steps:\n  - start: {p: [does, system, \"cp .agent copy; ./copy\"]}\n  - expect: {p: {ends: "
             "any}}\n"},
    {.title = "the agent itself, executed by the program, waits for no orders",
     .yaml = "steps:\n  - start: {p: [does, system, ./.agent]}\n  - expect: {p: {stdout: \"status 127\\n\", "
             "exit: 0}}\n"},
    {.title = "nor is it sent away in the end like a puppet",
     .yaml = "steps:\n  - start: {p: [does, fork, exec, ./.agent, done, done, exec, ./.agent, done]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "status 0",
     .seen = "status 127"},
    {.title = "escape bytes and NULs on both outputs",
     .yaml = "steps:\n  - start: {p: [does, raw, dup2, 2, 1, raw, exit, 1]}\n",
     .verdict = FAILED,
     .step = AT_THE_END,
     .expected = "status 0",
     .seen = "\\e[31m\\0"},
    {.title = "a signal to its whole group",
     .yaml = "steps:\n  - start: {p: [does, kill, \"0\", SIGKILL]}\n  - expect: {p: {killed: SIGKILL}}\n"},
    {.title = "a limit on processes that it has set itself",
     .yaml =
         "steps:\n  - start: {p: [hostile, low_limit]}\n  - expect: {p: {stdout: \"low_limit: ok\\n\"}}\n",
     .verdict = FAILED,
     .step = 1,
     .seen = "low_limit: EAGAIN"},
    {.title = "everybody is stopped, the puppet too",
     .unless = LACKS_PID_NS,
     .yaml = "given: {box: fifo}\nsteps:\n  - start: {p: [does, kill, \"-1\", SIGSTOP]}\n  - do: {peer: "
             "{open: box, flags: O_RDWR}}\n",
     .verdict = FAILED,
     .step = 1,
     .expected = "peer opens FIFO box",
     .seen = "peer is not done: it is stopped"},
};

PLAY_ROWS(refused)
PLAY_ROWS(harm)

int main(void)
{
    Suite *suite = suite_create("play-hostile");
    ADD_ROWS(suite, refused);
    ADD_ROWS(suite, harm);
    return run_suite(suite);
}
