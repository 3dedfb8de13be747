/*
 * share_read.c - a part of the configuration becomes a list of shares: names of
 * accounts and groups are asked for at birth, and never behind the walls.
 */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/host.h"
#include "fsd/share.h"
#include "ipc/birth.h"
#include "proto/auth/mapfile.h"

/* Names of domain groups stand in `idmap file`.  Without it they are unknown, which admits nobody. */
static void
map_open(struct shares *all, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAPFILE_MAX) {
		all->map   = xcalloc(1, (size_t)st.st_size + 1);
		all->map_n = (size_t)st.st_size;
	}
	if (!all->map || read(fd, all->map, all->map_n) != (ssize_t)all->map_n) {
		log_error("`idmap file` cannot be read path=%s", log_qs(path));
		all->map_n = 0;
	}
	if (fd >= 0)
		close(fd);
}

static nt
fsd_read(struct shares *all, struct span body, const struct shares *known)
{
	struct conf_fsd_req c;

	TRY(conf_fsd_req_decode(body, &c));
	if (!known && c.idmap_file.n > 0)
		map_open(all, c.idmap_file.s);
	all->encrypt   = c.encrypt;
	all->max_opens = c.max_opens;
	all->threads   = c.threads;
	all->as_uid    = c.as_uid;
	all->as_gid    = c.as_gid;
	return STATUS_SUCCESS;
}

/* ---- `force user`: an account, asked for at birth, or "UID:GID", which needs none ---- */

static bool
force_known(struct share *s, const struct shares *known)
{
	for (const struct share *k = known->first; k; k = k->next) {
		if (strcmp(k->force_user, s->force_user) == 0) {
			s->force_uid = k->force_uid;
			s->force_gid = k->force_gid;
			return s->force_uid != NO_ID;
		}
	}
	return false;
}

static bool
force_account(struct share *s)
{
	const struct passwd *pw = getpwnam(s->force_user);

	if (!pw || pw->pw_uid == 0)
		return false;
	s->force_uid = pw->pw_uid;
	s->force_gid = pw->pw_gid;
	return true;
}

static void
force_resolve(struct share *s, const struct shares *known)
{
	struct mapfile_ids ids;
	bool ok = true;

	s->force_uid = s->force_gid = NO_ID;
	if (mapfile_ids(s->force_user, &ids) && ids.n == 0) {
		s->force_uid = ids.uid;
		s->force_gid = ids.gid;
	} else if (*s->force_user) {
		ok = known ? force_known(s, known) : force_account(s);
	}
	if (!ok)
		log_error("share refuses everybody: `force user` is no account here, is root, or "
			  "needs a restart share=%s user=%s",
			  log_qs(s->name), log_qs(s->force_user));
}

static nt
share_read(struct shares *all, struct span body, const struct shares *known)
{
	struct conf_share_req c;
	struct share *s, **at;

	TRY(conf_share_req_decode(body, &c));
	s                 = xcalloc(1, sizeof *s);
	s->refs           = 1;
	s->root           = -1;
	s->index          = c.index;
	s->name           = xstrdup(c.name.s);
	s->path           = xstrdup(c.path.s);
	s->comment        = xstrdup(c.comment.s);
	s->hide_files     = xstrdup(c.hide_files.s);
	s->force_user     = xstrdup(c.force_user.s);
	s->flags          = c.flags;
	s->encrypt        = c.encrypt;
	s->create_mask    = c.create_mask & 07777;
	s->directory_mask = c.directory_mask & 07777;
	force_resolve(s, known);
	for (at = &all->first; *at; at = &(*at)->next)
		;
	*at = s;
	return STATUS_SUCCESS;
}

static const struct share_rule *
group_on(const struct share_rule *r, const char *who)
{
	while (r && !(r->is_group && r->known && strcmp(r->who, who) == 0))
		r = r->next;
	return r;
}

/* The same group in a list that was read before. */
static const struct share_rule *
rule_known(const struct shares *known, const char *who)
{
	const struct share_rule *r = group_on(known->operators, who);

	for (const struct share *s = known->first; s && !r; s = s->next)
		r = group_on(s->rules, who);
	return r;
}

static void
rule_group_ask(struct share_rule *r, const struct shares *all)
{
	bool of_domain        = strpbrk(r->who + 1, "\\@") != NULL;
	const struct group *g = of_domain ? NULL : getgrnam(r->who + 1);

	r->by_sid = of_domain && mapfile_group_sid(SPAN(all->map, all->map_n), r->who + 1, &r->sid);
	r->gid    = g ? g->gr_gid : 0;
	r->known  = g || r->by_sid || (!of_domain && mapfile_group_gid(SPAN(all->map, all->map_n),
							 r->who + 1, &r->gid));
}

static void
rule_group(struct share_rule *r, const struct shares *all, const struct shares *known)
{
	const struct share_rule *before = known ? rule_known(known, r->who) : NULL;

	r->is_group = true;
	if (sid_parse(r->who + 1, &r->sid)) {
		r->known = r->by_sid = true;
	} else if (before) {
		r->known  = true;
		r->gid    = before->gid;
		r->by_sid = before->by_sid;
		r->sid    = before->sid;
	} else if (!known) {
		rule_group_ask(r, all);
	}
	if (!r->known)
		log_warn("group is unknown, or needs a restart group=%s", log_qs(r->who + 1));
}

/* Where a list's entries hang; NULL for one that there is not. */
static struct share_rule **
rules_of(struct shares *all, uint32_t index, uint8_t list)
{
	struct share *s = all->first;

	if (index == ACL_SERVER)
		return list == ACL_OPERATOR ? &all->operators : NULL;
	while (s && s->index != index)
		s = s->next;
	return s && list <= ACL_DENY ? &s->rules : NULL;
}

static nt
rule_read(struct shares *all, struct span body, const struct shares *known)
{
	struct conf_share_acl_req c;
	struct share_rule *r, **at;

	TRY(conf_share_acl_req_decode(body, &c));
	at = rules_of(all, c.index, c.list);
	REQUIRE(at, STATUS_INVALID_PARAMETER);
	r       = xcalloc(1, sizeof *r);
	r->list = c.list;
	r->who  = xstrdup(c.who.s);
	r->next = *at;
	if (c.list == ACL_ALLOW || c.list == ACL_DENY)
		host_read(r);
	else if (*r->who == '@' || *r->who == '+')
		rule_group(r, all, known);
	else
		r->by_sid = sid_parse(r->who, &r->sid);
	*at = r;
	return STATUS_SUCCESS;
}

static const struct conf_row {
	const struct msg_desc *desc;
	nt (*read)(struct shares *, struct span, const struct shares *known);
} rows[] = {
	{ &conf_fsd_desc, fsd_read },
	{ &conf_share_desc, share_read },
	{ &conf_share_acl_desc, rule_read },
};

static nt
row_read(struct shares *all, uint16_t id, struct span body, const struct shares *known)
{
	for (size_t i = 0; i < NELEM(rows); i++)
		if (rows[i].desc->id == id)
			return rows[i].read(all, body, known);
	return STATUS_SUCCESS;	/* somebody else's part may grow */
}

nt
shares_read(struct shares *ret, struct span part, const struct shares *known)
{
	struct shares all = { 0 };
	struct rd r       = rd_init(part);
	struct span body;
	uint16_t id;
	nt s = STATUS_SUCCESS;

	while (!nt_failed(s) && conf_next(&r, &id, &body))
		s = row_read(&all, id, body, known);
	if (!nt_failed(s) && !rd_ok(&r))
		s = STATUS_INVALID_PARAMETER;
	free(all.map);
	all.map = NULL;
	if (nt_failed(s))
		shares_drop(&all);
	else
		*ret = all;
	return s;
}
