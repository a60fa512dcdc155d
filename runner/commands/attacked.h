/* For the test of the attacks only: what an attack is played in. A suite with the attacker's case and an honest one, the attacker's submission and somebody else's, and words that
 * nobody may see: in the case, in the other submission, in the environment and the keyring of whoever grades.
 */
#ifndef IPCGRADE_COMMANDS_ATTACKED_H
#define IPCGRADE_COMMANDS_ATTACKED_H

#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "commands/attack_rows.h"
#include "commands/attacks.h"

/* ---- the suite ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *yaml;
} plays[] = {
    {"ends", "steps:\n  - start: {p: [p]}\n  - expect: {p: {exit: 0}}\n"},
    /* Others are started while the first is there. */
    {"several",
     "steps:\n  - start: {p: [p]}\n  - start: {second: [p, other]}\n  - start: {third: [p, other]}\n"
     "  - start: {fourth: [p, other]}\n  - start: {fifth: [p, other]}\n"
     "  - start: {sixth: [p, other]}\n  - expect: {second: {exit: 0}}\n"},
    /* How it ends is asked for by no step. */
    {"starts", "steps:\n  - start: {p: [p]}\n"},
    /* A puppet holds one end and another object, and must find them as it left them. */
    {"peer",
     "given: {box: fifo}\nsteps:\n  - do: {peer: {open: box, flags: O_RDWR, as: f}}\n"
     "  - start: {p: [p, <peer>]}\n  - expect: {p: {exit: 0}}\n  - do: {peer: {write: f, text: hello}}\n"
     "  - do: {peer: {read: f, gives: hello}}\n"},
    /* Afterwards it needs what the system gives to any process. */
    {"later", "given: {box: fifo}\nsteps:\n  - start: {p: [p, <peer>]}\n  - expect: {p: {exit: 0}}\n"
              "  - do: {peer: {open: box, flags: O_RDWR, as: f}}\n"},
    /* A puppet waits meanwhile. */
    {"waiting", "given: {box: fifo}\nsteps:\n  - do: {peer: {open: box, flags: O_RDWR, as: f}}\n"
                "  - do: {peer: {blocks: {read: f, gives: hello}}}\n  - start: {p: [p, <peer>]}\n"
                "  - expect: {p: {exit: 0}, peer: {blocks: {read: box}}}\n"},
    {"standin", "given: {filter: standin}\nsteps:\n  - start: {p: [p]}\n  - expect: {filter: {starts: 1}}\n"
                "  - do: {filter: {exit: 3}}\n  - expect: {p: {exit: 0}}\n"},
    /* What only a call that was really made can earn. */
    {"posts", "given: {s: {is: sem, value: 0}}\nsteps:\n  - start: {p: [p, <s>]}\n"
              "  - expect: {s: {value: 1}, p: {exit: 0}}\n"},
    {"library",
     "given: {s: {is: sem, value: 0}, w: {is: sem, value: 1}, q: queue, filter: standin}\nsteps:\n"
     "  - start: {p: [p, <s>, <w>, <q>]}\n  - expect: {p: {exit: 0}}\n"
     "  - expect: {s: {value: 1}, w: {value: 0}, q: {messages: [{text: hello}]}, filter: {starts: 1}}\n"},
    {"sends", "given: {q: queue}\nsteps:\n  - start: {p: [p, <q>]}\n"
              "  - do: {peer: {msgrcv: q, gives: {text: hello}}}\n"},
    {"holds",
     "given: {q: queue, s: {is: semaphores, values: [7]}, m: {is: segment, text: hello}}\nsteps:\n"
     "  - start: {p: [p, <q>, <s>, <m>]}\n"
     "  - expect: {p: {exit: 0}, q: {messages: [{text: hello}]}, s: {values: [5]}, m: {text: bye}}\n"},
    {"makes", "names: {q: queue}\nsteps:\n  - start: {p: [p, <q>]}\n"
              "  - expect: {p: {exit: 0}, q: {messages: [{text: hello}]}}\n"},
    {"file", "given: {f: {is: file, text: hello}}\nsteps:\n  - start: {p: [p, f]}\n"
             "  - expect: {p: {exit: 0}, f: {text: hello}}\n"},
    {"below", "given: {d: dir, f: {is: file, path: d/f, text: hello}}\nsteps:\n  - start: {p: [p, d/f]}\n"
              "  - expect: {p: {exit: 0}, f: {text: bye}}\n"},
    {"serves", "given: {filter: standin, f: file}\nsteps:\n  - start: {p: [p]}\n"
               "  - do: {filter: {write: stdout, text: a}}\n"
               "  - do: {filter: {open: f, flags: O_RDONLY, as: r}}\n  - do: {filter: {exit: 0}}\n"},
    {"has_room", "names: {q: queue}\nsteps:\n  - start: {p: [p]}\n"
                 "  - do: {peer: {msgget: q, flags: IPC_CREAT}}\n  - expect: {q: present}\n"},
    /* What the grader has linked. */
    {"driver", "steps:\n  - start: {p: [l]}\n  - expect: {p: {exit: 0}}\n"},
    /* A read of the pipe gives less than there is. */
    {"pieces", "inject:\n  - {p: {read: pipe, short: 3}}\nsteps:\n  - start: {p: [p]}\n"
               "  - expect: {p: {stdout: \"hello\\n\", exit: 0}}\n"},
    {"never", "never:\n  - {p: {pipe: any}}\nsteps:\n  - start: {p: [p]}\n  - expect: {p: {exit: 0}}\n"},
    {"blocks",
     "given: {box: fifo}\nsteps:\n  - start: {p: [p, box]}\n  - expect: {p: {blocks: {open: box}}}\n"
     "  - do: {peer: {open: box, as: r}}\n  - expect: {p: {exit: 0}}\n"},
};

/* In the same run, on the same processor. */
static const char honest[] = "title: Honest work\nnames: {q: queue}\nsteps:\n  - start: {h: [honest, <q>]}\n"
                             "  - expect:\n      h:\n        exit: 0\n"
                             "        stdout: \"20 children\\nwritten\\nsent\\npassed\\n65536\\nhello\\n\"\n";
enum { PLAYS = sizeof plays / sizeof *plays };

/* Words that nobody may ever see; so nobody can know them beforehand. */
struct scene {
    const struct attack *attack;
    const struct attack_mode *mode;
    enum attack_letter letter;
    char word[40], shadow[256];
    char place[PATH_MAX];       /* where everything lies */
    const char *sources, *tool; /* fixtures/attacks, the program */
};

static inline bool put(const char *path, const char *text)
{
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    size_t len = strlen(text);
    return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}

/* One look at all that the program has printed. */
static inline void add_look(const struct attack *attack, struct bytes *text)
{
    if (!*attack->prints && !*attack->withholds)
        return;
    bytes_print(text, "  - expect: {p: {stdout: {matches: '(?s)");
    for (const char *const *want = attack->prints; *want; want++)
        bytes_print(text, "(?=.*\\Q%s\\E)", *want);
    for (const char *const *want = attack->withholds; *want; want++)
        bytes_print(text, "(?!.*\\Q%s\\E)", *want);
    bytes_print(text, ".*'}}}\n");
}

static inline bool put_case(const struct scene *scene)
{
    cleanup_bytes struct bytes text = {0};
    const char *yaml = NULL;
    for (size_t i = 0; i < PLAYS; i++)
        if (strcmp(plays[i].name, scene->attack->play) == 0)
            yaml = plays[i].yaml;
    if (!yaml)
        return false;
    bytes_print(&text, "# %s\ntitle: The attack\npoints: 2\nlimits: {%s}\n%s", scene->word,
                *scene->attack->limits ? scene->attack->limits : "cpu_seconds: 4", yaml);
    add_look(scene->attack, &text);
    return put("cases/attack/it.yaml", bytes_text(&text));
}

static inline bool put_assignment(const struct attack *attack)
{
    cleanup_bytes struct bytes text = {0};
    bytes_print(&text,
                "assignment: A\nprograms: {honest: {}, p: {}, l: {library: l.c, driver: d.c}}\nbuild: make\n"
                "groups: {attack: 5, honest: 5}\n"
                "limits: {cpu_seconds: 4, wall_seconds: 300, build_seconds: %s}\n",
                attack->build);
    return put("cases/assignment.yaml", bytes_text(&text));
}

/* One after the other, as many as the attack lasts. */
static inline bool put_neighbours(const struct attack *attack)
{
    char path[64];
    for (long i = 1; i <= attack_neighbours(attack); i++) {
        snprintf(path, sizeof path, "cases/honest/work-%02ld.yaml", i);
        if (!put(path, honest))
            return false;
    }
    return true;
}

/* What it is graded with, and what whoever wrote the cases may keep beside them: a driver, a solution. */
static inline bool put_secrets(const struct scene *scene)
{
    char driver[256];
    snprintf(driver, sizeof driver, "int l(void);\nint main(void) { return l(); } /* %s */\n", scene->word);
    return mkdir("cases/solution", 0755) == 0 && put("cases/d.c", driver) &&
           put("cases/solution/p.c", scene->word);
}

static inline bool put_suite(const struct scene *scene)
{
    return mkdir("cases", 0755) == 0 && mkdir("cases/attack", 0755) == 0 &&
           mkdir("cases/honest", 0755) == 0 && put_secrets(scene) && put_assignment(scene->attack) &&
           put_case(scene) && put_neighbours(scene->attack);
}

/* ---- the submission ----------------------------------------------------------------------------------------------------------- */

static inline bool shell(const char *format, ...)
{
    va_list args;
    char *command = NULL;
    va_start(args, format);
    int len = vasprintf(&command, format, args);
    va_end(args);
    bool is_done = len >= 0 && system(command) == 0;
    free(command);
    return is_done;
}

static const char honest_makefile[] = "CFLAGS = -g -w -pthread\nall: honest p\nhonest: honest.c\np: p.c\n";

/* In the scene's folder: sub, which is attacked with, and other, somebody else's. */
static inline bool put_submissions(const struct scene *scene)
{
    const struct attack *attack = scene->attack;
    char text[PATH_MAX + 64];
    snprintf(text, sizeof text, "#define FOLDER \"%s\"\n#define PORT %s\n", scene->place, getenv("PORT"));
    bool is_put = mkdir("sub", 0755) == 0 && mkdir("other", 0755) == 0 && mkdir("tmp", 01777) == 0 &&
                  put("other/p.c", scene->word) && put("sub/folder.h", text) &&
                  put("sub/Makefile", honest_makefile) &&
                  shell("cp '%s/honest/honest.c' '%s/attack.h' sub", scene->sources, scene->sources);
    if (is_put && attack->is_script)
        is_put = shell("cd sub && CASES=../cases OTHER=../other sh '%s/%s' >../laid 2>&1", scene->sources,
                       attack->file);
    else if (is_put)
        is_put = shell("cp '%s/%s' sub/p.c", scene->sources, attack->file);
    return is_put;
}

/* Objects and a /tmp of its own, so that what comes and goes elsewhere on the machine is not seen. False where it may not. */
static inline bool stand_apart(void)
{
    if (unshare(CLONE_NEWIPC | CLONE_NEWNS) != 0)
        return false;
    container_dev();
    return mount("tmpfs", "/tmp", "tmpfs", 0, "size=192m,mode=1777") == 0;
}

/* By whoever grades, to whom it belongs then. */
static inline bool lay_out(const struct scene *scene)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (scene->mode->is_user)
            be_ordinary();
        _exit(put_suite(scene) && put_submissions(scene) ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* A sandbox without mounts has no limit of its own for files, and the disk is everybody's. */
static inline bool bound_tmp(void)
{
    return mount("tmpfs", "tmp", "tmpfs", 0, "size=192m,mode=1777") == 0;
}

static inline bool set_up(struct scene *scene, bool is_apart)
{
    unsigned long random = 0;
    cleanup_file FILE *shadow = fopen("/etc/shadow", "re");
    if (!shadow || !fgets(scene->shadow, sizeof scene->shadow, shadow))
        scene->shadow[0] = '\0';
    scene->shadow[strcspn(scene->shadow, "\n")] = '\0';
    /* Beside the program, whom all may execute, and not in /tmp, which a sandbox without mounts leaves open. */
    snprintf(scene->place, sizeof scene->place, "%.*s/ipcgrade-attack-XXXXXX",
             (int)(strrchr(scene->tool, '/') - scene->tool), scene->tool);
    uid_t user = scene->mode->is_user && geteuid() == 0 ? ordinary_child() : geteuid();
    if (getrandom(&random, sizeof random, 0) != sizeof random || !mkdtemp(scene->place) ||
        chown(scene->place, user, (gid_t)-1) != 0 || chmod(scene->place, 0755) != 0 ||
        chdir(scene->place) != 0)
        return false;
    snprintf(scene->word, sizeof scene->word, "PLANTED-%016lx", random);
    return lay_out(scene) && (!is_apart || bound_tmp());
}

/* The program and the attacks are copied to where any user may come, whoever may enter the folder of this project (a clone in the home of root, say). `place`, for mkdtemp(3), is not
 * below /tmp, which a sandbox without mounts leaves open. The paths have PATH_MAX bytes. */
static inline bool attacks_carry(char *place, const char *folder, char *tool, char *sources)
{
    if (!mkdtemp(place) || chmod(place, 0755) != 0)
        return false;
    snprintf(tool, PATH_MAX, "%s/ipcgrade", place);
    snprintf(sources, PATH_MAX, "%s/attacks", place);
    return shell("cp -r '%s' '%s'", folder, sources) && copy_program(place);
}

/* In the process that will grade. */
static inline void plant_around(const struct scene *scene)
{
    setenv("ATTACKED", scene->word, 1);
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    syscall(SYS_add_key, "user", "planted", scene->word, strlen(scene->word), KEY_SPEC_SESSION_KEYRING);
}

#endif
