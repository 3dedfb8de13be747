/*
 * target.c - did the client mean us?  Both marks stand in the pairs that its proof
 * covers, so whoever relays a logon that was meant for another server cannot take
 * them away.  [MS-NLMP] 2.2.2.1, 3.2.5.1.2
 *
 * Channel bindings: SMB runs over TCP, which has none.  A client that is bound to
 * a channel believes to speak TLS with somebody else; clients of SMB send zeroes.
 * The target's name: what Windows calls the server's SPN target name validation,
 * whose three levels `spn validation` has.  A ticket always names its service, and
 * krb looks at that.
 */
#include <string.h>
#include <strings.h>

#include "authd/store/logon.h"
#include "base/log.h"
#include "base/utf16.h"

/* The host of "cifs/host"; NULL if it is another service. */
static const char *
host_of(const char *target)
{
	if (strncasecmp(target, "cifs/", 5) != 0 && strncasecmp(target, "host/", 5) != 0)
		return NULL;
	return target + 5;
}

static bool
list_has(const char *list, const char *name)
{
	static const char gap[] = " \t,";
	const size_t len	= strlen(name);

	for (list += strspn(list, gap); *list; list += strspn(list, gap)) {
		size_t n = strcspn(list, gap);

		if (n == len && strncasecmp(list, name, n) == 0)
			return true;
		list += n;
	}
	return false;
}

bool
target_is_ours(const struct store *s, const char *target)
{
	const char *host = host_of(target);
	char dns[DNS_NAME_ROOM];

	if (!host || !*host)
		return false;
	server_dns_name(s, dns);
	return utf8_casecmp(host, s->conf.netbios_name.s) == 0 || utf8_casecmp(host, dns) == 0 ||
	       (s->conf.spn_names.n > 0 && list_has(s->conf.spn_names.s, host));
}

static const char *
name_refusal(const struct store *s, const struct aim *a)
{
	if (s->conf.spn == SPN_UNCHECKED)
		return NULL;
	if (!a->named)
		return s->conf.spn == SPN_REQUIRED
			   ? "the client does not say which server it means (`spn validation`)"
			   : NULL;
	if (a->legible && target_is_ours(s, a->target))
		return NULL;
	log_audit("a logon names a server that is not this one target=%s: see `spn names`",
		  log_qs(a->legible ? a->target : "?"));
	return "the client means another server (`spn validation`)";
}

const char *
target_refusal(const struct store *s, const struct aim *a)
{
	if (a->bound && !s->conf.bound_ok)
		return "the response is bound to a TLS channel, which this is not: it was meant "
		       "for somebody else (`channel bindings`)";
	return name_refusal(s, a);
}
