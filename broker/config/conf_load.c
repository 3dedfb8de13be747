/*
 * conf_load.c - the file's items and the command line's words become struct
 * conf; every problem is noted with its line and reading goes on, so that one
 * run shows them all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"
#include "broker/config/conf.h"
#include "broker/config/conf_keys.h"
#include "broker/config/ini.h"

#define PROBLEM_TEXT 640
#define PROBLEMS_MAX 1000 /* a file that is no configuration at all */

/* ---- problems ---- */

static void
problem_add(struct conf *c, unsigned line, bool warning, const char *fmt, va_list ap)
{
	char text[PROBLEM_TEXT];
	struct conf_problem *p;

	if (c->n_problems == PROBLEMS_MAX)
		return;
	(void)vsnprintf(text, sizeof text, fmt, ap);
	p = reallocarray(c->problems, c->n_problems + 1, sizeof *p);
	ENSURE(p != NULL);
	c->problems = p;
	c->n_errors += !warning;
	p[c->n_problems++] = (struct conf_problem){ line, warning, xstrdup(text) };
}

void
conf_problem(struct conf *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(c, line, false, fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(c, line, true, fmt, ap);
	va_end(ap);
}

static int
problem_order(const void *a, const void *b)
{
	const struct conf_problem *pa = a, *pb = b;

	return pa->line < pb->line ? -1 : pa->line > pb->line;
}

size_t
conf_problems_print(struct conf *c, char *dst, size_t cap)
{
	size_t n = 0;
	char where[32];

	if (c->n_problems > 0)
		qsort(c->problems, c->n_problems, sizeof *c->problems, problem_order);
	for (size_t i = 0; i < c->n_problems; i++) {
		const struct conf_problem *p = &c->problems[i];
		int len;

		(void)snprintf(where, sizeof where, ":%u", p->line);
		len = snprintf(dst + n, cap - n, "%s%s: %s%s\n",
			       p->line == CONF_LINE_CLI ? "command line" : c->file,
			       p->line == CONF_LINE_CLI ? "" : where, p->warning ? "warning: " : "",
			       p->text);
		if (len < 0 || (size_t)len >= cap - n)
			break;
		n += (size_t)len;
	}
	return n;
}

/* ---- shares ---- */

static void
string_copy(char **dst, const char *src)
{
	free(*dst);
	*dst = src ? xstrdup(src) : NULL;
}

static void
share_clear(struct conf_share *s)
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
	string_copy(&s->path, c->base.path);
	string_copy(&s->comment, c->base.comment);
	string_copy(&s->force_user, c->base.force_user);
	string_copy(&s->hide_files, c->base.hide_files);
	string_copy(&s->storage, c->base.storage);
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

/* ---- keys ---- */

static void
key_unknown(struct conf *c, unsigned line, const char *name)
{
	const char *why		     = conf_key_refusal(name);
	const struct conf_key *guess = why ? NULL : conf_key_suggest(name);

	if (why)
		conf_problem(c, line, "%s", why);
	else if (guess)
		conf_problem(c, line, "unknown key %s: did you mean `%s`?", log_qs(name),
			     guess->name);
	else
		conf_problem(c, line, "unknown key %s", log_qs(name));
}

static void
key_set(struct conf *c, struct conf_share *s, const struct ini_item *it)
{
	const struct conf_key *k = conf_key_find(it->name);
	char allowed[320];
	void *obj;

	if (!k) {
		key_unknown(c, it->line, it->name);
		return;
	}
	if (k->scope == CONF_GLOBAL && s != &c->base) {
		conf_problem(c, it->line, "`%s` belongs into [global]", k->name);
		return;
	}
	obj = k->scope == CONF_GLOBAL ? (void *)&c->global : (void *)s;
	if (!conf_value_set(k, it->value, obj))
		conf_problem(c, it->line, "`%s` cannot be %s: expected %s", k->name,
			     log_qs(it->value), conf_value_allowed(k, allowed, sizeof allowed));
}

/* ---- the file ---- */

enum pass { PASS_GLOBAL, PASS_SHARES };

/*
 * [global] first, wherever it stands, so that shares start from its defaults.
 * What belongs to no section is complained about in the first pass.
 */
static void
file_pass(struct conf *c, struct span text, enum pass pass)
{
	struct ini in;
	struct ini_item it;
	bool in_global = false, nowhere = true;
	struct conf_share *s = NULL;

	ini_open(&in, text);
	while (ini_next(&in, &it)) {
		if (it.kind == INI_SECTION) {
			nowhere	  = false;
			in_global = strcasecmp(it.name, "global") == 0;
			s	  = NULL;
			if (!in_global && pass == PASS_SHARES)
				s = conf_share_new(c, it.name, it.line);
		} else if (it.kind == INI_BAD) {
			if (pass == PASS_GLOBAL)
				conf_problem(c, it.line, "%s", it.problem);
		} else if (nowhere) {
			if (pass == PASS_GLOBAL)
				conf_problem(c, it.line, "%s stands before any section",
					     log_qs(it.name));
		} else if (in_global && pass == PASS_GLOBAL) {
			key_set(c, &c->base, &it);
		} else if (s) {
			key_set(c, s, &it);
		}
	}
}

void
conf_read(struct conf *c, struct span text)
{
	if (text.n > CONF_TEXT_MAX) {
		conf_problem(c, 1, "the file is larger than 1 MiB");
		return;
	}
	file_pass(c, text, PASS_GLOBAL);
	file_pass(c, text, PASS_SHARES);
}

void
conf_init(struct conf *c, const char *file, const struct conf_host *host)
{
	memset(c, 0, sizeof *c);
	c->file = file;
	for (size_t i = 0; i < conf_keys_n; i++) {
		const struct conf_key *k = &conf_keys[i];
		void *obj = k->scope == CONF_GLOBAL ? (void *)&c->global : (void *)&c->base;

		if (k->fallback)
			ENSURE(conf_value_set(k, k->fallback, obj));
	}
	string_copy(&c->global.netbios_name, host->name);
	string_copy(&c->global.runtime_dir, host->runtime_dir);
	string_copy(&c->global.state_dir, host->state_dir);
}

void
conf_drop(struct conf *c)
{
	char *strings[] = { c->global.workgroup,     c->global.netbios_name,
			    c->global.server_string, c->global.guest_account,
			    c->global.realm,	     c->global.keytab,
			    c->global.krb_services,  c->global.api_admins, c->global.api_users,
			    c->global.idmap_file,    c->global.unmapped_user,
			    c->global.only_users,    c->global.spn_names,     c->global.storage_hosts,
			    c->global.runtime_dir,   c->global.state_dir,     c->global.join_key,
			    c->global.kdcs,	     c->global.controllers,
			    c->global.machine_account, c->global.machine_password,
			    c->global.machine_password_file };

	for (size_t i = 0; i < NELEM(strings); i++)
		free(strings[i]);
	conf_words_drop(&c->global.allowed_roots);
	conf_words_drop(&c->global.operators);
	conf_words_drop(&c->global.api_keys);
	share_clear(&c->base);
	for (size_t i = 0; i < c->n_shares; i++)
		share_clear(&c->shares[i]);
	free(c->shares);
	for (size_t i = 0; i < c->n_problems; i++)
		free(c->problems[i].text);
	free(c->problems);
	memset(c, 0, sizeof *c);
}
