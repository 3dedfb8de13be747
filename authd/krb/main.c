/*
 * main.c - the birth of krb: configuration, keys, Heimdal, walls, links, loop.
 *
 * What it has read from files stays as it was: settings and keytab that are
 * changed later take effect at its next start, which a reload brings about.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "authd/authd.h"
#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "base/log.h"

nt
krb_configure(struct krb *me, struct span part)
{
	return conf_copy_take(&me->part, part, &conf_krb_desc, &me->conf);
}

static bool
wanted(const void *ctx, int32_t etype)
{
	return etype_allowed(ctx, etype);
}

/* Which names there are, where somebody looks who wonders why nobody gets in. */
static void
services_tell(const struct krb *me)
{
	unsigned n = 0;

	for (size_t i = 0; i < keys_count(me->keys); i++) {
		const char *p = keys_at(me->keys, i)->principal;

		n += strncasecmp(p, "cifs/", 5) == 0 || strncasecmp(p, "host/", 5) == 0;
	}
	if (keys_count(me->keys) == 0)
		log_warn("there are no Kerberos keys: no ticket can be accepted");
	else if (n == 0 && me->conf.spns.n == 0)
		log_warn("no key is for cifs/ or host/: name the services in "
			 "`kerberos services`");
}

void
krb_open(struct krb *me, const char *state)
{
	char path[PATH_BOUND + 16];

	ENSURE(state && snprintf(path, sizeof path, "%s/replay", state) < (int)sizeof path);
	me->keys = keys_open(state);
	if (me->conf.keytab.n > 0)
		(void)keys_import(me->keys, me->conf.keytab.s, wanted, me);
	me->heimdal = heimdal_open(me->conf.realm.s, me->conf.skew_s);
	for (size_t i = 0; i < keys_count(me->keys); i++)
		if (etype_allowed(me, keys_at(me->keys, i)->etype) &&
		    nt_failed(heimdal_key_add(me->heimdal, keys_at(me->keys, i))))
			fatal("a key cannot be used principal=%s",
			      log_qs(keys_at(me->keys, i)->principal));
	me->replay = replay_open(path);
	me->awaits = awaits_new();
	services_tell(me);
	/* The digest's implementation is looked up once, which reads files. */
	(void)replay_is_new(me->replay, "", SPAN("", 1), 1, 0);
}

static void
on_stop(void *ctx)
{
	struct krb *me = ctx;

	loop_stop(me->loop, 0);
}

/*
 * Neither settings nor keytab can be read behind the walls: end, and be started
 * again by the spawner.  Sessions go on; a logon under way has to be repeated.
 */
static void
on_reload(void *ctx, struct span part)
{
	struct krb *me = ctx;

	(void)part;
	log_info("starting again to read settings and keytab");
	loop_stop(me->loop, 0);
}

static const struct node_events krb_events = { .stop = on_stop, .reload = on_reload };

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		on_stop(ctx);
}

int
krb_main(const struct birth *b)
{
	static struct krb me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = {
		.role	   = PEER_KRB,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.listens   = true,
		.methods   = krb_methods,
		.n_methods = krb_methods_n,
		.events	   = &krb_events,
		.me	   = &me,
	};

	if (nt_failed(krb_configure(&me, b->part)))
		fatal("no usable configuration came");
	krb_open(&me, b->state);
	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	krb_isolate(&me, b, links, sizeof links);
	conf.loop = me.loop;
	me.node	  = node_new(&conf);
	krb_seal(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
