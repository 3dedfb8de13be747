/* relay.c - the other end of a pipe that a session process writes or reads. */
#include "cli/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"

#define CHUNK     (256 * 1024)
#define PIPE_SIZE (1024 * 1024)

bool
relay_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);	/* fewer wake-ups, if allowed */
	return true;
}

static bool
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

/* For a terminal: line ends and tabs are all that may steer it. */
static bool
write_escaped(int fd, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	static _Thread_local uint8_t out[4 * CHUNK];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if ((p[i] >= 0x20 && p[i] != 0x7f) || p[i] == '\n' || p[i] == '\t') {
			out[used++] = p[i];
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = (uint8_t)digits[p[i] >> 4];
		out[used++] = (uint8_t)digits[p[i] & 15];
	}
	return write_all(fd, out, used);
}

static void
relay_close(struct relay *r)
{
	(void)close(r->from);
	if (r->close_to)
		(void)close(r->to);
}

static void *
relay_run(void *arg)
{
	struct relay *r  = arg;
	uint8_t *buf     = xcalloc(1, CHUNK);
	EVP_MD_CTX *hash = r->hash ? EVP_MD_CTX_new() : NULL;
	bool ok          = !r->hash || (hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL));
	ssize_t n        = 0;

	while (ok && ((n = read(r->from, buf, CHUNK)) > 0 || (n < 0 && errno == EINTR))) {
		if (n < 0)
			continue;
		r->bytes += (uint64_t)n;
		ok = !hash || EVP_DigestUpdate(hash, buf, (size_t)n);
		if (ok && r->to >= 0) {
			ok       = r->escape ? write_escaped(r->to, buf, (size_t)n)
					     : write_all(r->to, buf, (size_t)n);
			r->error = ok ? 0 : errno;
		}
	}
	if (hash)
		ok = EVP_DigestFinal_ex(hash, r->digest, NULL) && ok;
	r->ok = ok && n == 0;
	EVP_MD_CTX_free(hash);
	free(buf);
	relay_close(r);
	return NULL;
}

bool
relay_start(struct relay *r)
{
	sigset_t all, old;
	int e;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);	/* Ctrl-C is the main thread's */
	e = pthread_create(&r->thread, NULL, relay_run, r);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e != 0)
		relay_close(r);
	errno = e;
	return e == 0;
}

void
relay_end(struct relay *r)
{
	(void)pthread_join(r->thread, NULL);
}

bool
digest_file(int fd, uint8_t ret[DIGEST_BYTES])
{
	uint8_t *buf     = xcalloc(1, CHUNK);
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool ok          = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
	off_t at         = 0;
	ssize_t n        = 0;

	while (ok && (n = pread(fd, buf, CHUNK, at)) > 0) {
		ok = EVP_DigestUpdate(hash, buf, (size_t)n);
		at += n;
	}
	ok = ok && n == 0 && EVP_DigestFinal_ex(hash, ret, NULL);
	EVP_MD_CTX_free(hash);
	free(buf);
	return ok;
}

const char *
digest_print(const uint8_t digest[DIGEST_BYTES], char *buf)
{
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", digest[i]);
	return buf;
}
