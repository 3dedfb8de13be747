/*
 * conf_storages.c - `storage hosts`: where storages of other hosts are, as
 * "NAME=HOST:PORT" each.
 */
#include <string.h>

#include "broker/config/conf.h"
#include "broker/config/conf_keys.h"
#include "broker/tree.h"
#include "ipc/msg/conf.msg.h"

/* False: it makes no sense; word stays as it was. */
static bool
word_read(const char *word, struct conf_storage_host *ret)
{
	const char *is = strchr(word, '=');
	size_t n       = is ? (size_t)(is - word) : 0;
	struct conf_storage_host h = { 0 };

	if (n == 0 || n > STORAGE_BOUND)
		return false;
	memcpy(h.name, word, n);
	if (!storage_name_ok(h.name) || nt_failed(resolve_target(is + 1, &h.at)))
		return false;
	*ret = h;
	return true;
}

static bool
is_known(const struct conf_storage_hosts *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].name, name) == 0)
			return true;
	}
	return false;
}

bool
conf_storage_hosts_read(const char *text, struct conf_storage_hosts *ret)
{
	struct conf_words words	    = { 0 };
	struct conf_storage_hosts t = { 0 };
	bool ok			    = conf_words_split(text, &words) && words.n <= STORAGES_MAX;

	for (size_t i = 0; ok && i < words.n; i++) {
		struct conf_storage_host h;

		ok = word_read(words.v[i], &h) && !is_known(&t, h.name);
		if (ok)
			t.v[t.n++] = h;
	}
	conf_words_drop(&words);
	if (ok)
		*ret = t;
	return ok;
}
