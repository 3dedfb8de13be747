/*
 * smb.c - messages of a connection to a controller's pipe: each request has one
 * answer, and the next goes out behind it.  [MS-SMB2] 3.2.4.1, 3.2.5.1
 */
#include "authd/net/smb.h"

#include "base/secret.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/kdf.h"

#define CREDITS_ASKED 8u

/* What answers what. */
static const struct step {
	uint16_t command;
	smb_step_fn *done;
} steps[] = {
	[SMB_NEGOTIATE]	 = { SMB2_CMD_negotiate, smb_negotiated },
	[SMB_HELLO]	 = { SMB2_CMD_session_setup, smb_challenged },
	[SMB_PROOF]	 = { SMB2_CMD_session_setup, smb_proved },
	[SMB_TREE]	 = { SMB2_CMD_tree_connect, smb_tree_stands },
	[SMB_CREATE]	 = { SMB2_CMD_create, smb_pipe_stands },
	[SMB_WRITE]	 = { SMB2_CMD_write, smb_written },
	[SMB_TRANSCEIVE] = { SMB2_CMD_ioctl, smb_came },
	[SMB_READ]	 = { SMB2_CMD_read, smb_was_read },
};

void
smb_init(struct smb *s, const struct smb_who *who)
{
	*s = (struct smb){ .who = *who, .step = SMB_IDLE, .credits = 1, .why = "" };
	smb2_preauth_init(&s->preauth);
}

static void
keys_drop(struct smb *s)
{
	smb2_signer_drop(s->signer);
	smb2_sealer_drop(s->out);
	smb2_sealer_drop(s->in_sealer);
	s->signer = NULL;
	s->out = s->in_sealer = NULL;
	s->seal		      = false;
}

void
smb_drop(struct smb *s)
{
	keys_drop(s);
	secret_wipe(s, sizeof *s);
}

nt
smb_fail(struct smb *s, nt status, const char *why)
{
	s->why = why;
	return status;
}

static nt
nonsense(struct smb *s)
{
	return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "it does not speak SMB as it should");
}

struct span
smb_bytes(const struct smb *s)
{
	return s->bytes;
}

/* ---- out ---- */

size_t
smb_request(struct smb *s, struct wr *w, enum smb_step step, uint16_t command)
{
	const struct smb2_hdr h = {
		.credit_charge = step == SMB_NEGOTIATE ? 0 : 1,
		.command       = command,
		.credits       = CREDITS_ASKED,
		.flags	       = s->signer && !s->seal ? SMB2_FLAGS_SIGNED : 0,
		.message_id    = s->message_id++,
		.tree_id       = s->tree_id,
		.session_id    = s->session_id,
	};
	size_t hdr_at;

	w->bad |= transport_begin(w) != 0 || s->credits == 0;
	if (s->seal)
		wr_zero(w, SMB2_TRANSFORM_SIZE);
	hdr_at = w->pos;
	smb2_hdr_encode(w, &h);
	s->step = step;
	return hdr_at;
}

nt
smb_request_end(struct smb *s, struct wr *w, size_t hdr_at)
{
	struct iovec message = { w->base + hdr_at, w->pos - hdr_at };

	if (!wr_ok(w))
		return smb_fail(s, STATUS_INVALID_PARAMETER, "a request to it is too long");
	s->credits--;
	if (s->seal)
		TRY(smb2_seal(s->out, s->session_id, &message, 1,
			      w->base + hdr_at - SMB2_TRANSFORM_SIZE));
	else if (s->signer)
		TRY(smb2_sign(s->signer, &message, 1));
	if (s->step <= SMB_PROOF)
		TRY(smb2_preauth_update(&s->preauth, SPAN(message.iov_base, message.iov_len)));
	transport_end(w, 0);
	return STATUS_SUCCESS;
}

/* ---- keys ---- */

nt
smb_keys(struct smb *s, const uint8_t key[NTLM_KEY_SIZE])
{
	struct smb2_keys keys;
	nt status;

	keys_drop(s);
	TRY(smb2_keys_derive(s->dialect, s->cipher, SPAN(key, NTLM_KEY_SIZE), s->preauth.hash,
			     &keys));
	status = smb2_signer_new(s->signing, keys.signing, &s->signer);
	if (nt_ok(status) && s->cipher != SMB2_CIPHER_NONE)
		status = smb2_sealer_new(s->cipher, SMB2_SEAL, keys.server_in, &s->out);
	if (nt_ok(status) && s->cipher != SMB2_CIPHER_NONE)
		status = smb2_sealer_new(s->cipher, SMB2_UNSEAL, keys.server_out, &s->in_sealer);
	secret_wipe(&keys, sizeof keys);
	return status;
}

bool
smb_verifies(struct smb *s, const struct smb_answer *a)
{
	const struct iovec message = { (void *)(uintptr_t)a->raw.p, a->raw.n };

	return a->hdr.flags & SMB2_FLAGS_SIGNED && nt_ok(smb2_verify(s->signer, &message, 1));
}

/* ---- in ---- */

/* The clear message of a frame; what should be encrypted and is not is refused. */
static nt
unseal(struct smb *s, struct span *frame)
{
	struct rd r = rd_init(*frame);
	struct smb2_transform t;
	struct iovec message;

	if (smb2_kind_of(*frame) != SMB2_KIND_TRANSFORM)
		return s->seal ? nonsense(s) : STATUS_SUCCESS;
	if (!s->seal || nt_failed(smb2_transform_decode(&r, &t)))
		return nonsense(s);
	message = (struct iovec){ s->in + TRANSPORT_HDR_SIZE + r.pos, rd_left(&r) };
	if (nt_failed(smb2_unseal(s->in_sealer, frame->p, &message, 1)))
		return nonsense(s);
	*frame = SPAN(message.iov_base, message.iov_len);
	return STATUS_SUCCESS;
}

/* 3.2.5.1.5: an answer that only says that one will come. */
static bool
is_interim(const struct smb2_hdr *h)
{
	return smb2_hdr_is_async(h) && nt_is(h->status, STATUS_PENDING);
}

static bool
answer_is_ours(struct smb *s, const struct smb_answer *a)
{
	const struct smb2_hdr *h = &a->hdr;

	return h->flags & SMB2_FLAGS_SERVER_TO_REDIR && h->message_id + 1 == s->message_id &&
	       h->command == steps[s->step].command && h->next == 0 &&
	       (s->step <= SMB_HELLO || h->session_id == s->session_id);
}

/* 3.2.5.1.3.  The logon's own answer has no key yet: smb_proved(). */
static bool
answer_is_signed(struct smb *s, const struct smb_answer *a)
{
	return !s->signer || s->seal || smb_verifies(s, a);
}

static nt
frame_take(struct smb *s, struct span frame, struct wr *w, enum smb_event *ret)
{
	struct smb2_chain chain;
	struct smb2_element e;
	struct smb_answer a;

	if (s->step == SMB_IDLE)
		return nonsense(s);
	TRY(unseal(s, &frame));
	chain = smb2_chain_init(frame);
	if (nt_failed(smb2_chain_next(&chain, &e)) || smb2_chain_more(&chain))
		return nonsense(s);
	a = (struct smb_answer){ .hdr = e.hdr, .body = e.body, .raw = frame };
	if (!answer_is_ours(s, &a))
		return nonsense(s);
	s->credits += a.hdr.credits;
	if (is_interim(&a.hdr))
		return STATUS_SUCCESS;
	if (!answer_is_signed(s, &a))
		return smb_fail(s, STATUS_ACCESS_DENIED, "its answer is not signed as it must be");
	if (s->credits == 0)
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "it grants no credit");
	return steps[s->step].done(s, &a, w, ret);
}

/* Moves bytes into in[] until it holds want. */
static bool
in_fill(struct smb *s, struct span *bytes, size_t want)
{
	size_t n = want - s->in_n;

	if (s->in_n >= want)
		return true;
	if (n > bytes->n)
		n = bytes->n;
	if (n > 0)
		memcpy(s->in + s->in_n, bytes->p, n);
	s->in_n += n;
	*bytes = SPAN(n > 0 ? bytes->p + n : bytes->p, bytes->n - n);
	return s->in_n == want;
}

nt
smb_feed(struct smb *s, struct span *bytes, struct wr *w, enum smb_event *ret)
{
	uint32_t len;

	*ret = SMB_NONE;
	while (bytes->n > 0 && *ret == SMB_NONE && w->pos == 0) {
		if (!in_fill(s, bytes, TRANSPORT_HDR_SIZE))
			break;
		if (nt_failed(transport_decode(s->in, &len)) || len > SMB_IN_MAX || len == 0)
			return nonsense(s);
		if (!in_fill(s, bytes, TRANSPORT_HDR_SIZE + len))
			break;
		s->in_n = 0;
		TRY(frame_take(s, SPAN(s->in + TRANSPORT_HDR_SIZE, len), w, ret));
	}
	return STATUS_SUCCESS;
}
