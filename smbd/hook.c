/*
 * hook.c - what scripts have hooked, as the api tells: the list, and what each
 * of it is about.
 */
#include "smbd/hook.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "proto/fscc/wildcard.h"

#define BIT(command) (1u << SMB2_CMD_##command)
/* Whoever asks about files needs to know their names, from their opening on. */
#define ALWAYS	     (BIT(tree_connect) | BIT(create) | BIT(close) | BIT(set_info))
#define COMPARED_MAX 1024u /* what wildcard_match() can look at, in UTF-16 units */

/* ---- the list ---- */

struct hook *
hook_next(struct worker *w, uint32_t after)
{
	struct hook *h;

	TAILQ_FOREACH(h, &w->hooks->list, of_hooks)
		if (h->is.hook > after)
			return h;
	return NULL;
}

static void
hooks_count(struct worker *w)
{
	struct hook *h;

	w->hooks->commands = ALWAYS;
	TAILQ_FOREACH(h, &w->hooks->list, of_hooks)
		if (h->is.kind == HOOK_COMMAND)
			w->hooks->commands |= 1u << h->is.command;
	w->hooked = !TAILQ_EMPTY(&w->hooks->list);
}

static struct hooks *
hooks_of(struct worker *w)
{
	if (!w->hooks) {
		w->hooks = calloc(1, sizeof *w->hooks);
		if (w->hooks)
			TAILQ_INIT(&w->hooks->list);
	}
	return w->hooks;
}

static void
hook_drop(struct worker *w, struct hook *h)
{
	TAILQ_REMOVE(&w->hooks->list, h, of_hooks);
	w->hooks->n--;
	free(h);
	hooks_count(w);
}

void
hooks_clear(struct worker *w)
{
	while (w->hooks && !TAILQ_EMPTY(&w->hooks->list))
		hook_drop(w, TAILQ_FIRST(&w->hooks->list));
}

static void
str_keep(char dst[NAME_BOUND + 1], struct str *s)
{
	if (s->n > 0)
		memcpy(dst, s->s, s->n);
	dst[s->n] = '\0';
	s->s      = dst;
}

/* The api numbers them upwards and sends each once. */
nt
worker_hook(struct worker *w, struct call *call, const struct worker_hook_req *req,
    struct worker_hook_rsp *rsp)
{
	struct hooks *all = hooks_of(w);
	bool first        = !w->hooked;
	struct hook *h;

	(void)rsp;
	REQUIRE(req->kind > 0 && req->kind < HOOK_KIND_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(req->kind != HOOK_COMMAND || req->command < SMB2_CMD_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(all && all->n < HOOKS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(!hook_next(w, req->hook) && req->hook != 0, STATUS_INVALID_PARAMETER);
	h = calloc(1, sizeof *h);
	REQUIRE(h, STATUS_INSUFFICIENT_RESOURCES);
	h->is = *req;
	str_keep(h->share, &h->is.share);
	str_keep(h->pattern, &h->is.pattern);
	str_keep(h->user, &h->is.user);
	TAILQ_INSERT_TAIL(&all->list, h, of_hooks);
	all->n++;
	hooks_count(w);
	/* Renames were not followed while nothing was hooked. */
	return first && hooks_learn(w, call) ? STATUS_PENDING : STATUS_SUCCESS;
}

nt
worker_unhook(struct worker *w, struct call *call, const struct worker_unhook_req *req,
    struct worker_unhook_rsp *rsp)
{
	struct hook *h = w->hooks && req->hook > 0 ? hook_next(w, req->hook - 1) : NULL;

	(void)call;
	(void)rsp;
	REQUIRE(h && h->is.hook == req->hook, STATUS_NOT_FOUND);
	hook_drop(w, h);
	return STATUS_SUCCESS;
}

/* ---- what it is about ---- */

/*
 * A stream belongs to its file, whatever its own name.  What is too long to be
 * compared counts as matching: who hooks to forbid must not be got round.
 */
static bool
path_matches(const char *pattern, const char *path)
{
	const char *last = strrchr(path, '/');
	const char *name = last && !strchr(pattern, '/') ? last + 1 : path;
	size_t n         = strchr(pattern, ':') ? strlen(name) : strcspn(name, ":");
	char cut[PATH_BOUND + 1];

	if (n >= sizeof cut)
		return true;
	memcpy(cut, name, n);
	cut[n] = '\0';
	return utf16_len(cut) / 2 >= COMPARED_MAX || wildcard_match(pattern, cut);
}

bool
hook_is_about(const struct hook *h, const char *share, const char *path)
{
	if (h->share[0] != '\0' && (!share || utf8_casecmp(h->share, share) != 0))
		return false;
	return h->pattern[0] == '\0' || (path && path_matches(h->pattern, path));
}

bool
hook_is_of(const struct hook *h, const char *user, const struct net_addr *client)
{
	if (h->user[0] != '\0' && (!user || utf8_casecmp(h->user, user) != 0))
		return false;
	return addr_matches(&h->is.client, client);
}
