/* The language of reports: English or Korean.
 *
 * Layer: commands. Changes the locale and the environment of the process (setlocale(3), gettext(3)).
 */
#ifndef IPCGRADE_COMMANDS_LANGUAGE_H
#define IPCGRADE_COMMANDS_LANGUAGE_H

#include <stdbool.h>

/* "en" or "ko" to REPORT_ENGLISH or REPORT_KOREAN. */
bool language_read(const char *word, int *language);

/* What the environment asks for: LANGUAGE, LC_ALL, LC_MESSAGES, LANG, the first that is set. */
int language_wanted(void);

/* Whether the terminal shows UTF-8, by the same variables (LC_CTYPE in place of LC_MESSAGES). */
bool language_has_utf8(void);

/* Speak it from now on. Works where only the C locales are installed. */
void language_use(int language);

/* Give the environment back as it was, for a program that is run in it. */
void language_leave(void);

#endif
