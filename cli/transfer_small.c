/*
 * transfer_small.c - files of up to 64 KiB as part of question and answer: handing a
 * descriptor over costs two processes more than the bytes do.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/transfer.h"

bool
small_read(const struct job *j, uint8_t buf[SMALL_MAX + 1], struct span *ret)
{
	size_t n = 0;
	ssize_t some;

	do {
		some = pread(j->file, buf + n, SMALL_MAX + 1 - n, (off_t)n);
		n += some > 0 ? (size_t)some : 0;
	} while (some > 0 && n <= SMALL_MAX);
	if (some < 0 || n > SMALL_MAX)
		return false;
	*ret = SPAN(buf, n);
	return true;
}

bool
small_write(struct transfer *t, struct job *j, uint64_t size)
{
	struct span s = j->binary;
	off_t at      = 0;
	ssize_t some;

	if (s.n != size) {
		job_fail(t, j, j->item->src, "what came is not all of it");
		return false;
	}
	for (; s.n > 0; s = SPAN(s.p + some, s.n - (size_t)some)) {
		some = pwrite(j->file, s.p, s.n, at);
		if (some <= 0) {
			job_fail(t, j, j->item->dst, strerror(errno));
			return false;
		}
		at += some;
	}
	return true;
}
