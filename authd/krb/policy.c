/*
 * policy.c - which tickets are for us.  A ticket says which service it is for;
 * being able to open it is not enough, since one key may serve many names.
 *
 * Channel bindings: SMB runs over TCP, which has no channel to bind to, so none
 * are asked for; see token_is_bound().  What keeps a logon from being relayed
 * besides is signing.
 */
#include <string.h>
#include <strings.h>

#include "authd/krb/krb.h"

bool
etype_allowed(const struct krb *me, int32_t etype)
{
	return etype == ETYPE_AES256 || etype == ETYPE_AES128 ||
	       (etype == ETYPE_RC4 && me->conf.rc4);
}

/* word is "cifs/host" or "cifs/host@REALM". */
static bool
word_names(const char *word, size_t n, const struct ap_req *a)
{
	const char *at = memchr(word, '@', n);
	size_t name    = at ? (size_t)(at - word) : n;

	if (strlen(a->service) != name || strncasecmp(word, a->service, name) != 0)
		return false;
	return !at || (strlen(a->realm) == n - name - 1 &&
		       strncasecmp(at + 1, a->realm, n - name - 1) == 0);
}

static bool
list_names(const char *list, const struct ap_req *a)
{
	static const char gap[] = " \t,";

	for (list += strspn(list, gap); *list; list += strspn(list, gap)) {
		size_t n = strcspn(list, gap);

		if (word_names(list, n, a))
			return true;
		list += n;
	}
	return false;
}

/* Without a list: the services that are files, of those that we have keys for. */
static bool
keys_name(const struct keys *keys, const struct ap_req *a)
{
	if (strncasecmp(a->service, "cifs/", 5) != 0 && strncasecmp(a->service, "host/", 5) != 0)
		return false;
	for (size_t i = 0; i < keys_count(keys); i++) {
		const struct key *k = keys_at(keys, i);

		if (key_names(k, a->service) &&
		    strcasecmp(strchr(k->principal, '@') + 1, a->realm) == 0)
			return true;
	}
	return false;
}

const char *
service_refusal(const struct krb *me, const struct ap_req *a)
{
	bool known = false;

	if (!etype_allowed(me, a->etype))
		return a->etype == ETYPE_RC4 ? "the ticket is sealed with RC4, which is not allowed"
					     : "the ticket is sealed with a key of an unknown type";
	if (!etype_allowed(me, a->session_etype))
		return "the ticket's own key is of a type that is not allowed";
	if (me->conf.spns.n > 0 ? !list_names(me->conf.spns.s, a) : !keys_name(me->keys, a))
		return "the ticket is for another service";
	for (size_t i = 0; i < keys_count(me->keys); i++)
		known |= keys_at(me->keys, i)->etype == a->etype;
	return known ? NULL : "we have no key of the ticket's type";
}
