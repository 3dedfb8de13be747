/*
 * conf_api_keys.c - `api keys`: who may ask from other machines, as the
 * configuration says it.  What becomes of them: keys_conf.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/config/conf_value.h"
#include "broker/keys.h"

#define ENTRY_CAP (KEY_LABEL + KEY_TEXT + 16)

struct entry {
	char name[KEY_LABEL + 1], text[KEY_TEXT + 1], role[8];
};

/* One of them, between commas. */
static bool
entry_read(const char *text, size_t n, struct entry *ret)
{
	char copy[ENTRY_CAP * 2];
	uint8_t key[KEY_BYTES];
	int end = 0, more = 0;

	if (n >= sizeof copy)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	(void)snprintf(ret->role, sizeof ret->role, "user");
	if (sscanf(copy, " %48s %40s %n", ret->name, ret->text, &end) != 2 || end == 0)
		return false;
	if (copy[end] != '\0' &&
	    (sscanf(copy + end, "%7s %n", ret->role, &more) != 1 || copy[end + more] != '\0' ||
	     (strcmp(ret->role, "user") != 0 && strcmp(ret->role, "admin") != 0)))
		return false;
	return key_name_allowed(ret->name) && key_read(ret->text, key);
}

/* Neither name nor key comes twice. */
static bool
entry_is_new(const struct conf_words *w, const struct entry *e)
{
	struct entry old;

	for (size_t i = 0; i < w->n; i++) {
		ENSURE(entry_read(w->v[i], strlen(w->v[i]), &old));
		if (strcmp(old.name, e->name) == 0 || strcmp(old.text, e->text) == 0)
			return false;
	}
	return true;
}

static void
entry_push(struct conf_words *w, const struct entry *e)
{
	char text[ENTRY_CAP];

	w->v = reallocarray(w->v, w->n + 1, sizeof *w->v);
	ENSURE(w->v != NULL);
	(void)snprintf(text, sizeof text, "%s %s %s", e->name, e->text, e->role);
	w->v[w->n++] = xstrdup(text);
}

bool
value_api_keys(const struct conf_key *k, const char *text, void *field)
{
	struct conf_words w = { 0 };
	struct entry e;
	bool ok = true;

	(void)k;
	for (const char *p = text; ok && p && *text; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
		ok = entry_read(p, strcspn(p, ","), &e) && entry_is_new(&w, &e);
		if (ok)
			entry_push(&w, &e);
	}
	if (!ok) {
		conf_words_drop(&w);
		return false;
	}
	conf_words_drop(field);
	*(struct conf_words *)field = w;
	return true;
}
