/* smbconf.c - see smbconf.h. */
#include "cli/smbconf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"

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

static char *
trimmed(const char *s)
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

static void
refuse(struct smbconf_line *l, const char *why)
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
			refuse(l, r->why);
		break;
	case DROP:
		refuse(l, r->why);
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
		refuse(l, "neither a section nor KEY = VALUE");
		return;
	}
	fold(l->was, (size_t)(equals - l->was), folded, sizeof folded);
	*equals = '\0';
	key     = trimmed(l->was);
	value   = trimmed(equals + 1);
	*equals = '=';
	text_set(l, key, value);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcasecmp(rules[i].key, folded) == 0)
			rule_apply(l, &rules[i], key, value);
	if (strchr(folded, ':'))
		refuse(l, "an option of a Samba module");
	else if (has_substitution(value))
		refuse(l, "substitutions (%U and the like) do not exist here");
	free(key);
	free(value);
}

static void
section_translate(struct smbconf_line *l, const char **dropping)
{
	char *end = strchr(l->was, ']'), *name;

	*dropping = NULL;
	if (!end) {
		refuse(l, "a ']' is missing");
		return;
	}
	name       = copy(l->was + 1, (size_t)(end - l->was - 1));
	l->text    = copy(l->was, (size_t)(end - l->was + 1));
	l->section = true;
	for (size_t i = 0; i < sizeof no_shares / sizeof no_shares[0]; i++)
		if (strcasecmp(no_shares[i].name, name) == 0)
			*dropping = no_shares[i].why;
	if (*dropping)
		refuse(l, *dropping);
	free(name);
}

static void
line_add(struct smbconf *c, const char *text, unsigned from, const char **dropping)
{
	struct smbconf_line *l;
	char *was = trimmed(text);

	if (*was == '\0' || *was == '#' || *was == ';') {
		free(was);
		return;
	}
	c->lines = realloc(c->lines, (c->n + 1) * sizeof *c->lines);
	ENSURE(c->lines != NULL);
	l  = &c->lines[c->n++];
	*l = (struct smbconf_line){ .from = from, .was = was };
	if (*was == '[') {
		section_translate(l, dropping);
		return;
	}
	key_translate(l);
	if (*dropping)
		refuse(l, *dropping);
}

/* One line with its continuations; 0 at the end, -1 if it is too long. */
static int
logical_line(FILE *f, char *buf, size_t cap, unsigned *number)
{
	size_t n = 0;

	buf[0] = '\0';
	for (;;) {
		if (!fgets(buf + n, (int)(cap - n), f))
			return n > 0;
		n += strlen(buf + n);
		if (n > 0 && buf[n - 1] != '\n' && !feof(f))
			return -1;
		++*number;
		while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
			buf[--n] = '\0';
		if (n == 0 || buf[n - 1] != '\\')
			return 1;
		buf[--n] = '\0';
	}
}

bool
smbconf_read(struct smbconf *c, void *file, const char **ret_why)
{
	char buf[SMBCONF_LINE];
	const char *dropping = NULL;
	unsigned number      = 0;
	int more;

	for (;;) {
		unsigned from = number + 1;

		more = logical_line(file, buf, sizeof buf, &number);
		if (more <= 0)
			break;
		if (c->n == SMBCONF_LINES) {
			*ret_why = "more than 20,000 settings";
			return false;
		}
		line_add(c, buf, from, &dropping);
	}
	*ret_why = "a line is longer than 4,095 bytes";
	return more == 0;
}

void
smbconf_free(struct smbconf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->lines[i].text);
		free(c->lines[i].was);
		free(c->lines[i].why);
	}
	free(c->lines);
	*c = (struct smbconf){ 0 };
}

static bool
is_printed(const struct smbconf_line *l)
{
	return !l->why && !l->quiet;
}

/* A share that cannot be had takes its keys along. */
static void
section_refuse(struct smbconf *c, size_t at, const char *why)
{
	refuse(&c->lines[at], why);
	for (size_t i = at + 1; i < c->n && !c->lines[i].section; i++)
		refuse(&c->lines[i], why);
}

bool
smbconf_refuse(struct smbconf *c, size_t wanted, const char *why)
{
	size_t line = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!is_printed(&c->lines[i]) || ++line != wanted)
			continue;
		if (c->lines[i].section)
			section_refuse(c, i, why);
		else
			refuse(&c->lines[i], why);
		return true;
	}
	return false;
}

void
smbconf_print(const struct smbconf *c, void *file, bool comments)
{
	FILE *f = file;

	for (size_t i = 0; i < c->n; i++) {
		const struct smbconf_line *l = &c->lines[i];

		if (is_printed(l))
			(void)fprintf(f, "%s%s\n", comments && l->section && i > 0 ? "\n" : "",
			    l->text);
		else if (comments && l->why)
			(void)fprintf(f, "\t# left out, line %u: %s\n\t#     %s\n", l->from, l->was,
			    l->why);
	}
}
