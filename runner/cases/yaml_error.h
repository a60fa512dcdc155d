/* libyaml's errors, said so that an instructor finds the quotes, the colon or the brace that is meant.
 *
 * Layer: cases.
 */
#ifndef IPCGRADE_CASES_YAML_ERROR_H
#define IPCGRADE_CASES_YAML_ERROR_H

#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "cases/scenario.h"

/* Add the parser's error to the complaints. `byte_of` gives the byte of each of the `chars` characters of the source. */
void yaml_error_tell(const yaml_parser_t *parser, struct complaints *complaints, const char *file,
                     const char *source, size_t len, const uint32_t *byte_of, size_t chars);

#endif
