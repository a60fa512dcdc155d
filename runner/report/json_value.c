/* Values of JSON reports; see json_value.h. */
#include "report/json_value.h"

#include <stdlib.h>

#include "base/cleanup.h"

json_t *json_value_taken(char *safe)
{
    json_t *json = json_string(safe ? safe : "");
    free(safe);
    return json;
}

json_t *json_value_points(int hundredths)
{
    return hundredths % 100 == 0 ? json_integer(hundredths / 100) : json_real(hundredths / 100.0);
}

json_t *json_value_seconds(double seconds)
{
    bool is_sane = seconds >= 0 && seconds < 1e9;
    return json_real(is_sane ? (double)(long long)(seconds * 1000 + 0.5) / 1000 : 0);
}

bool json_value_write(FILE *to, json_t *json)
{
    cleanup_free char *text = json_dumps(json, JSON_INDENT(2) | JSON_VALUE_DIGITS);
    json_decref(json);
    return text && fprintf(to, "%s\n", text) >= 0;
}
