/*
 * gate_negotiate.c - NEGOTIATE, SMB2's own and the SMB1 one that offers SMB2.
 * [MS-SMB2] 3.3.5.3, 3.3.5.4
 */
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "proto/fscc/filetime.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/smb1_negotiate.h"
#include "smbd/gate.h"
#include "smbd/limits.h"
#include "smbd/policy.h"

#define HINT_MAX  256u
#define SALT_SIZE 32u

/* 3.3.5.4: which contexts 3.1.1 is answered with. */
static void
negotiate_contexts(const struct conn_params *p, const struct smb2_neg_contexts *theirs,
    struct span salt, struct smb2_neg_contexts *ret)
{
	ret->present = 1u << SMB2_NEG_PREAUTH;
	smb2_alg_list_add(&ret->hashes, SMB2_PREAUTH_SHA512);
	ret->salt = salt;
	if (smb2_neg_has(theirs, SMB2_NEG_ENCRYPTION)) {
		ret->present |= 1u << SMB2_NEG_ENCRYPTION;
		smb2_alg_list_add(&ret->ciphers, p->cipher);
	}
	if (smb2_neg_has(theirs, SMB2_NEG_SIGNING)) {
		ret->present |= 1u << SMB2_NEG_SIGNING;
		smb2_alg_list_add(&ret->signings, p->signing_alg);
	}
}

/* theirs: NULL unless dialect is 3.1.1. */
static void
negotiate_answer(struct gconn *c, const struct smb2_hdr *hdr, uint16_t dialect,
    const struct smb2_neg_contexts *theirs)
{
	const struct smbd_conf *conf = &c->gate->smbd->conf;
	struct logon_mechs on        = logon_mechs(&conf->server);
	enum spnego_mech mechs[SPNEGO_MECHS_MAX];
	uint8_t room[GATE_ANSWER_MAX], hint[HINT_MAX], salt[SALT_SIZE];
	struct wr w                  = wr_init(room, sizeof room);
	struct wr hw                 = wr_init(hint, sizeof hint);
	struct smb2_negotiate_rsp rsp = { .security_mode = c->params.server_mode,
		.dialect = dialect, .capabilities = c->params.server_caps,
		.max_transact = params_max_io(&c->params, conf),
		.max_read     = params_max_io(&c->params, conf),
		.max_write    = params_max_io(&c->params, conf),
		.system_time  = filetime_from_ns((int64_t)clock_real_ns()) };

	memcpy(rsp.server_guid, conf->server.server_guid.b, sizeof rsp.server_guid);
	spnego_hint_encode(&hw, mechs, logon_hint(&on, mechs));
	rsp.token = wr_done(&hw);
	if (theirs) {
		random_bytes(salt, sizeof salt);
		negotiate_contexts(&c->params, theirs, SPAN(salt, sizeof salt), &rsp.contexts);
	}
	wr_zero(&w, ANSWER_BODY_AT);
	smb2_negotiate_rsp_encode(&w, ANSWER_HDR_AT, &rsp);
	gconn_answer(c, hdr, STATUS_SUCCESS, &w, theirs ? &c->negotiate_hash : NULL);
}

/* 3.3.5.4.  A second NEGOTIATE ends the connection. */
void
gconn_negotiate(struct gconn *c, const struct smb2_element *e)
{
	const struct conf_server_req *conf = &c->gate->smbd->conf.server;
	struct smb2_negotiate_req req;
	struct rd r = e->body;
	uint16_t dialect;
	nt s;

	if (c->params.dialect != 0 && !c->multiprotocol) {
		gconn_drop(c, "a second NEGOTIATE");
		return;
	}
	s = smb2_negotiate_req_decode(&r, &req);
	if (!nt_failed(s) && req.dialect_count == 0)
		s = STATUS_INVALID_PARAMETER;
	dialect = nt_failed(s) ? 0 : policy_dialect(conf, &req);
	if (!nt_failed(s) && dialect == 0)
		s = STATUS_NOT_SUPPORTED;
	if (!nt_failed(s))
		s = policy_negotiate(conf, &req, dialect, &c->params);
	smb2_preauth_init(&c->negotiate_hash);
	if (!nt_failed(s))
		s = smb2_preauth_update(&c->negotiate_hash, e->bytes);
	if (nt_failed(s)) {
		log_info("NEGOTIATE refused status=%s", nt_name(s));
		gconn_answer(c, &e->hdr, s, NULL, NULL);
		return;
	}
	c->multiprotocol = false;
	negotiate_answer(c, &e->hdr, dialect, dialect == SMB2_DIALECT_311 ? &req.contexts : NULL);
}

/*
 * 3.3.5.3.1 and .2.  "SMB 2.???" is answered with the wildcard and NEGOTIATE
 * comes again; an old client's "SMB 2.002" settles it.
 */
void
gconn_negotiate_smb1(struct gconn *c, struct span frame)
{
	const struct conf_server_req *conf = &c->gate->smbd->conf.server;
	struct smb2_hdr hdr                = { .command = SMB2_CMD_negotiate, .credits = 1 };
	struct smb1_negotiate req;

	if (c->params.dialect != 0 || nt_failed(smb1_negotiate_decode(frame, &req)) ||
	    nt_failed(window_use(&c->window, 0, 1))) {
		gconn_drop(c, "SMB1");
		return;
	}
	if (req.has_wild && conf->max_protocol >= SMB2_DIALECT_210) {
		c->multiprotocol = true;
		policy_multiprotocol(conf, SMB2_DIALECT_WILD, &c->params);
	} else if (req.has_2002 && policy_allows(conf, SMB2_DIALECT_202)) {
		policy_multiprotocol(conf, SMB2_DIALECT_202, &c->params);
	} else {
		gconn_drop(c, "an SMB1 NEGOTIATE without a dialect of ours");
		return;
	}
	negotiate_answer(c, &hdr, c->params.dialect, NULL);
}
