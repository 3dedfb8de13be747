/*
 * open.c - what the client calls an open: our number (FileId.Volatile) beside
 * fsd's (FileId.Persistent).  Everything else about it is fsd's.
 * [MS-SMB2] 3.3.1.10
 */
#include <stdlib.h>

#include "smbd/hook.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"

nt
open_new(struct session *s, uint32_t tree_id, struct storage *at, struct open **ret)
{
	struct worker *w = s->worker;
	struct open *o;

	REQUIRE(s->n_opens < SESSION_OPENS_MAX, STATUS_TOO_MANY_OPENED_FILES);
	o = calloc(1, sizeof *o);
	REQUIRE(o, STATUS_INSUFFICIENT_RESOURCES);
	if (nt_failed(table_add(w->opens, o, &o->vol))) {
		free(o);
		return STATUS_TOO_MANY_OPENED_FILES;
	}
	o->session = s;
	o->tree_id = tree_id;
	o->at      = at;
	LIST_INSERT_HEAD(&s->opens, o, of_session);
	s->n_opens++;
	*ret = o;
	return STATUS_SUCCESS;
}

nt
open_bind(struct open *o, uint64_t file)
{
	if (!o->pipe)
		TRY(idmap_put(&o->at->files, file, o));
	o->file = file;
	return STATUS_SUCCESS;
}

struct open *
open_find(struct session *s, uint32_t tree_id, struct smb2_fid fid)
{
	struct open *o = s ? table_find(s->worker->opens, fid.vol) : NULL;

	if (!o || o->session != s || o->tree_id != tree_id || o->file != fid.persistent)
		return NULL;
	return o;
}

struct smb2_fid
open_fid(const struct open *o)
{
	return (struct smb2_fid){ .persistent = o->file, .vol = o->vol };
}

void
open_drop(struct open *o)
{
	struct worker *w = o->session->worker;

	if (o->hook)
		hook_open_drop(o);
	if (o->pipe)
		pipe_drop(o->pipe);
	else if (o->file != 0)
		(void)idmap_remove(&o->at->files, o->file);
	(void)table_remove(w->opens, o->vol);
	LIST_REMOVE(o, of_session);
	o->session->n_opens--;
	free(o);
}

void
opens_drop(struct session *s, const uint32_t *tree_id)
{
	struct open *o, *next;

	for (o = LIST_FIRST(&s->opens); o; o = next) {
		next = LIST_NEXT(o, of_session);
		if (!tree_id || o->tree_id == *tree_id)
			open_drop(o);
	}
}
