/*
 * build_value.c - single values from JSON into a packet.
 */
#include "dissect/build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"
#include "dissect/names.h"
#include "proto/smb2/commands.h"

nt
build_refuse(struct build *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(b->why, BUILD_WHY, fmt, ap);
	va_end(ap);
	return STATUS_INVALID_PARAMETER;
}

void
build_le(struct wr *w, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		wr_u8(w, (uint8_t)(v >> (8 * i)));
}

/* ---- numbers ---- */

static bool
same_word(const char *name, const char *word, size_t n)
{
	return strlen(name) == n && strncmp(name, word, n) == 0;
}

/* Names that are found by a function are few: commands, and statuses by their own table. */
static bool
word_value(const struct names *names, const char *word, size_t n, uint64_t *ret)
{
	char copy[64];
	nt status;

	for (size_t i = 0; i < names->n; i++) {
		if (same_word(names->rows[i].name, word, n)) {
			*ret = names->rows[i].value;
			return true;
		}
	}
	for (uint64_t v = 0; names == &names_command && v < SMB2_CMD_MAX; v++) {
		if (same_word(names_find(names, v), word, n)) {
			*ret = v;
			return true;
		}
	}
	if (names != &names_status || n >= sizeof copy)
		return false;
	memcpy(copy, word, n);
	copy[n] = '\0';
	if (!nt_from_name(copy, &status))
		return false;
	*ret = status.code;
	return true;
}

static bool
words_value(const struct names *names, const char *words, uint64_t *ret)
{
	uint64_t all = 0, one;

	for (;;) {
		size_t n = strcspn(words, "|");

		if (!word_value(names, words, n, &one))
			return false;
		all |= one;
		if (words[n] == '\0')
			break;
		if (!names->bits)
			return false;
		words += n + 1;
	}
	*ret = all;
	return true;
}

static bool
digits_value(const char *s, uint64_t *ret)
{
	bool hex = s[0] == '0' && (s[1] | 32) == 'x';
	char *end;

	if (s[0] < '0' || s[0] > '9' || (hex && !s[2]))
		return false;
	errno = 0;
	*ret  = strtoull(s, &end, hex ? 16 : 10);
	return errno == 0 && *end == '\0';
}

nt
build_number(struct build *b, const char *name, const json_t *j, unsigned width,
	     const struct names *names, uint64_t *ret)
{
	const char *s = json_string_value(j);
	uint64_t v    = 0;

	if (json_is_integer(j) && json_integer_value(j) >= 0)
		v = (uint64_t)json_integer_value(j);
	else if (!s || (!digits_value(s, &v) && !(names && words_value(names, s, &v))))
		return build_refuse(b, "%s: no number", name);
	if (width < 8 && v >> (8 * width) != 0)
		return build_refuse(b, "%s: does not fit %u bytes", name, width);
	*ret = v;
	return STATUS_SUCCESS;
}

/* ---- bytes ---- */

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

nt
build_hex(struct build *b, const char *name, const json_t *j)
{
	const char *s = json_string_value(j);
	size_t n      = json_string_length(j);

	if (!s || n % 2 != 0)
		return build_refuse(b, "%s: no hexadecimal bytes", name);
	for (size_t i = 0; i < n; i += 2) {
		int hi = digit(s[i]), lo = digit(s[i + 1]);

		if (hi < 0 || lo < 0)
			return build_refuse(b, "%s: no hexadecimal bytes", name);
		wr_u8(b->w, (uint8_t)(hi << 4 | lo));
	}
	return STATUS_SUCCESS;
}

nt
build_hex_n(struct build *b, const char *name, const json_t *j, size_t n)
{
	if (!json_is_string(j) || json_string_length(j) != 2 * n)
		return build_refuse(b, "%s: wants %zu hexadecimal bytes", name, n);
	return build_hex(b, name, j);
}

/* Its first three groups are little-endian numbers, [MS-DTYP] 2.3.4.2. */
nt
build_guid(struct build *b, const char *name, const json_t *j)
{
	static const uint8_t from[16] = { 6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34 };
	const char *s = json_string_value(j);

	if (!s || json_string_length(j) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' ||
	    s[23] != '-')
		return build_refuse(b, "%s: no GUID", name);
	for (size_t i = 0; i < sizeof from; i++) {
		int hi = digit(s[from[i]]), lo = digit(s[from[i] + 1]);

		if (hi < 0 || lo < 0)
			return build_refuse(b, "%s: no GUID", name);
		wr_u8(b->w, (uint8_t)(hi << 4 | lo));
	}
	return STATUS_SUCCESS;
}

nt
build_fid(struct build *b, const char *name, const json_t *j)
{
	static const char *const halves[] = { "Persistent", "Volatile" };
	uint64_t v[2] = { 0, 0 };
	size_t known  = 0;

	if (json_is_string(j))
		return build_hex_n(b, name, j, 16);
	for (size_t i = 0; i < NELEM(halves); i++) {
		const json_t *half = json_object_get(j, halves[i]);

		if (!half)
			continue;
		TRY(build_number(b, halves[i], half, 8, NULL, &v[i]));
		known++;
	}
	if (!json_is_object(j) || json_object_size(j) != known)
		return build_refuse(b, "%s: wants Persistent and Volatile", name);
	wr_u64(b->w, v[0]);
	wr_u64(b->w, v[1]);
	return STATUS_SUCCESS;
}

nt
build_utf16(struct build *b, const char *name, const json_t *j)
{
	const char *s = json_string_value(j);

	if (json_is_object(j) && json_object_size(j) == 1 && json_object_get(j, "hex"))
		return build_hex(b, name, json_object_get(j, "hex"));
	if (!s || strlen(s) != json_string_length(j))
		return build_refuse(b, "%s: no text", name);
	(void)wr_utf16(b->w, s);
	return STATUS_SUCCESS;
}
