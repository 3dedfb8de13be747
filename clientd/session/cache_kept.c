/*
 * cache_kept.c - the files that are kept open, in the order of their use: found by
 * path, dropped when they are idle, when others need the room, when their connection
 * is gone, when the server takes the lease back.  [MS-SMB2] 3.2.1.5, 3.2.5.19.2
 */
#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "clientd/session/cache.h"
#include "clientd/session/file.h"

#define SWEEP_KEPT_MS 250u

static bool
is_separator(char c)
{
	return c == '/' || c == '\\';
}

char *
path_plain(const char *path)
{
	char *plain = fiber_alloc(strlen(path) + 1), *to = plain;

	for (; *path; path++) {
		if (!is_separator(*path))
			*to++ = *path;
		else if (to > plain && to[-1] != '/')
			*to++ = '/';
	}
	if (to > plain && to[-1] == '/')
		to--;
	*to = '\0';
	return plain;
}

/* ---- one of them ---- */

void
kept_release(struct kept *k)
{
	if (!k || --k->refs > 0)
		return;
	where_end(&k->w);
	free(k->content);
	free(k->path);
	free(k->upper);
	free(k);
}

/* Its CLOSE goes out before whatever is asked next over this connection. */
static void
kept_close(struct kept *k)
{
	if (k->open)
		fid_close_later(k->w.conn, k->w.tree_id, k->w.seal, k->fid);
	k->open = false;
}

void
kept_drop(struct kept *k)
{
	struct session *s = k->w.session;

	if (!k->listed) {
		kept_close(k);
		return;
	}
	k->listed = false;
	TAILQ_REMOVE(&k->client->kept, k, of_client);
	k->client->n_kept--;
	s->kept--;
	s->kept_bytes -= k->content ? k->row.size : 0;
	kept_close(k);
	kept_release(k);
}

static bool
is_idle(const struct kept *k, uint64_t now)
{
	if (!conn_is_open(conn_alive(k->w.conn)))
		return true;
	return k->open && now - k->used >= (uint64_t)k->client->cache_times.idle_ms * NS_PER_MS;
}

static void
kept_sweep(void *ctx)
{
	struct client *me = ctx;
	uint64_t now	  = clock_mono_ns();
	struct kept *k, *next;

	for (k = TAILQ_FIRST(&me->kept); k; k = next) {
		next = TAILQ_NEXT(k, of_client);
		if (is_idle(k, now))
			kept_drop(k);
	}
	if (!TAILQ_EMPTY(&me->kept))
		loop_timer_set(me->loop, &me->kept_sweep, SWEEP_KEPT_MS, kept_sweep, me);
}

static char *
upcased(const char *path)
{
	size_t cap  = 3 * strlen(path) + 1;	/* what one byte can become in the other case */
	char *upper = xcalloc(1, cap);

	if (nt_failed(utf8_upper(path, upper, cap)))
		*upper = '\0';
	return upper;
}

struct kept *
kept_new(const struct where *w, const char *plain)
{
	struct client *me = w->session->client;
	struct kept *k	  = xcalloc(1, sizeof *k);

	k->client = me;
	k->refs	  = 2;
	k->listed = true;
	k->path	  = strcpy(xcalloc(1, strlen(plain) + 1), plain);
	k->upper  = upcased(plain);
	k->used	  = clock_mono_ns();
	where_hold(w, &k->w);
	random_bytes(k->key, sizeof k->key);
	TAILQ_INSERT_TAIL(&me->kept, k, of_client);
	me->n_kept++;
	w->session->kept++;
	if (me->kept_sweep.slot == 0)
		loop_timer_set(me->loop, &me->kept_sweep, SWEEP_KEPT_MS, kept_sweep, me);
	return k;
}

struct kept *
kept_find(const struct where *w, const char *plain)
{
	struct kept *k;

	TAILQ_FOREACH(k, &w->session->client->kept, of_client)
		if (k->w.session == w->session && strcmp(k->path, plain) == 0 &&
		    utf8_casecmp(k->w.share, w->share) == 0)
			return k;
	return NULL;
}

void
kept_touch(struct kept *k)
{
	k->used = clock_mono_ns();
	if (!k->listed)
		return;
	TAILQ_REMOVE(&k->client->kept, k, of_client);
	TAILQ_INSERT_TAIL(&k->client->kept, k, of_client);
}

/* ---- limits ---- */

/* The one that was used the longest ago, of this session if one is named. */
static struct kept *
kept_oldest(const struct kept *but, const struct session *of)
{
	struct kept *k;

	TAILQ_FOREACH(k, &but->client->kept, of_client)
		if (k != but && (!of || k->w.session == of))
			return k;
	return NULL;
}

void
kept_fit(struct kept *k)
{
	struct session *s = k->w.session;
	struct kept *o;

	while ((s->kept > KEPT_OF_SESSION || s->kept_bytes > KEPT_BYTES) &&
	       (o = kept_oldest(k, s)))
		kept_drop(o);
	while (k->client->n_kept > KEPT_OF_OWNER && (o = kept_oldest(k, NULL)))
		kept_drop(o);
}

/* ---- what is known no longer ---- */

/* Is it that file, something in that folder, or a stream of that file? */
static bool
is_beneath(const char *upper, const char *of, size_t n)
{
	return n == 0 || (strncmp(upper, of, n) == 0 &&
			  (upper[n] == '\0' || upper[n] == '/' || upper[n] == ':'));
}

/* path NULL: all of them. */
void
cache_forget(struct client *me, const char *path)
{
	char *upper = NULL;
	struct kept *k, *next;
	size_t n = 0;

	if (TAILQ_EMPTY(&me->kept))
		return;
	if (path) {
		upper = upcased(path_plain(path));
		n     = strcspn(upper, ":");	/* a stream's change is the file's */
	}
	for (k = TAILQ_FIRST(&me->kept); k; k = next) {
		next = TAILQ_NEXT(k, of_client);
		if (upper && !is_beneath(k->upper, upper, n))
			continue;
		kept_unpopular(k);
		kept_drop(k);
	}
	free(upper);
}

/* It ends: its LOGOFF closes them. */
void
cache_forget_session(struct session *s)
{
	struct kept *k, *next;

	for (k = TAILQ_FIRST(&s->client->kept); k; k = next) {
		next = TAILQ_NEXT(k, of_client);
		if (k->w.session != s)
			continue;
		k->open = false;
		kept_drop(k);
	}
}

/* ---- the server takes it back ---- */

bool
cache_broken(struct conn *c, const struct smb2_oplock_break_notify *n)
{
	struct kept *k;

	TAILQ_FOREACH(k, &c->client->kept, of_client)
		if (k->w.conn->bond == c->bond && memcmp(k->key, n->lease_key, sizeof k->key) == 0)
			break;
	if (!k)
		return false;
	k->w.session->breaks++;
	if (n->lease_flags & SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED)
		break_acknowledge_lease(c, k->w.tree_id, k->w.seal, k->key, n->new_state & KEPT_LEASE);
	kept_unpopular(k);
	kept_drop(k);
	return true;
}
