/* share.c - the list of shares: finding, roots, replacing.  share_read.c reads it. */
#include "fsd/share.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"

static void
rules_drop(struct share_rule *r)
{
	while (r) {
		struct share_rule *next = r->next;

		free(r->who);
		free(r);
		r = next;
	}
}

struct share *
share_hold(struct share *s)
{
	s->refs++;
	return s;
}

void
share_drop(struct share *s)
{
	if (!s || --s->refs > 0)
		return;
	rules_drop(s->rules);
	free(s->name);
	free(s->path);
	free(s->comment);
	free(s->hide_files);
	free(s->force_user);
	if (s->root >= 0)
		close(s->root);
	free(s);
}

void
shares_drop(struct shares *all)
{
	rules_drop(all->operators);
	all->operators = NULL;
	while (all->first) {
		struct share *s = all->first;

		all->first = s->next;
		s->next    = NULL;
		share_drop(s);
	}
}

struct share *
shares_find(const struct shares *all, const char *name)
{
	for (struct share *s = all->first; s; s = s->next)
		if (utf8_casecmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* ---- roots ---- */

static void
root_open(struct share *s, bool new_root)
{
	char inside[32];

	(void)snprintf(inside, sizeof inside, "/shares/%u", s->index);
	if (s->root >= 0)
		close(s->root);
	s->root = open(new_root ? inside : s->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		log_error("share cannot be served share=%s path=%s", log_qs(s->name),
		    log_qs(s->path));
}

void
shares_open(struct shares *all, bool new_root)
{
	for (struct share *s = all->first; s; s = s->next)
		root_open(s, new_root);
}

/* The root of the same share before the reload. */
static void
root_inherit(struct share *s, const struct shares *old)
{
	const struct share *was = shares_find(old, s->name);

	if (was && was->root >= 0 && strcmp(was->path, s->path) == 0)
		s->root = fcntl(was->root, F_DUPFD_CLOEXEC, 0);
	if (s->root < 0)
		log_warn("share needs a restart share=%s", log_qs(s->name));
}

void
shares_replace(struct shares *all, struct shares *fresh)
{
	for (struct share *s = fresh->first; s; s = s->next)
		root_inherit(s, all);
	shares_drop(all);
	*all   = *fresh;
	*fresh = (struct shares){ 0 };
}

bool
share_must_encrypt(const struct shares *all, const struct share *s)
{
	return all->encrypt == CONF_REQUIRED || s->encrypt == CONF_REQUIRED;
}

bool
share_is_read_only(const struct share *s)
{
	if (!(s->flags & SHARE_READ_ONLY))
		return false;
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (r->list == ACL_WRITE)
			return false;
	return true;
}
