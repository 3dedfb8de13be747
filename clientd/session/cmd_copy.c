/*
 * cmd_copy.c - a copy on the server: FSCTL_SRV_COPYCHUNK_WRITE, so that no byte
 * travels; by READ and WRITE where the server cannot, or DFS makes two servers of it.
 * [MS-SMB2] 3.2.4.20.2, 3.3.5.15.6
 */
#include "clientd/session/dfs.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

#define CHUNK_MAX  (1024u * 1024)	/* 3.3.3: what a server takes unless it says less */
#define CHUNKS_MAX 16u
#define BY_HAND	   (512u * 1024)

struct copy {
	struct job *job;
	struct where from, to;
	struct smb2_fid source, target;
	bool source_open, target_open;
	uint8_t key[SMB2_RESUME_KEY_SIZE];
	uint64_t size, done;
	uint32_t chunk, chunks;
};

static void
copy_end_p(struct copy *c)
{
	if (c->source_open)
		fid_close_later(c->from.conn, c->from.tree_id, c->from.seal, c->source);
	if (c->target_open)
		fid_close_later(c->to.conn, c->to.tree_id, c->to.seal, c->target);
	where_end(&c->from);
	where_end(&c->to);
}

static nt
copy_ioctl(const struct where *w, const struct smb2_ioctl_req *req, struct msg *m,
	   struct smb2_ioctl_rsp *ret)
{
	uint64_t n = req->input.n > req->max_output_response ? req->input.n
							     : req->max_output_response;
	size_t at;

	TRY(where_begin(m, w, MSG_ROOM + req->input.n));
	at = msg_add(m, SMB2_CMD_ioctl, w->tree_id, n);
	smb2_ioctl_req_encode(&m->w, at, req);
	TRY(msg_exchange(m));
	*ret = (struct smb2_ioctl_rsp){ 0 };
	/* with INVALID_PARAMETER the limits come in the place of the counts */
	nt s = smb2_ioctl_rsp_decode(&m->reply[0].body, ret);
	if (nt_failed(m->reply[0].status))
		return m->reply[0].status;
	ANSWER(s);
	return STATUS_SUCCESS;
}

static nt
source_key(struct copy *c)
{
	const struct smb2_ioctl_req req = { .ctl_code = FSCTL_SRV_REQUEST_RESUME_KEY,
					    .fid = c->source, .max_output_response = 32,
					    .flags = SMB2_0_IOCTL_IS_FSCTL };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_ioctl_rsp rsp;
	struct smb2_resume_key_rsp key;

	TRY(copy_ioctl(&c->from, &req, &m, &rsp));
	ANSWER(smb2_resume_key_rsp_decode(rsp.output, &key));
	memcpy(c->key, key.key, sizeof c->key);
	return STATUS_SUCCESS;
}

static size_t
chunks_put(const struct copy *c, struct wr *w)
{
	uint8_t list[CHUNKS_MAX * SMB2_COPYCHUNK_ELEMENT];
	struct smb2_copychunk_req req = { 0 };
	struct wr lw		      = wr_init(list, sizeof list);
	uint64_t at		      = c->done;

	memcpy(req.source_key, c->key, sizeof req.source_key);
	while (req.count < c->chunks && at < c->size) {
		uint64_t left		      = c->size - at;
		const struct smb2_copychunk k = { at, at,
						  left < c->chunk ? (uint32_t)left : c->chunk };

		smb2_copychunk_encode(&lw, &k);
		at += k.length;
		req.count++;
	}
	req.chunks = wr_done(&lw);
	smb2_copychunk_req_encode(w, &req);
	return (size_t)(at - c->done);
}

/* The server said how much it takes: true if that is less than we asked, and anything at all. */
static bool
limits_learn(struct copy *c, struct span output)
{
	struct smb2_copychunk_rsp lim;
	uint32_t chunk = c->chunk, chunks = c->chunks;

	if (nt_failed(smb2_copychunk_rsp_decode(output, &lim)) || lim.chunks_written == 0 ||
	    lim.chunk_bytes_written == 0)
		return false;
	if (lim.chunk_bytes_written < c->chunk)
		c->chunk = lim.chunk_bytes_written;
	if (lim.chunks_written < c->chunks)
		c->chunks = lim.chunks_written;
	if (lim.total_bytes_written / c->chunk < c->chunks)
		c->chunks = lim.total_bytes_written / c->chunk;
	if (c->chunks == 0)
		c->chunks = 1;
	return c->chunk < chunk || c->chunks < chunks;
}

static nt
chunks_copy(struct copy *c)
{
	uint8_t in[64 + CHUNKS_MAX * SMB2_COPYCHUNK_ELEMENT];
	struct wr w		      = wr_init(in, sizeof in);
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_ioctl_req req     = { .ctl_code = FSCTL_SRV_COPYCHUNK_WRITE, .fid = c->target,
					  .max_output_response = 32,
					  .flags = SMB2_0_IOCTL_IS_FSCTL };
	struct smb2_copychunk_rsp did;
	struct smb2_ioctl_rsp rsp;
	size_t n = chunks_put(c, &w);
	nt s;

	req.input = wr_done(&w);
	s	  = copy_ioctl(&c->to, &req, &m, &rsp);
	if (nt_is(s, STATUS_INVALID_PARAMETER) && limits_learn(c, rsp.output))
		return STATUS_SUCCESS;
	TRY(s);
	ANSWER(smb2_copychunk_rsp_decode(rsp.output, &did));
	REQUIRE(did.total_bytes_written > 0 && did.total_bytes_written <= n,
		STATUS_INVALID_NETWORK_RESPONSE);
	c->done += did.total_bytes_written;
	return STATUS_SUCCESS;
}

static nt
hand_write(struct copy *c, struct span data)
{
	const struct smb2_write_req req = { .length = (uint32_t)data.n, .offset = c->done,
					    .fid = c->target, .data = data };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_write_rsp rsp;
	size_t at;

	TRY(where_begin(&m, &c->to, MSG_ROOM + data.n));
	at = msg_add(&m, SMB2_CMD_write, c->to.tree_id, data.n);
	smb2_write_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_write_rsp_decode(&m.reply[0].body, &rsp));
	REQUIRE(rsp.count == data.n, STATUS_DISK_FULL);
	c->done += data.n;
	return STATUS_SUCCESS;
}

static nt
hand_copy(struct copy *c)
{
	uint32_t in = c->from.conn->nego.max_read, out = c->to.conn->nego.max_write;
	uint32_t most		  = in < out ? in : out;
	struct smb2_read_req req  = { .length = most < BY_HAND ? most : BY_HAND,
				      .offset = c->done, .fid = c->source };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_read_rsp rsp;
	size_t at;

	TRY(where_begin(&m, &c->from, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_read, c->from.tree_id, req.length);
	smb2_read_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_read_rsp_decode(&m.reply[0].body, &rsp));
	REQUIRE(rsp.data.n > 0 && rsp.data.n <= req.length, STATUS_INVALID_NETWORK_RESPONSE);
	return hand_write(c, rsp.data);
}

static bool
is_not_there(nt s)
{
	return nt_is(s, STATUS_NOT_SUPPORTED) || nt_is(s, STATUS_INVALID_DEVICE_REQUEST) ||
	       nt_is(s, STATUS_NOT_IMPLEMENTED);
}

static nt
copy_run(struct copy *c)
{
	bool by_hand = c->from.session != c->to.session;
	nt s	     = by_hand ? STATUS_SUCCESS : source_key(c);

	by_hand |= is_not_there(s);
	if (!by_hand)
		TRY(s);
	while (c->done < c->size) {
		s = by_hand ? hand_copy(c) : chunks_copy(c);
		if (!by_hand && c->done == 0 && is_not_there(s))
			by_hand = true;
		else
			TRY(s);
		c->job->progress.done = c->done;
	}
	return STATUS_SUCCESS;
}

static nt
source_open(struct copy *c, const char *path)
{
	const struct open_how how = { .path = path, .disposition = FILE_OPEN,
				      .access  = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
				      .options = FILE_NON_DIRECTORY_FILE };
	struct smb2_create_rsp rsp;

	TRY(file_open(&c->from, &how, &rsp));
	c->source      = rsp.fid;
	c->source_open = true;
	c->size	       = rsp.end_of_file;
	return STATUS_SUCCESS;
}

/* Overwriting itself would leave nothing to copy; a server may have two names. */
static bool
is_itself(const struct copy *c, const char *from, const char *to)
{
	const struct conn *a = c->from.conn, *b = c->to.conn;

	return (c->from.session == c->to.session ||
		memcmp(&a->nego.server_guid, &b->nego.server_guid, sizeof a->nego.server_guid) == 0) &&
	       utf8_casecmp(c->to.share, c->from.share) == 0 && path_same(from, to);
}

static nt
target_try(struct copy *c, const struct job_at *from, const struct job_at *to, bool replace)
{
	const struct open_how how = { .path = to->path,
		.access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES,
		.disposition = replace ? FILE_OVERWRITE_IF : FILE_CREATE,
		.options     = FILE_NON_DIRECTORY_FILE };
	struct session *s = session_find(c->job->client, to->session);
	struct smb2_create_rsp rsp;

	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	where_end(&c->to);
	TRY(where_of(s, to->share, &c->to));
	REQUIRE(!is_itself(c, from->path, to->path), STATUS_SHARING_VIOLATION);
	TRY(file_open(&c->to, &how, &rsp));
	c->target      = rsp.fid;
	c->target_open = true;
	return STATUS_SUCCESS;
}

/* The source is open: from here on the call does not fail for where that is. */
static nt
target_open(struct copy *c, const struct client_copy_req *req)
{
	const struct job_at from = { .path = req->path.s };
	struct job_at to	 = c->job->said_at;
	nt s;

	c->job->settled = true;
	to.path		= req->to.s;
	if (req->to_share.n > 0)
		to.share = req->to_share.s;
	do {
		newname_set(c->job, to.path);
		s = target_try(c, &from, &to, req->replace);
	} while (nt_failed(s) && !nt_failed(at_follow(c->job, &to, false, s)));
	return s;
}

nt
client_copy(struct client *me, struct job *j, const struct client_copy_req *req,
	    struct client_copy_rsp *rsp)
{
	struct copy c __attribute__((cleanup(copy_end_p))) = { .job = j, .chunk = CHUNK_MAX,
							       .chunks = CHUNKS_MAX };
	struct smb2_close_rsp closed;

	(void)me;
	TRY(job_number(j, req->job));
	TRY(where_find(j, req->session, req->share.s, &c.from));
	TRY(source_open(&c, req->path.s));
	TRY(target_open(&c, req));
	j->progress.total = c.size;
	TRY(copy_run(&c));
	c.target_open = false;
	TRY(file_close(&c.to, c.target, &closed));
	rsp->bytes   = c.done;
	rsp->size    = c.size;
	rsp->written = unix_of(closed.last_write_time);
	return STATUS_SUCCESS;
}
