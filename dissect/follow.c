/*
 * follow.c - from frames to messages.  [MS-SMB2] 3.2.5.1, 3.3.5.2
 */
#include "dissect/follow.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "dissect/asked.h"
#include "dissect/dissect.h"
#include "dissect/names.h"
#include "dissect/setup.h"
#include "proto/transport.h"

/* One connection. */
struct known {
	struct setup setup;
	struct asked asked;
};

struct follow {
	struct keys *keys;
	struct follow_sink sink;
	struct tree *tree;
	uint8_t *plain; /* the longest message there can be */
};

struct follow *
follow_new(struct keys *keys, struct follow_sink sink)
{
	struct follow *f = xcalloc(1, sizeof *f);

	f->keys	 = keys;
	f->sink	 = sink;
	f->tree	 = tree_new();
	f->plain = xcalloc(1, TRANSPORT_LEN_MAX);
	return f;
}

void
follow_drop(struct follow *f)
{
	if (!f)
		return;
	tree_drop(f->tree);
	free(f->plain);
	free(f);
}

void
follow_gone(void *follow, void *user)
{
	(void)follow;
	free(user);
}

/* ---- one message ---- */

/* On its way out: the frame, what it was wrapped in, what is known about it. */
struct message {
	const struct frame *frame;
	struct known *known;
	const char *encryption; /* NULL: in the clear */
	struct dissect_hint hint;
};

static void
word_add(struct tree *t, const char *name, const char *word)
{
	tree_bytes(t, name, NODE_ASCII, SPAN_STR(word))->in_line = true;
}

static void
endpoint_add(struct tree *t, const char *address, const char *port, const struct endpoint *e)
{
	(void)tree_bytes(t, address, NODE_ADDRESS, SPAN(e->address, e->n));
	(void)tree_number(t, port, 2, e->port, NULL);
}

static void
frame_add(struct tree *t, const struct message *m, const char *signature)
{
	const struct frame *f = m->frame;

	(void)tree_open(t, "Frame", NODE_GROUP);
	(void)tree_number(t, "Number", 8, f->number, NULL);
	(void)tree_number(t, "Time", 8, f->time, NULL);
	if (f->from) {
		(void)tree_number(t, "Stream", 8, f->stream, NULL);
		endpoint_add(t, "Source", "SourcePort", f->from);
		endpoint_add(t, "Destination", "DestinationPort", f->to);
	}
	if (m->hint.file.n > 0)
		tree_bytes(t, "File", NODE_UTF16, m->hint.file)->in_line = true;
	if (m->encryption)
		word_add(t, "Encryption", m->encryption);
	if (signature)
		word_add(t, "Signature", signature);
	if (f->missing > 0)
		tree_malformed(t, "the capture lacks %u bytes", f->missing);
	tree_close(t);
}

static const char *
signature_word(struct follow *f, const struct message *m, const struct smb2_element *e)
{
	if (!(e->hdr.flags & SMB2_FLAGS_SIGNED) || m->encryption || m->frame->shown)
		return NULL;
	if (setup_is_bound(&m->known->setup, e->hdr.session_id))
		return "not checked";
	switch (keys_verify(f->keys, e->hdr.session_id, e->bytes)) {
	case VERDICT_OK:
		return "ok";
	case VERDICT_WRONG:
		return "wrong";
	default:
		return "not checked";
	}
}

/* The element by its own header, if that can be read. */
static bool
element_of(struct span bytes, struct smb2_element *ret)
{
	struct smb2_element e = { .bytes = bytes, .body = rd_init(bytes) };

	if (!nt_ok(smb2_hdr_decode(&e.body, &e.hdr)))
		return false;
	*ret = e;
	return true;
}

static void
element_put(struct follow *f, struct message *m, struct span bytes)
{
	const char *signature = NULL;
	struct smb2_element e;

	m->hint = (struct dissect_hint){ .dialect = m->known->setup.negotiated.dialect,
					 .zeros	  = m->frame->shown };
	if (element_of(bytes, &e)) {
		asked_see(&m->known->asked, &e, &m->hint);
		signature = signature_word(f, m, &e);
	}
	tree_reset(f->tree);
	frame_add(f->tree, m, signature);
	dissect_element(f->tree, bytes, &m->hint);
	f->sink.message(f->sink.ctx, f->tree);
}

static void
other_put(struct follow *f, const struct message *m, struct span bytes)
{
	tree_reset(f->tree);
	frame_add(f->tree, m, NULL);
	dissect_other(f->tree, bytes);
	f->sink.message(f->sink.ctx, f->tree);
}

static void
chain_put(struct follow *f, struct message *m, struct span chain)
{
	struct smb2_element e;
	struct span rest;

	if (!m->encryption && element_of(chain, &e))
		setup_see(&m->known->setup, f->keys, &e, chain);
	do {
		element_put(f, m, dissect_split(chain, &rest));
		chain = rest;
	} while (chain.n > 0);
}

/* ---- frames ---- */

static void
transform_put(struct follow *f, struct message *m)
{
	struct span bytes = m->frame->bytes, plain;
	struct rd r	  = rd_init(bytes);
	enum verdict v	  = VERDICT_NONE;
	struct smb2_transform t;
	uint16_t cipher;

	if (nt_ok(smb2_transform_decode(&r, &t)) && m->frame->missing == 0 &&
	    bytes.n <= TRANSPORT_LEN_MAX)
		v = keys_unseal(f->keys, t.session_id, m->frame->side, bytes, f->plain, &cipher);
	if (v != VERDICT_OK) {
		m->encryption = v == VERDICT_NONE ? "no key" : "wrong key";
		other_put(f, m, bytes);
		return;
	}
	m->encryption = names_find(&names_cipher, cipher);
	plain	      = SPAN(f->plain, bytes.n - SMB2_TRANSFORM_SIZE);
	if (smb2_kind_of(plain) == SMB2_KIND_SMB2)
		chain_put(f, m, plain);
	else
		other_put(f, m, plain);
}

static struct known *
known_of(const struct frame *frame)
{
	if (!*frame->user)
		*frame->user = xcalloc(1, sizeof(struct known));
	return *frame->user;
}

void
follow_frame(void *follow, const struct frame *frame)
{
	struct follow *f = follow;
	struct message m = { .frame = frame, .known = known_of(frame),
			     .encryption = frame->opened ? "opened" : NULL };

	switch (smb2_kind_of(frame->bytes)) {
	case SMB2_KIND_SMB2:
		chain_put(f, &m, frame->bytes);
		break;
	case SMB2_KIND_TRANSFORM:
		transform_put(f, &m);
		break;
	default:
		other_put(f, &m, frame->bytes);
		break;
	}
}
