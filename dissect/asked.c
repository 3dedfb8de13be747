/*
 * asked.c - requests remembered by MessageId, files by FileId.
 */
#include "dissect/asked.h"

#include <string.h>

#include "proto/smb2/commands.h"
#include "proto/smb2/create.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/tree_connect.h"

static void
name_set(struct file_name *f, struct span s)
{
	f->n = s.n <= sizeof f->bytes ? s.n : 0;
	if (f->n > 0)
		memcpy(f->bytes, s.p, f->n);
}

static bool
tree_is_pipe(const struct asked *a, uint64_t session_id, uint32_t tree_id)
{
	for (size_t i = 0; i < TREES_MAX; i++) {
		if (a->trees[i].tree_id == tree_id && a->trees[i].session_id == session_id)
			return a->trees[i].is_pipe;
	}
	return false;
}

static const struct file_name *
file_find(const struct asked *a, uint64_t session_id, struct smb2_fid fid)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (a->files[i].used && a->files[i].session_id == session_id &&
		    smb2_fid_eq(a->files[i].fid, fid))
			return &a->files[i].name;
	}
	return NULL;
}

/* ---- requests ---- */

/* The name that a request's FileId stands for; all ones mean the element before. */
static void
fid_name(struct asked *a, const struct smb2_element *e, struct file_name *ret)
{
	const struct smb2_command *c = smb2_command_find(e->hdr.command);
	const struct file_name *name = NULL;
	struct rd body		     = e->body;
	struct smb2_fid fid;

	if (!c || c->handle_at == NO_FID)
		return;
	rd_zero(&body, c->handle_at);
	fid = rd_fid(&body);
	if (!rd_ok(&body))
		return;
	name = smb2_fid_is_related(fid) ? &a->last : file_find(a, e->hdr.session_id, fid);
	if (name)
		*ret = *name;
}

static void
request_details(struct asked *a, const struct smb2_element *e, struct asked_request *q)
{
	struct rd body = e->body;
	struct smb2_create_req create;
	struct smb2_query_info_req info;
	struct smb2_query_directory_req listing;
	struct smb2_ioctl_req ioctl;

	fid_name(a, e, &q->file);
	switch (e->hdr.command) {
	case SMB2_CMD_create:
		if (nt_ok(smb2_create_req_decode(&body, &create)))
			name_set(&q->file, create.name);
		q->file.is_pipe = tree_is_pipe(a, e->hdr.session_id, e->hdr.tree_id);
		break;
	case SMB2_CMD_query_info:
		if (!nt_ok(smb2_query_info_req_decode(&body, &info)))
			break;
		q->info_type  = info.info_type;
		q->info_class = info.info_class;
		break;
	case SMB2_CMD_query_directory:
		if (nt_ok(smb2_query_directory_req_decode(&body, &listing)))
			q->info_class = listing.info_class;
		break;
	case SMB2_CMD_ioctl:
		if (nt_ok(smb2_ioctl_req_decode(&body, &ioctl)))
			q->ctl_code = ioctl.ctl_code;
		break;
	default:
		break;
	}
}

static const struct asked_request *
request_see(struct asked *a, const struct smb2_element *e)
{
	struct asked_request *q = &a->requests[a->next_request++ % ASKED_MAX];

	*q = (struct asked_request){ .used	 = true,
				     .message_id = e->hdr.message_id,
				     .session_id = e->hdr.session_id,
				     .tree_id	 = e->hdr.tree_id,
				     .command	 = e->hdr.command };
	request_details(a, e, q);
	a->last = q->file;
	return q;
}

/* ---- responses ---- */

static struct asked_request *
request_find(struct asked *a, const struct smb2_element *e)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		if (a->requests[i].used && a->requests[i].message_id == e->hdr.message_id &&
		    a->requests[i].command == e->hdr.command)
			return &a->requests[i];
	}
	return NULL;
}

static void
file_opened(struct asked *a, const struct smb2_element *e, const struct asked_request *q)
{
	struct open_file *f = &a->files[a->next_file % FILES_MAX];
	struct rd body	    = e->body;
	struct smb2_create_rsp c;

	if (!nt_ok(smb2_create_rsp_decode(&body, &c)))
		return;
	a->next_file++;
	*f = (struct open_file){ .used	     = true,
				 .session_id = e->hdr.session_id,
				 .fid	     = c.fid,
				 .name	     = q->file };
}

static void
tree_connected(struct asked *a, const struct smb2_element *e)
{
	struct rd body = e->body;
	struct smb2_tree_connect_rsp c;

	if (!nt_ok(smb2_tree_connect_rsp_decode(&body, &c)))
		return;
	a->trees[a->next_tree++ % TREES_MAX] =
	    (struct asked_tree){ .session_id = e->hdr.session_id,
				 .tree_id    = e->hdr.tree_id,
				 .is_pipe    = c.share_type == SMB2_SHARE_TYPE_PIPE };
}

static const struct asked_request *
response_see(struct asked *a, const struct smb2_element *e)
{
	struct asked_request *q = request_find(a, e);

	if (nt_ok(e->hdr.status) && e->hdr.command == SMB2_CMD_tree_connect)
		tree_connected(a, e);
	if (!q)
		return NULL;
	if (nt_ok(e->hdr.status) && e->hdr.command == SMB2_CMD_create)
		file_opened(a, e, q);
	if (e->hdr.status.code != NT_PENDING)
		q->used = false; /* its row may be read until the next message */
	return q;
}

void
asked_see(struct asked *a, const struct smb2_element *e, struct dissect_hint *ret)
{
	bool response	     = (e->hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
	const struct asked_request *q = response ? response_see(a, e) : request_see(a, e);

	if (!q)
		return;
	ret->request_known = response;
	ret->info_type	   = q->info_type;
	ret->info_class	   = q->info_class;
	ret->ctl_code	   = q->ctl_code;
	ret->is_pipe	   = q->file.is_pipe;
	if (response || e->hdr.command != SMB2_CMD_create) /* that one says it itself */
		ret->file = SPAN(q->file.bytes, q->file.n);
}
