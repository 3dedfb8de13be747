/*
 * json_in.c - a JSON object to a message's fields; see json.h.
 */
#include "ipc/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

/* ---- one function per kind of JSON value ---- */

struct field_in {
	const struct msg_field *field;
	const json_t *value;
	void *at;
	size_t bound; /* bytes, or the largest number's size */
	struct json_room *room;
};

typedef bool in_fn(const struct field_in *);

static bool
number_value(const json_t *v, uint64_t *ret)
{
	const char *s = json_string_value(v);
	char *end;

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*ret = (uint64_t)json_integer_value(v);
		return true;
	}
	if (!s || s[0] < '0' || s[0] > '9')
		return false;
	errno = 0;
	*ret  = strtoull(s, &end, s[0] == '0' && (s[1] | 32) == 'x' ? 16 : 10);
	return errno == 0 && *end == '\0';
}

static bool
in_NUMBER(const struct field_in *in)
{
	uint64_t v;

	if (!number_value(in->value, &v) || (in->bound < 8 && v >> (8 * in->bound) != 0))
		return false;
	switch (in->field->type) {
	case MSG_T_u8:
		*(uint8_t *)in->at = (uint8_t)v;
		return true;
	case MSG_T_u16:
		*(uint16_t *)in->at = (uint16_t)v;
		return true;
	case MSG_T_u32:
		*(uint32_t *)in->at = (uint32_t)v;
		return true;
	default:
		*(uint64_t *)in->at = v;
		return true;
	}
}

static bool
in_BOOLEAN(const struct field_in *in)
{
	if (!json_is_boolean(in->value))
		return false;
	*(bool *)in->at = json_is_true(in->value);
	return true;
}

/* The largest encoding of a string has its length and a NUL around it. */
static bool
in_STRING(const struct field_in *in)
{
	size_t n = json_string_length(in->value);

	if (!json_is_string(in->value) || n > in->bound - 3)
		return false;
	*(struct str *)in->at = (struct str){ json_string_value(in->value), n };
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
hex_read(const json_t *v, struct json_room *room, struct span *ret)
{
	const char *s = json_string_value(v);
	size_t n      = json_string_length(v);
	uint8_t *dst  = room->bytes + room->used;

	if (!s || n % 2 != 0 || n / 2 > sizeof room->bytes - room->used)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		int hi = hex_digit(s[2 * i]), lo = hex_digit(s[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		dst[i] = (uint8_t)(hi << 4 | lo);
	}
	room->used += n / 2;
	*ret = SPAN(dst, n / 2);
	return true;
}

static bool
in_HEX(const struct field_in *in)
{
	bool fixed = in->field->type == MSG_T_id16 || in->field->type == MSG_T_hash64 ||
		     in->field->type == MSG_T_key32;
	struct span s;

	if (!hex_read(in->value, in->room, &s))
		return false;
	if (fixed && s.n == in->bound) {
		memcpy(in->at, s.p, s.n);
		return true;
	}
	if (fixed || s.n > in->bound - 4)
		return false;
	*(struct span *)in->at = s;
	return true;
}

static bool
in_ADDRESS(const struct field_in *in)
{
	const char *s = json_string_value(in->value);

	return s && !nt_failed(addr_parse(s, in->at));
}

static bool
in_ARRAY(const struct field_in *in)
{
	struct gid_list *l = in->at;
	const json_t *v;
	uint64_t gid;
	size_t i;

	if (!json_is_array(in->value) || json_array_size(in->value) > GIDS_MAX)
		return false;
	json_array_foreach(in->value, i, v) {
		if (!number_value(v, &gid) || gid > UINT32_MAX)
			return false;
		l->v[i] = (uint32_t)gid;
	}
	l->n = (uint16_t)i;
	return true;
}

static bool
in_SECRET(const struct field_in *in)
{
	size_t n = json_string_length(in->value);

	if (!json_is_string(in->value) || n > in->bound - 4)
		return false;
	*(struct span *)in->at = SPAN(json_string_value(in->value), n);
	return true;
}

/* ---- whole objects ---- */

/* What a complaint says; lengths stand in docs/IPC.md under the field's type. */
#define WANTS_NUMBER  "a number"
#define WANTS_BOOLEAN "true or false"
#define WANTS_STRING  "a string"
#define WANTS_HEX     "hexadecimal digits"
#define WANTS_ADDRESS "ADDRESS:PORT"
#define WANTS_ARRAY   "an array of numbers"
#define WANTS_SECRET  "a string"

static const struct {
	in_fn *in;
	size_t bound;
	const char *wants;
} types[MSG_T_MAX] = {
#define ROW(word, ctype, json, max) { in_##json, max, WANTS_##json },
	MSG_TYPES(ROW)
#undef ROW
};

static const struct msg_field *
field_find(const struct msg_field *f, size_t n, const char *name)
{
	char buf[64];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(json_field_name(&f[i], buf), name) == 0)
			return &f[i];
	}
	return NULL;
}

static nt
refuse(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, JSON_WHY, fmt, ap);
	va_end(ap);
	return STATUS_INVALID_PARAMETER;
}

nt
json_to_fields(const json_t *obj, const struct msg_field *f, size_t n, void *ret,
	       struct json_room *room, char why[JSON_WHY])
{
	const char *name;
	json_t *value;

	/* json_object_foreach() has no form for const objects. */
	json_object_foreach((json_t *)(uintptr_t)obj, name, value) {
		const struct msg_field *field = field_find(f, n, name);
		struct field_in in	      = { field, value, NULL, 0, room };

		if (!field)
			return refuse(why, "unknown field %s", log_qs(name));
		in.at	 = (uint8_t *)ret + field->at;
		in.bound = types[field->type].bound;
		if (!types[field->type].in(&in))
			return refuse(
			    why, "field %s does not fit: expected %s within the bounds of its type",
			    name, types[field->type].wants);
	}
	return STATUS_SUCCESS;
}
