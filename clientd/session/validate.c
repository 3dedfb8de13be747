/*
 * validate.c - before 3.1.1 nothing ties the keys to the negotiation, so it is
 * asked for again under a signature.  [MS-SMB2] 3.2.5.5, 3.3.5.15.12
 */
#include "clientd/session/session.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/negotiate.h"

#define OUTPUT_MAX 24u

static nt
validate_send(struct session *s, struct conn *c, uint32_t tree_id, struct msg *m)
{
	struct smb2_negotiate_req offer = { 0 };
	uint8_t in[64 + 2 * SMB2_DIALECTS_MAX], list[2 * SMB2_DIALECTS_MAX];
	struct wr w = wr_init(in, sizeof in), lw = wr_init(list, sizeof list);
	struct smb2_validate_negotiate_req v;
	struct smb2_ioctl_req req = { .ctl_code = FSCTL_VALIDATE_NEGOTIATE_INFO,
				      .fid	= { UINT64_MAX, UINT64_MAX },
				      .max_output_response = OUTPUT_MAX,
				      .flags		   = SMB2_0_IOCTL_IS_FSCTL };

	negotiate_offer(s, &offer);
	for (uint16_t i = 0; i < offer.dialect_count; i++)
		wr_u16(&lw, offer.dialects[i]);
	v = (struct smb2_validate_negotiate_req){ .capabilities  = offer.capabilities,
						  .security_mode = offer.security_mode,
						  .dialect_count = offer.dialect_count,
						  .dialects	 = wr_done(&lw) };
	memcpy(v.guid, offer.client_guid, sizeof v.guid);
	smb2_validate_negotiate_req_encode(&w, &v);
	req.input = wr_done(&w);
	TRY(msg_begin(m, c, MSG_ROOM));
	m->force_sign = true;
	size_t at     = msg_add(m, SMB2_CMD_ioctl, tree_id, OUTPUT_MAX);
	smb2_ioctl_req_encode(&m->w, at, &req);
	return msg_exchange(m);
}

static bool
is_ours(const struct conn *c, const struct smb2_validate_negotiate_rsp *v)
{
	return v->capabilities == c->nego.server_caps && v->dialect == c->nego.dialect &&
	       v->security_mode == c->nego.server_mode &&
	       memcmp(v->guid, c->nego.server_guid.b, sizeof v->guid) == 0;
}

/*
 * A server of 2.x may not know the question; its refusal is signed, and whoever
 * is in the middle could not have made it.
 */
nt
conn_validate(struct session *s, struct conn *c, uint32_t tree_id)
{
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_validate_negotiate_rsp v;
	struct smb2_ioctl_rsp rsp;

	if (c->nego.dialect == SMB2_DIALECT_311 || s->max_dialect < SMB2_DIALECT_300 || !c->signer)
		return STATUS_SUCCESS;
	TRY(validate_send(s, c, tree_id, &m));
	if (nt_failed(m.reply[0].status)) {
		REQUIRE(c->nego.dialect < SMB2_DIALECT_300, STATUS_DOWNGRADE_DETECTED);
		return STATUS_SUCCESS;
	}
	ANSWER(smb2_ioctl_rsp_decode(&m.reply[0].body, &rsp));
	ANSWER(smb2_validate_negotiate_rsp_decode(rsp.output, &v));
	if (is_ours(c, &v))
		return STATUS_SUCCESS;
	conn_nonsense(c, "somebody changed the negotiation");
	return STATUS_DOWNGRADE_DETECTED;
}
