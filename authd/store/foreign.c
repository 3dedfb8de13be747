/*
 * foreign.c - a user whom a domain or realm vouches for.  What comes is from a
 * PAC or a controller that was verified by others; here it only has to fit.
 */
#include <stdio.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/utf16.h"

static nt
text_set(char dst[NAME_BOUND + 1], struct str s, size_t n)
{
	REQUIRE(n <= NAME_BOUND, STATUS_LOGON_FAILURE);
	if (n > 0)
		memcpy(dst, s.s, n);
	dst[n] = '\0';
	return STATUS_SUCCESS;
}

/* What is before '@' or behind '\' is the name; the rest is said elsewhere. */
static nt
name_set(struct foreign *f, struct str logon)
{
	const char *at;
	struct account_key key;

	if (logon.n > 0 && (at = strchr(logon.s, '\\')) != NULL)
		logon = str_of(at + 1);
	at = logon.n > 0 ? strrchr(logon.s, '@') : NULL;
	TRY(text_set(f->logon, logon, at ? (size_t)(at - logon.s) : logon.n));
	/* "host/name", control characters and the like name no user. */
	REQUIRE(nt_ok(account_key(f->logon, &key)), STATUS_LOGON_FAILURE);
	return STATUS_SUCCESS;
}

static nt
sids_set(struct foreign *f, struct span user_sid, struct span sids)
{
	struct rd r = rd_init(sids), u = rd_init(user_sid);
	struct sid sid;

	REQUIRE(sids.n <= sizeof f->sids, STATUS_INSUFFICIENT_RESOURCES);
	while (rd_ok(&r) && rd_left(&r) > 0)
		rd_sid(&r, &sid);
	REQUIRE(rd_ok(&r), STATUS_LOGON_FAILURE);
	f->sids_n = sids.n;
	if (sids.n > 0)
		memcpy(f->sids, sids.p, sids.n);
	if (user_sid.n == 0)
		return STATUS_SUCCESS;
	rd_sid(&u, &f->sid);
	REQUIRE(rd_ok(&u) && rd_left(&u) == 0 && f->sid.count > 0, STATUS_LOGON_FAILURE);
	f->has_sid = true;
	return STATUS_SUCCESS;
}

nt
logon_set_foreign(struct logon *l, struct str logon, struct str domain, struct str realm,
		  struct span user_sid, struct span sids)
{
	struct foreign *f = l->foreign ? l->foreign : xcalloc(1, sizeof *f);

	l->foreign = f; /* the logon's to free, whatever comes */
	TRY(name_set(f, logon));
	TRY(text_set(f->domain, domain, domain.n));
	TRY(text_set(f->realm, realm, realm.n));
	return sids_set(f, user_sid, sids);
}

const char *
foreign_print(const struct foreign *f, char room[2 * NAME_BOUND + 2])
{
	if (f->domain[0])
		(void)snprintf(room, 2 * NAME_BOUND + 2, "%s\\%s", f->domain, f->logon);
	else
		(void)snprintf(room, 2 * NAME_BOUND + 2, "%s@%s", f->logon, f->realm);
	return room;
}

static bool
speaks_of_ours(const struct store *s, const struct foreign *f)
{
	return !foreign_is_ours(s, f) && f->domain[0] &&
	       utf8_casecmp(f->domain, s->conf.workgroup.s) == 0;
}

/* S-1-5-21 and our three numbers: accounts of this machine, whom no domain can speak of. */
static bool
sid_is_ours(const struct store *s, const struct sid *sid)
{
	return sid->authority == 5 && sid->count >= 4 && sid->subs[0] == 21 &&
	       memcmp(sid->subs + 1, s->machine, sizeof s->machine) == 0;
}

static bool
has_sid_of_ours(const struct store *s, const struct foreign *f)
{
	struct rd r  = rd_init(SPAN(f->sids, f->sids_n));
	bool ours    = f->has_sid && sid_is_ours(s, &f->sid);
	struct sid x = { 0 };

	while (!ours && rd_ok(&r) && rd_left(&r) > 0) {
		rd_sid(&r, &x);
		ours = sid_is_ours(s, &x);
	}
	return ours;
}

const char *
foreign_refusal(const struct logon *l)
{
	char whole[2 * NAME_BOUND + 2];
	const char *list = l->store->conf.only_users.s;

	if (has_sid_of_ours(l->store, l->foreign))
		return "a domain vouches for a SID of this machine";
	if (speaks_of_ours(l->store, l->foreign))
		return "another realm vouches for a user of our own domain";
	if ((foreign_is_ours(l->store, l->foreign) && user_is_listed(list, l->foreign->logon)) ||
	    user_is_listed(list, foreign_print(l->foreign, whole)))
		return NULL;
	return "the user is not among those served";
}
