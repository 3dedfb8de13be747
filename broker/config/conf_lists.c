/*
 * conf_lists.c - values that are lists: words, users, paths, hosts, addresses,
 * roles.
 */
#include "broker/config/conf_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/config/conf_hosts.h"
#include "ipc/msg.h"

void
conf_words_drop(struct conf_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct conf_words){ 0 };
}

static void
words_push(struct conf_words *w, const char *s, size_t n)
{
	char **v = reallocarray(w->v, w->n + 1, sizeof *v);

	ENSURE(v != NULL);
	w->v	= v;
	v[w->n] = xcalloc(n + 1, 1);
	memcpy(v[w->n++], s, n);
}

void
conf_words_copy(struct conf_words *dst, const struct conf_words *src)
{
	struct conf_words w = { 0 };

	for (size_t i = 0; i < src->n; i++)
		words_push(&w, src->v[i], strlen(src->v[i]));
	conf_words_drop(dst);
	*dst = w;
}

bool
conf_words_split(const char *text, struct conf_words *ret)
{
	static const char blanks[] = ", \t";
	struct conf_words w	   = { 0 };
	size_t n;

	for (const char *p = text + strspn(text, blanks); *p; p += strspn(p, blanks)) {
		if (*p == '"') {
			n = strcspn(++p, "\"");
			if (p[n] != '"') {
				conf_words_drop(&w);
				return false;
			}
			words_push(&w, p, n);
			p += n + 1;
		} else {
			n = strcspn(p, blanks);
			words_push(&w, p, n);
			p += n;
		}
	}
	conf_words_drop(ret);
	*ret = w;
	return true;
}

typedef bool word_fn(const char *);

static bool
words_set(const char *text, word_fn *allowed, void *field)
{
	struct conf_words w = { 0 };

	if (!conf_words_split(text, &w))
		return false;
	for (size_t i = 0; i < w.n; i++) {
		if (!allowed(w.v[i])) {
			conf_words_drop(&w);
			return false;
		}
	}
	conf_words_drop(field);
	*(struct conf_words *)field = w;
	return true;
}

/* A name, or @group. */
static bool
user_allowed(const char *s)
{
	size_t n = strlen(s[0] == '@' ? s + 1 : s);

	return n > 0 && n < NAME_BOUND && !strpbrk(s, "/:\"");
}

bool
value_users(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return words_set(text, user_allowed, field);
}

bool
value_paths(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return words_set(text, conf_path_allowed, field);
}

/* Kept in the one form that fsd knows, "address" or "network/bits". */
bool
value_hosts(const struct conf_key *k, const char *text, void *field)
{
	struct conf_words in = { 0 }, out = { 0 };
	bool ok = conf_words_split(text, &in);
	char word[CONF_HOST_TEXT * 2];

	(void)k;
	for (size_t i = 0; ok && i < in.n; i++) {
		ok = conf_host_canonical(in.v[i], word, sizeof word);
		for (char *p = word; ok && *p; p += strspn(p, " ")) {
			size_t n = strcspn(p, " ");

			words_push(&out, p, n);
			p += n;
		}
	}
	conf_words_drop(&in);
	if (!ok) {
		conf_words_drop(&out);
		return false;
	}
	conf_words_drop(field);
	*(struct conf_words *)field = out;
	return true;
}

bool
value_addresses(const struct conf_key *k, const char *text, void *field)
{
	struct conf_listeners l = { 0 };
	struct conf_words w	= { 0 };
	bool ok			= conf_words_split(text, &w) && w.n > 0 && w.n <= CONF_LISTEN_MAX;

	(void)k;
	for (size_t i = 0; ok && i < w.n; i++)
		ok = !nt_failed(addr_parse(w.v[i], &l.v[l.n++]));
	conf_words_drop(&w);
	if (ok)
		*(struct conf_listeners *)field = l;
	return ok;
}

/* All but those that are the broker itself. */
bool
value_roles(const struct conf_key *k, const char *text, void *field)
{
	const uint32_t may  = FROM_ANY & ~(FROM(SPAWNER) | FROM(DIRECTORY) | FROM(API));
	struct conf_words w = { 0 };
	uint32_t mask	    = 0;
	bool ok		    = conf_words_split(text, &w);

	(void)k;
	for (size_t i = 0; ok && i < w.n; i++) {
		uint32_t bit = 1u << peer_role_find(w.v[i]);

		ok = (bit & may) != 0;
		mask |= bit;
	}
	conf_words_drop(&w);
	if (ok)
		*(uint32_t *)field = mask;
	return ok;
}
