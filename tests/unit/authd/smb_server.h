/*
 * smb_server.h - the far end of a named pipe, for tests: answers whose bodies are
 * right unless somebody wants them otherwise.
 */
#ifndef TESTS_UNIT_AUTHD_SMB_SERVER_H
#define TESTS_UNIT_AUTHD_SMB_SERVER_H

#include "authd/net/smb.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/spnego.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/create.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/read.h"
#include "proto/smb2/session_setup.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/write.h"

#define SESSION_ID 0x1122334455ull

/* How an answer is made; zeroed: success, by the request's own header. */
struct answer {
	nt status;
	uint32_t flags;	   /* besides SERVER_TO_REDIR */
	uint64_t id_shift; /* added to the MessageId */
	uint16_t command_shift, session_flags;
	int credits; /* 0: one, -1: none */
	uint16_t dialect;
	uint32_t next;
	struct span bytes; /* of the pipe */
	bool no_body;	   /* eight bytes of an error body */
};

static inline size_t
server_challenge(uint8_t *room, size_t cap)
{
	uint8_t message[512], info[64];
	struct wr m = wr_init(message, sizeof message), i = wr_init(info, sizeof info);
	struct wr w	   = wr_init(room, cap);
	struct spnego_resp resp = { .state = SPNEGO_ACCEPT_INCOMPLETE, .has_mech = true,
				    .mech = SPNEGO_MECH_NTLMSSP, .has_token = true };
	struct ntlm_challenge c = { .flags = NTLM_CLIENT_FLAGS };

	wr_ntlm_av_utf16(&i, NTLM_AV_NB_COMPUTER, "DC1");
	wr_ntlm_av_utf16(&i, NTLM_AV_NB_DOMAIN, "AD");
	wr_ntlm_av_end(&i);
	c.target_info = wr_done(&i);
	ntlm_challenge_encode(&m, &c);
	resp.token = wr_done(&m);
	spnego_resp_encode(&w, &resp);
	return w.pos;
}

static inline void
server_negotiate(struct wr *w, size_t at, const struct answer *a)
{
	struct smb2_negotiate_rsp rsp = { .dialect = a->dialect ? a->dialect : SMB2_DIALECT_210,
					  .max_transact = 65536, .max_read = 65536,
					  .max_write = 65536 };

	if (rsp.dialect == SMB2_DIALECT_311) {
		rsp.contexts.present = 1u << SMB2_NEG_PREAUTH;
		smb2_alg_list_add(&rsp.contexts.hashes, SMB2_PREAUTH_SHA512);
	}
	smb2_negotiate_rsp_encode(w, at, &rsp);
}

static inline void
server_setup(struct wr *w, size_t at, const struct answer *a)
{
	uint8_t token[768];
	struct smb2_session_setup_rsp rsp = { .session_flags = a->session_flags };

	if (nt_is(a->status, STATUS_MORE_PROCESSING_REQUIRED))
		rsp.token = SPAN(token, server_challenge(token, sizeof token));
	smb2_session_setup_rsp_encode(w, at, &rsp);
}

static inline void
server_body(struct wr *w, size_t at, uint16_t command, const struct answer *a)
{
	const struct smb2_tree_connect_rsp tree = { .share_type = SMB2_SHARE_TYPE_PIPE };
	const struct smb2_create_rsp create	= { .fid = { 7, 8 } };
	const struct smb2_write_rsp written	= { .count = 1 };
	const struct smb2_ioctl_rsp ioctl	= { .output = a->bytes };
	const struct smb2_read_rsp read		= { .data = a->bytes };

	if (command == SMB2_CMD_negotiate)
		server_negotiate(w, at, a);
	else if (command == SMB2_CMD_session_setup)
		server_setup(w, at, a);
	else if (command == SMB2_CMD_tree_connect)
		smb2_tree_connect_rsp_encode(w, at, &tree);
	else if (command == SMB2_CMD_create)
		smb2_create_rsp_encode(w, at, &create);
	else if (command == SMB2_CMD_write)
		smb2_write_rsp_encode(w, at, &written);
	else if (command == SMB2_CMD_ioctl)
		smb2_ioctl_rsp_encode(w, at, &ioctl);
	else
		smb2_read_rsp_encode(w, at, &read);
}

/* The header of the request that stands in out, without a check of it. */
static inline struct smb2_hdr
server_heard(struct span out)
{
	struct smb2_hdr h = { 0 };
	struct rd r	  = rd_init(SPAN(out.p + TRANSPORT_HDR_SIZE, out.n - TRANSPORT_HDR_SIZE));

	(void)smb2_hdr_decode(&r, &h).code;
	return h;
}

/* The header of an answer to h; returns where it stands. */
static inline size_t
server_begin(struct wr *w, const struct smb2_hdr *h, const struct answer *a)
{
	const struct smb2_hdr hdr = {
		.status	    = a->status,
		.command    = (uint16_t)(h->command + a->command_shift),
		.credits    = (uint16_t)(a->credits + 1),
		.flags	    = SMB2_FLAGS_SERVER_TO_REDIR | a->flags,
		.next	    = a->next,
		.message_id = h->message_id + a->id_shift,
		.tree_id    = a->flags & SMB2_FLAGS_ASYNC_COMMAND ? 0 : 5,
		.session_id = h->command == SMB2_CMD_negotiate ? 0 : SESSION_ID,
	};
	size_t at = w->pos;

	smb2_hdr_encode(w, &hdr);
	return at;
}

#endif
