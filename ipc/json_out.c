/*
 * json_out.c - a message's fields to JSON; see json.h.
 */
#include "ipc/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"

json_t *
json_u64(uint64_t v)
{
	char text[24];

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	return json_string(text);
}

static json_t *
out_hex(const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text		   = xcalloc(2 * n + 1, 1);
	json_t *j;

	for (size_t i = 0; i < n; i++) {
		text[2 * i]	= digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	j = json_string(text);
	free(text);
	return j;
}

static json_t *
out_addr(const struct net_addr *a)
{
	char text[ADDR_TEXT];

	return json_string(addr_print(a, text));
}

static json_t *
out_gids(const struct gid_list *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++)
		(void)json_array_append_new(a, json_integer(l->v[i]));
	return a;
}

/* File names need not be UTF-8; then they are shown as the log shows them. */
static json_t *
out_string(const struct str *s)
{
	json_t *j = json_stringn(s->s ? s->s : "", s->n);

	return j ? j : json_string(log_q(s->s, s->n));
}

static json_t *
out_value(const struct msg_field *f, const void *at)
{
	switch (f->type) {
	case MSG_T_u8:
		return json_u64(*(const uint8_t *)at);
	case MSG_T_u16:
		return json_u64(*(const uint16_t *)at);
	case MSG_T_u32:
		return json_u64(*(const uint32_t *)at);
	case MSG_T_u64:
		return json_u64(*(const uint64_t *)at);
	case MSG_T_flag:
		return json_boolean(*(const bool *)at);
	case MSG_T_name:
	case MSG_T_text:
	case MSG_T_path:
		return out_string(at);
	case MSG_T_id16:
		return out_hex(at, sizeof(struct id16));
	case MSG_T_hash64:
		return out_hex(at, sizeof(struct hash64));
	case MSG_T_key32:
		return out_hex(at, sizeof(struct key32));
	case MSG_T_addr:
		return out_addr(at);
	case MSG_T_gids:
		return out_gids(at);
	case MSG_T_blob:
	case MSG_T_token:
		return out_hex(((const struct span *)at)->p, ((const struct span *)at)->n);
	case MSG_T_secret:
	case MSG_T_MAX:
		break;
	}
	return NULL;
}

bool
json_set_field(json_t *obj, const struct msg_field *f, const void *msg)
{
	json_t *v = out_value(f, (const uint8_t *)msg + f->at);
	char buf[64];

	return v && json_object_set_new(obj, json_field_name(f, buf), v) == 0;
}

json_t *
json_from_fields(const struct msg_field *f, size_t n, const void *msg)
{
	json_t *obj = json_object();

	ENSURE(obj != NULL);
	for (size_t i = 0; i < n; i++)
		(void)json_set_field(obj, &f[i], msg);
	return obj;
}
