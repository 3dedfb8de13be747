/*
 * replay.c - SETS places of REPLAY_WAYS entries each; a client's place is a
 * keyed hash of its name, so that nobody can choose to share another's.
 */
#include "authd/krb/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/nt.h"
#include "base/secret.h"

#define SETS   256u
#define DIGEST 16u
#define MAGIC  "BHreplay"

struct seen {
	uint64_t at; /* Unix s; 0: free */
	uint8_t digest[DIGEST];
};

/* The file; read by nobody but ourselves, on this machine. */
struct image {
	char magic[8];
	uint8_t salt[24];
	struct seen sets[SETS][REPLAY_WAYS];
};

struct replay {
	struct image *image;
	uint64_t warned; /* when it was last said that a place is full */
};

static void *
file_map(const char *path)
{
	int fd	= path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	void *p = MAP_FAILED;
	int err;

	if (fd < 0)
		return p;
	/* Room now: a page that cannot be had later would be a signal, not an error. */
	err = posix_fallocate(fd, 0, sizeof(struct image));
	if (err == 0)
		p = mmap(NULL, sizeof(struct image), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	else
		errno = err;
	close(fd);
	return p;
}

static void
image_begin(struct image *m)
{
	if (memcmp(m->magic, MAGIC, sizeof m->magic) == 0)
		return;
	memset(m->sets, 0, sizeof m->sets);
	random_bytes(m->salt, sizeof m->salt);
	memcpy(m->magic, MAGIC, sizeof m->magic);
}

struct replay *
replay_open(const char *path)
{
	struct replay *r = xcalloc(1, sizeof *r);
	void *p		 = file_map(path);

	if (p == MAP_FAILED) {
		if (path)
			log_warn("the replay cache is kept in memory only path=%s: %s",
				 log_qs(path), strerror(errno));
		p = mmap(NULL, sizeof(struct image), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (p == MAP_FAILED)
		fatal("mmap: %s", strerror(errno));
	r->image = p;
	image_begin(r->image);
	return r;
}

void
replay_drop(struct replay *r)
{
	if (!r)
		return;
	(void)munmap(r->image, sizeof *r->image);
	free(r);
}

static struct seen *
place_of(struct replay *r, const char *client)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], text[sizeof r->image->salt + 512];
	size_t n = strnlen(client, 512);

	memcpy(text, r->image->salt, sizeof r->image->salt);
	memcpy(text + sizeof r->image->salt, client, n);
	(void)SHA256(text, sizeof r->image->salt + n, digest);
	return r->image->sets[digest[0] % SETS];
}

static void
full_tell(struct replay *r, const char *client, uint64_t now_s)
{
	if (now_s - r->warned < 60)
		return;
	r->warned = now_s;
	log_warn("the replay cache forgets early: more than %u logons in a short time client=%s",
		 REPLAY_WAYS, log_qs(client));
}

bool
replay_is_new(struct replay *r, const char *client, struct span authenticator, uint64_t now_s,
	      uint32_t keep_s)
{
	struct seen *place = place_of(r, client), *oldest = place;
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)SHA256(authenticator.p, authenticator.n, digest);
	for (size_t i = 0; i < REPLAY_WAYS; i++) {
		if (place[i].at != 0 && place[i].at + keep_s < now_s)
			place[i].at = 0;
		if (place[i].at != 0 && memcmp(place[i].digest, digest, DIGEST) == 0)
			return false;
		if (place[i].at < oldest->at)
			oldest = &place[i];
	}
	if (oldest->at != 0)
		full_tell(r, client, now_s);
	memcpy(oldest->digest, digest, DIGEST);
	oldest->at = now_s;
	return true;
}
