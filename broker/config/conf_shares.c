/*
 * conf_shares.c - shares come into being, with a name that they may have and the
 * defaults of [global].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"
#include "broker/config/conf.h"
#include "broker/config/conf_value.h"

void
conf_string_copy(char **dst, const char *src)
{
	free(*dst);
	*dst = src ? xstrdup(src) : NULL;
}

void
conf_share_clear(struct conf_share *s)
{
	free(s->name);
	free(s->path);
	free(s->comment);
	free(s->force_user);
	free(s->hide_files);
	free(s->storage);
	for (size_t i = 0; i < CONF_ACLS; i++)
		conf_words_drop(&s->acl[i]);
}

static struct conf_share *
share_find(struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_shares; i++) {
		if (utf8_casecmp(c->shares[i].name, name) == 0)
			return &c->shares[i];
	}
	return NULL;
}

/* A copy of the share defaults; its strings are its own. */
static struct conf_share *
share_push(struct conf *c, const char *name, unsigned line)
{
	struct conf_share *v = reallocarray(c->shares, c->n_shares + 1, sizeof *v);
	struct conf_share *s;

	ENSURE(v != NULL);
	c->shares = v;
	s	  = &v[c->n_shares++];
	*s	  = c->base;
	s->name	  = xstrdup(name);
	s->line	  = line;
	s->path = s->comment = s->force_user = s->hide_files = s->storage = NULL;
	conf_string_copy(&s->path, c->base.path);
	conf_string_copy(&s->comment, c->base.comment);
	conf_string_copy(&s->force_user, c->base.force_user);
	conf_string_copy(&s->hide_files, c->base.hide_files);
	conf_string_copy(&s->storage, c->base.storage);
	memset(s->acl, 0, sizeof s->acl);
	for (size_t i = 0; i < CONF_ACLS; i++)
		conf_words_copy(&s->acl[i], &c->base.acl[i]);
	return s;
}

/* Names that mean something else: pipes, the defaults, administration. */
static bool
share_name_reserved(const char *name)
{
	static const char *const reserved[] = { "IPC$", "ADMIN$", "PRINT$", "global" };

	for (size_t i = 0; i < NELEM(reserved); i++) {
		if (strcasecmp(name, reserved[i]) == 0)
			return true;
	}
	return false;
}

/* Why a share may not have this name, or NULL.  [MS-SRVS] 2.2.2.4 bounds it to 80 characters. */
static const char *
share_name_fault(const char *name)
{
	if (share_name_reserved(name))
		return "is reserved";
	if (strlen(name) > 80)
		return "is longer than 80 bytes";
	if (!utf8_valid(name, strlen(name)))
		return "is not UTF-8";
	if (name[0] == '\0' || strpbrk(name, "\\/[]:|<>+=;,*?\""))
		return "is empty or has one of \\ / [ ] : | < > + = ; , * ? \"";
	return NULL;
}

static const char *
line_named(unsigned line)
{
	static char text[32];

	(void)snprintf(text, sizeof text, ", in line %u", line);
	return text;
}

struct conf_share *
conf_share_new(struct conf *c, const char *name, unsigned line)
{
	const char *fault	   = share_name_fault(name);
	const struct conf_share *s = share_find(c, name);

	if (fault) {
		conf_problem(c, line, "the share name %s %s", log_qs(name), fault);
		return NULL;
	}
	if (s) {
		conf_problem(c, line, "there is a share %s already%s", log_qs(name),
			     s->line == CONF_LINE_CLI ? "" : line_named(s->line));
		return NULL;
	}
	if (c->n_shares == CONF_SHARES_MAX) {
		conf_problem(c, line, "there are more than %u shares", CONF_SHARES_MAX);
		return NULL;
	}
	return share_push(c, name, line);
}
