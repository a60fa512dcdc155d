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

/* LANGUAGE as it was given to us: gettext(3) can be steered by the environment alone, but a program that we trace is to see its own. */
static struct {
    bool is_kept;
    char *language;
} given;

static void keep_environment(void)
{
    const char *language = getenv("LANGUAGE");
    if (!given.is_kept && language)
        given.language = strdup(language);
    given.is_kept = true;
}

void language_leave(void)
{
    if (!given.is_kept)
        return;
    if (given.language)
        setenv("LANGUAGE", given.language, 1);
    else
        unsetenv("LANGUAGE");
    free(given.language);
    given.language = NULL;
    given.is_kept = false;
}

void language_use(int language)
{
    char folder[PATHS_ROOM];
    keep_environment();
    setenv("LANGUAGE", words[language], 1);
    setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_MESSAGES, "C.UTF-8");
    paths_locale(folder);
    bindtextdomain("ipcgrade", folder);
    bind_textdomain_codeset("ipcgrade", "UTF-8");
    textdomain("ipcgrade");
}
