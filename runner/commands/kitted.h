/* For the tests of kits in use only: a kit as its platform lays it out, in the folder of graded.h. What is built in it is not compiled anew for each check: a make of ours
 * stands before the real one, and hands out what lies beside the program.
 */
#ifndef IPCGRADE_COMMANDS_KITTED_H
#define IPCGRADE_COMMANDS_KITTED_H

#include "commands/graded.h"

#define ALL_NAMESPACES "user,pid,mount,ipc,net,uts"

/* Put `fake/make` there; each of its uses is a line of `made`. */
static inline void fake_make(void)
{
    ck_assert_int_eq(mkdir("fake", 0755), 0);
    write_file("fake/make",
               "#!/bin/sh\n"
               "echo \"$*\" >>\"$MADE\"\n"
               "for word; do case $word in PREFIX=*) to=${word#PREFIX=} ;; esac; done\n"
               "mkdir -p \"$to/bin\" \"$to/libexec/ipcgrade\" &&\n"
               "cp \"$BUILT/ipcgrade\" \"$to/bin/\" &&\n"
               "cp \"$BUILT/ipcgrade-agent\" \"$BUILT/ipcgrade-probe.so\" \"$to/libexec/ipcgrade/\"\n");
    write_file("fake/sudo",
               "#!/bin/sh\nexit 1\n"); /* it would grade as another user, without our environment */
    ck_assert_int_eq(chmod("fake/make", 0755) | chmod("fake/sudo", 0755), 0);
    ck_assert_int_eq(shell("dirname \"$p\" && echo $PATH"), 0);
    cleanup_free char *said = report();
    char *path = strchr(said, '\n') + 1, with[PATH_MAX * 2], made[PATH_MAX + 8], tries[PATH_MAX + 8];
    path[-1] = path[strcspn(path, "\n")] = '\0';
    snprintf(with, sizeof with, "%s/fake:%s", folder, path);
    snprintf(made, sizeof made, "%s/made", folder);
    snprintf(tries, sizeof tries, "%s/tries", folder);
    setenv("TRIES", tries, 1);
    setenv("BUILT", said, 1);
    setenv("MADE", made, 1);
    setenv("PATH", with, 1);
}

/* A submission that gets all points of the group a, in the folder. */
static inline void hand_in_all(const char *to)
{
    ck_assert_int_eq(
        shell("mkdir -p %s && cd %s && printf 'all: p q\\n%%%%: %%%%.c\\n\\tcc -g -o $@ $<\\n' >Makefile && "
              "echo 'int main(void) { return 0; }' | tee p.c >q.c",
              to, to),
        0);
}

/* In place of the grader in the kit's folder `inner`: a script. */
static inline void replace_grader(const char *inner, const char *script)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/built/bin/ipcgrade", inner);
    ck_assert_int_eq(unlink(path), 0);
    write_file(path, script);
    ck_assert_int_eq(chmod(path, 0755), 0);
}

/* What such a script has written into the file "$TRIES". */
static inline void assert_tries(const char *wanted)
{
    ck_assert_int_eq(shell("cat tries"), 0);
    cleanup_free char *said = report();
    ck_assert_str_eq(said, wanted);
}

#endif
