/*
 * look_misc.c - error data, DCE/RPC fragments on pipes, security descriptors.
 * [MS-SMB2] 2.2.2; [C706] 12.6; [MS-DTYP] 2.4
 */
#include "dissect/look.h"

#include "dissect/names.h"
#include "proto/dtyp/sd.h"
#include "proto/rpc/pdu.h"
#include "proto/smb2/error.h"

/* ---- error data ---- */

static void
symlink_add(struct tree *t, struct span data)
{
	struct smb2_symlink_error c;

	if (!nt_ok(smb2_symlink_error_decode(data, &c)))
		return;
	tree_open(t, "Symbolic Link Error Response", NODE_GROUP)->derived = true;
	(void)tree_number(t, "UnparsedPathLength", 2, c.unparsed_length, NULL);
	(void)tree_number(t, "Flags", 4, c.flags, &names_hex);
	(void)tree_bytes(t, "SubstituteName", NODE_UTF16, c.substitute);
	(void)tree_bytes(t, "PrintName", NODE_UTF16, c.print);
	tree_close(t);
}

void
look_error_data(struct walk *w, struct span s)
{
	struct smb2_error_context c;
	uint64_t left = walk_value(w, "ErrorContextCount");

	if (left == 0) {
		symlink_add(w->tree, s);
		return;
	}
	tree_open(w->tree, "ErrorContexts", NODE_LIST)->derived = true;
	for (; left > 0 && s.n > 0; left--) {
		if (!nt_ok(smb2_error_context_next(&s, &c))) {
			tree_malformed(w->tree, "an error context passes the end");
			break;
		}
		(void)tree_open(w->tree, NULL, NODE_GROUP);
		(void)tree_number(w->tree, "ErrorId", 4, c.id, &names_hex);
		(void)tree_bytes(w->tree, "ErrorContextData", NODE_BYTES, c.data);
		symlink_add(w->tree, c.data);
		tree_close(w->tree);
	}
	tree_close(w->tree);
}

/* ---- DCE/RPC ---- */

static void
bind_add(struct tree *t, struct span pdu)
{
	struct rpc_bind c;

	if (!nt_ok(rpc_bind_decode(pdu, &c))) {
		tree_malformed(t, "a receiver refuses this bind");
		return;
	}
	(void)tree_number(t, "max_xmit_frag", 2, c.max_xmit, NULL);
	(void)tree_number(t, "max_recv_frag", 2, c.max_recv, NULL);
	(void)tree_number(t, "assoc_group_id", 4, c.assoc_group, &names_hex);
	(void)tree_number(t, "n_context_elem", 1, c.count, NULL);
}

static void
bind_ack_add(struct tree *t, struct span pdu)
{
	struct rpc_bind_ack c;

	if (!nt_ok(rpc_bind_ack_decode(pdu, &c))) {
		tree_malformed(t, "a receiver refuses this bind_ack");
		return;
	}
	(void)tree_number(t, "max_xmit_frag", 2, c.max_xmit, NULL);
	(void)tree_number(t, "max_recv_frag", 2, c.max_recv, NULL);
	(void)tree_number(t, "assoc_group_id", 4, c.assoc_group, &names_hex);
	(void)tree_open(t, "p_results", NODE_LIST);
	for (uint8_t i = 0; i < c.count; i++)
		(void)tree_number(t, NULL, 2, c.verdicts[i].result, &names_rpc_result);
	tree_close(t);
}

static void
request_add(struct tree *t, struct span pdu)
{
	struct rpc_request c;

	if (!nt_ok(rpc_request_decode(pdu, &c))) {
		tree_malformed(t, "a receiver refuses this request");
		return;
	}
	(void)tree_number(t, "p_cont_id", 2, c.context_id, NULL);
	tree_number(t, "opnum", 2, c.opnum, NULL)->in_line = true;
	(void)tree_bytes(t, "stub_data", NODE_BYTES, c.stub);
}

static void
response_add(struct tree *t, struct span pdu, bool fault)
{
	struct rpc_response c;

	if (!nt_ok(rpc_response_decode(pdu, &c))) {
		tree_malformed(t, "a receiver refuses this response");
		return;
	}
	(void)tree_number(t, "p_cont_id", 2, c.context_id, NULL);
	if (fault)
		tree_number(t, "status", 4, c.status, &names_hex)->in_line = true;
	(void)tree_bytes(t, "stub_data", NODE_BYTES, c.stub);
}

static void
pdu_add(struct tree *t, const struct rpc_header *h, struct span pdu)
{
	switch (h->ptype) {
	case RPC_BIND:
	case RPC_ALTER_CONTEXT:
		bind_add(t, pdu);
		break;
	case RPC_BIND_ACK:
	case RPC_ALTER_RESP:
		bind_ack_add(t, pdu);
		break;
	case RPC_REQUEST:
		request_add(t, pdu);
		break;
	case RPC_RESPONSE:
	case RPC_FAULT:
		response_add(t, pdu, h->ptype == RPC_FAULT);
		break;
	default:
		break;
	}
}

/* A read may end inside a fragment, or start there: only whole ones are looked into. */
void
look_rpc(struct tree *t, struct span s)
{
	struct rpc_header h;

	if (!nt_ok(rpc_header_decode(s, &h)))
		return;
	tree_open(t, "DCE/RPC", NODE_GROUP)->derived = true;
	tree_number(t, "PTYPE", 1, h.ptype, &names_rpc_ptype)->in_line = true;
	(void)tree_number(t, "pfc_flags", 1, h.flags, &names_rpc_flags);
	(void)tree_number(t, "frag_length", 2, h.frag_length, NULL);
	(void)tree_number(t, "auth_length", 2, h.auth_length, NULL);
	(void)tree_number(t, "call_id", 4, h.call_id, NULL);
	if (h.frag_length <= s.n)
		pdu_add(t, &h, SPAN(s.p, h.frag_length));
	tree_close(t);
}

void
look_data(struct walk *w, struct span s)
{
	if (w->hint->is_pipe)
		look_rpc(w->tree, s);
}

/* ---- security descriptors ---- */

static void
acl_add(struct tree *t, const char *name, struct span acl)
{
	struct rd r = acl_walk(acl);
	struct ace a;

	(void)tree_open(t, name, NODE_LIST);
	while (acl.n > 0 && ace_next(&r, &a)) {
		(void)tree_open(t, NULL, NODE_GROUP);
		(void)tree_number(t, "AceType", 1, a.type, &names_ace_type);
		(void)tree_number(t, "AceFlags", 1, a.flags, &names_ace_flags);
		(void)tree_number(t, "Mask", 4, a.mask, &names_access);
		if (a.has_sid)
			(void)tree_bytes(t, "Sid", NODE_SID, SPAN(a.raw.p + 8, a.raw.n - 8));
		else
			(void)tree_bytes(t, "Ace", NODE_BYTES, a.raw);
		tree_close(t);
	}
	tree_close(t);
}

/* OffsetOwner and OffsetGroup, where sd_decode() found sound SIDs.  2.4.6 */
static void
sid_add(struct tree *t, const char *name, struct span s, size_t at)
{
	struct rd r = rd_init(s);
	uint32_t off;

	rd_zero(&r, at);
	off = rd_u32(&r);
	if (off <= s.n)
		(void)tree_bytes(t, name, NODE_SID, SPAN(s.p + off, s.n - off));
}

void
look_security(struct tree *t, struct span s)
{
	struct sd sd;

	tree_open(t, "SECURITY_DESCRIPTOR", NODE_GROUP)->derived = true;
	if (!nt_ok(sd_decode(s, &sd))) {
		tree_malformed(t, "a receiver refuses this security descriptor");
		tree_close(t);
		return;
	}
	(void)tree_number(t, "Control", 2, sd.control, &names_sd_control);
	if (sd.has_owner)
		sid_add(t, "OwnerSid", s, 4);
	if (sd.has_group)
		sid_add(t, "GroupSid", s, 8);
	acl_add(t, "Sacl", sd.sacl);
	acl_add(t, "Dacl", sd.dacl);
	tree_close(t);
}
