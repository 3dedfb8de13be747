/* admit.c - who may enter a share, and whether only to read; what it hides. */
#include <stdio.h>
#include <string.h>

#include "base/utf16.h"
#include "fsd/host.h"
#include "fsd/share.h"
#include "ipc/msg/authd.msg.h"
#include "proto/fscc/wildcard.h"

/* DOMAIN\user, user@REALM. */
static bool
is_domain_name(const char *name, const struct ident_domain *d)
{
	char whole[2 * NAME_BOUND + 2];

	(void)snprintf(whole, sizeof whole, "%s\\%s", d->domain, d->logon);
	if (d->domain[0] && utf8_casecmp(name, whole) == 0)
		return true;
	(void)snprintf(whole, sizeof whole, "%s@%s", d->logon, d->realm);
	return d->realm[0] && utf8_casecmp(name, whole) == 0;
}

static bool
rule_matches(const struct share_rule *r, const struct ident *who)
{
	if (r->by_sid)
		return ident_has_sid(who, &r->sid);
	if (r->is_group)
		return r->known && ident_has_group(who, r->gid);
	return utf8_casecmp(r->who, who->user.s) == 0 ||
	       (who->domain && is_domain_name(r->who, who->domain));
}

static bool
on_list(const struct share *s, uint8_t list, const struct ident *who)
{
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (r->list == list && rule_matches(r, who))
			return true;
	return false;
}

bool
shares_operator(const struct shares *all, const struct ident *who)
{
	if (who->flags & (AUTH_GUEST | AUTH_ANONYMOUS))
		return false;
	for (const struct share_rule *r = all->operators; r; r = r->next)
		if (rule_matches(r, who))
			return true;
	return false;
}

static bool
has_list(const struct share *s, uint8_t list)
{
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (r->list == list)
			return true;
	return false;
}

static bool
host_on_list(const struct share *s, uint8_t list, const struct net_addr *client)
{
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (r->list == list && host_matches(r, client))
			return true;
	return false;
}

/* As smb.conf has it: allow wins; alone, it denies the rest. */
static bool
host_is_welcome(const struct share *s, const struct net_addr *client)
{
	if (host_on_list(s, ACL_ALLOW, client))
		return true;
	if (host_on_list(s, ACL_DENY, client))
		return false;
	return !has_list(s, ACL_ALLOW) || has_list(s, ACL_DENY);
}

/* A group nobody can be asked about might be theirs: refuse. */
static bool
is_banned(const struct share *s, const struct ident *who)
{
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (r->list == ACL_INVALID && ((r->is_group && !r->known) || rule_matches(r, who)))
			return true;
	return false;
}

nt
share_admit(const struct share *s, const struct ident *who, const struct net_addr *client,
    bool *ret_read_only)
{
	bool stranger  = (who->flags & (AUTH_GUEST | AUTH_ANONYMOUS)) != 0;
	bool read_only = (s->flags & SHARE_READ_ONLY) != 0;

	REQUIRE(*s->force_user == '\0' || s->force_uid != NO_ID, STATUS_ACCESS_DENIED);
	REQUIRE(host_is_welcome(s, client), STATUS_ACCESS_DENIED);
	REQUIRE(!stranger || (s->flags & SHARE_GUEST_OK), STATUS_ACCESS_DENIED);
	REQUIRE(!is_banned(s, who), STATUS_ACCESS_DENIED);
	REQUIRE(!has_list(s, ACL_VALID) || on_list(s, ACL_VALID, who), STATUS_ACCESS_DENIED);
	if (on_list(s, ACL_READ, who))
		read_only = true;
	if (on_list(s, ACL_WRITE, who))
		read_only = false;
	*ret_read_only = read_only;
	return STATUS_SUCCESS;
}

/* The next of the patterns between slashes, as in "/desktop.ini/Thumbs.db/". */
static bool
pattern_next(const char **at, char ret[NAME_BOUND + 1])
{
	size_t n;

	*at += strspn(*at, "/");
	n = strcspn(*at, "/");
	if (n == 0 || n > NAME_BOUND)
		return false;
	memcpy(ret, *at, n);
	ret[n] = '\0';
	*at += n;
	return true;
}

bool
share_hides(const struct share *s, const char *name)
{
	const char *at = s->hide_files;
	char pattern[NAME_BOUND + 1];

	if ((s->flags & SHARE_HIDE_DOT) && name[0] == '.' && name[1] != '\0' &&
	    strcmp(name, "..") != 0)
		return true;
	while (pattern_next(&at, pattern))
		if (wildcard_match(pattern, name))
			return true;
	return false;
}
