/* For the tests of the attacks only: what a report says of the attacker's case, held against the texts of the attack's head.
 */
#ifndef IPCGRADE_COMMANDS_ATTACK_TEXTS_H
#define IPCGRADE_COMMANDS_ATTACK_TEXTS_H

#include <jansson.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "commands/attacks.h"

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline void check_texts(const struct attack *attack, const json_t *one, const json_t *build,
                               struct bytes *wrong)
{
    cleanup_free char *of_case = json_dumps(one, JSON_ENCODE_ANY);
    cleanup_free char *of_build = json_dumps(build, JSON_ENCODE_ANY);
    for (const char *const *text = attack->says; *text; text++)
        if (!(of_case && strstr(of_case, *text)) && !(of_build && strstr(of_build, *text)))
            bytes_print(wrong, "\n  nowhere stands \"%s\" but: %.1500s", *text, of_case ? of_case : "");
    for (const char *const *text = attack->never; *text; text++)
        if ((of_case && strstr(of_case, *text)) || (of_build && strstr(of_build, *text)))
            bytes_print(wrong, "\n  there stands \"%s\": %.1500s", *text, of_case ? of_case : "");
}

#endif
