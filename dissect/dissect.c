/*
 * dissect.c - one message: header, body, what is wrong with them.
 */
#include "dissect/dissect.h"

#include "dissect/names.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"
#include "proto/smb2/smb1_negotiate.h"

#define PADDING_MAX 8	/* zeros behind a body that nobody wants to read about */

/* What the body's layout depends on, looked at before anything is checked. */
struct peek {
	uint32_t flags;
	uint16_t command, size;
	uint64_t message_id;
	nt status;
	bool contexts; /* of NEGOTIATE */
};

/* 2.2.3: contexts are there if the client offers 3.1.1; 2.2.4: if the server chose it. */
static bool
negotiate_has_contexts(struct rd body, bool response)
{
	uint16_t n;

	rd_zero(&body, 2);
	if (response) {
		rd_zero(&body, 2);
		return rd_u16(&body) == SMB2_DIALECT_311;
	}
	n = rd_u16(&body);
	rd_zero(&body, 32);
	while (n-- > 0 && rd_left(&body) >= 2) {
		if (rd_u16(&body) == SMB2_DIALECT_311)
			return true;
	}
	return false;
}

static struct peek
peek_at(struct span e)
{
	struct peek p = { 0 };
	struct rd r   = rd_init(e);
	struct rd body;

	rd_zero(&r, SMB2_HDR_AT_STATUS);
	p.status  = (nt){ rd_u32(&r) };
	p.command = rd_u16(&r);
	rd_zero(&r, 2);
	p.flags = rd_u32(&r);
	rd_zero(&r, 4);
	p.message_id = rd_u64(&r);
	rd_zero(&r, SMB2_HDR_SIZE - r.pos);
	body   = r;
	p.size = rd_u16(&r);
	if (p.command == SMB2_CMD_negotiate)
		p.contexts = negotiate_has_contexts(body, p.flags & SMB2_FLAGS_SERVER_TO_REDIR);
	return p;
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
rest_add(struct tree *t, struct span e, size_t end)
{
	struct span rest = SPAN(e.p + end, e.n - end);

	if (rest.n > PADDING_MAX || !all_zero(rest))
		(void)tree_bytes(t, "Rest", NODE_BYTES, rest);
}

/* The server's own decoder has the last word, if the walk itself saw nothing wrong. */
static void
body_check(struct walk *w, struct rd r)
{
	if (!w->tree->malformed && w->layout->check && !nt_ok(w->layout->check(&r)))
		tree_malformed(w->tree, "a receiver refuses this %s", w->layout->name);
}

static void
body_add(struct walk *w, struct span e, struct rd r, const struct peek *p)
{
	struct rd start = r;

	w->layout = layout_body(p->command, w->response, p->size, p->status,
				w->response && p->message_id == SMB2_MESSAGE_ID_UNSOLICITED,
				p->contexts);
	(void)tree_open(w->tree, "Body", NODE_GROUP);
	if (rd_left(&r) < 2) {
		tree_malformed(w->tree, "ends before StructureSize");
	} else if (!w->layout) {
		tree_malformed(w->tree, "no body of this command has StructureSize %u", p->size);
		(void)tree_bytes(w->tree, "Rest", NODE_BYTES, rd_rest(&r));
	} else if (walk_fields(w, &r)) {
		walk_parts(w, &r);
		body_check(w, start);
		rest_add(w->tree, e, w->end);
	}
	tree_close(w->tree);
}

void
dissect_element(struct tree *t, struct span e, const struct dissect_hint *hint)
{
	static const struct dissect_hint nothing;
	struct peek p = peek_at(e);
	struct walk w = { .tree	    = t,
			  .hint	    = hint ? hint : &nothing,
			  .response = (p.flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0 };
	struct rd r   = rd_init(e);
	struct rd start = r;
	struct smb2_hdr h;
	bool whole;

	w.layout = layout_of_header(w.response, (p.flags & SMB2_FLAGS_ASYNC_COMMAND) != 0);
	(void)tree_open(t, "Header", NODE_GROUP);
	whole = walk_fields(&w, &r);
	if (whole && !nt_ok(smb2_hdr_decode(&start, &h)))
		tree_malformed(t, "wrong ProtocolId or StructureSize");
	tree_close(t);
	if (whole)
		body_add(&w, e, r, &p);
}

struct span
dissect_split(struct span chain, struct span *ret_rest)
{
	struct smb2_chain c = smb2_chain_init(chain);
	struct smb2_element e;

	*ret_rest = SPAN_NONE;
	if (!nt_ok(smb2_chain_next(&c, &e)))
		return chain;
	*ret_rest = c.left;
	return e.bytes;
}

/* ---- what is no SMB2 message ---- */

static void
smb1_add(struct tree *t, struct span frame)
{
	struct smb1_negotiate n;

	(void)tree_open(t, "SMB1", NODE_GROUP);
	if (nt_ok(smb1_negotiate_decode(frame, &n))) {
		(void)tree_number(t, "DialectCount", 2, n.dialect_count, NULL);
		tree_number(t, "Offers SMB 2.002", 1, n.has_2002, NULL)->in_line = true;
		tree_number(t, "Offers SMB 2.???", 1, n.has_wild, NULL)->in_line = true;
	}
	(void)tree_bytes(t, "Rest", NODE_BYTES, frame);
	tree_close(t);
}

static void
head_add(struct tree *t, const char *name, const struct layout *l, struct span frame)
{
	struct rd r = rd_init(frame);

	if (walk_group(t, name, l, &r))
		(void)tree_bytes(t, "Rest", NODE_BYTES, rd_rest(&r));
}

void
dissect_other(struct tree *t, struct span frame)
{
	switch (smb2_kind_of(frame)) {
	case SMB2_KIND_SMB1:
		smb1_add(t, frame);
		break;
	case SMB2_KIND_TRANSFORM:
		head_add(t, "Transform", &layout_transform, frame);
		break;
	case SMB2_KIND_COMPRESSED:
		head_add(t, "Compressed", &layout_compressed, frame);
		break;
	default:
		(void)tree_bytes(t, "Rest", NODE_BYTES, frame);
		tree_malformed(t, "no SMB message");
		break;
	}
}
