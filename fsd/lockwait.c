/* lockwait.c - the queue of lock requests of a file. */
#include "fsd/lockwait.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/peer.h"

struct lock_wait {
	struct wait wait;
	struct lock_wait *next;		/* of the file, in order of arrival */
	struct file *file;
	uint64_t offset, length;
	bool exclusive;
};

static void
queue_remove(struct lock_wait *w)
{
	struct lock_wait **at = &w->file->lock_waits;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (w->file->lock_waits_end == &w->next)
		w->file->lock_waits_end = at;
}

static void
end(struct fsd *me, struct wait *wait, nt status)
{
	struct lock_wait *w = (struct lock_wait *)wait;

	(void)me;
	queue_remove(w);
	wait_unlink(wait);
	fsd_lock_reply(wait->call, status, NULL, SPAN_NONE);
	free(w);
}

void
lock_wait_begin(struct handle *h, struct call *c, uint64_t offset, uint64_t length, bool exclusive)
{
	struct lock_wait *w = xcalloc(1, sizeof *w);

	w->file                  = h->file;
	w->offset                = offset;
	w->length                = length;
	w->exclusive             = exclusive;
	*h->file->lock_waits_end = w;
	h->file->lock_waits_end  = &w->next;
	wait_begin(&w->wait, c, h, end);
}

void
lock_waits_retry(struct fsd *me, struct file *f)
{
	struct lock_wait *w = f->lock_waits;

	while (w) {
		struct lock_wait *next = w->next;

		if (nt_ok(lock_add(f, w->wait.handle, w->offset, w->length, w->exclusive)))
			end(me, &w->wait, STATUS_SUCCESS);
		w = next;
	}
}
