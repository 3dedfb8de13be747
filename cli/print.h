/*
 * print.h - answers as tables: one column a row here, widths from the content.
 * Whatever a peer chose (names, paths) is printed with control bytes escaped.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <jansson.h>
#include <stddef.h>

#include "base/nt.h"
#include "cli/cli.h"

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_HEX,
	COLUMN_TIME,	/* Unix ns, as local time */
	COLUMN_FLAG,	/* "yes" or nothing */
	COLUMN_WORDS,	/* an array of strings, comma-separated */
	COLUMN_DIALECT,	/* 0x0311 as 3.1.1 */
	COLUMN_WALLS,	/* the kernel's word on a process, kernel.c */
};

struct column {
	const char *title;
	const char *key;
	enum column_kind kind;
};

#define CELL_MAX 512

/* Columns on the screen: some characters take two, accents that stand alone none. */
size_t text_width(const char *);
/* The row's value as text; buf of CELL_MAX. */
const char *cell_print(const struct column *, const json_t *row, char *buf);
void table_print(const json_t *rows, const struct column *, size_t n);
/* Asks method and prints reply[key] as a table, or the reply as JSON. */
int list_command(struct cli *, const char *method, const char *key, const struct column *,
    size_t n);

#endif
