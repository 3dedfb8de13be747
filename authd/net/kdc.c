/*
 * kdc.c - see kdc.h.  SRV names as [RFC4120] 7.2.3.2 has them.
 */
#include "authd/net/kdc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"

struct realm {
	char name[NAME_BOUND + 1];
	struct finder *finder;
	uint64_t used_ms;
};

struct kdcs {
	struct realm v[REALMS_MAX];
};

struct kdcs *
kdcs_new(void)
{
	return xcalloc(1, sizeof(struct kdcs));
}

void
kdcs_drop(struct kdcs *k)
{
	for (size_t i = 0; k && i < REALMS_MAX; i++)
		finder_drop(k->v[i].finder);
	free(k);
}

/* Is the server of this word of `kdc` the realm's?  "REALM=SERVER"; of ours "SERVER" alone. */
static const char *
server_of(struct net *me, const char *word, const char *realm)
{
	const char *server = strchr(word, '=');
	char named[NAME_BOUND + 1];

	if (!server)
		return me->conf.realm.n > 0 && utf8_casecmp(me->conf.realm.s, realm) == 0 ? word
											  : NULL;
	if ((size_t)(server - word) >= sizeof named)
		return NULL;
	memcpy(named, word, (size_t)(server - word));
	named[server - word] = '\0';
	return utf8_casecmp(named, realm) == 0 ? server + 1 : NULL;
}

static struct finder *
realm_finder_new(struct net *me, const char *realm)
{
	char *words = xstrdup(me->conf.kdcs.n > 0 ? me->conf.kdcs.s : "");
	char *list  = xcalloc(1, strlen(words) + 1);
	char udp[NAME_BOUND + 32], tcp[NAME_BOUND + 32], *rest = NULL;
	struct finder *f;

	for (char *w = strtok_r(words, ", \t", &rest); w; w = strtok_r(NULL, ", \t", &rest)) {
		const char *server = server_of(me, w, realm);

		if (server && list[0])
			strcat(list, " ");
		if (server)
			strcat(list, server);
	}
	(void)snprintf(udp, sizeof udp, "_kerberos._udp.%s", realm);
	(void)snprintf(tcp, sizeof tcp, "_kerberos._tcp.%s", realm);
	f = finder_new(me->resolver, list, udp, tcp, KDC_PORT);
	free(words);
	free(list);
	return f;
}

static struct realm *
realm_find(struct kdcs *k, const char *name)
{
	for (size_t i = 0; i < REALMS_MAX; i++) {
		if (k->v[i].finder && utf8_casecmp(k->v[i].name, name) == 0)
			return &k->v[i];
	}
	return NULL;
}

/* A free place, or the one that was not asked for longest and that nobody uses. */
static struct realm *
realm_place(struct kdcs *k)
{
	struct realm *oldest = NULL;

	for (size_t i = 0; i < REALMS_MAX; i++) {
		struct realm *r = &k->v[i];

		if (!r->finder)
			return r;
		if (finder_is_idle(r->finder) && (!oldest || r->used_ms < oldest->used_ms))
			oldest = r;
	}
	return oldest;
}

struct finder *
kdc_finder(struct net *me, const char *name)
{
	struct realm *r = realm_find(me->kdcs, name);

	if (!r) {
		r = realm_place(me->kdcs);
		if (!r)
			return NULL;
		finder_drop(r->finder);
		(void)snprintf(r->name, sizeof r->name, "%s", name);
		r->finder = realm_finder_new(me, name);
	}
	r->used_ms = net_now_ms(me);
	return r->finder;
}

void
kdc_forget(struct net *me, const char *name)
{
	struct realm *r = realm_find(me->kdcs, name);

	if (r)
		finder_forget(r->finder);
}

/* One that is being waited for goes on as it began; the next question begins anew. */
void
kdcs_forget_all(struct net *me)
{
	for (size_t i = 0; i < REALMS_MAX; i++) {
		struct realm *r = &me->kdcs->v[i];

		if (r->finder && finder_is_idle(r->finder)) {
			finder_drop(r->finder);
			r->finder = NULL;
		} else if (r->finder) {
			r->name[0] = '\0';
		}
	}
}
