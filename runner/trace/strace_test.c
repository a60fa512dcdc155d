/* The tracer against `strace -f`: on the same programs the same calls with the same results and errnos, in the same order for each process.
 *
 * What may differ from run to run is not compared: process numbers (told apart by their order of birth), addresses, System V identifiers (likewise by
 * order). Interrupted calls that come again are left out on both sides.
 */
#include "trace/rig.h"

#include <stdio.h>

enum { LINES_MOST = 4000, PIDS_MOST = 32, LINE_ROOM = 96 };

struct list {
    char (*lines)[LINE_ROOM]; /* "process call result" */
    size_t count;
    long pids[PIDS_MOST];
    size_t pid_count;
};

static char directory[] = "/tmp/ipcgrade-strace-XXXXXX";

static const struct {
    const char *name, *text;
} programs[] = {
    {"pipes",
     "int main(void){int p[2];char "
     "b[9];pipe(p);if(fork()==0){close(p[0]);write(p[1],\"hello\",5);_exit(3);}close(p[1]);"
     "while(read(p[0],b,2)>0);int s;wait(&s);dup2(p[0],7);close(99);open(\"nothing\",O_RDONLY);return 0;}"},
    {"sysv",
     "int main(void){struct{long t;char x[9];}m={4,\"abc\"};struct sembuf o[2]={{0,2,0},{0,-1,IPC_NOWAIT}};"
     "int q=msgget(IPC_PRIVATE,0600);msgsnd(q,&m,4,0);if(fork()==0){msgrcv(q,&m,9,-9,0);_exit(0);}wait(NULL);"
     "msgrcv(q,&m,9,0,IPC_NOWAIT);msgrcv(q,&m,2,0,IPC_NOWAIT);msgctl(q,IPC_RMID,0);msgsnd(q,&m,4,0);"
     "int s=semget(IPC_PRIVATE,1,0600);semop(s,o,2);semop(s,o+1,1);semop(s,o+1,1);semctl(s,0,IPC_RMID);"
     "int h=shmget(IPC_PRIVATE,99,0600);void*a=shmat(h,0,0);shmdt(a);shmdt(a);shmctl(h,IPC_RMID,0);return "
     "0;}"},
    {"fifos", "int main(void){mkfifo(\"ff\",0600);mkfifo(\"ff\",0600);open(\"ff\",O_WRONLY|O_NONBLOCK);"
              "if(fork()==0){int f=open(\"ff\",O_WRONLY);write(f,\"x\",1);_exit(0);}char c;int "
              "f=open(\"ff\",O_RDONLY);read(f,&c,1);"
              "read(f,&c,1);wait(NULL);unlink(\"ff\");unlink(\"ff\");signal(SIGPIPE,SIG_IGN);int "
              "p[2];pipe(p);close(p[0]);"
              "write(p[1],\"x\",1);return 0;}"},
    {"processes",
     "int main(void){if(vfork()==0)_exit(4);wait(NULL);system(\"exit 3\");FILE*f=popen(\"echo "
     "x\",\"r\");char b[9];fgets(b,9,f);"
     "pclose(f);char*a[]={\"true\",NULL};pid_t c;posix_spawn(&c,\"/bin/true\",0,0,a,environ);waitpid(c,0,0);"
     "wait(NULL);kill(getpid(),0);execl(\"/nothing\",\"x\",NULL);raise(SIGTERM);return 0;}"},
    {"vectors", "int main(void){int p[2];char b[9];pipe2(p,O_NONBLOCK);struct iovec "
                "v[2]={{\"ab\",2},{\"cd\",2}};writev(p[1],v,2);"
                "struct iovec r[2]={{b,1},{b,8}};readv(p[0],r,2);read(p[0],b,1);int "
                "s[2];socketpair(AF_UNIX,SOCK_STREAM,0,s);"
                "send(s[0],\"hi\",2,0);recv(s[1],b,9,0);recv(s[1],b,9,MSG_DONTWAIT);struct pollfd "
                "w={p[0],POLLIN,0};poll(&w,1,0);"
                "poll(&w,1,5);fd_set f;FD_ZERO(&f);FD_SET(p[0],&f);struct timeval "
                "t={0,1000};select(p[0]+1,&f,0,0,&t);return 0;}"},
    {"sockets",
     "int main(void){struct sockaddr_un n={AF_UNIX,\"door\"};struct sockaddr_in a={AF_INET},b;socklen_t "
     "l=sizeof b;int "
     "o=1;struct timeval t={0,1000};a.sin_addr.s_addr=htonl(INADDR_LOOPBACK);int "
     "d=socket(AF_UNIX,SOCK_STREAM,0);connect(d,(void*)&n,sizeof n);bind(d,(void*)&n,sizeof "
     "n);listen(d,3);bind(d,(void*)&n,sizeof n);if(fork()==0){int "
     "c=socket(AF_UNIX,SOCK_STREAM,0);connect(c,(void*)&n,"
     "sizeof n);write(c,\"hi\",2);shutdown(c,SHUT_WR);char x;read(c,&x,1);_exit(0);}int s=accept(d,0,0);char "
     "x[9];read(s,x,9);read(s,x,9);close(s);wait(0);unlink(\"door\");accept4(99,0,0,0);int "
     "u=socket(AF_INET,SOCK_DGRAM,0);bind(u,(void*)&a,sizeof "
     "a);getsockname(u,(void*)&b,&l);setsockopt(u,SOL_SOCKET,SO_"
     "REUSEADDR,&o,sizeof o);setsockopt(u,SOL_SOCKET,SO_RCVTIMEO,&t,sizeof t);recv(u,x,9,0);int "
     "v=socket(AF_INET,SOCK_DGRAM,0);sendto(v,\"abc\",3,0,(void*)&b,sizeof b);recv(u,x,9,0);struct iovec "
     "i={x,3};struct msghdr m={&b,sizeof "
     "b,&i,1};sendmsg(v,&m,0);m.msg_name=0;recvmsg(u,&m,0);connect(v,(void*)&b,sizeof "
     "b);send(v,\"\",0,0);recv(u,x,9,MSG_DONTWAIT);return 0;}"},
};

static const char heads[] = "#include <errno.h>\n#include <fcntl.h>\n#include <poll.h>\n#include "
                            "<signal.h>\n#include <spawn.h>\n#include <stdio.h>\n"
                            "#include <stdlib.h>\n#include <sys/ipc.h>\n#include <sys/msg.h>\n#include "
                            "<sys/select.h>\n#include <sys/sem.h>\n"
                            "#include <sys/shm.h>\n#include <sys/socket.h>\n#include <sys/stat.h>\n#include "
                            "<sys/time.h>\n#include <sys/uio.h>\n#include <sys/un.h>\n#include "
                            "<netinet/in.h>\n#include <sys/wait.h>\n"
                            "#include <unistd.h>\nextern char **environ;\n";

static void compile(const char *text)
{
    FILE *file = fopen("program.c", "w");
    fprintf(file, "%s%s", heads, text);
    fclose(file);
    ck_assert_int_eq(system("cc -w -D_GNU_SOURCE -o program program.c"),
                     0); // NOLINT(cert-env33-c): the compiler
}

/* ---- both lists ------------------------------------------------------------------------------------------------------- */

static size_t index_of(struct list *list, long pid)
{
    for (size_t i = 0; i < list->pid_count; i++)
        if (list->pids[i] == pid)
            return i;
    ck_assert_uint_lt(list->pid_count, PIDS_MOST);
    list->pids[list->pid_count] = pid;
    return list->pid_count++;
}

/* Results that name a process, an identifier or an address are different numbers each time. */
static bool is_any_number(const char *call)
{
    static const char *const calls[] = {"clone",  "fork",   "vfork",  "wait4", "waitid",
                                        "msgget", "semget", "shmget", "shmat"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(call, calls[i]) == 0)
            return true;
    return false;
}

static void add(struct list *list, long pid, const char *call, const char *result)
{
    ck_assert_uint_lt(list->count, LINES_MOST);
    if (strcmp(call, "clone3") == 0) /* refused by the filter, so that glibc uses clone */
        call = "clone";
    bool is_number = is_any_number(call) && result[0] != '-' && strcmp(result, "0") != 0;
    snprintf(list->lines[list->count++], LINE_ROOM, "%zu %.40s %.40s", index_of(list, pid), call,
             is_number ? "number" : result);
}

static bool is_compared(const char *call)
{
    /* strace tells exit_group with "= ?"; we have no result either. Of mappings we see only those that others can see. */
    static const char *const others[] = {"exit_group", "sched_yield", "mmap", "munmap"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(call, others[i]) == 0)
            return false;
    return vocabulary_call(call, NULL);
}

/* Of these two the filter lets the other commands run free. */
static bool is_traced_command(const char *call, const char *line)
{
    if (strcmp(call, "setsockopt") == 0)
        return strstr(line, "SO_RCVTIMEO") || strstr(line, "SO_SNDTIMEO") || strstr(line, "SO_REUSEADDR");
    if (strcmp(call, "fcntl") == 0)
        return strstr(line, "F_DUPFD") || strstr(line, "F_SETFD") || strstr(line, "SETLK");
    return strcmp(call, "futex") != 0 || strstr(line, "FUTEX_WAIT");
}

static void add_events(struct rig *rig, struct list *list)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++) {
        const struct event *event = tracer_event(rig->tracer, i);
        char result[64];
        if (!event->call.is_done || !is_compared(event->call.row->name))
            continue;
        if (event->call.error)
            snprintf(result, sizeof result, "-1 %s", errno_name(event->call.error));
        else
            snprintf(result, sizeof result, "%lld", (long long)event->call.result);
        add(list, event->tid, event->call.row->name, result);
    }
}

/* "123 read(3, <unfinished ...>" and later "123 <... read resumed>"x", 1) = 1": the call stands where it begins. */
static void add_strace_line(struct list *list, char *line, size_t *open_lines)
{
    char call[40] = "", errno_text[24] = "", result[80] = "";
    long pid = strtol(line, &line, 10), value = 0;
    line += strspn(line, " ");
    bool is_resumed = strncmp(line, "<... ", 5) == 0,
         is_unfinished = strstr(line, "<unfinished ...>") != NULL;
    const char *equals = NULL;
    for (const char *at = strstr(line, ") "); at; at = strstr(at + 1, ") "))
        if (at[2 + strspn(at + 2, " ")] == '=')
            equals = at + 2 + strspn(at + 2, " ");
    sscanf(is_resumed ? line + 5 : line, "%39[a-z_0-9]", call);
    bool is_going_on =
        is_resumed && open_lines[index_of(list, pid)] > 0; /* the command stood where it began */
    if (!(is_going_on || is_traced_command(call, line)) || !is_compared(call) ||
        (!equals && !is_unfinished) || (equals && equals[2] == '?'))
        return;
    if (is_unfinished) {
        add(list, pid, call, "open");
        open_lines[index_of(list, pid)] = list->count;
        return;
    }
    value = strtol(equals + 2, NULL, 0);
    if (value == -1 && sscanf(equals, "= -1 %23[A-Z0-9]", errno_text) == 1)
        snprintf(result, sizeof result, "-1 %s", errno_text);
    else
        snprintf(result, sizeof result, "%ld", value);
    if (!is_resumed || open_lines[index_of(list, pid)] == 0) {
        add(list, pid, call, result);
        return;
    }
    size_t end = list->count, at = open_lines[index_of(list, pid)] - 1;
    list->count = at;
    add(list, pid, call, result);
    list->count = end;
    open_lines[index_of(list, pid)] = 0;
}

static void add_strace(struct list *list)
{
    char line[4096];
    size_t open_lines[PIDS_MOST] = {0};
    ck_assert_int_eq(
        system("strace -f -qq -e signal=none -o strace.out ./program >/dev/null 2>&1; test -s strace.out"),
        0); // NOLINT
    FILE *file = fopen("strace.out", "r");
    while (fgets(line, sizeof line, file))
        add_strace_line(list, line, open_lines);
    fclose(file);
}

static long leading_pid(const char *line)
{
    return strtol(line, NULL, 10);
}

/* Of each process by itself: those of several are in no fixed order. */
static void sort_by_process(struct list *list)
{
    for (size_t i = 1; i < list->count; i++) /* an insertion sort keeps the order of equals */
        for (size_t k = i; k > 0 && leading_pid(list->lines[k - 1]) > leading_pid(list->lines[k]); k--) {
            char line[LINE_ROOM];
            memcpy(line, list->lines[k], LINE_ROOM);
            memcpy(list->lines[k], list->lines[k - 1], LINE_ROOM);
            memcpy(list->lines[k - 1], line, LINE_ROOM);
        }
}

static void is_submission(void *context, struct process *process)
{
    (void)context;
    process->counts = true;
}

static void trace_program(struct list *list)
{
    struct rig rig = {.config.hooks.image = is_submission};
    char *argv[] = {"./program", NULL};
    rig_open(&rig);
    (void)!freopen("/dev/null", "w", stdout);
    (void)!freopen("/dev/null", "w", stderr);
    rig_execute(&rig, argv);
    rig_finish(&rig);
    add_events(&rig, list);
    rig_close(&rig);
}

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    char command[80];
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c)
}

START_TEST(same_as_strace)
{
    struct list ours = {.lines = calloc(LINES_MOST, LINE_ROOM)},
                theirs = {.lines = calloc(LINES_MOST, LINE_ROOM)};
    compile(programs[_i].text);
    add_strace(&theirs);
    trace_program(&ours);
    sort_by_process(&ours);
    sort_by_process(&theirs);
    ck_assert_uint_gt(theirs.count, 15);
    for (size_t i = 0; i < ours.count && i < theirs.count; i++)
        ck_assert_msg(strcmp(ours.lines[i], theirs.lines[i]) == 0,
                      "%s, line %zu: we say \"%s\", strace \"%s\"", programs[_i].name, i, ours.lines[i],
                      theirs.lines[i]);
    ck_assert_uint_eq(ours.count, theirs.count);
    free(ours.lines);
    free(theirs.lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: against strace");
    TCase *tests = tcase_create("strace");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    if (system("command -v strace >/dev/null") ==
        0) // NOLINT(cert-env33-c): a machine without it has nothing to compare with
        tcase_add_loop_test(tests, same_as_strace, 0, sizeof programs / sizeof *programs);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
