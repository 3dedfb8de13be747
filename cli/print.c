/* print.c - JSON rows as aligned columns for people. */
#include "cli/print.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/kernel.h"

#define COLUMNS_MAX 16

static void
put_escaped(char *buf, const char *s)
{
	(void)escape_add(buf, CELL_MAX, s);
}

static void
put_time(char *buf, const json_t *v)
{
	time_t t = (time_t)(json_integer_value(v) / 1000000000);
	struct tm tm;

	if (t > 0 && localtime_r(&t, &tm))
		(void)strftime(buf, CELL_MAX, "%Y-%m-%d %H:%M:%S", &tm);
}

static void
put_words(char *buf, const json_t *v)
{
	size_t i;
	json_t *word;

	json_array_foreach(v, i, word) {
		if (i > 0)
			put_escaped(buf, ",");
		put_escaped(buf, json_is_string(word) ? json_string_value(word) : "?");
	}
}

/* [MS-SMB2] 2.2.4 DialectRevision */
static void
put_dialect(char *buf, unsigned dialect)
{
	unsigned patch = dialect & 0xf;

	(void)snprintf(buf, CELL_MAX, "%u.%u", dialect >> 8 & 0xf, dialect >> 4 & 0xf);
	if (patch > 0)
		(void)snprintf(buf, CELL_MAX, "%u.%u.%u", dialect >> 8 & 0xf, dialect >> 4 & 0xf,
		    patch);
}

const char *
cell_print(const struct column *c, const json_t *row, char *buf)
{
	const json_t *v = json_object_get(row, c->key);
	json_int_t n    = json_integer_value(v);

	buf[0] = '\0';
	switch (c->kind) {
	case COLUMN_TEXT:
		put_escaped(buf, json_is_string(v) ? json_string_value(v) : "");
		break;
	case COLUMN_NUMBER:
		(void)snprintf(buf, CELL_MAX, "%" JSON_INTEGER_FORMAT, n);
		break;
	case COLUMN_HEX:
		(void)snprintf(buf, CELL_MAX, "%#" PRIx64, (uint64_t)n);
		break;
	case COLUMN_TIME:
		put_time(buf, v);
		break;
	case COLUMN_FLAG:
		put_escaped(buf, json_is_true(v) ? "yes" : "");
		break;
	case COLUMN_WORDS:
		put_words(buf, v);
		break;
	case COLUMN_DIALECT:
		put_dialect(buf, (unsigned)n);
		break;
	case COLUMN_WALLS:
		kernel_print(row, buf, CELL_MAX);
		break;
	}
	return buf[0] ? buf : strcpy(buf, "-");
}

size_t
text_width(const char *s)
{
	mbstate_t state = { 0 };
	size_t n        = 0;

	while (*s) {
		wchar_t wide  = L'?';
		size_t length = mbrtowc(&wide, s, MB_LEN_MAX, &state);
		int columns   = wcwidth(wide);

		if (length == 0 || length > MB_LEN_MAX) {	/* no character */
			state  = (mbstate_t){ 0 };
			length = 1;
		}
		n += columns >= 0 ? (size_t)columns : 1;
		s += length;
	}
	return n;
}

static void
print_cell(const char *text, size_t width, bool last)
{
	size_t used = text_width(text);

	(void)fputs(text, stdout);
	if (last)
		(void)putchar('\n');
	else
		printf("%*s", (int)(width - used + 2), "");
}

void
table_print(const json_t *rows, const struct column *c, size_t n)
{
	size_t width[COLUMNS_MAX], i;
	char buf[CELL_MAX];
	json_t *row;

	for (size_t k = 0; k < n; k++) {
		width[k] = strlen(c[k].title);
		json_array_foreach(rows, i, row) {
			size_t w = text_width(cell_print(&c[k], row, buf));

			width[k] = w > width[k] ? w : width[k];
		}
	}
	for (size_t k = 0; k < n; k++)
		print_cell(c[k].title, width[k], k + 1 == n);
	json_array_foreach(rows, i, row) {
		for (size_t k = 0; k < n; k++)
			print_cell(cell_print(&c[k], row, buf), width[k], k + 1 == n);
	}
}

int
list_command(struct cli *c, const char *method, const char *key, const struct column *columns,
    size_t n)
{
	json_t *reply = NULL;
	int rc        = ask(c, c->cmd->name, method, json_object(), SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	if (c->json)
		json_print(reply);
	else
		table_print(json_object_get(reply, key), columns, n);
	json_decref(reply);
	return EXIT_OK;
}
