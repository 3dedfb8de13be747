/* conf.c - our part of the configuration, from records to a struct with its own copies. */
#include <stdlib.h>
#include <string.h>

#include "smbd/limits.h"
#include "smbd/smbd.h"

static struct str
conf_keep(char *room, struct str s)
{
	memcpy(room, s.s ? s.s : "", s.n);
	room[s.n] = '\0';
	return (struct str){ room, s.n };
}

static bool
conf_take_listen(struct smbd_conf *c, struct span body)
{
	struct conf_listen_req l;

	if (nt_failed(conf_listen_req_decode(body, &l)) || c->n_listen == BIRTH_LISTENERS)
		return false;
	c->listen[c->n_listen++] = l.addr;
	return true;
}

static bool
conf_take_place(struct smbd_conf *c, struct span body)
{
	struct conf_place_req p;
	struct smbd_place *v;

	if (nt_failed(conf_place_req_decode(body, &p)) || p.storage.n > STORAGE_BOUND)
		return false;
	v = reallocarray(c->places, c->n_places + 1, sizeof *v);
	if (!v)
		return false;
	c->places = v;
	memcpy(v[c->n_places].share, p.share.s, p.share.n + 1);
	memcpy(v[c->n_places].storage, p.storage.s, p.storage.n + 1);
	c->n_places++;
	return true;
}

/* Strings are copied last, when the struct has its final place. */
static void
conf_settle(struct smbd_conf *c, const struct conf_server_req *s)
{
	c->server               = *s;
	c->server.netbios_name  = conf_keep(c->names[0], s->netbios_name);
	c->server.workgroup     = conf_keep(c->names[1], s->workgroup);
	c->server.server_string = conf_keep(c->names[2], s->server_string);
}

static bool
conf_take(struct smbd_conf *c, uint16_t id, struct span body)
{
	if (id == conf_listen_desc.id)
		return conf_take_listen(c, body);
	return id != conf_place_desc.id || conf_take_place(c, body);
}

bool
conf_load(struct smbd_conf *ret, struct span part)
{
	struct smbd_conf c       = { 0 };
	struct conf_server_req s = { 0 };
	struct rd r              = rd_init(part);
	struct span body;
	bool have = false, good = true;
	uint16_t id;

	while (good && conf_next(&r, &id, &body)) {
		if (id == conf_server_desc.id)
			good = have = !nt_failed(conf_server_req_decode(body, &s));
		else
			good = conf_take(&c, id, body);
	}
	if (!good || !have) {
		free(c.places);
		return false;
	}
	free(ret->places);
	*ret = c;
	conf_settle(ret, &s);
	return true;
}

uint32_t
params_max_io(const struct conn_params *p, const struct smbd_conf *c)
{
	return p->server_caps & SMB2_GLOBAL_CAP_LARGE_MTU ? c->server.max_io : MAX_SMALL;
}
