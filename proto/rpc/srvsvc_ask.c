/*
 * srvsvc_ask.c - what clients ask about sessions, connections and files, and
 * with which words.  [MS-SRVS] 3.1.4.1 to 3.1.4.6
 */
#include "proto/rpc/srvsvc_lists.h"

/* ServerName: to be ignored. */
static void
server_name_skip(struct rd *r)
{
	if (ndr_ptr(r))
		ndr_skip_string(r);
}

/* [string, unique]: absent is as good as empty. */
static void
string_read(struct rd *r, char *dst, size_t cap)
{
	dst[0] = '\0';
	if (ndr_ptr(r))
		ndr_string(r, dst, cap);
}

/* A client's name begins with two backslashes, 3.1.4.5; kept without. */
static void
client_read(struct rd *r, char *dst, size_t cap)
{
	size_t n;

	string_read(r, dst, cap);
	n = strspn(dst, "\\");
	r->bad |= dst[0] != '\0' && n != 2;
	if (rd_ok(r))
		memmove(dst, dst + n, strlen(dst + n) + 1);
}

/* The empty container of the level that is wanted; other levels are the union's empty arm. */
static bool
container_read(struct rd *r, uint16_t opnum, uint32_t *ret_level)
{
	*ret_level = ndr_u32(r);
	r->bad |= ndr_u32(r) != *ret_level; /* the union's switch */
	if (rd_ok(r) && srvsvc_list_has_level(opnum, *ret_level) && ndr_ptr(r)) {
		r->bad |= ndr_u32(r) != 0;
		if (ndr_ptr(r)) /* an array, but of nothing: impacket sends it */
			r->bad |= ndr_u32(r) != 0;
	}
	return rd_ok(r);
}

nt
srvsvc_list_decode(uint16_t opnum, struct span stub, struct srvsvc_list_req *ret)
{
	struct rd r = rd_init(stub);

	*ret = (struct srvsvc_list_req){ 0 };
	server_name_skip(&r);
	if (opnum == SRVSVC_SESSION_ENUM)
		client_read(&r, ret->client, sizeof ret->client);
	else
		string_read(&r, ret->path, sizeof ret->path);
	if (opnum != SRVSVC_CONNECTION_ENUM)
		string_read(&r, ret->user, sizeof ret->user);
	REQUIRE(container_read(&r, opnum, &ret->level), STATUS_INVALID_PARAMETER);
	ret->preferred_max = ndr_u32(&r);
	ret->has_resume	   = ndr_ptr(&r);
	ret->resume	   = ret->has_resume ? ndr_u32(&r) : 0;
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
srvsvc_file_get_info_decode(struct span stub, struct srvsvc_file_req *ret)
{
	struct rd r = rd_init(stub);

	server_name_skip(&r);
	ret->id	   = ndr_u32(&r);
	ret->level = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
srvsvc_file_close_decode(struct span stub, uint32_t *ret_id)
{
	struct rd r = rd_init(stub);
	uint32_t id;

	server_name_skip(&r);
	id = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret_id = id;
	return STATUS_SUCCESS;
}

nt
srvsvc_session_del_decode(struct span stub, struct srvsvc_session_del *ret)
{
	struct rd r = rd_init(stub);

	*ret = (struct srvsvc_session_del){ 0 };
	server_name_skip(&r);
	client_read(&r, ret->client, sizeof ret->client);
	string_read(&r, ret->user, sizeof ret->user);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}
