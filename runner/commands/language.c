/* The language of reports; see language.h.
 *
 * glibc's gettext translates nothing in the locale "C", and a machine that grades often has no Korean locale. C.UTF-8 is always there, is not "C",
 * and lets LANGUAGE choose the catalogue. LC_CTYPE is UTF-8 always: it is what reports are written in. Numbers stay as in C.
 */
#include "commands/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/paths.h"
#include "report/writer.h"

static const char *const words[] = {[REPORT_ENGLISH] = "en", [REPORT_KOREAN] = "ko"};

bool language_read(const char *word, int *language)
{
    for (int i = REPORT_ENGLISH; i <= REPORT_KOREAN; i++) {
        if (strcmp(word, words[i]) == 0) {
            *language = i;
            return true;
        }
    }
    return false;
}

static const char *first_set(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && *value)
            return value;
    }
    return "";
}

int language_wanted(void)
{
    const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", NULL};
    return strncmp(first_set(names), "ko", 2) == 0 ? REPORT_KOREAN : REPORT_ENGLISH;
}

bool language_has_utf8(void)
{
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG", NULL};
    const char *value = first_set(names);
    return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
}

void language_use(int language)
{
    char folder[PATHS_ROOM];
    setenv("LANGUAGE", words[language], 1);
    setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_MESSAGES, "C.UTF-8");
    paths_locale(folder);
    bindtextdomain("ipcgrade", folder);
    bind_textdomain_codeset("ipcgrade", "UTF-8");
    textdomain("ipcgrade");
}
