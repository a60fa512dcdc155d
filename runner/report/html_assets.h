/* The page's style and script, as they stand in html/, and what a Content-Security-Policy calls them ("sha256-..."). Made by tools/embed.sh.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_HTML_ASSETS_H
#define IPCGRADE_REPORT_HTML_ASSETS_H

extern const char html_style[], html_style_hash[];
extern const char html_script[], html_script_hash[];

#endif
