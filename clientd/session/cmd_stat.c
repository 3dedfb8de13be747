/*
 * cmd_stat.c - what a name is, how full a share is, attributes and times: each
 * one compound of CREATE, the question, CLOSE.
 */
#include "clientd/session/cache.h"
#include "proto/fscc/fs_info.h"

#define ALL_MAX	 (4096u + 2 * PATH_BOUND)	/* FileAllInformation has a name at its end */
#define BASIC_SIZE 40u
#define FS_MAX	 1024u

static_assert(sizeof(struct client_stat_rsp) == sizeof(struct client_entry_row_req),
	      "the same row");

/* set: what changes before the question; empty: nothing. */
static nt
stat_as(const struct where *w, const char *path, uint32_t access, uint32_t options,
	struct span set, struct client_entry_row_req *ret)
{
	const struct open_how how = { .path = path, .access = access | FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN, .options = options };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct fscc_stat st	  = { 0 };
	unsigned at		  = set.n > 0 ? 2 : 1;
	struct span out;

	TRY(where_begin(&m, w, OPEN_ROOM));
	TRY(add_create(&m, w, &how));
	if (set.n > 0)
		add_set(&m, w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_BASIC, 0, set);
	add_query(&m, w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_ALL, 0, ALL_MAX);
	add_close(&m, w, FID_RELATED, 0);
	TRY(msg_run(&m));
	TRY(query_output(&m, at, &out));
	ANSWER(fscc_file_decode(out, FSCC_FILE_ALL, &st));
	entry_of_stat(&st, path_last(path), ret);
	return STATUS_SUCCESS;
}

/* A link that the server does not follow is told about as what it is. */
nt
stat_entry(const struct where *w, const char *path, struct client_entry_row_req *ret)
{
	nt s = stat_as(w, path, 0, 0, SPAN_NONE, ret);

	if (nt_is(s, STATUS_STOPPED_ON_SYMLINK))
		s = stat_as(w, path, 0, FILE_OPEN_REPARSE_POINT, SPAN_NONE, ret);
	return s;
}

nt
client_stat(struct client *me, struct job *j, const struct client_stat_req *req,
	    struct client_stat_rsp *rsp)
{
	struct kept *k CLEANUP(kept_release) = NULL;
	struct where w CLEANUP(where_end)    = { 0 };
	struct client_entry_row_req e;

	(void)me;
	TRY(where_find(j, req->session, req->share.s, &w));
	k = cache_use(&w, req->path.s, false);
	if (k) {
		e      = k->row;
		e.name = str_of(path_last(req->path.s));
	} else {
		TRY(stat_entry(&w, req->path.s, &e));
	}
	memcpy(rsp, &e, sizeof *rsp);
	return STATUS_SUCCESS;
}

static nt
basic_set(const struct where *w, const char *path, const struct fscc_basic_set *set,
	  struct client_entry_row_req *ret)
{
	uint8_t buf[BASIC_SIZE];
	struct wr b = wr_init(buf, sizeof buf);

	fscc_basic_encode(&b, set);
	REQUIRE(wr_ok(&b), STATUS_INTERNAL_ERROR);
	return stat_as(w, path, FILE_WRITE_ATTRIBUTES, 0, wr_done(&b), ret);
}

nt
client_attrib(struct client *me, struct job *j, const struct client_attrib_req *req,
	      struct client_attrib_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct fscc_basic_set set	  = { 0 };
	struct client_entry_row_req e;

	(void)me;
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(stat_entry(&w, req->path.s, &e));
	if (req->set || req->clear) {
		set.attributes = (e.attributes & ~req->clear) | req->set;
		set.attributes &= ~(FILE_ATTRIBUTE_NORMAL | FILE_ATTRIBUTE_DIRECTORY);
		if (set.attributes == 0)
			set.attributes = FILE_ATTRIBUTE_NORMAL;	/* 0 would change nothing */
		TRY(basic_set(&w, req->path.s, &set, &e));
	}
	memcpy(rsp, &e, sizeof *rsp);
	return STATUS_SUCCESS;
}

static struct fscc_time_set
time_of(uint64_t unix_ns)
{
	return unix_ns == 0 || unix_ns > INT64_MAX
		       ? (struct fscc_time_set){ .how = FSCC_TIME_KEEP }
		       : (struct fscc_time_set){ FSCC_TIME_SET, (int64_t)unix_ns };
}

nt
client_times(struct client *me, struct job *j, const struct client_times_req *req,
	     struct client_times_rsp *rsp)
{
	const struct fscc_basic_set set = { .creation_time = time_of(req->created),
					    .access_time   = time_of(req->accessed),
					    .write_time	   = time_of(req->written),
					    .change_time   = time_of(req->changed) };
	struct where w CLEANUP(where_end) = { 0 };
	struct client_entry_row_req e;

	(void)me;
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(basic_set(&w, req->path.s, &set, &e));
	memcpy(rsp, &e, sizeof *rsp);
	return STATUS_SUCCESS;
}

/* ---- df ---- */

static const char *
name_copy(struct span utf16)
{
	char *s = fiber_alloc(NAME_BOUND + 1);
	size_t n;

	return nt_failed(utf16_to_utf8(utf16, s, NAME_BOUND + 1, &n)) ? "" : s;
}

static nt
fs_answer(struct msg *m, unsigned i, uint8_t info_class, struct fscc_fs *io, const char **ret_name)
{
	struct span out, name = SPAN_NONE;

	TRY(query_output(m, i, &out));
	ANSWER(fscc_fs_decode(out, info_class, io, &name));
	*ret_name = name_copy(name);
	return STATUS_SUCCESS;
}

nt
client_df(struct client *me, struct job *j, const struct client_df_req *req,
	  struct client_df_rsp *rsp)
{
	const struct open_how how = { .path = req->path.s, .access = FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct fscc_fs fs		  = { 0 };
	const char *label, *type, *none;

	(void)me;
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM));
	TRY(add_create(&m, &w, &how));
	add_query(&m, &w, FID_RELATED, SMB2_0_INFO_FILESYSTEM, FSCC_FS_FULL_SIZE, 0, FS_MAX);
	add_query(&m, &w, FID_RELATED, SMB2_0_INFO_FILESYSTEM, FSCC_FS_ATTRIBUTE, 0, FS_MAX);
	add_query(&m, &w, FID_RELATED, SMB2_0_INFO_FILESYSTEM, FSCC_FS_VOLUME, 0, FS_MAX);
	add_close(&m, &w, FID_RELATED, 0);
	TRY(msg_run(&m));
	TRY(fs_answer(&m, 1, FSCC_FS_FULL_SIZE, &fs, &none));
	TRY(fs_answer(&m, 2, FSCC_FS_ATTRIBUTE, &fs, &type));
	TRY(fs_answer(&m, 3, FSCC_FS_VOLUME, &fs, &label));
	rsp->unit	= fs.sectors_per_unit * fs.bytes_per_sector;
	rsp->total	= fs.units_total * rsp->unit;
	rsp->free	= fs.units_free * rsp->unit;
	rsp->available	= fs.units_caller * rsp->unit;
	rsp->filesystem = str_of(type);
	rsp->label	= str_of(label);
	rsp->serial	= fs.serial;
	rsp->attributes = fs.attributes;
	rsp->name_max	= fs.name_max;
	return STATUS_SUCCESS;
}
