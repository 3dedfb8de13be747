/*
 * keys_file.c - keytabs: those that are read once, and the file behind the keys
 * that are ours, which is a keytab like any other.
 *
 * The file is open before the walls, so it is changed in place: a record is
 * written behind the last one, its length last; a key that goes is overwritten
 * and its record becomes a hole.  At each start the file is written anew
 * without holes, beside itself and renamed.
 */
#include "authd/krb/keys_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/auth/krb_file.h"

#define FILE_MAX   (1u << 20)
#define RECORD_MAX 1024u
#define HEAD_SIZE  2u
#define NS	   1000000000u

/* The whole file in memory that is wiped; buf of FILE_MAX. */
static bool
file_read(int fd, uint8_t *buf, struct span *ret)
{
	size_t n = 0;
	ssize_t got;

	while (n < FILE_MAX && (got = pread(fd, buf + n, FILE_MAX - n, (off_t)n)) > 0)
		n += (size_t)got;
	*ret = SPAN(buf, n);
	return n < FILE_MAX;
}

/* False for a key of no use: an unknown type, a name that would have to be quoted. */
static bool
key_of_record(const struct krb_key *f, enum key_origin origin, struct key *ret)
{
	char name[KRB_TEXT_MAX];

	*ret = (struct key){ .etype  = f->etype,
			     .kvno   = f->kvno,
			     .added  = (uint64_t)f->timestamp * NS,
			     .origin = origin,
			     .n	     = f->key.n };
	if (f->key.n == 0 || f->key.n != key_size(f->etype) || f->name.realm.n == 0 ||
	    !krb_name_print(&f->name, name) || strchr(name, '\\') ||
	    strlen(name) >= sizeof ret->principal)
		return false;
	memcpy(ret->principal, name, strlen(name) + 1);
	memcpy(ret->bytes, f->key.p, f->key.n);
	return true;
}

/* One bad record does not keep the others out, unless it hides where they are. */
static size_t
records_take(struct keys *t, struct rd *r, enum key_origin origin, key_wanted_fn *wanted,
	     const void *ctx)
{
	size_t taken = 0;
	struct krb_key f;
	struct key k;
	nt status;

	while (!nt_is(status = krb_keytab_next(r, &f), STATUS_NO_MORE_ENTRIES) && rd_ok(r)) {
		if (nt_ok(status) && key_of_record(&f, origin, &k) &&
		    (!wanted || wanted(ctx, k.etype)))
			taken += keys_keep(t, &k);
	}
	secret_wipe(&k, sizeof k);
	return taken;
}

bool
keys_import(struct keys *t, const char *path, key_wanted_fn *wanted, const void *ctx)
{
	int fd	     = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *buf = secret_alloc(FILE_MAX);
	size_t taken = 0;
	struct span all;
	struct rd r;

	if (fd < 0) {
		log_error("keytab cannot be read path=%s: %s", log_qs(path), strerror(errno));
	} else if (!file_read(fd, buf, &all) || nt_failed(krb_keytab_open(all, &r))) {
		log_error("this is no keytab of version 5.2 path=%s", log_qs(path));
	} else {
		taken = records_take(t, &r, KEY_OF_KEYTAB, wanted, ctx);
		log_info("keytab read path=%s keys=%zu", log_qs(path), taken);
	}
	if (fd >= 0)
		close(fd);
	secret_free(buf, FILE_MAX);
	return taken > 0;
}

static void
record_encode(const struct key *k, struct wr *w)
{
	char room[KRB_TEXT_MAX];
	struct krb_key f = { .timestamp = (uint32_t)(k->added / NS),
			     .kvno	= k->kvno,
			     .etype	= (uint16_t)k->etype,
			     .key	= SPAN(k->bytes, k->n) };

	w->bad |= nt_failed(krb_name_parse(k->principal, room, &f.name));
	f.name.type = 1; /* NT-PRINCIPAL */
	if (wr_ok(w))
		krb_keytab_put(w, &f);
}

bool
keys_record_write(struct keys *t, struct key *k)
{
	uint8_t buf[RECORD_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	size_t n;
	bool ok;

	record_encode(k, &w);
	n = wr_ok(&w) ? w.pos - 4 : 0;
	/* The length last: what is cut by a crash is not a record. */
	ok = wr_ok(&w) && pwrite(t->fd, buf + 4, n, (off_t)t->end + 4) == (ssize_t)n &&
	     fdatasync(t->fd) == 0 && pwrite(t->fd, buf, 4, (off_t)t->end) == 4 &&
	     fdatasync(t->fd) == 0;
	secret_wipe(buf, sizeof buf);
	if (!ok)
		return false;
	k->at = t->end;
	t->end += w.pos;
	return true;
}

void
keys_own_rewrite(struct keys *t, const char *path)
{
	char fresh[PATH_MAX];
	uint8_t head[HEAD_SIZE];
	struct wr w = wr_init(head, sizeof head);
	bool ok;

	ENSURE(snprintf(fresh, sizeof fresh, "%s.new", path) < (int)sizeof fresh);
	t->fd  = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	t->end = HEAD_SIZE;
	krb_keytab_begin(&w);
	ok = t->fd >= 0 && pwrite(t->fd, head, sizeof head, 0) == (ssize_t)sizeof head;
	for (size_t i = 0; i < t->count && ok; i++)
		ok = keys_record_write(t, &t->v[i]);
	if (!ok || fsync(t->fd) != 0 || rename(fresh, path) != 0)
		fatal("the keys in %s cannot be kept: %s", log_qs(path), strerror(errno));
}

void
keys_own_read(struct keys *t, const char *path)
{
	int fd	     = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t *buf = secret_alloc(FILE_MAX);
	struct span all;
	struct rd r;

	if (fd < 0 && errno != ENOENT)
		fatal("%s: %s", log_qs(path), strerror(errno));
	if (fd >= 0) {
		bool whole = file_read(fd, buf, &all);

		if (!whole || nt_failed(krb_keytab_open(all, &r)))
			fatal("%s is not the keytab that we wrote", log_qs(path));
		(void)records_take(t, &r, KEY_OF_STATE, NULL, NULL);
		close(fd);
	}
	secret_free(buf, FILE_MAX);
}

/* Its bytes become zeroes and its length negative. */
bool
keys_record_erase(struct keys *t, const struct key *k)
{
	uint8_t buf[RECORD_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	uint32_t n;

	record_encode(k, &w);
	n = wr_ok(&w) ? (uint32_t)w.pos - 4 : 0;
	secret_wipe(buf, sizeof buf);
	if (n == 0)
		return false;
	w = wr_init(buf, 4);
	wr_u32be(&w, 0u - n);
	return pwrite(t->fd, buf, 4 + n, (off_t)k->at) == (ssize_t)(4 + n) && fdatasync(t->fd) == 0;
}
