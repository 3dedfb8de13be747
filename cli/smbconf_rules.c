/* smbconf_rules.c - a line of an smb.conf in our words; what each key becomes is a table. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "cli/smbconf_private.h"

enum verdict { KEEP, SAME, DROP, RENAME, VALUE };

/*
 * Names are compared without case and spaces.  SAME: our only way is that one, when the value begins
 * with arg.  VALUE: arg is "THEIRS=ours" words, others are kept.
 */
static const struct rule {
	const char *key;
	enum verdict verdict;
	const char *arg, *why;
} rules[] = {
	{ "security", SAME, "user", "accounts are our own; for a domain see realm and keytab" },
	{ "encryptpasswords", SAME, "yes", "there is no logon with a clear password" },
	{ "passdbbackend", DROP, NULL,
	    "accounts are our own: pdbedit -L -w | bulkhead user import" },
	{ "serverrole", SAME, "standalone", "for a domain see realm and keytab" },
	{ "maptoguest", SAME, "never", "a failed logon never becomes a guest's; see guest ok" },
	{ "usershareallowguests", SAME, "no", "there are no user shares" },
	{ "loadprinters", SAME, "no", "there is no printing" },
	{ "printing", DROP, NULL, "there is no printing" },
	{ "printcapname", DROP, NULL, "there is no printing" },
	{ "disablespoolss", SAME, "yes", "there is no printing" },
	{ "logfile", DROP, NULL, "the log goes to stderr, for the journal" },
	{ "logging", DROP, NULL, "the log goes to stderr, for the journal" },
	{ "maxlogsize", DROP, NULL, "the log goes to stderr, for the journal" },
	{ "syslog", DROP, NULL, "the log goes to stderr, for the journal" },
	{ "panicaction", DROP, NULL, "nothing is ever executed" },
	{ "unixpasswordsync", SAME, "no", "Unix passwords are never touched" },
	{ "obeypamrestrictions", SAME, "no", "PAM is not asked" },
	{ "pampasswordchange", SAME, "no", "PAM is not asked" },
	{ "dnsproxy", SAME, "no", "there is no NetBIOS" },
	{ "winssupport", SAME, "no", "there is no NetBIOS" },
	{ "disablenetbios", SAME, "yes", "there is no NetBIOS" },
	{ "localmaster", SAME, "no", "there is no browsing service" },
	{ "domainmaster", SAME, "no", "there is no browsing service" },
	{ "smbports", DROP, NULL, "say ADDR:PORT with listen" },
	{ "interfaces", DROP, NULL, "say ADDR:PORT with listen" },
	{ "bindinterfacesonly", DROP, NULL, "say ADDR:PORT with listen" },
	{ "socketoptions", DROP, NULL, "not needed" },
	{ "usesendfile", DROP, NULL, "not needed" },
	{ "aioreadsize", DROP, NULL, "not needed" },
	{ "aiowritesize", DROP, NULL, "not needed" },
	{ "minreceivefilesize", DROP, NULL, "not needed" },
	{ "statedirectory", DROP, NULL, "Samba's directory stays Samba's" },
	{ "clientminprotocol", DROP, NULL, "the client takes --min-dialect" },
	{ "clientmaxprotocol", DROP, NULL, "the client takes --max-dialect" },
	{ "preferredmaster", SAME, "no", "there is no browsing service" },
	{ "dosfilemode", SAME, "no", "only the owner changes a mode" },
	{ "followsymlinks", SAME, "yes", "links are followed inside of the share" },
	{ "casesensitive", SAME, "auto", "names ignore case and keep it" },
	{ "preservecase", SAME, "yes", "names ignore case and keep it" },
	{ "oplocks", SAME, "yes", "oplocks are always there" },
	{ "eadefaults", DROP, NULL, "see ea support" },
	{ "storedosattributes", SAME, "yes", "DOS attributes are always stored" },
	{ "printable", SAME, "no", "there is no printing" },
	{ "guestonly", SAME, "no", "see guest ok" },
	{ "serverminprotocol", VALUE, "NT1=SMB2_02 LANMAN2=SMB2_02 LANMAN1=SMB2_02 CORE=SMB2_02",
	    NULL },
	{ "minprotocol", VALUE, "NT1=SMB2_02 LANMAN2=SMB2_02 LANMAN1=SMB2_02 CORE=SMB2_02", NULL },
	{ "loglevel", VALUE, "0=error 1=warn 2=info 3=info 4=debug 5=debug 10=debug", NULL },
	{ "dedicatedkeytabfile", RENAME, "keytab", NULL },
	{ "securitymask", DROP, NULL, "see create mask" },
	{ "defaultservice", DROP, NULL, "a share is named by who wants it" },
};

/* Whole sections that are no shares. */
static const struct {
	const char *name, *why;
} no_shares[] = {
	{ "printers", "there is no printing" },
	{ "print$", "there is no printing" },
	{ "homes", "one share per user's home does not exist here: name a share for each" },
	{ "netlogon", "there are no logon scripts: this is no domain controller" },
	{ "sysvol", "this is no domain controller" },
};

static void
fold(const char *s, size_t n, char *dst, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at + 1 < cap; i++)
		if (!isspace((unsigned char)s[i]))
			dst[at++] = (char)tolower((unsigned char)s[i]);
	dst[at] = '\0';
}

static char *
copy(const char *s, size_t n)
{
	char *c = xcalloc(n + 1, 1);

	memcpy(c, s, n);
	return c;
}

char *
smbconf_trimmed(const char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	return copy(s, n);
}

/* "A=b C=d": what stands for value, or NULL. */
static const char *
word_for(const char *table, const char *value, char *buf, size_t cap)
{
	char *all = copy(table, strlen(table)), *save = NULL;
	const char *found = NULL;

	for (char *w = strtok_r(all, " ", &save); w && !found; w = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(w, '=');

		*equals = '\0';
		if (strcasecmp(w, value) == 0) {
			(void)snprintf(buf, cap, "%s", equals + 1);
			found = buf;
		}
	}
	free(all);
	return found;
}

void
smbconf_line_refuse(struct smbconf_line *l, const char *why)
{
	if (!l->why)
		l->why = copy(why, strlen(why));
}

static void
text_set(struct smbconf_line *l, const char *key, const char *value)
{
	size_t n = strlen(key) + strlen(value) + 8;

	free(l->text);
	l->text = xcalloc(n, 1);
	(void)snprintf(l->text, n, "\t%s = %s", key, value);
}

static void
rule_apply(struct smbconf_line *l, const struct rule *r, const char *key, const char *value)
{
	char word[64];
	const char *ours;

	switch (r->verdict) {
	case SAME:
		if (strncasecmp(value, r->arg, strlen(r->arg)) == 0)
			l->quiet = true;
		else
			smbconf_line_refuse(l, r->why);
		break;
	case DROP:
		smbconf_line_refuse(l, r->why);
		break;
	case RENAME:
		text_set(l, r->arg, value);
		break;
	case VALUE:
		ours = word_for(r->arg, value, word, sizeof word);
		if (ours)
			text_set(l, key, ours);
		break;
	case KEEP:
		break;
	}
}

/* %U in a value means one thing per connection; ours are the same for all. */
static bool
has_substitution(const char *value)
{
	const char *at = strchr(value, '%');

	return at && at[1] != '\0' && strchr("UuGgHmLMRdaITDwvVShPNpijct$", at[1]) != NULL;
}

static void
key_translate(struct smbconf_line *l)
{
	char *equals = strchr(l->was, '=');
	char folded[64], *key, *value;

	if (!equals) {
		smbconf_line_refuse(l, "neither a section nor KEY = VALUE");
		return;
	}
	fold(l->was, (size_t)(equals - l->was), folded, sizeof folded);
	*equals = '\0';
	key     = smbconf_trimmed(l->was);
	value   = smbconf_trimmed(equals + 1);
	*equals = '=';
	text_set(l, key, value);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcasecmp(rules[i].key, folded) == 0)
			rule_apply(l, &rules[i], key, value);
	if (strchr(folded, ':'))
		smbconf_line_refuse(l, "an option of a Samba module");
	else if (has_substitution(value))
		smbconf_line_refuse(l, "substitutions (%U and the like) do not exist here");
	free(key);
	free(value);
}

static void
section_translate(struct smbconf_line *l, const char **dropping)
{
	char *end = strchr(l->was, ']'), *name;

	*dropping = NULL;
	if (!end) {
		smbconf_line_refuse(l, "a ']' is missing");
		return;
	}
	name       = copy(l->was + 1, (size_t)(end - l->was - 1));
	l->text    = copy(l->was, (size_t)(end - l->was + 1));
	l->section = true;
	for (size_t i = 0; i < sizeof no_shares / sizeof no_shares[0]; i++)
		if (strcasecmp(no_shares[i].name, name) == 0)
			*dropping = no_shares[i].why;
	if (*dropping)
		smbconf_line_refuse(l, *dropping);
	free(name);
}

void
smbconf_translate(struct smbconf_line *l, const char **dropping)
{
	if (l->was[0] == '[') {
		section_translate(l, dropping);
		return;
	}
	key_translate(l);
	if (*dropping)
		smbconf_line_refuse(l, *dropping);
}
