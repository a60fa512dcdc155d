#include "trace/source.h"
#include "trace/stack.h"
void source_forget(struct tracer *tracer)
{
    (void)tracer;
}
bool source_find(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at)
{
    (void)tracer;
    (void)event;
    (void)root;
    (void)at;
    return false;
}
bool source_now(struct tracer *tracer, const struct task *task, const char *root, struct source_at *at)
{
    (void)tracer;
    (void)task;
    (void)root;
    (void)at;
    return false;
}
