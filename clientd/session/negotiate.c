/*
 * negotiate.c - NEGOTIATE: what we offer, and which of it the server may take.
 * An answer with anything that was not offered ends the connection.
 * [MS-SMB2] 3.2.4.2.2.2, 3.2.5.2
 */
#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/session.h"
#include "proto/smb2/negotiate.h"

#define SALT_SIZE   32u
#define IO_MIN	    65536u	/* 3.3.5.4: a server offers no less */
#define NETNAME_MAX 512u

static const uint16_t dialects[] = { SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300,
				     SMB2_DIALECT_302, SMB2_DIALECT_311 };
/* In the order of preference: GCM costs a quarter of CCM. */
static const uint16_t ciphers[]	 = { SMB2_CIPHER_AES128_GCM, SMB2_CIPHER_AES256_GCM,
				     SMB2_CIPHER_AES128_CCM, SMB2_CIPHER_AES256_CCM };
static const uint16_t signings[] = { SMB2_SIGN_AES_GMAC, SMB2_SIGN_AES_CMAC,
				     SMB2_SIGN_HMAC_SHA256 };

#define OUR_CAPS                                                                          \
	(SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LEASING | SMB2_GLOBAL_CAP_LARGE_MTU |      \
	 SMB2_GLOBAL_CAP_MULTI_CHANNEL | SMB2_GLOBAL_CAP_PERSISTENT_HANDLES |                 \
	 SMB2_GLOBAL_CAP_ENCRYPTION)

static void
list_fill(struct smb2_alg_list *l, const uint16_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		smb2_alg_list_add(l, ids[i]);
}

/* 2.2.3.1.  netname and salt borrow. */
static void
contexts_offer(const struct session *s, struct wr *netname, uint8_t salt[SALT_SIZE],
	       struct smb2_neg_contexts *ret)
{
	random_bytes(salt, SALT_SIZE);
	(void)wr_utf16(netname, s->host);
	ret->present = 1u << SMB2_NEG_PREAUTH | 1u << SMB2_NEG_ENCRYPTION | 1u << SMB2_NEG_SIGNING |
		       1u << SMB2_NEG_NETNAME;
	smb2_alg_list_add(&ret->hashes, SMB2_PREAUTH_SHA512);
	ret->salt = SPAN(salt, SALT_SIZE);
	list_fill(&ret->ciphers, ciphers, NELEM(ciphers));
	list_fill(&ret->signings, signings, NELEM(signings));
	ret->netname = wr_done(netname);
}

void
negotiate_offer(const struct session *s, struct smb2_negotiate_req *ret)
{
	for (size_t i = 0; i < NELEM(dialects); i++)
		if (dialects[i] >= s->min_dialect && dialects[i] <= s->max_dialect)
			ret->dialects[ret->dialect_count++] = dialects[i];
	ret->security_mode = s->signing == CONF_REQUIRED ? SMB2_NEGOTIATE_SIGNING_REQUIRED
							 : SMB2_NEGOTIATE_SIGNING_ENABLED;
	/* 3.2.4.2.2.2: below 2.1 both are zero */
	if (s->max_dialect >= SMB2_DIALECT_210)
		memcpy(ret->client_guid, s->guid.b, sizeof ret->client_guid);
	if (s->max_dialect >= SMB2_DIALECT_300)
		ret->capabilities = OUR_CAPS;
	ret->has_contexts = s->max_dialect >= SMB2_DIALECT_311;
}

/* ---- the answer ---- */

/* An empty list is what an absent context leaves; else exactly one, and one of ours. */
static bool
choice(const struct smb2_alg_list *l, const uint16_t *ours, size_t n, uint16_t *ret)
{
	if (l->count != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (ours[i] == l->id[0]) {
			*ret = l->id[0];
			return true;
		}
	return false;
}

/* 3.2.5.2 for 3.1.1.  Cipher 0: the server has none of ours. */
static bool
contexts_accept(const struct smb2_neg_contexts *c, struct negotiated *n)
{
	uint16_t hash;
	static const uint16_t sha512[] = { SMB2_PREAUTH_SHA512 };

	if (!smb2_neg_has(c, SMB2_NEG_PREAUTH) || !choice(&c->hashes, sha512, 1, &hash))
		return false;
	if (smb2_neg_has(c, SMB2_NEG_COMPRESSION) || smb2_neg_has(c, SMB2_NEG_RDMA))
		return false;
	if (smb2_neg_has(c, SMB2_NEG_SIGNING) &&
	    !choice(&c->signings, signings, NELEM(signings), &n->signing_alg))
		return false;
	if (!smb2_neg_has(c, SMB2_NEG_ENCRYPTION) ||
	    (c->ciphers.count == 1 && c->ciphers.id[0] == SMB2_CIPHER_NONE))
		return true;
	return choice(&c->ciphers, ciphers, NELEM(ciphers), &n->cipher);
}

static uint32_t
io_size(uint32_t said, bool large)
{
	uint32_t most = large ? IO_BOUND : IO_MIN;

	return said < most ? said : most;
}

static const char *
answer_refusal(const struct smb2_negotiate_req *req, const struct smb2_negotiate_rsp *rsp,
	       struct negotiated *n)
{
	if (!smb2_negotiate_req_offers(req, rsp->dialect))
		return "a dialect that was not offered";
	if (rsp->max_transact < IO_MIN || rsp->max_read < IO_MIN || rsp->max_write < IO_MIN)
		return "sizes below the least there is";
	if (rsp->token.n > sizeof n->token)
		return "a security token too long";
	if (rsp->dialect == SMB2_DIALECT_311 && !contexts_accept(&rsp->contexts, n))
		return "negotiate contexts that were not offered";
	return NULL;
}

static void
answer_keep(const struct smb2_negotiate_rsp *rsp, struct negotiated *n)
{
	bool large = rsp->dialect > SMB2_DIALECT_202 &&
		     (rsp->capabilities & SMB2_GLOBAL_CAP_LARGE_MTU);

	n->dialect     = rsp->dialect;
	n->server_mode = rsp->security_mode;
	n->server_caps = rsp->capabilities;
	memcpy(n->server_guid.b, rsp->server_guid, sizeof n->server_guid.b);
	n->max_transact = io_size(rsp->max_transact, large);
	n->max_read	= io_size(rsp->max_read, large);
	n->max_write	= io_size(rsp->max_write, large);
	if (rsp->token.n > 0)
		memcpy(n->token, rsp->token.p, rsp->token.n);
	n->token_n = rsp->token.n;
	if (rsp->dialect < SMB2_DIALECT_311 && rsp->dialect >= SMB2_DIALECT_300 &&
	    (rsp->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION))
		n->cipher = SMB2_CIPHER_AES128_CCM;
}

static nt
negotiate_answer(struct session *s, struct conn *c, const struct smb2_negotiate_req *req,
		 struct reply *rep)
{
	struct negotiated n = { .signing_alg = SMB2_SIGN_AES_CMAC };
	struct smb2_negotiate_rsp rsp;
	const char *why;

	TRY(rep->status);
	ANSWER(smb2_negotiate_rsp_decode(&rep->body, &rsp));
	n.signing_alg = smb2_sign_default(rsp.dialect);
	why	      = answer_refusal(req, &rsp, &n);
	if (why) {
		conn_nonsense(c, why);
		return STATUS_INVALID_NETWORK_RESPONSE;
	}
	answer_keep(&rsp, &n);
	c->nego = n;
	if (s->encrypt == CONF_REQUIRED && n.cipher == SMB2_CIPHER_NONE) {
		log_info("encryption is required and the server has none host=%s", log_qs(s->host));
		return STATUS_NOT_SUPPORTED;
	}
	return smb2_preauth_update(&c->preauth, rep->raw);
}

nt
conn_negotiate(struct session *s, struct conn *c)
{
	struct smb2_negotiate_req req = { 0 };
	uint8_t salt[SALT_SIZE], name[NETNAME_MAX];
	struct wr netname	 = wr_init(name, sizeof name);
	struct msg m CLEANUP(msg_end) = { 0 };
	size_t at;

	negotiate_offer(s, &req);
	REQUIRE(req.dialect_count > 0, STATUS_INVALID_PARAMETER);
	if (req.has_contexts)
		contexts_offer(s, &netname, salt, &req.contexts);
	TRY(msg_begin(&m, c, MSG_ROOM + NETNAME_MAX));
	at = msg_add(&m, SMB2_CMD_negotiate, 0, 0);
	smb2_negotiate_req_encode(&m.w, at, &req);
	m.packet->preauth = &c->preauth;
	TRY(msg_exchange(&m));
	return negotiate_answer(s, c, &req, &m.reply[0]);
}
