/* ferry_order.c - one order carried out: a regular file at its offset, a pipe as far as it goes. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/ferry_private.h"

void
order_free(struct order *o)
{
	free(o->bytes);
	free(o);
}

static ssize_t
order_some(const struct lent *l, struct order *o)
{
	uint8_t *p  = o->bytes + o->done;
	size_t left = o->length - o->done;
	off_t at    = (off_t)(o->offset + o->done);

	if (l->pipe)
		return o->write ? write(l->fd, p, left) : read(l->fd, p, left);
	return o->write ? pwrite(l->fd, p, left, at) : pread(l->fd, p, left, at);
}

bool
order_push(struct lent *l, struct order *o)
{
	while (o->done < o->length && !l->error && !l->ended) {
		ssize_t n = order_some(l, o);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (n == 0 && o->write))
			l->error = n < 0 ? errno : EIO;
		if (n == 0 && !o->write && l->pipe)
			l->ended = true;
		if (n <= 0)
			break;
		o->done += (size_t)n;
	}
	return true;
}
