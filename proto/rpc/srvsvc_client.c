/*
 * srvsvc_client.c - NetrSessionEnum at level 10, as a client asks and reads it.
 * [MS-SRVS] 2.2.4.15, 2.2.4.21, 3.1.4.5
 */
#include "proto/rpc/srvsvc_client.h"

#include "proto/rpc/ndr.h"

#define LEVEL	   10u
#define ENTRY_SIZE 16u

void
srvsvc_session_enum_request(struct wr *w, const char *server, uint32_t resume)
{
	struct ndr_ids ids = { 0 };

	wr_ndr_ptr(w, &ids, true);
	wr_ndr_string(w, server);
	wr_ndr_ptr(w, &ids, false); /* of every client */
	wr_ndr_ptr(w, &ids, false); /* of every user */
	wr_ndr_u32(w, LEVEL);
	wr_ndr_u32(w, LEVEL);
	wr_ndr_ptr(w, &ids, true);
	wr_ndr_u32(w, 0);
	wr_ndr_ptr(w, &ids, false);
	wr_ndr_u32(w, UINT32_MAX);
	wr_ndr_ptr(w, &ids, true);
	wr_ndr_u32(w, resume);
}

/* One session: its fixed part from one reader, its strings from the other. */
static void
session_read(struct rd *fixed, struct rd *strings, struct srvsvc_session *s)
{
	bool client = ndr_ptr(fixed);
	bool user   = ndr_ptr(fixed);

	*s	    = (struct srvsvc_session){ 0 };
	s->active_s = ndr_u32(fixed);
	s->idle_s   = ndr_u32(fixed);
	if (client)
		ndr_string(strings, s->client, sizeof s->client);
	if (user)
		ndr_string(strings, s->user, sizeof s->user);
}

nt
srvsvc_session_enum_response(struct span stub, void (*fn)(void *, const struct srvsvc_session *),
			     void *ctx, struct srvsvc_page *ret)
{
	struct rd r = rd_init(stub);
	struct srvsvc_page page;
	struct srvsvc_session s;
	struct rd fixed;
	uint32_t n = 0;

	r.bad |= ndr_u32(&r) != LEVEL || ndr_u32(&r) != LEVEL;
	if (ndr_ptr(&r)) {
		n = ndr_u32(&r);
		r.bad |= ndr_ptr(&r) ? ndr_u32(&r) != n : n != 0;
	}
	REQUIRE(rd_ok(&r) && n <= rd_left(&r) / ENTRY_SIZE, STATUS_INVALID_PARAMETER);
	fixed = r;
	rd_zero(&r, (size_t)n * ENTRY_SIZE);
	for (uint32_t i = 0; i < n; i++) {
		session_read(&fixed, &r, &s);
		REQUIRE(rd_ok(&fixed) && rd_ok(&r), STATUS_INVALID_PARAMETER);
		fn(ctx, &s);
	}
	(void)ndr_u32(&r); /* TotalEntries */
	page.resume = ndr_ptr(&r) ? ndr_u32(&r) : 0;
	page.werror = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = page;
	return STATUS_SUCCESS;
}
