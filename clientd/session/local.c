/*
 * local.c - see local.h.  Regular files are read and written in place: their disk
 * is the caller's own, as is this process.  On pipes and sockets we wait by the
 * loop and move no more at a time than cannot block.
 */
#include "clientd/session/local.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

static nt
nt_of_local(int err)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
		return STATUS_DISK_FULL;
	case EPIPE:
		return STATUS_PIPE_BROKEN;
	case EFBIG:
		return STATUS_FILE_TOO_LARGE;
	case EBADF:
		return STATUS_ACCESS_DENIED;	/* opened the other way round */
	case EISDIR:
		return STATUS_FILE_IS_A_DIRECTORY;
	default:
		return STATUS_IO_DEVICE_ERROR;
	}
}

static nt
descriptor_open(struct job *j, const struct id16 *token, struct local *l)
{
	struct stat st;

	TRY(given_take(j->client, token, &l->fd, NULL));
	if (fstat(l->fd, &st) != 0 || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
		close(l->fd);
		return STATUS_BAD_DEVICE_TYPE;
	}
	l->regular  = S_ISREG(st.st_mode);
	l->pollable = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
	l->size	    = l->regular ? (uint64_t)st.st_size : 0;
	return STATUS_SUCCESS;
}

nt
local_open(struct job *j, const struct client_get_req *req, struct local *ret)
{
	static const struct id16 none = { 0 };
	struct local l		      = { .client = j->client, .fd = -1 };

	if (memcmp(&req->ferry, &none, sizeof none) != 0) {
		TRY(stream_open(j, &req->ferry, req->pipe, &l.stream));
		l.regular = !req->pipe;
		l.size	  = UINT64_MAX;
	} else if (memcmp(&req->local, &none, sizeof none) != 0) {
		TRY(descriptor_open(j, &req->local, &l));
	} else {
		l.from = call_data(j->call).p;
		l.size = call_data(j->call).n;
	}
	if (req->flags & MOVE_HASH) {
		l.hash = EVP_MD_CTX_new();
		local_rewind(&l);
	}
	*ret = l;
	return STATUS_SUCCESS;
}

void
local_close(struct local *l)
{
	if (!l->client)
		return;
	if (l->fd >= 0)
		close(l->fd);
	stream_drop(l->stream);
	EVP_MD_CTX_free(l->hash);
	*l = (struct local){ 0 };
}

void
local_rewind(struct local *l)
{
	if (l->hash)
		(void)EVP_DigestInit_ex(l->hash, l->client->sha256, NULL);
	l->mem_n = 0;
}

struct span
local_hash(struct local *l)
{
	unsigned n = 0;
	uint8_t *out;

	if (!l->hash)
		return SPAN_NONE;
	out = fiber_alloc(EVP_MAX_MD_SIZE);
	(void)EVP_DigestFinal_ex(l->hash, out, &n);
	return SPAN(out, n);
}

/* ---- waiting ---- */

struct ready {
	struct waitq q;
	bool is;
};

static void
on_ready(void *ctx, uint32_t events)
{
	struct ready *r = ctx;

	(void)events;
	r->is = true;
	waitq_wake(&r->q);
}

static nt
wait_for(struct local *l, uint32_t events)
{
	struct loop_fd watch = { 0 };
	struct ready r	     = { 0 };
	nt s		     = STATUS_SUCCESS;

	if (!l->pollable)
		return STATUS_SUCCESS;
	loop_add(l->client->loop, &watch, l->fd, events, on_ready, &r);
	while (!r.is && !nt_failed(s))
		s = fiber_wait(&r.q);
	loop_del(&watch);
	return s;
}

/* ---- writing ---- */

static nt
memory_put(struct local *l, struct span s)
{
	REQUIRE(s.n <= LOCAL_MEMORY_MAX - l->mem_n, STATUS_FILE_TOO_LARGE);
	if (l->mem_n + s.n > l->mem_cap) {
		size_t cap   = l->mem_cap ? LOCAL_MEMORY_MAX : s.n;
		uint8_t *mem = fiber_alloc(cap);

		if (l->mem_n > 0)
			memcpy(mem, l->mem, l->mem_n);
		l->mem	   = mem;
		l->mem_cap = cap;
	}
	if (s.n > 0)
		memcpy(l->mem + l->mem_n, s.p, s.n);
	l->mem_n += s.n;
	return STATUS_SUCCESS;
}

/* pipe(7): when there is room at all, PIPE_BUF bytes do not block. */
static nt
put_some(struct local *l, uint64_t off, struct span s, size_t *ret_n)
{
	size_t most = l->pollable && s.n > PIPE_BUF ? PIPE_BUF : s.n;
	ssize_t n;

	TRY(wait_for(l, EPOLLOUT));
	n = l->regular ? pwrite(l->fd, s.p, most, (off_t)off) : write(l->fd, s.p, most);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return nt_of_local(errno);
	*ret_n = n > 0 ? (size_t)n : 0;
	return STATUS_SUCCESS;
}

nt
local_put(struct local *l, uint64_t off, struct span s)
{
	if (local_is_memory(l))
		return memory_put(l, s);
	REQUIRE(off <= INT64_MAX - s.n, STATUS_FILE_TOO_LARGE);
	l->top = off + s.n > l->top ? off + s.n : l->top;
	if (l->stream)
		return stream_write(l->stream, off, s);
	while (s.n > 0) {
		size_t n = 0;

		TRY(put_some(l, off, s, &n));
		s = SPAN(s.p + n, s.n - n);
		off += n;
	}
	return STATUS_SUCCESS;
}

nt
local_settle(struct local *l)
{
	static const uint8_t zero[1];

	if (l->tail > l->top)	/* the file ends where the hole does */
		TRY(local_put(l, l->tail - 1, SPAN(zero, sizeof zero)));
	return l->stream ? stream_settle(l->stream) : STATUS_SUCCESS;
}

nt
local_write(struct local *l, uint64_t off, struct span s)
{
	if (l->hash && s.n > 0)
		(void)EVP_DigestUpdate(l->hash, s.p, s.n);
	return local_put(l, off, s);
}

/* ---- reading ---- */

static nt
memory_get(const struct local *l, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n)
{
	size_t left = off < l->size ? (size_t)(l->size - off) : 0;

	*ret_n = n < left ? n : left;
	if (*ret_n > 0)
		memcpy(buf, l->from + off, *ret_n);
	return STATUS_SUCCESS;
}

static nt
get_some(struct local *l, uint64_t off, uint8_t *buf, size_t room, size_t *ret_n)
{
	ssize_t n;

	TRY(wait_for(l, EPOLLIN));
	do
		n = l->regular ? pread(l->fd, buf, room, (off_t)off) : read(l->fd, buf, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return nt_of_local(errno);
	*ret_n = (size_t)n;
	return STATUS_SUCCESS;
}

static nt
get_all(struct local *l, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n)
{
	size_t got = 0, some = 1;

	REQUIRE(off <= INT64_MAX - n, STATUS_FILE_TOO_LARGE);
	if (l->stream) {
		TRY(stream_read(l->stream, off, buf, n, &got));
	} else if (l->fd < 0) {
		TRY(memory_get(l, off, buf, n, &got));
	} else {
		while (got < n && some > 0) {
			TRY(get_some(l, off + got, buf + got, n - got, &some));
			got += some;
		}
	}
	*ret_n = got;
	return STATUS_SUCCESS;
}

nt
local_read(struct local *l, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n)
{
	TRY(get_all(l, off, buf, n, ret_n));
	if (l->hash && *ret_n > 0)
		(void)EVP_DigestUpdate(l->hash, buf, *ret_n);
	return STATUS_SUCCESS;
}

nt
local_read_again(struct local *l, uint64_t off, uint8_t *buf, size_t n)
{
	size_t got;

	REQUIRE(local_repeats(l), STATUS_DATA_ERROR);
	TRY(get_all(l, off, buf, n, &got));
	return got == n ? STATUS_SUCCESS : STATUS_DATA_ERROR;
}
