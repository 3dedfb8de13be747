/*
 * keys.c - the table of keys.  Where those that are ours are kept: keys_file.c.
 */
#include "authd/krb/keys_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "authd/krb/heimdal.h"
#include "base/fatal.h"
#include "base/secret.h"

size_t
key_size(int32_t etype)
{
	switch (etype) {
	case ETYPE_AES256:
		return 32;
	case ETYPE_AES128:
	case ETYPE_RC4:
		return 16;
	default:
		return 0;
	}
}

bool
key_names(const struct key *k, const char *service)
{
	size_t n = strcspn(k->principal, "@");

	return n == strlen(service) && strncasecmp(k->principal, service, n) == 0;
}

size_t
keys_count(const struct keys *t)
{
	return t->count;
}

const struct key *
keys_at(const struct keys *t, size_t i)
{
	ENSURE(i < t->count);
	return &t->v[i];
}

static bool
key_known(const struct keys *t, const struct key *k)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->v[i].etype == k->etype && t->v[i].kvno == k->kvno &&
		    strcmp(t->v[i].principal, k->principal) == 0)
			return true;
	return false;
}

bool
keys_keep(struct keys *t, const struct key *k)
{
	if (t->count == KEYS_MAX || key_known(t, k))
		return false;
	t->v[t->count++] = *k;
	return true;
}

struct keys *
keys_open(const char *state)
{
	struct keys *t = xcalloc(1, sizeof *t);
	char path[PATH_MAX];

	t->v = secret_alloc(KEYS_MAX * sizeof *t->v);
	ENSURE(snprintf(path, sizeof path, "%s/keytab", state) < (int)sizeof path);
	keys_own_read(t, path);
	keys_own_rewrite(t, path);
	return t;
}

void
keys_drop(struct keys *t)
{
	if (!t)
		return;
	close(t->fd);
	secret_free(t->v, KEYS_MAX * sizeof *t->v);
	free(t);
}

nt
keys_add(struct keys *t, const struct key *k)
{
	struct key *slot = &t->v[t->count];

	REQUIRE(!key_known(t, k), STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(t->count < KEYS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	*slot	     = *k;
	slot->origin = KEY_OF_STATE;
	if (!keys_record_write(t, slot)) {
		secret_wipe(slot, sizeof *slot);
		return STATUS_DISK_FULL;
	}
	t->count++;
	return STATUS_SUCCESS;
}

nt
keys_del(struct keys *t, size_t i)
{
	ENSURE(i < t->count && t->v[i].origin == KEY_OF_STATE);
	REQUIRE(keys_record_erase(t, &t->v[i]), STATUS_DISK_FULL);
	t->v[i] = t->v[--t->count];
	secret_wipe(&t->v[t->count], sizeof t->v[t->count]);
	return STATUS_SUCCESS;
}
