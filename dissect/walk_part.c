/*
 * walk_part.c - what fixed fields point to: names, lists, contexts.  A part that
 * lies outside the message is a note, and the next one is looked at.
 */
#include "dissect/layout.h"

#include "dissect/look.h"
#include "dissect/names.h"
#include "proto/smb2/ctx_create.h"

static void
u16s_add(struct walk *w, const struct part *p, struct rd r)
{
	tree_open(w->tree, p->name, NODE_LIST)->in_line = p->in_line;
	while (rd_left(&r) >= 2)
		(void)tree_number(w->tree, NULL, 2, rd_u16(&r), p->names);
	tree_close(w->tree);
}

static void
items_add(struct walk *w, const struct part *p, struct rd r)
{
	(void)tree_open(w->tree, p->name, NODE_LIST);
	while (rd_left(&r) > 0 && walk_group(w->tree, NULL, p->item, &r))
		continue;
	tree_close(w->tree);
}

static bool
is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	}
	return true;
}

/* 2.2.13.2: "Next" and the places inside an entry are the decoder's, which is the server's own. */
static void
create_contexts_add(struct walk *w, const struct part *p, struct span list)
{
	struct smb2_ctx_iter it = { list };
	struct smb2_create_ctx c;

	(void)tree_open(w->tree, p->name, NODE_LIST);
	while (it.left.n > 0) {
		if (!nt_ok(smb2_create_ctx_next(&it, &c))) {
			tree_malformed(w->tree, "create context at %zu of %zu",
				       list.n - it.left.n, list.n);
			(void)tree_bytes(w->tree, NULL, NODE_BYTES, it.left);
			break;
		}
		(void)tree_open(w->tree, NULL, NODE_GROUP);
		(void)tree_bytes(w->tree, "Name",
				 is_printable(c.name) ? NODE_ASCII : NODE_BYTES, c.name);
		(void)tree_bytes(w->tree, "Data", NODE_BYTES, c.data);
		look_create_context(w, c.kind, c.data);
		tree_close(w->tree);
	}
	tree_close(w->tree);
}

/* 2.2.3.1: each but the last is padded to 8, counted from the header. */
static bool
negotiate_context_add(struct walk *w, struct rd *r)
{
	uint16_t type = rd_u16(r), len = rd_u16(r);
	struct span data;

	rd_zero(r, 4);
	data = rd_bytes(r, len);
	if (!rd_ok(r)) {
		tree_malformed(w->tree, "a negotiate context passes the end");
		return false;
	}
	(void)tree_open(w->tree, NULL, NODE_GROUP);
	(void)tree_number(w->tree, "ContextType", 2, type, &names_neg_type);
	(void)tree_bytes(w->tree, "Data", NODE_BYTES, data);
	look_negotiate_context(w, type, data);
	tree_close(w->tree);
	w->end = r->pos;
	return true;
}

static void
negotiate_contexts_add(struct walk *w, const struct part *p, struct rd r, uint64_t count)
{
	(void)tree_open(w->tree, p->name, NODE_LIST);
	while (count-- > 0 && negotiate_context_add(w, &r)) {
		if (count > 0)
			rd_align(&r, 8);
	}
	tree_close(w->tree);
}

static bool
all_zero(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != 0)
			return false;
	}
	return true;
}

static void
part_add(struct walk *w, const struct part *p, struct span s)
{
	struct node *n;

	switch ((enum part_kind)p->kind) {
	case PART_U16S:
		u16s_add(w, p, rd_init(s));
		break;
	case PART_ITEMS:
		items_add(w, p, rd_init(s));
		break;
	case PART_CREATE_CONTEXTS:
		create_contexts_add(w, p, s);
		break;
	default:
		n = tree_bytes(w->tree, p->name, p->kind == PART_UTF16 ? NODE_UTF16 : NODE_BYTES, s);
		n->in_line = p->in_line;
		if (s.n > 0 && p->look && !(w->hint->zeros && all_zero(s)))
			p->look(w, s);
		break;
	}
}

/* What the fixed fields say about a part. */
struct place {
	uint64_t offset, size;
	bool has_offset;
};

static struct place
place_of(const struct walk *w, unsigned part)
{
	struct place at	     = { 0 };
	const struct part *p = &w->layout->parts[part];

	for (size_t i = 0; i < w->n_read; i++) {
		const struct field *f = &w->layout->fields[i];

		if (f->role < ROLE_OFFSET || f->part != part)
			continue;
		if (f->role == ROLE_OFFSET) {
			at.offset     = w->values[i];
			at.has_offset = true;
		} else {
			at.size = w->values[i] * (f->role == ROLE_COUNT && p->unit ? p->unit : 1);
		}
	}
	return at;
}

/* False: it lies outside, or over what was read already. */
static bool
place_check(struct walk *w, const struct part *p, const struct place *at, const struct rd *r)
{
	if (at->offset >= r->pos && at->offset <= r->end &&
	    (p->kind == PART_NEGOTIATE_CONTEXTS || at->size <= r->end - at->offset))
		return true;
	tree_malformed(w->tree, "%s: %llu bytes at %llu, in a message of %zu whose data starts at %zu",
		       p->name, (unsigned long long)at->size, (unsigned long long)at->offset,
		       r->end, r->pos);
	return false;
}

void
walk_parts(struct walk *w, const struct rd *fixed)
{
	struct rd r = *fixed;

	for (unsigned i = 0; i < w->layout->n_parts; i++) {
		const struct part *p = &w->layout->parts[i];
		struct place at	     = place_of(w, i);
		struct rd in	     = r;

		if (!at.has_offset)
			at.offset = r.pos;
		if (at.size == 0 || !place_check(w, p, &at, &r))
			continue;
		if (p->follows)
			r.pos += at.size;
		in.pos = at.offset;
		if (p->kind == PART_NEGOTIATE_CONTEXTS) {
			negotiate_contexts_add(w, p, in, at.size);
			continue;
		}
		if (at.offset + at.size > w->end)
			w->end = at.offset + at.size;
		part_add(w, p, SPAN(r.base + at.offset, at.size));
	}
}
