/*
 * srvsvc.c - the interface; NetrShareEnum, NetrShareGetInfo, NetrServerGetInfo.
 * [MS-SRVS] 2.2.4, 3.1.4.8, 3.1.4.10, 3.1.4.17
 */
#include "proto/rpc/srvsvc.h"

#include "proto/rpc/ndr.h"

#define PLATFORM_ID_NT 500u
#define LIST_BYTES_MAX 60000u /* of one answer, below RPC_STUB_MAX */

static const struct rpc_op ops[] = {
	{ SRVSVC_CONNECTION_ENUM, "NetrConnectionEnum" },
	{ SRVSVC_FILE_ENUM, "NetrFileEnum" },
	{ SRVSVC_FILE_GET_INFO, "NetrFileGetInfo" },
	{ SRVSVC_FILE_CLOSE, "NetrFileClose" },
	{ SRVSVC_SESSION_ENUM, "NetrSessionEnum" },
	{ SRVSVC_SESSION_DEL, "NetrSessionDel" },
	{ SRVSVC_SHARE_ENUM, "NetrShareEnum" },
	{ SRVSVC_SHARE_GET_INFO, "NetrShareGetInfo" },
	{ SRVSVC_SERVER_GET_INFO, "NetrServerGetInfo" },
};

const struct rpc_iface srvsvc_iface = {
	.pipe	  = "srvsvc",
	.syntax	  = { { { 0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47,
			  0xbf, 0x6e, 0xe1, 0x88 } },
		      3 },
	.ops	  = ops,
	.op_count = NELEM(ops),
};

/* ServerName: whom the client believes to be talking to.  To be ignored. */
static void
server_name_skip(struct rd *r)
{
	if (ndr_ptr(r))
		ndr_skip_string(r);
}

/* 3.1.4.8.  A client sends an empty container of the level it wants. */
nt
srvsvc_share_enum_decode(struct span stub, struct srvsvc_share_enum *ret)
{
	struct srvsvc_share_enum c = { 0 };
	struct rd r		   = rd_init(stub);

	server_name_skip(&r);
	c.level = ndr_u32(&r);
	r.bad |= ndr_u32(&r) != c.level; /* the union's switch */
	if (ndr_ptr(&r)) {
		r.bad |= ndr_u32(&r) != 0;
		r.bad |= ndr_ptr(&r);
	}
	c.preferred_max = ndr_u32(&r);
	c.has_resume	= ndr_ptr(&r);
	c.resume	= c.has_resume ? ndr_u32(&r) : 0;
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
srvsvc_share_get_info_decode(struct span stub, struct srvsvc_share_get_info *ret)
{
	struct srvsvc_share_get_info c;
	struct rd r = rd_init(stub);

	server_name_skip(&r);
	ndr_string(&r, c.share, sizeof c.share);
	c.level = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
srvsvc_server_get_info_decode(struct span stub, uint32_t *ret_level)
{
	struct rd r = rd_init(stub);
	uint32_t level;

	server_name_skip(&r);
	level = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret_level = level;
	return STATUS_SUCCESS;
}

/* What each level of SHARE_INFO has behind the name. */
static const struct share_level {
	uint32_t level;
	bool has_type; /* and the comment */
	bool has_uses; /* permissions, uses, path, password */
	bool has_flags;
	bool has_sd;
} share_levels[] = {
	{ 0, false, false, false, false }, /* 2.2.4.22 */
	{ 1, true, false, false, false },  /* 2.2.4.23 */
	{ 2, true, true, false, false },   /* 2.2.4.24 */
	{ 501, true, false, true, false }, /* 2.2.4.25 */
	{ 502, true, true, false, true },  /* 2.2.4.26 */
};

static const struct share_level *
share_level_find(uint32_t level)
{
	for (size_t i = 0; i < NELEM(share_levels); i++) {
		if (share_levels[i].level == level)
			return &share_levels[i];
	}
	return NULL;
}

/* The fixed part: strings are pointers here and follow later. */
static void
share_fixed_put(struct wr *w, struct ndr_ids *ids, const struct share_level *l,
		const struct srvsvc_share *s)
{
	wr_ndr_ptr(w, ids, true);
	if (l->has_type) {
		wr_ndr_u32(w, s->type);
		wr_ndr_ptr(w, ids, true);
	}
	if (l->has_flags)
		wr_ndr_u32(w, 0);
	if (l->has_uses) {
		wr_ndr_u32(w, 0); /* permissions: meant for share-level security */
		wr_ndr_u32(w, s->max_uses);
		wr_ndr_u32(w, s->current_uses);
		wr_ndr_ptr(w, ids, true);
		wr_ndr_ptr(w, ids, false); /* no password */
	}
	if (l->has_sd) {
		wr_ndr_u32(w, 0);
		wr_ndr_ptr(w, ids, false);
	}
}

static void
share_strings_put(struct wr *w, const struct share_level *l, const struct srvsvc_share *s)
{
	wr_ndr_string(w, s->name);
	if (l->has_type)
		wr_ndr_string(w, s->comment);
	if (l->has_uses)
		wr_ndr_string(w, s->path);
}

/* An upper bound of what one share takes in an answer. */
static size_t
share_cost(const struct srvsvc_share *s)
{
	return 40 + 3 * 20 + 2 * (strlen(s->name) + strlen(s->comment) + strlen(s->path));
}

/* How many shares from `from` on the client, and we, can take; one at least if there is one. */
static uint32_t
share_count(const struct srvsvc_share_enum *q, const struct srvsvc_share *s, uint32_t from,
	    uint32_t n)
{
	size_t most  = q->preferred_max < LIST_BYTES_MAX ? q->preferred_max : LIST_BYTES_MAX;
	size_t used  = 0;
	uint32_t got = 0;

	while (from + got < n) {
		size_t cost = share_cost(&s[from + got]);

		if (got > 0 && cost > most - used)
			break;
		used += cost < most - used ? cost : most - used;
		got++;
	}
	return got;
}

static void
share_list_put(struct wr *w, struct ndr_ids *ids, const struct share_level *l,
	       const struct srvsvc_share *s, uint32_t n)
{
	wr_ndr_u32(w, n);
	wr_ndr_ptr(w, ids, true);
	wr_ndr_u32(w, n);
	for (uint32_t i = 0; i < n; i++)
		share_fixed_put(w, ids, l, &s[i]);
	for (uint32_t i = 0; i < n; i++)
		share_strings_put(w, l, &s[i]);
}

void
srvsvc_share_enum_encode(struct wr *w, const struct srvsvc_share_enum *q,
			 const struct srvsvc_share *s, uint32_t n)
{
	const struct share_level *l = share_level_find(q->level);
	struct ndr_ids ids	    = { 0 };
	uint32_t from		    = q->resume < n ? q->resume : n;
	uint32_t got		    = l ? share_count(q, s, from, n) : 0;
	bool more		    = l && from + got < n;

	wr_ndr_u32(w, q->level);
	wr_ndr_u32(w, q->level);
	if (l) { /* an unknown level is the union's empty arm: not even a pointer */
		wr_ndr_ptr(w, &ids, true);
		share_list_put(w, &ids, l, s + from, got);
	}
	wr_ndr_u32(w, l ? n - from : 0); /* TotalEntries, from here on */
	wr_ndr_ptr(w, &ids, q->has_resume);
	if (q->has_resume)
		wr_ndr_u32(w, more ? from + got : 0);
	wr_ndr_u32(w, !l ? WERR_INVALID_LEVEL : more ? WERR_MORE_DATA : WERR_OK);
}

void
srvsvc_share_get_info_encode(struct wr *w, uint32_t level, const struct srvsvc_share *share,
			     uint32_t werror)
{
	const struct share_level *l = share_level_find(level);
	struct ndr_ids ids	    = { 0 };
	bool answer		    = l && share && werror == WERR_OK;

	wr_ndr_u32(w, level);
	if (l)
		wr_ndr_ptr(w, &ids, answer);
	if (answer) {
		share_fixed_put(w, &ids, l, share);
		share_strings_put(w, l, share);
	}
	wr_ndr_u32(w, l ? werror : WERR_INVALID_LEVEL);
}

/* SERVER_INFO_102 adds to 101 what nobody here limits or announces, 2.2.4.43. */
static void
server_102_put(struct wr *w, struct ndr_ids *ids)
{
	wr_ndr_u32(w, UINT32_MAX); /* users: no limit */
	wr_ndr_u32(w, UINT32_MAX); /* disconnect time: never */
	wr_ndr_u32(w, 0);	   /* not hidden */
	wr_ndr_u32(w, 240);	   /* announce, anndelta: the defaults */
	wr_ndr_u32(w, 3000);
	wr_ndr_u32(w, 0); /* licenses */
	wr_ndr_ptr(w, ids, true);
}

static void
server_put(struct wr *w, struct ndr_ids *ids, uint32_t level, const struct srvsvc_server *s)
{
	wr_ndr_u32(w, PLATFORM_ID_NT);
	wr_ndr_ptr(w, ids, true);
	if (level >= 101) {
		wr_ndr_u32(w, s->version_major);
		wr_ndr_u32(w, s->version_minor);
		wr_ndr_u32(w, s->type);
		wr_ndr_ptr(w, ids, true);
	}
	if (level == 102)
		server_102_put(w, ids);
	wr_ndr_string(w, s->name);
	if (level >= 101)
		wr_ndr_string(w, s->comment);
	if (level == 102)
		wr_ndr_string(w, s->user_path);
}

void
srvsvc_server_get_info_encode(struct wr *w, uint32_t level, const struct srvsvc_server *s)
{
	bool known	   = level >= 100 && level <= 102;
	struct ndr_ids ids = { 0 };

	wr_ndr_u32(w, level);
	if (known) {
		wr_ndr_ptr(w, &ids, true);
		server_put(w, &ids, level, s);
	}
	wr_ndr_u32(w, known ? WERR_OK : WERR_INVALID_LEVEL);
}

void
srvsvc_share_enum_request(struct wr *w, const char *server, uint32_t resume)
{
	struct ndr_ids ids = { 0 };

	wr_ndr_ptr(w, &ids, true);
	wr_ndr_string(w, server);
	wr_ndr_u32(w, 1);
	wr_ndr_u32(w, 1);
	wr_ndr_ptr(w, &ids, true);
	wr_ndr_u32(w, 0);
	wr_ndr_ptr(w, &ids, false);
	wr_ndr_u32(w, UINT32_MAX);
	wr_ndr_ptr(w, &ids, true);
	wr_ndr_u32(w, resume);
}

/* One share: its fixed part from one reader, its strings from the other. */
static void
found_read(struct rd *fixed, struct rd *strings, struct srvsvc_found *f)
{
	bool name = ndr_ptr(fixed);
	bool comment;

	*f	= (struct srvsvc_found){ 0 };
	f->type = ndr_u32(fixed);
	comment = ndr_ptr(fixed);
	if (name)
		ndr_string(strings, f->name, sizeof f->name);
	if (comment)
		ndr_string(strings, f->comment, sizeof f->comment);
}

nt
srvsvc_share_enum_response(struct span stub, void (*fn)(void *, const struct srvsvc_found *),
			   void *ctx, struct srvsvc_page *ret)
{
	struct rd r = rd_init(stub);
	struct srvsvc_page page;
	struct srvsvc_found f;
	struct rd fixed;
	uint32_t n = 0;

	r.bad |= ndr_u32(&r) != 1 || ndr_u32(&r) != 1;
	if (ndr_ptr(&r)) {
		n = ndr_u32(&r);
		r.bad |= ndr_ptr(&r) ? ndr_u32(&r) != n : n != 0;
	}
	REQUIRE(rd_ok(&r) && n <= rd_left(&r) / 12, STATUS_INVALID_PARAMETER);
	fixed = r;
	rd_zero(&r, (size_t)n * 12);
	for (uint32_t i = 0; i < n; i++) {
		found_read(&fixed, &r, &f);
		REQUIRE(rd_ok(&fixed) && rd_ok(&r), STATUS_INVALID_PARAMETER);
		fn(ctx, &f);
	}
	(void)ndr_u32(&r); /* TotalEntries */
	page.resume = ndr_ptr(&r) ? ndr_u32(&r) : 0;
	page.werror = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = page;
	return STATUS_SUCCESS;
}
