/*
 * storage.c - which fsd has which share, and what the coming and going of one
 * means to our clients.
 *
 * Where all shares are with one fsd its death resets the connections, so that
 * clients start afresh at once.  Where there are several, only trees of the one
 * that is gone end: [MS-SMB2] 3.3.5.2.11 has requests on them answered with
 * NETWORK_NAME_DELETED, upon which clients connect the tree again; until its
 * storage is back that is answered with SHARE_UNAVAILABLE, 3.3.4.4.
 */
#include "smbd/storage.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"
#include "smbd/rq.h"

struct storage *
storage_hold(struct storage *st)
{
	st->refs++;
	return st;
}

void
storage_release(struct storage *st)
{
	if (!st || --st->refs > 0)
		return;
	idmap_drop(&st->files);
	free(st);
}

bool
storages_are_many(const struct worker *w)
{
	return w->smbd->conf.n_places > 0;
}

struct storage *
storage_of(const struct link *l)
{
	return link_ctx(l);
}

struct storage *
storage_next(const struct worker *w, const struct storage *st)
{
	for (size_t i = st ? st->seat + 1u : 0; i < STORAGE_SEATS; i++)
		if (w->storages[i])
			return w->storages[i];
	return NULL;
}

struct storage *
storage_seated(const struct worker *w, uint32_t number)
{
	uint32_t seat = number / FSD_NUMBERS;

	return seat < STORAGE_SEATS ? w->storages[seat] : NULL;
}

struct storage *
storage_after(const struct worker *w, uint32_t number)
{
	struct storage *st = NULL;

	while ((st = storage_next(w, st)) && st->seat <= number / FSD_NUMBERS)
		;
	return st;
}

static struct storage *
storage_named(const struct worker *w, const char *name)
{
	struct storage *st = NULL;

	while ((st = storage_next(w, st)) && strcmp(st->name, name) != 0)
		;
	return st;
}

/* ---- where a share is ---- */

static const char *
place_of(const struct smbd_conf *conf, const char *share)
{
	for (size_t i = 0; i < conf->n_places; i++)
		if (utf8_casecmp(conf->places[i].share, share) == 0)
			return conf->places[i].storage;
	return conf->server.own_shares ? "" : NULL;
}

nt
storage_of_share(struct worker *w, const char *share, struct storage **ret)
{
	const char *place = place_of(&w->smbd->conf, share);
	struct storage *st;

	REQUIRE(place, STATUS_BAD_NETWORK_NAME);
	st = storage_named(w, place);
	if (!st) {
		log_warn("a share's storage is not there share=%s storage=%s", log_qs(share),
		    log_qs(place));
		return STATUS_SHARE_UNAVAILABLE;
	}
	*ret = st;
	return STATUS_SUCCESS;
}

/* ---- they come and go ---- */

static uint8_t
seat_free(const struct worker *w)
{
	uint8_t i = 0;

	while (i < STORAGE_SEATS && w->storages[i])
		i++;
	return i;
}

void
storage_up(struct worker *w, struct link *l)
{
	struct storage *old = storage_named(w, link_storage(l));
	struct storage *st  = xcalloc(1, sizeof *st);
	uint8_t seat;

	if (old)	/* the next is there before we heard of the last one's end */
		(void)storage_down(w, old->link);
	seat = seat_free(w);
	ENSURE(seat < STORAGE_SEATS);	/* the directory has no more */
	*st = (struct storage){ .link = l, .seat = seat, .refs = 1 };
	memcpy(st->name, link_storage(l), strlen(link_storage(l)) + 1);
	w->storages[seat] = st;
	link_set_ctx(l, st);
}

static struct tree *
tree_on(const struct session *s, const struct storage *st)
{
	struct tree *t;
	uint32_t pos = 0;

	while ((t = idmap_next(&s->trees, &pos)) && t->at != st)
		;
	return t;
}

static void
trees_end(struct worker *w, const struct storage *st)
{
	struct session *s;
	struct tree *t;
	uint32_t pos = 0, n = 0;

	while ((s = idmap_next(&w->sessions, &pos)))
		for (; (t = tree_on(s, st)); n++)
			tree_drop(s, t);
	log_warn("a storage is gone storage=%s trees=%u", log_qs(st->name), n);
}

/* What was asked of it has failed already; its open files are gone. */
bool
storage_down(struct worker *w, struct link *l)
{
	struct storage *st = link_role(l) == PEER_FSD ? link_ctx(l) : NULL;

	if (!st)
		return false;
	link_set_ctx(l, NULL);
	st->link             = NULL;
	w->storages[st->seat] = NULL;
	if (storages_are_many(w))
		trees_end(w, st);
	else
		worker_close_all(w, "the file service died");
	storage_release(st);
	return true;
}
