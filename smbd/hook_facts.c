/*
 * hook_facts.c - what a script is told of a request: read from the same bytes
 * by the same decoders as the command's own handler uses after it.
 */
#include <stdlib.h>

#include "base/utf16.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/create.h"
#include "proto/smb2/set_info.h"
#include "proto/smb2/tree_connect.h"
#include "smbd/hook.h"
#include "smbd/path.h"

#define INFO_FILE 1	/* SMB2_0_INFO_FILE, [MS-SMB2] 2.2.39 */

void
facts_drop(struct facts *f)
{
	free(f->path);
	free(f->to);
}

static nt
text_keep(const char *s, char **keep, struct str *ret)
{
	*keep = strdup(s);
	REQUIRE(*keep, STATUS_INSUFFICIENT_RESOURCES);
	*ret = str_of(*keep);
	return STATUS_SUCCESS;
}

/* ---- each command ---- */

static nt
facts_create(struct rq *rq, struct rd r, struct facts *f)
{
	const struct tree *t = rq_tree(rq);
	char path[PATH_BOUND + 1];
	struct smb2_create_req req;
	struct str s;

	REQUIRE(t && !t->is_ipc, STATUS_NOT_SUPPORTED);
	TRY(smb2_create_req_decode(&r, &req));
	TRY(path_from_wire(req.name, path, sizeof path, &s));
	f->is.access       = req.desired_access;
	f->is.attributes   = req.file_attributes;
	f->is.share_access = req.share_access;
	f->is.disposition  = req.disposition;
	f->is.options      = req.options;
	f->deletes         = (req.options & FILE_DELETE_ON_CLOSE) != 0;
	return text_keep(s.s, &f->path, &f->is.path);
}

static nt
facts_tree_connect(struct rd r, struct facts *f)
{
	struct smb2_tree_connect_req req;
	char path[TEXT_BOUND + 1];
	struct str s;

	TRY(smb2_tree_connect_req_decode(&r, &req));
	TRY(path_share_from_wire(req.path, path, sizeof path, &s));
	memcpy(f->client_share, s.s, s.n + 1);
	f->is.share = (struct str){ f->client_share, s.n };
	return STATUS_SUCCESS;
}

/*
 * As fsd reads it, [MS-FSCC] 2.4.42: not as strict as a CREATE's, and nothing that fsd takes may
 * go past a script for being told differently.
 */
static nt
facts_name(struct span le16, struct facts *f)
{
	char path[PATH_BOUND + 1];
	size_t n;

	TRY(utf16_to_utf8(le16, path, sizeof path, &n));
	for (char *p = path; *p; p++)
		if (*p == '\\')
			*p = '/';
	return text_keep(path + strspn(path, "/"), &f->to, &f->is.to);
}

static nt
facts_set_info(struct rd r, struct facts *f)
{
	struct smb2_set_info_req req;
	struct fscc_rename n = { 0 };
	uint32_t flags       = 0;

	TRY(smb2_set_info_req_decode(&r, &req));
	if (req.info_type != INFO_FILE)
		return STATUS_SUCCESS;
	switch (req.info_class) {
	case FSCC_FILE_RENAME:
	case FSCC_FILE_RENAME_EX:
		f->renames = true;
		TRY(req.info_class == FSCC_FILE_RENAME ? fscc_rename_decode(req.buffer, &n)
						       : fscc_rename_ex_decode(req.buffer, &n));
		return facts_name(n.name, f);
	case FSCC_FILE_LINK:
		TRY(fscc_link_decode(req.buffer, &n));
		return facts_name(n.name, f);
	case FSCC_FILE_DISPOSITION:
	case FSCC_FILE_DISPOSITION_EX:
		f->sets_deletes = true;
		TRY(req.info_class == FSCC_FILE_DISPOSITION
			? fscc_disposition_decode(req.buffer, &flags)
			: fscc_disposition_ex_decode(req.buffer, &flags));
		f->deletes = (flags & FSCC_DISPOSITION_DELETE) != 0;
		return STATUS_SUCCESS;
	default:
		return STATUS_SUCCESS;
	}
}

/* ---- all of them ---- */

static nt
facts_file(struct rq *rq, struct facts *f)
{
	const struct open *o = rq_open(rq);

	if (!o || !o->hook)
		return STATUS_SUCCESS;
	f->deletes = o->hook->deletes;
	return text_keep(o->hook->path, &f->path, &f->is.path);
}

static nt
facts_command(struct rq *rq, struct rd body, struct facts *f)
{
	if (rq->hdr.command == SMB2_CMD_create)
		return facts_create(rq, body, f);
	if (rq->hdr.command == SMB2_CMD_tree_connect)
		return facts_tree_connect(body, f);
	TRY(facts_file(rq, f));
	return rq->hdr.command == SMB2_CMD_set_info ? facts_set_info(body, f) : STATUS_SUCCESS;
}

nt
facts_take(struct rq *rq, struct rd body, struct facts *f)
{
	struct session *s = rq_session(rq);
	struct tree *t    = rq_tree(rq);
	nt st;

	memset(f, 0, sizeof *f);
	f->is.command = str_of(smb2_command_name(rq->hdr.command));
	f->is.client  = rq->frame->conn->params.client;
	if (s) {
		f->is.session = s->id;
		f->is.user    = str_of(s->user);
	}
	if (t && rq->hdr.command != SMB2_CMD_tree_connect) {
		memcpy(f->client_share, t->share, sizeof t->share);
		f->is.share = str_of(f->client_share);
	}
	st = facts_command(rq, body, f);
	if (nt_failed(st)) {
		facts_drop(f);
		memset(f, 0, sizeof *f);
	}
	return st;
}

void
facts_of_open(const struct open *o, struct facts *f)
{
	const struct chan *ch = LIST_FIRST(&o->session->chans);
	struct tree *t        = tree_find(o->session, o->tree_id);

	memset(f, 0, sizeof *f);
	f->is.session = o->session->id;
	f->is.user    = str_of(o->session->user);
	if (ch)
		f->is.client = ch->conn->params.client;
	if (t)
		f->is.share = str_of(t->share);
	if (o->hook)
		f->is.path = str_of(o->hook->path);
}
