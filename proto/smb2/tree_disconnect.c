/*
 * tree_disconnect.c - TREE_DISCONNECT.  [MS-SMB2] 2.2.11, 2.2.12
 */
#include "proto/smb2/tree_disconnect.h"

#include "proto/smb2/body.h"

nt
smb2_tree_disconnect_req_decode(struct rd *r, struct smb2_tree_disconnect_req *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

nt
smb2_tree_disconnect_rsp_decode(struct rd *r, struct smb2_tree_disconnect_rsp *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_tree_disconnect_req_encode(struct wr *w, size_t hdr_at,
				const struct smb2_tree_disconnect_req *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}

void
smb2_tree_disconnect_rsp_encode(struct wr *w, size_t hdr_at,
				const struct smb2_tree_disconnect_rsp *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}
