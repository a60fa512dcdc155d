/* Short counts that are injected: which call takes one, and which leaves it to the next. */
#include "judge/playing.h"

#define PLAY(short_count, run, sees)                                                                         \
    "given: {box: fifo}\ninject: [" short_count "]\n"                                                        \
    "steps:\n  - start: {p: [does, " run "]}\n  - expect: {p: {stdout: \"" sees "\", exit: 0}}\n"
#define HEARS "open, box, rw, write, 3, 1hello2you3me, sip, 3, 1, sip, 3, 5, sip, 3, 1, sip, 3, 3"

static const struct play_row spent[] = {
    {.title = "the first that asks for more",
     .yaml = PLAY("{p: {read: box, short: 2}}", "open, box, rw, write, 3, hello, sip, 3, 9, sip, 3, 9",
                  "he\\nllo\\n"),
     .note = "injected: a short count in read"},
    {.title = "who asks for no more than that could not come short by it",
     .yaml = PLAY("{p: {read: box, short: 2}}", HEARS, "1\\nhe\\nl\\nlo2\\n"),
     .note = "injected: a short count in read"},
    {.title = "nor are such calls counted",
     .yaml = PLAY("{p: {read: box, short: 2, nth: 2}}", HEARS, "1\\nhello\\n2\\nyo\\n")},
    {.title = "each time",
     .yaml = PLAY("{p: {read: box, short: 2, nth: each}}", HEARS, "1\\nhe\\nl\\nlo\\n")},
    {.title = "a fault each time",
     .yaml = "given: {box: fifo}\ninject: [{p: {write: box, error: EIO, nth: each}}]\n"
             "steps:\n  - start: {p: [does, open, box, rw, write, 3, a, write, 3, b]}\n"
             "  - expect: {p: {stderr: \"write: EIO\\nwrite: EIO\\n\", exit: 0}}\n",
     .note = "injected: EIO in write"},
    {.title = "who finds nothing yet gives it back",
     .yaml = PLAY("{p: {read: box, short: 2}}",
                  "open, box, rn, open, box, wn, sip, 3, 9, write, 4, hello, sip, 3, 9", "\\nhe\\n")},
    {.title = "and is not counted either",
     .yaml = PLAY("{p: {read: box, short: 2, nth: 2}}",
                  "open, box, rn, open, box, wn, sip, 3, 9, write, 4, hello you, sip, 3, 3, sip, 3, 9",
                  "\\nhel\\nlo\\n")},
    {.title = "nor the end of file",
     .yaml = PLAY("{p: {read: box, short: 2}}",
                  "open, box, rn, sip, 3, 9, open, box, wn, write, 4, hello, sip, 3, 9", "\\nhe\\n")},
    {.title = "nor who was given less than that anyhow",
     .yaml = PLAY("{p: {read: box, short: 2}}",
                  "open, box, rw, write, 3, a, sip, 3, 9, write, 3, hello, sip, 3, 9", "a\\nhe\\n")},
    {.title = "nor whom a signal interrupts",
     .yaml = "given: {box: fifo}\ninject: [{p: {read: box, short: 2}}]\nsteps:\n"
             "  - start: {p: [does, catch, SIGUSR1, open, box, rw, sip, 3, 9, sip, 3, 9]}\n"
             "  - expect: {p: {blocks: {read: box}}}\n"
             "  - signal: {p: SIGUSR1}\n"
             "  - expect: {p: {stderr: \"read: EINTR\\n\", blocks: {read: box}}}\n"
             "  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n"
             "  - do: {peer: {write: w, text: hello}}\n"
             "  - expect: {p: {stdout: \"\\nhe\\n\", exit: 0}}\n"},
    {.title = "nor a child that is killed while it waits",
     .yaml = "given: {box: fifo}\ninject: [{p: {read: box, short: 2}}]\nsteps:\n"
             "  - start: {p: [does, open, box, rw, fork, sip, 3, 9, done, wait, sip, 3, 9]}\n"
             "  - expect: {p.child: {blocks: {read: box}}}\n"
             "  - signal: {p.child: SIGKILL}\n"
             "  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n"
             "  - do: {peer: {write: w, text: hello}}\n"
             "  - expect: {p: {stdout: {contains: \"he\\n\"}, exit: 0}}\n"},
    {.title = "one that nobody could take was never reached",
     .yaml = PLAY("{p: {read: box, short: 9}}", "open, box, rw, write, 3, hello, sip, 3, 9", "hello\\n"),
     .note = "the injected fault (a short count in read) was never reached"},
    {.title = "a splice that would hold a pipe is refused, shortened or not",
     .yaml = "given: {box: fifo}\ninject: [{p: {read: box, short: 2}}]\nsteps:\n"
             "  - start: {p: [does, open, box, rw, write, 3, hello, splice, 3, 1, sip, 3, 9]}\n"
             "  - expect: {p: {stderr: \"splice: EINVAL\\n\", stdout: \"he\\n\", exit: 0}}\n"},
};

PLAY_ROWS(spent)

int main(void)
{
    Suite *suite = suite_create("play-short");
    ADD_ROWS(suite, spent);
    return run_suite(suite);
}
