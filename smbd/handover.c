/* handover.c - see handover.h. */
#include "smbd/handover.h"

#include <string.h>

#include "proto/smb2/commands.h"

static void
handover_write_lists(const struct handover *h, struct handover_room *room,
    struct worker_take_req *m)
{
	struct wr d = wr_init(room->dialects, sizeof room->dialects);
	struct wr w = wr_init(room->window, sizeof room->window);

	for (uint16_t i = 0; i < h->params.n_client_dialects; i++)
		wr_u16(&d, h->params.client_dialects[i]);
	window_save(&h->window, &w);
	m->client_dialects = wr_done(&d);
	m->window_used     = wr_done(&w);
	m->window_low      = h->window.low;
	m->credits         = (uint16_t)h->window.credits;
}

void
handover_write(const struct handover *h, struct handover_room *room, struct worker_take_req *ret)
{
	*ret = (struct worker_take_req){
		.mode            = h->mode,
		.session         = h->session,
		.ctx             = h->ctx,
		.client          = h->params.client,
		.server          = h->params.server,
		.dialect         = h->params.dialect,
		.cipher          = h->params.cipher,
		.signing_alg     = h->params.signing_alg,
		.client_caps     = h->params.client_caps,
		.server_caps     = h->params.server_caps,
		.client_mode     = h->params.client_mode,
		.server_mode     = h->params.server_mode,
		.client_guid     = h->params.client_guid,
		.message_id      = h->hdr.message_id,
		.command_credits = h->hdr.credits,
		.request_flags   = h->hdr.flags,
		.session_mode    = h->session_mode,
		.answer          = h->answer,
	};
	memcpy(ret->negotiate_hash.b, h->negotiate_hash.hash, sizeof ret->negotiate_hash.b);
	memcpy(ret->session_hash.b, h->session_hash.hash, sizeof ret->session_hash.b);
	handover_write_lists(h, room, ret);
}

static nt
handover_read_lists(const struct worker_take_req *m, struct handover *h)
{
	struct rd r = rd_init(m->client_dialects);

	REQUIRE(m->client_dialects.n % 2 == 0 && m->client_dialects.n <= 2 * SMB2_DIALECTS_MAX,
	    STATUS_INVALID_PARAMETER);
	h->params.n_client_dialects = (uint16_t)(m->client_dialects.n / 2);
	for (uint16_t i = 0; i < h->params.n_client_dialects; i++)
		h->params.client_dialects[i] = rd_u16(&r);
	REQUIRE(window_load(&h->window, m->window_low, m->credits, m->window_used),
	    STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
handover_read(const struct worker_take_req *m, uint32_t max_credits, struct handover *ret)
{
	struct handover h = { .mode = m->mode, .session = m->session, .ctx = m->ctx };

	REQUIRE(m->mode == TAKE_FINISH || m->mode == TAKE_BIND, STATUS_INVALID_PARAMETER);
	h.params = (struct conn_params){
		.client      = m->client,
		.server      = m->server,
		.dialect     = m->dialect,
		.cipher      = m->cipher,
		.signing_alg = m->signing_alg,
		.client_caps = m->client_caps,
		.server_caps = m->server_caps,
		.client_mode = m->client_mode,
		.server_mode = m->server_mode,
		.client_guid = m->client_guid,
	};
	h.hdr.command    = SMB2_CMD_session_setup;
	h.hdr.credit_charge = 1;	/* SESSION_SETUP's; impacket counts on its echo */
	h.hdr.message_id = m->message_id;
	h.hdr.session_id = m->session;
	h.hdr.credits    = m->command_credits;
	h.hdr.flags      = m->request_flags;
	h.session_mode   = m->session_mode;
	h.answer         = m->answer;
	memcpy(h.negotiate_hash.hash, m->negotiate_hash.b, sizeof h.negotiate_hash.hash);
	memcpy(h.session_hash.hash, m->session_hash.b, sizeof h.session_hash.hash);
	window_init(&h.window, max_credits);
	TRY(handover_read_lists(m, &h));
	*ret = h;
	return STATUS_SUCCESS;
}
