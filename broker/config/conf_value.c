/*
 * conf_value.c - values: text to typed field, one function per type.
 *
 * Each either takes the whole text or refuses it; nothing is clamped.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "broker/config/conf_value.h"

typedef bool value_fn(const struct conf_key *, const char *text, void *field);

/* ---- numbers and words ---- */

/* Digits only: no sign, no blanks, no second number. */
static bool
digits_read(const char *s, int base, uint64_t max, uint64_t *ret, const char **ret_end)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	v     = strtoull(s, &end, base);
	if (errno != 0 || v > max)
		return false;
	*ret	 = v;
	*ret_end = end;
	return true;
}

static bool
flag_read(const char *text, bool *ret)
{
	static const struct conf_choice words[] = {
		{ "yes", 1 }, { "true", 1 },  { "1", 1 }, { "on", 1 },
		{ "no", 0 },  { "false", 0 }, { "0", 0 }, { "off", 0 },
	};

	for (size_t i = 0; i < NELEM(words); i++) {
		if (strcasecmp(words[i].word, text) == 0) {
			*ret = words[i].value != 0;
			return true;
		}
	}
	return false;
}

static bool
value_flag(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return flag_read(text, field);
}

static bool
value_not(const struct conf_key *k, const char *text, void *field)
{
	bool v;

	(void)k;
	if (!flag_read(text, &v))
		return false;
	*(bool *)field = !v;
	return true;
}

static bool
value_number(const struct conf_key *k, const char *text, void *field)
{
	const char *end;
	uint64_t v;

	if (!digits_read(text, 10, k->max, &v, &end) || *end || v < k->min)
		return false;
	*(uint32_t *)field = (uint32_t)v;
	return true;
}

static bool
value_size(const struct conf_key *k, const char *text, void *field)
{
	static const char units[] = "KMG";
	const char *end, *unit;
	uint64_t v;

	if (!digits_read(text, 10, UINT32_MAX, &v, &end))
		return false;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		v <<= 10 * (unit - units + 1);
	}
	if (v < k->min || v > k->max)
		return false;
	*(uint32_t *)field = (uint32_t)v;
	return true;
}

static bool
value_seconds(const struct conf_key *k, const char *text, void *field)
{
	const char *end;
	uint64_t v;

	if (!digits_read(text, 10, k->max, &v, &end) || v < k->min)
		return false;
	if (*end && strcasecmp(end, "s") != 0)
		return false;
	*(uint32_t *)field = (uint32_t)v * 1000;
	return true;
}

static bool
value_mask(const struct conf_key *k, const char *text, void *field)
{
	const char *end;
	uint64_t v;

	if (!digits_read(text, 8, k->max, &v, &end) || *end)
		return false;
	*(uint32_t *)field = (uint32_t)v;
	return true;
}

static bool
value_choice(const struct conf_key *k, const char *text, void *field)
{
	for (const struct conf_choice *c = k->choices; c->word; c++) {
		if (strcasecmp(c->word, text) == 0) {
			*(uint32_t *)field = c->value;
			return true;
		}
	}
	return false;
}

static bool
value_uids(const struct conf_key *k, const char *text, void *field)
{
	const char *p;
	uint64_t first, last;

	(void)k;
	if (!digits_read(text, 10, INT_MAX, &first, &p) || *p != '-')
		return false;
	if (!digits_read(p + 1, 10, INT_MAX, &last, &p) || *p)
		return false;
	if (first == 0 || last < first || last - first < CONF_ROLE_UIDS)
		return false;
	*(struct conf_uids *)field = (struct conf_uids){ (uint32_t)first, (uint32_t)last };
	return true;
}

/* ---- strings ---- */

static bool
string_set(const char *text, size_t max, void *field)
{
	char **at = field;

	if (strlen(text) > max)
		return false;
	free(*at);
	*at = xstrdup(text);
	return true;
}

static bool
value_name(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return string_set(text, NAME_BOUND, field);
}

static bool
value_text(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return string_set(text, TEXT_BOUND, field);
}

bool
conf_path_allowed(const char *s)
{
	if (s[0] != '/' || strlen(s) > PATH_BOUND)
		return false;
	for (const char *p = s; *p;) {
		size_t n = strcspn(++p, "/");

		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
	}
	return true;
}

static bool
value_path(const struct conf_key *k, const char *text, void *field)
{
	(void)k;
	return conf_path_allowed(text) && string_set(text, PATH_BOUND, field);
}

/* ---- the table of types ---- */

static const struct {
	value_fn *set;
	const char *allowed; /* NULL: made from the key's bounds or words */
} types[CONF_TYPE_MAX] = {
	[CONF_FLAG]	 = { value_flag, "yes or no" },
	[CONF_NOT]	 = { value_not, "yes or no" },
	[CONF_NUMBER]	 = { value_number, NULL },
	[CONF_SIZE]	 = { value_size, NULL },
	[CONF_SECONDS]	 = { value_seconds, NULL },
	[CONF_MASK]	 = { value_mask, "an octal mask such as 0755" },
	[CONF_CHOICE]	 = { value_choice, NULL },
	[CONF_NAME]	 = { value_name, "up to 255 bytes" },
	[CONF_TEXT]	 = { value_text, "up to 1023 bytes" },
	[CONF_PATH]	 = { value_path, "an absolute path without . and .." },
	[CONF_PATHS]	 = { value_paths, "absolute paths without . and .." },
	[CONF_USERS]	 = { value_users, "names and @groups, separated by commas or blanks" },
	[CONF_HOSTS]	 = { value_hosts, "addresses and networks such as 192.0.2.0/24" },
	[CONF_ADDRESSES] = { value_addresses, "up to 8 of ADDRESS:PORT or [ADDRESS]:PORT" },
	[CONF_ROLES]	 = { value_roles, "some of gate, worker, fsd, store, names, krb, net, cred, session, dialer" },
	[CONF_API_KEYS]	 = { value_api_keys, "NAME KEY [user | admin], with commas between, each name and key once; "
					     "a KEY is 40 characters of Z85" },
	[CONF_UID_RANGE] = { value_uids, "FIRST-LAST, at least 17 uids, none of them 0" },
};

bool
conf_value_set(const struct conf_key *k, const char *text, void *obj)
{
	return types[k->type].set(k, text, (char *)obj + k->at);
}

static const char *
choices_print(const struct conf_key *k, char *buf, size_t cap)
{
	size_t n = (size_t)snprintf(buf, cap, "one of");

	for (const struct conf_choice *c = k->choices; c->word && n < cap; c++)
		n += (size_t)snprintf(buf + n, cap - n, "%s %s", c == k->choices ? "" : ",",
				      c->word);
	return buf;
}

const char *
conf_value_allowed(const struct conf_key *k, char *buf, size_t cap)
{
	const char *what = k->type == CONF_SIZE	     ? "a size in bytes (or K, M, G)"
			   : k->type == CONF_SECONDS ? "a number of seconds"
						     : "a number";

	if (types[k->type].allowed)
		return types[k->type].allowed;
	if (k->type == CONF_CHOICE)
		return choices_print(k, buf, cap);
	(void)snprintf(buf, cap, "%s from %u to %u", what, k->min, k->max);
	return buf;
}
