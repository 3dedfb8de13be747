/* extents.c - see extents.h. */
#include "clientd/session/extents.h"

#include "base/log.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"

#define RANGE_SIZE 16u
#define UNIT	   (64u * 1024)	/* a smaller hole is not worth a request of its own */

/* To whole units, and together with the one before if they touch. */
static void
data_add(struct extents *x, uint64_t from, uint64_t to, uint64_t start, uint64_t end)
{
	uint64_t up = (to + UNIT - 1) / UNIT * UNIT;

	from = from / UNIT * UNIT > start ? from / UNIT * UNIT : start;
	to   = up < end ? up : end;
	if (x->n > 0 && from <= x->data[x->n - 1].to) {
		x->data[x->n - 1].to = to > x->data[x->n - 1].to ? to : x->data[x->n - 1].to;
		return;
	}
	x->data[x->n].from = from;
	x->data[x->n].to   = to;
	x->n++;
}

/* Sorted, apart, inside of what was asked for; with more to come it says something at least. */
bool
extents_take(struct extents *x, struct span ranges, uint64_t from, uint64_t end, bool more)
{
	struct rd r   = rd_init(ranges);
	uint64_t last = from;

	if (ranges.n % RANGE_SIZE != 0 || ranges.n / RANGE_SIZE > EXTENTS_MAX ||
	    (more && ranges.n == 0) || end > INT64_MAX)
		return false;
	x->n = 0;
	while (rd_left(&r) > 0) {
		uint64_t off = rd_u64(&r), n = rd_u64(&r);

		if (off < last || off >= end || n == 0 || n > end - off)
			return false;
		last = off + n;
		data_add(x, off, last, from, end);
	}
	x->from = from;
	x->to	= more ? x->data[x->n - 1].to : end;
	return true;
}

static nt
fsctl(const struct where *w, struct smb2_ioctl_req *req, struct msg *m, struct smb2_ioctl_rsp *ret)
{
	uint64_t n = req->max_output_response > req->input.n ? req->max_output_response : req->input.n;
	size_t at;

	req->flags = SMB2_0_IOCTL_IS_FSCTL;
	TRY(where_begin(m, w, MSG_ROOM + req->input.n));
	at = msg_add(m, SMB2_CMD_ioctl, w->tree_id, n);
	smb2_ioctl_req_encode(&m->w, at, req);
	TRY(msg_exchange(m));
	*ret = (struct smb2_ioctl_rsp){ 0 };
	if (nt_failed(smb2_ioctl_rsp_decode(&m->reply[0].body, ret)))
		ret->output = SPAN_NONE;	/* an error's body is another one */
	return STATUS_SUCCESS;
}

static nt
extents_ask(struct extents *x, const struct where *w, struct smb2_fid fid, uint64_t at, uint64_t end)
{
	uint8_t in[RANGE_SIZE];
	struct wr iw		      = wr_init(in, sizeof in);
	struct smb2_ioctl_req req     = { .ctl_code = FSCTL_QUERY_ALLOCATED_RANGES, .fid = fid,
					  .max_output_response = EXTENTS_MAX * RANGE_SIZE };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_ioctl_rsp rsp;
	bool more;
	nt s;

	wr_u64(&iw, at);
	wr_u64(&iw, end - at);
	req.input = wr_done(&iw);
	TRY(fsctl(w, &req, &m, &rsp));
	s    = m.reply[0].status;
	more = nt_is(s, STATUS_BUFFER_OVERFLOW);
	if ((nt_ok(s) || more) && extents_take(x, rsp.output, at, end, more))
		return STATUS_SUCCESS;
	log_info("a file's holes are not known, all of it is read status=%s", nt_name(s));
	x->known_at_all = false;
	return STATUS_SUCCESS;
}

nt
extents_there(struct extents *x, const struct where *w, struct smb2_fid fid, uint64_t at,
	      uint64_t end, uint64_t *ret_to, bool *ret_hole)
{
	unsigned i = 0;

	if (x->known_at_all && (at < x->from || at >= x->to))
		TRY(extents_ask(x, w, fid, at, end));
	*ret_hole = false;
	*ret_to	  = end;
	if (!x->known_at_all)
		return STATUS_SUCCESS;
	while (i < x->n && x->data[i].to <= at)
		i++;
	*ret_hole = i == x->n || x->data[i].from > at;
	if (*ret_hole)
		*ret_to = i == x->n ? x->to : x->data[i].from;
	else
		*ret_to = x->data[i].to;
	return STATUS_SUCCESS;
}

nt
extents_mark(const struct where *w, struct smb2_fid fid)
{
	struct smb2_ioctl_req req     = { .ctl_code = FSCTL_SET_SPARSE, .fid = fid };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_ioctl_rsp rsp;

	return fsctl(w, &req, &m, &rsp);
}
