/* Tables by libsmartcols(3). The library lays out the columns; lines are broken here, since its own wrapping breaks inside words. It knows no
 * indentation either, so the table is printed into memory first.
 */
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/page.h"

enum { GAP = 2, LEAST_COLUMN = 10, MOST_COLUMNS = 16 };

struct layout {
    const struct page *page;
    const struct column *columns;
    size_t column_count, row_count;
    char **cells;   /* owned, safe */
    int wrap_width; /* of the column that gives way; 0: nothing has to */
    const enum style *styles;
};

static const char *const style_names[STYLES] = {
    [STYLE_STRONG] = "bold", [STYLE_GOOD] = "green",       [STYLE_BAD] = "red",
    [STYLE_WARN] = "brown",  [STYLE_QUIET] = "halfbright",
};

static void cleanup_table(struct libscols_table **table)
{
    scols_unref_table(*table);
}

/* Widest line of any cell of the column, or its head. */
static int widest(const struct layout *layout, size_t column)
{
    int most = page_columns(layout->columns[column].head);
    for (size_t row = 0; row < layout->row_count; row++) {
        for (const char *line = layout->cells[row * layout->column_count + column];;
             line += strcspn(line, "\n") + 1) {
            int columns = page_columns(line);
            most = columns > most ? columns : most;
            if (!line[strcspn(line, "\n")])
                break;
        }
    }
    return most;
}

static void find_width(struct layout *layout, int indent)
{
    int room = layout->page->width - indent, wanted = 0;
    for (size_t i = 0; i < layout->column_count; i++) {
        room -= (layout->columns[i].is_wrapped ? 0 : widest(layout, i)) + (i > 0 ? GAP : 0);
        wanted = layout->columns[i].is_wrapped ? widest(layout, i) : wanted;
    }
    room = room < LEAST_COLUMN ? LEAST_COLUMN : room;
    layout->wrap_width = wanted > room ? room : 0;
}

static void add_column(struct libscols_table *table, const struct layout *layout, const struct column *row)
{
    int flags = (row->is_right ? SCOLS_FL_RIGHT : 0) | (row->is_wrapped ? SCOLS_FL_WRAP : 0);
    struct libscols_column *column = scols_table_new_column(table, row->head, 0, flags);
    if (!column)
        return;
    if (row->is_wrapped) {
        scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
        scols_column_set_safechars(column, "\n");
    }
    if (layout->page->has_colour)
        scols_cell_set_color(scols_column_get_header(column), style_names[STYLE_QUIET]);
}

static void add_row(struct libscols_table *table, const struct layout *layout, size_t row)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    for (size_t i = 0; line && i < layout->column_count; i++) {
        char *cell = layout->cells[row * layout->column_count + i];
        cleanup_free char *wrapped = NULL;
        if (layout->columns[i].is_wrapped && layout->wrap_width)
            wrapped = page_wrapped(cell, layout->wrap_width);
        scols_line_set_data(line, i, wrapped ? wrapped : cell);
        if (i == 0 && layout->page->has_colour && layout->styles && style_names[layout->styles[row]])
            scols_cell_set_color(scols_line_get_cell(line, 0), style_names[layout->styles[row]]);
    }
}

/* Line by line, indented, without the blanks that fill up the last column. */
static void put_lines(const struct page *page, int indent, const char *text)
{
    for (; *text; text += strcspn(text, "\n") + (text[strcspn(text, "\n")] != '\0')) {
        size_t len = strcspn(text, "\n");
        while (len > 0 && text[len - 1] == ' ')
            len--;
        fprintf(page->to, "%*s%.*s\n", len ? indent : 0, "", (int)len, text);
    }
}

static void print_table(const struct layout *layout, int indent)
{
    __attribute__((cleanup(cleanup_table))) struct libscols_table *table = scols_new_table();
    cleanup_free char *text = NULL;
    if (!table)
        return;
    scols_table_enable_noencoding(
        table, 1); /* it is safe already; smartcols would write a backslash before an x as \x5c */
    scols_table_set_column_separator(table, "  ");
    scols_table_enable_colors(table, layout->page->has_colour);
    scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    for (size_t i = 0; i < layout->column_count; i++)
        add_column(table, layout, &layout->columns[i]);
    for (size_t row = 0; row < layout->row_count; row++)
        add_row(table, layout, row);
    if (scols_print_table_to_string(table, &text) == 0)
        put_lines(layout->page, indent, text);
}

/* A column in which nothing stands is left out. */
static bool is_empty(const char *const *cells, size_t column, size_t column_count, size_t row_count)
{
    for (size_t row = 0; row < row_count; row++)
        if (cells[row * column_count + column] && *cells[row * column_count + column])
            return false;
    return row_count > 0;
}

static void layout_free(struct layout *layout)
{
    for (size_t i = 0; layout->cells && i < layout->column_count * layout->row_count; i++)
        free(layout->cells[i]);
    free(layout->cells);
}

void page_table(const struct page *page, int indent, const struct column *columns, size_t column_count,
                const char *const *cells, size_t row_count, const enum style *styles)
{
    struct column shown[MOST_COLUMNS];
    size_t from[MOST_COLUMNS] = {0};
    struct layout layout = {page, shown, 0, row_count, NULL, 0, styles};
    for (size_t i = 0; i < column_count && layout.column_count < MOST_COLUMNS; i++) {
        if (is_empty(cells, i, column_count, row_count))
            continue;
        from[layout.column_count] = i;
        shown[layout.column_count++] = columns[i];
    }
    layout.cells = calloc(layout.column_count * row_count + 1, sizeof *layout.cells);
    for (size_t i = 0; layout.cells && i < layout.column_count * row_count; i++) {
        const char *cell = cells[i / layout.column_count * column_count + from[i % layout.column_count]];
        layout.cells[i] = page_safe(cell ? cell : "");
    }
    if (layout.cells && layout.column_count > 0) {
        find_width(&layout, indent);
        print_table(&layout, indent);
    }
    layout_free(&layout);
}
