/*
 * registry.c - the session registry on LMDB.  Keys are the id, big-endian, so
 * that the order of keys is the order of ids.
 */
#include "authd/store/registry.h"

#include <string.h>

#include "base/log.h"

struct id_key {
	uint8_t b[8];
};

static struct id_key
id_key(uint64_t id)
{
	struct id_key k;
	struct wr w = wr_init(k.b, sizeof k.b);

	wr_u32be(&w, (uint32_t)(id >> 32));
	wr_u32be(&w, (uint32_t)id);
	return k;
}

/* Two encodings, each behind its length. */
static void
session_encode(struct wr *w, const struct auth_sessions_rsp *row, const struct fsd_grant_req *grant)
{
	size_t at = wr_hole(w, 2);

	auth_sessions_rsp_encode(w, row);
	wr_patch16(w, at, (uint16_t)(w->pos - at - 2));
	at = wr_hole(w, 2);
	fsd_grant_req_encode(w, grant);
	wr_patch16(w, at, (uint16_t)(w->pos - at - 2));
}

static nt
session_decode(struct session *s)
{
	struct rd r = rd_init(SPAN(s->raw.value, s->raw.value_n));
	struct span row, grant;

	row   = rd_bytes(&r, rd_u16(&r));
	grant = rd_bytes(&r, rd_u16(&r));
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_DATA_ERROR);
	TRY(auth_sessions_rsp_decode(row, &s->row));
	return fsd_grant_req_decode(grant, &s->grant);
}

nt
registry_put(struct db *db, const struct auth_sessions_rsp *row, const struct fsd_grant_req *grant)
{
	uint8_t buf[DB_VALUE_MAX];
	struct wr w	  = wr_init(buf, sizeof buf);
	struct id_key key = id_key(row->session);

	session_encode(&w, row, grant);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	return db_put(db, SPAN(key.b, sizeof key.b), wr_done(&w));
}

nt
registry_find(struct db *db, uint64_t id, struct session *ret)
{
	struct id_key key = id_key(id);
	nt status	  = db_get(db, SPAN(key.b, sizeof key.b), &ret->raw);

	if (nt_is(status, STATUS_NOT_FOUND))
		return STATUS_USER_SESSION_DELETED;
	TRY(status);
	return session_decode(ret);
}

nt
registry_next(struct db *db, uint64_t after, struct session *ret)
{
	struct id_key key = id_key(after);

	TRY(db_next(db, SPAN(key.b, sizeof key.b), &ret->raw));
	return session_decode(ret);
}

void
registry_drop(struct db *db, uint64_t id)
{
	struct id_key key = id_key(id);
	nt status	  = db_del(db, SPAN(key.b, sizeof key.b));

	if (nt_failed(status) && !nt_is(status, STATUS_NOT_FOUND))
		log_error("session not removed from the registry status=%s", nt_name(status));
}

bool
session_is_of_sid(const struct session *s, const char *sid)
{
	return s->row.flags == 0 && strcmp(s->grant.sid.s, sid) == 0;
}
