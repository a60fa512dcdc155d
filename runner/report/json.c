/* The result as it is, for programs; its schema is result/result.schema.json. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "report/writer.h"
#include "result/result_json.h"

static bool write_json(FILE *to, const struct result *result, const struct report_options *options)
{
    (void)options;
    cleanup_free char *text = result_to_json(result);
    return text && fputs(text, to) >= 0;
}

const struct writer writer_json = {
    .name = "json",
    .law = "everything that is known, for programs (see result.schema.json)",
    .is_live = true,
    .write = write_json,
};
