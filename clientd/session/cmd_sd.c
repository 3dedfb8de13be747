/*
 * cmd_sd.c - security descriptors, as bytes and as SDDL.  [MS-SMB2] 3.2.4.12,
 * [MS-DTYP] 2.4.6, 2.5.1
 */
#include "clientd/session/open.h"
#include "proto/dtyp/sddl.h"

#define INFO_KNOWN                                                                          \
	(OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |                          \
	 DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION)

static const char *
sid_text(bool has, const struct sid *sid)
{
	return has ? sid_print(sid, fiber_alloc(SID_TEXT_MAX)) : "";
}

nt
client_getsd(struct client *me, struct job *j, const struct client_getsd_req *req,
	     struct client_getsd_rsp *rsp)
{
	uint32_t info = req->info ? req->info : INFO_KNOWN & ~SACL_SECURITY_INFORMATION;
	const struct open_how how = { .path = req->path.s, .disposition = FILE_OPEN,
		.access = READ_CONTROL |
			  (info & SACL_SECURITY_INFORMATION ? ACCESS_SYSTEM_SECURITY : 0) };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct wr text			  = wr_init(fiber_alloc(PATH_BOUND), PATH_BOUND);
	struct span out;
	uint8_t *copy;
	struct sd sd;

	(void)me;
	REQUIRE(!(info & ~INFO_KNOWN), STATUS_INVALID_PARAMETER);
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM));
	TRY(add_create(&m, &w, &how));
	add_query(&m, &w, FID_RELATED, SMB2_0_INFO_SECURITY, 0, info, SD_SIZE_MAX);
	add_close(&m, &w, FID_RELATED, 0);
	TRY(msg_run(&m));
	TRY(query_output(&m, 1, &out));
	ANSWER(sd_decode(out, &sd));
	copy = fiber_alloc(out.n + 1);
	memcpy(copy, out.p, out.n);
	rsp->owner = str_of(sid_text(sd.has_owner, &sd.owner));
	rsp->group = str_of(sid_text(sd.has_group, &sd.group));
	rsp->sd	   = SPAN(copy, out.n);
	sddl_print(&text, &sd);
	wr_u8(&text, 0);
	if (wr_ok(&text))	/* a longer one only as bytes */
		rsp->sddl = str_of((const char *)text.base);
	return STATUS_SUCCESS;
}

/* Which rights a change of these parts asks for, [MS-FSA] 2.1.5.17. */
static uint32_t
access_for(uint32_t info)
{
	uint32_t access = 0;

	if (info & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION))
		access |= WRITE_OWNER;
	if (info & DACL_SECURITY_INFORMATION)
		access |= WRITE_DAC;
	if (info & SACL_SECURITY_INFORMATION)
		access |= ACCESS_SYSTEM_SECURITY;
	return access;
}

static uint32_t
info_of(const struct sd *sd)
{
	return (sd->has_owner ? OWNER_SECURITY_INFORMATION : 0) |
	       (sd->has_group ? GROUP_SECURITY_INFORMATION : 0) |
	       (sd->control & SE_DACL_PRESENT ? DACL_SECURITY_INFORMATION : 0) |
	       (sd->control & SE_SACL_PRESENT ? SACL_SECURITY_INFORMATION : 0);
}

nt
client_setsd(struct client *me, struct job *j, const struct client_setsd_req *req,
	     struct client_setsd_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct wr acls	    = wr_init(fiber_alloc(SD_SIZE_MAX), SD_SIZE_MAX);
	struct wr bytes	    = wr_init(fiber_alloc(SD_SIZE_MAX), SD_SIZE_MAX);
	struct open_how how = { .path = req->path.s, .disposition = FILE_OPEN };
	struct sd sd;
	uint32_t info;

	(void)me;
	(void)rsp;
	REQUIRE((req->sddl.n > 0) != (req->sd.n > 0), STATUS_INVALID_PARAMETER);
	if (req->sd.n > 0)
		TRY(sd_decode(req->sd, &sd));
	else
		TRY(sddl_parse(req->sddl.s, &acls, &sd));
	info = req->info ? req->info : info_of(&sd);
	REQUIRE(info && !(info & ~INFO_KNOWN), STATUS_INVALID_PARAMETER);
	sd_encode(&bytes, &sd, info);
	REQUIRE(wr_ok(&bytes), STATUS_INVALID_SECURITY_DESCR);
	how.access = access_for(info);
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM + bytes.pos));
	TRY(add_create(&m, &w, &how));
	add_set(&m, &w, FID_RELATED, SMB2_0_INFO_SECURITY, 0, info, wr_done(&bytes));
	add_close(&m, &w, FID_RELATED, 0);
	return msg_run(&m);
}
