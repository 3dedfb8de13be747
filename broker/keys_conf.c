/*
 * keys_conf.c - the keys that `api keys` names: in the table as the others are,
 * but never in the list on disk.  The configuration is their list.
 */
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "broker/keys.h"

void
keys_conf_begin(struct keys *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->v[i].named = false;
}

/* Another key's that this configuration has not named yet: it will not, a name comes once. */
static bool
name_free(struct keys *t, const char *name, const struct key *mine)
{
	const struct key *other = keys_find_name(t, name);

	if (!other || other == mine)
		return true;
	if (other->configured && !other->named)
		t->v[other->number - 1].revoked = true;
	return other->revoked;
}

/* It has been there before: here, or in the list. */
static void
known_take(struct keys *t, struct key *k, const char *name, enum key_role role)
{
	if (!k->configured) {
		log_warn("`api keys`: this key is in the list of `keys create`, which decides name=%s %s",
			 k->name, k->revoked ? "revoked" : key_role_name(k->role));
		return;
	}
	if (!name_free(t, name, k)) {
		log_warn("`api keys`: there is another key of this name name=%s", name);
		return;
	}
	(void)memset(k->name, 0, sizeof k->name);
	memcpy(k->name, name, strlen(name));
	k->role	   = role;
	k->revoked = false;
	k->ended   = 0;
	k->named   = true;
}

void
keys_conf_add(struct keys *t, const char *name, const char *public, enum key_role role)
{
	uint8_t key[KEY_BYTES];
	const struct key *found;
	nt s;

	if (!t->v || !key_name_allowed(name) || !key_read(public, key))
		return;
	found = keys_find_public(t, key);
	if (found) {
		known_take(t, &t->v[found->number - 1], name, role);
		return;
	}
	(void)name_free(t, name, NULL);
	s = key_enter(t, name, key, role, clock_real_ns());
	if (nt_failed(s)) {
		log_warn("`api keys`: there is no room, or another key of this name name=%s", name);
		return;
	}
	t->v[t->n - 1].configured = t->v[t->n - 1].named = true;
}

void
keys_conf_end(struct keys *t, void (*ended)(void *ctx, const struct key *), void *ctx)
{
	for (size_t i = 0; i < t->n; i++) {
		struct key *k = &t->v[i];

		if (!k->configured || k->named || k->ended != 0)
			continue;
		k->revoked = true;
		k->ended   = clock_real_ns();
		log_audit("key no more in `api keys` name=%s", k->name);
		ended(ctx, k);
	}
}
