/* op_lock.c - fsd_lock: a list of locks or of unlocks.  [MS-SMB2] 3.3.5.14 */
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/lockwait.h"
#include "fsd/oplock.h"
#include "proto/smb2/const.h"
#include "proto/smb2/lock.h"

#define LOCKS_MAX 4096u

static struct smb2_lock_element
element(const struct fsd_lock_req *req, uint16_t i)
{
	return smb2_lock_element_at(req->locks, i);
}

/* 3.3.5.14.1: in order, up to the first that is not locked. */
static nt
unlock_all(struct fsd *me, struct handle *h, const struct fsd_lock_req *req)
{
	nt s = STATUS_SUCCESS;

	for (uint16_t i = 0; i < req->count && nt_ok(s); i++) {
		struct smb2_lock_element e = element(req, i);

		if (e.flags != SMB2_LOCKFLAG_UNLOCK)
			s = STATUS_INVALID_PARAMETER;
		else
			s = lock_check_range(e.offset, e.length);
		if (nt_ok(s))
			s = lock_remove(h->file, h, e.offset, e.length);
	}
	lock_waits_retry(me, h->file);
	return s;
}

static nt
check_lock(const struct smb2_lock_element *e, bool alone)
{
	uint32_t kind = e->flags & ~SMB2_LOCKFLAG_FAIL_IMMEDIATELY;

	REQUIRE(kind == SMB2_LOCKFLAG_SHARED_LOCK || kind == SMB2_LOCKFLAG_EXCLUSIVE_LOCK,
	    STATUS_INVALID_PARAMETER);
	/* Only a single lock may wait. */
	REQUIRE(alone || (e->flags & SMB2_LOCKFLAG_FAIL_IMMEDIATELY), STATUS_INVALID_PARAMETER);
	return lock_check_range(e->offset, e->length);
}

/* 3.3.5.14.2: all or none. */
static nt
lock_all(struct handle *h, const struct fsd_lock_req *req)
{
	nt s = STATUS_SUCCESS;

	for (uint16_t i = 0; i < req->count; i++) {
		struct smb2_lock_element e = element(req, i);

		s = check_lock(&e, req->count == 1);
		if (nt_ok(s))
			s = lock_add(h->file, h, e.offset, e.length,
			    (e.flags & SMB2_LOCKFLAG_EXCLUSIVE_LOCK) != 0);
		if (nt_failed(s)) {
			while (i-- > 0)
				lock_undo(h->file);
			return s;
		}
	}
	return s;
}

/*
 * 3.3.5.14: a client that repeats a request over another channel says so by its
 * number; what was done is then not done again.  True: it was.  Where numbers
 * mean nothing (dialects below 3.0) the worker sends 0.
 */
static bool
is_replay(struct handle *h, uint32_t sequence)
{
	uint8_t number = sequence & 0xF;
	uint32_t index = sequence >> 4;

	if (index == 0 || index > sizeof h->lock_sequence)
		return false;
	if (h->lock_sequence[index - 1] == (number | 0x80))
		return true;
	h->lock_sequence[index - 1] = 0;
	return false;
}

static void
remember(struct handle *h, uint32_t sequence)
{
	uint32_t index = sequence >> 4;

	if (index != 0 && index <= sizeof h->lock_sequence)
		h->lock_sequence[index - 1] = (uint8_t)((sequence & 0xF) | 0x80);
}

static nt
run(struct fsd *me, struct call *c, struct handle *h, const struct fsd_lock_req *req)
{
	struct smb2_lock_element first = element(req, 0);
	nt s;

	if (first.flags & SMB2_LOCKFLAG_UNLOCK)
		return unlock_all(me, h, req);
	s = lock_all(h, req);
	if (nt_ok(s))
		oplock_change_breaks(h);
	if (nt_is(s, STATUS_LOCK_NOT_GRANTED) && !(first.flags & SMB2_LOCKFLAG_FAIL_IMMEDIATELY)) {
		lock_wait_begin(h, c, first.offset, first.length,
		    (first.flags & SMB2_LOCKFLAG_EXCLUSIVE_LOCK) != 0);
		return STATUS_PENDING;
	}
	return s;
}

nt
fsd_lock(struct fsd *me, struct call *c, const struct fsd_lock_req *req, struct fsd_lock_rsp *rsp)
{
	struct handle *h;
	nt s;

	(void)rsp;
	TRY(handle_find(me, c, req->file, &h));
	REQUIRE(req->count > 0 && req->count <= LOCKS_MAX &&
		    req->locks.n == (size_t)req->count * SMB2_LOCK_ELEMENT_SIZE,
	    STATUS_INVALID_PARAMETER);
	REQUIRE(!h->is_dir, STATUS_INVALID_PARAMETER);
	REQUIRE(h->access & (FILE_READ_DATA | FILE_WRITE_DATA), STATUS_ACCESS_DENIED);
	if (is_replay(h, req->sequence))
		return STATUS_SUCCESS;
	s = run(me, c, h, req);
	if (nt_ok(s))
		remember(h, req->sequence);
	return s;
}
