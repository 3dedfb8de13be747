/*
 * way.c - see way.h.
 */
#include "authd/net/way.h"

#include <string.h>
#include <sys/socket.h>

#include "base/fatal.h"
#include "base/secret.h"

static void on_stream(void *ctx, enum stream_event event, struct span bytes);

void
way_init(struct way *w, struct loop *loop, stream_fn *fn, void *ctx)
{
	*w = (struct way){ .fn = fn, .ctx = ctx };
	stream_init(&w->stream, loop, on_stream, w);
}

void
way_close(struct way *w)
{
	stream_close(&w->stream);
	if (!w->smb)
		return;
	smb_drop(w->smb);
	secret_free(w->smb, sizeof *w->smb);
	secret_free(w->queue, STREAM_OUT_MAX);
	w->smb	      = NULL;
	w->queue      = NULL;
	w->queue_from = w->queue_n = 0;
}

const char *
way_why(const struct way *w)
{
	if (w->why)
		return w->why;
	return w->stream.error ? strerror(w->stream.error)
			       : "the controller closed the connection";
}

const char *
way_how(const struct way *w)
{
	if (!w->smb)
		return "tcp";
	return w->smb->machine ? "pipe as=machine" : "pipe as=nobody";
}

nt
way_open(struct way *w, const struct net_addr *addr, const struct smb_who *who)
{
	way_close(w);
	w->why = NULL;
	TRY(stream_open(&w->stream, addr));
	if (who) {
		w->smb	 = secret_alloc(sizeof *w->smb);
		w->queue = secret_alloc(STREAM_OUT_MAX);
		smb_init(w->smb, who);
	}
	return STATUS_SUCCESS;
}

/* The end, heard from the loop and not from in here. */
static void
way_break(struct way *w)
{
	if (w->stream.fd >= 0)
		(void)shutdown(w->stream.fd, SHUT_RDWR);
}

/* ---- the pipe ---- */

static void
message_send(struct way *w, nt made, const struct wr *message)
{
	if (nt_failed(made)) {
		w->why = w->smb->why;
		way_break(w);
	} else if (message->pos > 0) {
		stream_send(&w->stream, wr_done(message));
	}
}

/* What waits, one fragment a message: the last one's answer is RPC's answer. */
static void
fragment_next(struct way *w)
{
	uint8_t room[SMB_OUT_ROOM];
	struct wr out	   = wr_init(room, sizeof room);
	struct span waits  = SPAN(w->queue + w->queue_from, w->queue_n - w->queue_from);
	struct rpc_header h = { 0 };

	if (waits.n == 0 || w->smb->step != SMB_IDLE)
		return;
	ENSURE(nt_ok(rpc_header_decode(waits, &h)) && h.frag_length <= waits.n);
	w->queue_from += h.frag_length;
	message_send(w, smb_put(w->smb, &out, SPAN(waits.p, h.frag_length), h.frag_length == waits.n),
		     &out);
	if (w->queue_from == w->queue_n)
		w->queue_from = w->queue_n = 0;
}

static void
pipe_down(struct way *w, const char *why)
{
	w->why = why;
	stream_close(&w->stream);
	w->fn(w->ctx, STREAM_DOWN, SPAN_NONE);
}

/* Nothing may follow an answer before the next request is out. */
static void
pipe_bytes(struct way *w, struct span bytes)
{
	uint8_t room[SMB_OUT_ROOM];
	struct wr out = wr_init(room, sizeof room);
	enum smb_event event;

	if (nt_failed(smb_feed(w->smb, &bytes, &out, &event))) {
		pipe_down(w, w->smb->why);
		return;
	}
	if (bytes.n > 0) {
		pipe_down(w, "it sends more than was asked for");
		return;
	}
	message_send(w, STATUS_SUCCESS, &out);
	if (event == SMB_OPEN || event == SMB_READY)
		fragment_next(w);
	else if (event == SMB_BYTES)
		w->fn(w->ctx, STREAM_BYTES, smb_bytes(w->smb));
}

static void
pipe_begin(struct way *w)
{
	uint8_t room[SMB_OUT_ROOM];
	struct wr out = wr_init(room, sizeof room);

	message_send(w, smb_begin(w->smb, &out), &out);
}

static void
on_stream(void *ctx, enum stream_event event, struct span bytes)
{
	struct way *w = ctx;

	if (!w->smb || event == STREAM_DOWN)
		w->fn(w->ctx, event, bytes);
	else if (event == STREAM_UP)
		pipe_begin(w);
	else
		pipe_bytes(w, bytes);
}

/* ---- either ---- */

void
way_send(struct way *w, struct span fragments)
{
	if (!w->smb) {
		stream_send(&w->stream, fragments);
		return;
	}
	if (fragments.n == 0 || fragments.n > STREAM_OUT_MAX - w->queue_n) {
		way_break(w);
		return;
	}
	memcpy(w->queue + w->queue_n, fragments.p, fragments.n);
	w->queue_n += fragments.n;
	if (w->stream.up && w->smb->fid_stands)
		fragment_next(w);
}

void
way_more(struct way *w)
{
	uint8_t room[SMB_OUT_ROOM];
	struct wr out = wr_init(room, sizeof room);

	if (w->smb && w->smb->step == SMB_IDLE && w->smb->fid_stands)
		message_send(w, smb_get(w->smb, &out), &out);
}
