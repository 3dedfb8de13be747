/*
 * json.c - a tree as a JSON object.
 */
#include "dissect/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "dissect/dissect.h"
#include "dissect/text.h"
#include "proto/smb2/header.h"

static json_t *
number_json(uint64_t v)
{
	char text[24];

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	return json_string(text);
}

static json_t *
hex_json(struct span s)
{
	static const char digits[] = "0123456789abcdef";
	char *text		   = xcalloc(2 * s.n + 1, 1);
	json_t *j;

	for (size_t i = 0; i < s.n; i++) {
		text[2 * i]	= digits[s.p[i] >> 4];
		text[2 * i + 1] = digits[s.p[i] & 15];
	}
	j = json_stringn(text, 2 * s.n);
	free(text);
	return j;
}

/* Names that would not survive the way there and back go as bytes. */
static json_t *
utf16_json(struct span s)
{
	size_t cap = 3 * (s.n / 2) + 1, n;
	char *text = xcalloc(cap, 1);
	json_t *j  = NULL;

	if (nt_ok(utf16_to_utf8(s, text, cap, &n)))
		j = json_stringn(text, n); /* NULL for a lone surrogate */
	free(text);
	return j ? j : json_pack("{s:o}", "hex", hex_json(s));
}

static json_t *
ascii_json(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == 0 || s.p[i] > 0x7e)
			return json_pack("{s:o}", "hex", hex_json(s));
	}
	return json_stringn((const char *)s.p, s.n);
}

/* GUIDs, SIDs and addresses look the same in JSON as in text. */
struct piece {
	char text[256];
	size_t n;
};

static void
piece_put(void *ctx, const char *s, size_t n)
{
	struct piece *p = ctx;

	if (n > sizeof p->text - p->n)
		n = sizeof p->text - p->n;
	memcpy(p->text + p->n, s, n);
	p->n += n;
}

static json_t *
text_json(const struct node *n)
{
	struct piece p = { .n = 0 };
	struct text t  = { .put = piece_put, .ctx = &p };

	text_value(&t, n, true);
	return json_stringn(p.text, p.n);
}

static json_t *group_json(const struct node *);

static json_t *
value_json(const struct node *n)
{
	switch (n->kind) {
	case NODE_GROUP:
	case NODE_LIST:
		return group_json(n);
	case NODE_NUMBER:
	case NODE_TIME:
		return number_json(n->number);
	case NODE_UTF16:
		return utf16_json(n->bytes);
	case NODE_ASCII:
		return ascii_json(n->bytes);
	case NODE_BYTES:
		return hex_json(n->bytes);
	default:
		return text_json(n);
	}
}

static json_t *
group_json(const struct node *n)
{
	json_t *j	= n->kind == NODE_LIST ? json_array() : json_object();
	json_t *decoded = NULL;

	for (const struct node *c = n->child; c; c = c->next) {
		if (c->kind == NODE_NOTE)
			continue;
		if (n->kind == NODE_LIST) {
			json_array_append_new(j, value_json(c));
		} else if (c->derived) {
			decoded = decoded ? decoded : json_object();
			json_object_set_new(decoded, c->name, value_json(c));
		} else {
			json_object_set_new(j, c->name, value_json(c));
		}
	}
	if (decoded)
		json_object_set_new(j, "Decoded", decoded);
	return j;
}

static void
notes_json(const struct node *n, json_t *list)
{
	for (n = n->child; n; n = n->next) {
		if (n->kind == NODE_NOTE)
			json_array_append_new(list, text_json(n));
		else
			notes_json(n, list);
	}
}

json_t *
dissect_json(const struct node *n)
{
	json_t *j     = group_json(n);
	json_t *notes = json_array();

	notes_json(n, notes);
	if (json_array_size(notes) > 0)
		json_object_set(j, "malformed", notes);
	json_decref(notes);
	return j;
}

json_t *
dissect_decode(struct span frame, const struct dissect_hint *hint)
{
	CLEANUP(tree_drop) struct tree *t = tree_new();
	json_t *list			  = json_array();

	do {
		struct span rest = SPAN_NONE;

		tree_reset(t);
		if (json_array_size(list) == DECODE_MAX)
			tree_malformed(t, "more than %d messages", DECODE_MAX);
		else if (smb2_kind_of(frame) == SMB2_KIND_SMB2)
			dissect_element(t, dissect_split(frame, &rest), hint);
		else
			dissect_other(t, frame);
		json_array_append_new(list, dissect_json(tree_root(t)));
		frame = rest;
	} while (frame.n > 0);
	return list;
}
