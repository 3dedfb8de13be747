/*
 * open.c - see open.h.
 */
#include "clientd/session/open.h"

#include "clientd/session/cache.h"
#include "proto/fscc/filetime.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/set_info.h"

static bool
is_separator(char c)
{
	return c == '/' || c == '\\';
}

static bool
is_dots(const char *s, size_t n)
{
	return (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.');
}

nt
path_encode(const char *path, struct wr *w)
{
	char part[PATH_BOUND + 1];
	bool first = true;

	while (*path) {
		size_t n = 0;

		while (is_separator(*path))
			path++;
		while (path[n] && !is_separator(path[n]))
			n++;
		if (n == 0)
			break;
		REQUIRE(!is_dots(path, n) && n <= PATH_BOUND, STATUS_OBJECT_NAME_INVALID);
		memcpy(part, path, n);
		part[n] = '\0';
		if (!first)
			wr_u16(w, '\\');
		(void)wr_utf16(w, part);
		first = false;
		path += n;
	}
	REQUIRE(wr_ok(w), STATUS_OBJECT_NAME_INVALID);
	return STATUS_SUCCESS;
}

const char *
path_last(const char *path)
{
	size_t n = strlen(path);
	char *copy;

	while (n > 0 && is_separator(path[n - 1]))
		n--;
	copy	= fiber_alloc(n + 1);
	memcpy(copy, path, n);
	for (size_t i = n; i > 0; i--)
		if (is_separator(copy[i - 1]))
			return copy + i;
	return copy;
}

bool
path_same(const char *a, const char *b)
{
	return utf8_casecmp(path_plain(a), path_plain(b)) == 0;
}

/* ---- elements ---- */

/* 3.2.4.3: in a DFS namespace the whole name, so that the server knows what is a link. */
static void
name_prefix(const struct where *w, struct wr *nw)
{
	(void)wr_utf16(nw, w->session->host);
	wr_u16(nw, '\\');
	(void)wr_utf16(nw, w->share);
	wr_u16(nw, '\\');
}

nt
add_create(struct msg *m, const struct where *w, const struct open_how *how)
{
	uint8_t name[2 * PATH_BOUND];
	bool backup		   = w->session->flags & CLIENT_BACKUP;
	uint32_t intent		   = backup ? FILE_OPEN_FOR_BACKUP_INTENT : 0;
	struct wr nw		   = wr_init(name, sizeof name);
	struct smb2_create_req req = { .oplock_level   = how->oplock,
				       .impersonation  = SMB2_IMPERSONATION_IMPERSONATION,
				       .desired_access = how->access,
				       .file_attributes = how->attributes,
				       .share_access   = how->share ? how->share : SHARE_ALL,
				       .disposition    = how->disposition,
				       .options	       = how->options | intent,
				       .contexts       = how->contexts };
	size_t at;

	if (w->dfs)
		name_prefix(w, &nw);
	TRY(path_encode(how->path, &nw));
	req.name = wr_done(&nw);
	at	 = msg_add(m, SMB2_CMD_create, w->tree_id, 0);
	if (w->dfs)
		smb2_hdr_patch_flags(&m->w, at, SMB2_FLAGS_DFS_OPERATIONS);
	smb2_create_req_encode(&m->w, at, &req);
	return STATUS_SUCCESS;
}

void
add_close(struct msg *m, const struct where *w, struct smb2_fid fid, uint16_t flags)
{
	const struct smb2_close_req req = { .flags = flags, .fid = fid };
	size_t at			= msg_add(m, SMB2_CMD_close, w->tree_id, 0);

	smb2_close_req_encode(&m->w, at, &req);
}

void
add_query(struct msg *m, const struct where *w, struct smb2_fid fid, uint8_t type,
	  uint8_t info_class, uint32_t additional, uint32_t length)
{
	const struct smb2_query_info_req req = { .info_type = type, .info_class = info_class,
						 .additional = additional, .output_length = length,
						 .fid = fid };
	size_t at = msg_add(m, SMB2_CMD_query_info, w->tree_id, length);

	smb2_query_info_req_encode(&m->w, at, &req);
}

void
add_set(struct msg *m, const struct where *w, struct smb2_fid fid, uint8_t type,
	uint8_t info_class, uint32_t additional, struct span buffer)
{
	const struct smb2_set_info_req req = { .info_type = type, .info_class = info_class,
					       .additional = additional, .fid = fid,
					       .buffer = buffer };
	size_t at = msg_add(m, SMB2_CMD_set_info, w->tree_id, buffer.n);

	smb2_set_info_req_encode(&m->w, at, &req);
}

/* ---- answers ---- */

/* Success carries what its command must carry; a half truth is none. */
nt
msg_run(struct msg *m)
{
	TRY(msg_exchange(m));
	for (unsigned i = 0; i < m->n; i++)
		if (nt_failed(m->reply[i].status) &&
		    !nt_is(m->reply[i].status, STATUS_BUFFER_OVERFLOW))
			return m->reply[i].status;
	return STATUS_SUCCESS;
}

nt
query_output(struct msg *m, unsigned i, struct span *ret)
{
	struct smb2_query_info_rsp rsp;

	ANSWER(smb2_query_info_rsp_decode(&m->reply[i].body, &rsp));
	*ret = rsp.output;
	return STATUS_SUCCESS;
}

nt
file_open(const struct where *w, const struct open_how *how, struct smb2_create_rsp *ret)
{
	struct msg m CLEANUP(msg_end) = { 0 };

	TRY(where_begin(&m, w, OPEN_ROOM + how->contexts.n));
	TRY(add_create(&m, w, how));
	TRY(msg_run(&m));
	ANSWER(smb2_create_rsp_decode(&m.reply[0].body, ret));
	ret->contexts = SPAN_NONE;
	return STATUS_SUCCESS;
}

nt
file_close(const struct where *w, struct smb2_fid fid, struct smb2_close_rsp *ret)
{
	struct msg m CLEANUP(msg_end) = { 0 };

	TRY(where_begin(&m, w, MSG_ROOM));
	add_close(&m, w, fid, SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB);
	TRY(msg_run(&m));
	ANSWER(smb2_close_rsp_decode(&m.reply[0].body, ret));
	return STATUS_SUCCESS;
}

/* ---- what is told to scripts ---- */

static uint64_t
ns_of(int64_t ns)
{
	return ns == FSCC_TIME_NONE || ns < 0 ? 0 : (uint64_t)ns;
}

uint64_t
unix_of(uint64_t filetime)
{
	int64_t ns;

	return filetime_to_ns(filetime, &ns) ? ns_of(ns) : 0;
}

void
entry_of_stat(const struct fscc_stat *st, const char *name, struct client_entry_row_req *ret)
{
	*ret = (struct client_entry_row_req){
		.name	     = str_of(name),
		.size	     = st->end_of_file,
		.allocation  = st->allocation_size,
		.created     = ns_of(st->creation_time),
		.accessed    = ns_of(st->access_time),
		.written     = ns_of(st->write_time),
		.changed     = ns_of(st->change_time),
		.attributes  = st->attributes,
		.directory   = (st->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0,
		.file_id     = st->file_id,
		.reparse_tag = st->reparse_tag,
		.links	     = st->nlink,
		.short_name  = str_of(st->short_name ? st->short_name : ""),
	};
}
