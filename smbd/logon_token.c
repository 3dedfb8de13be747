/*
 * logon_token.c - see logon_token.h.  A client's first choice is ours if we
 * have it at all, since its token is for that one; else we choose, in our own
 * order, and its token counts for nothing.
 */
#include "smbd/logon_token.h"

struct logon_mechs
logon_mechs(const struct conf_server_req *c)
{
	return (struct logon_mechs){ c->kerberos, c->ntlm, c->ntlm_first };
}

size_t
logon_hint(const struct logon_mechs *m, enum spnego_mech ret[SPNEGO_MECHS_MAX])
{
	size_t n = 0;

	if (m->ntlm && m->ntlm_first)
		ret[n++] = SPNEGO_MECH_NTLMSSP;
	if (m->kerberos) {	/* Windows looks for the first, others for the second */
		ret[n++] = SPNEGO_MECH_MS_KRB5;
		ret[n++] = SPNEGO_MECH_KRB5;
	}
	if (m->ntlm && !m->ntlm_first)
		ret[n++] = SPNEGO_MECH_NTLMSSP;
	return n;
}

static bool
mech_is_on(const struct logon_mechs *m, enum spnego_mech mech)
{
	return (mech == SPNEGO_MECH_NTLMSSP && m->ntlm) ||
	       (spnego_mech_same(mech, SPNEGO_MECH_KRB5) && m->kerberos);
}

/* The spelling of the client, which knows Kerberos by two names. */
static nt
mech_choose(const struct spnego_init *t, const struct logon_mechs *m, enum spnego_mech *ret)
{
	enum spnego_mech ours[SPNEGO_MECHS_MAX];
	size_t n = logon_hint(m, ours);

	if (mech_is_on(m, t->mechs[0])) {
		*ret = t->mechs[0];
		return STATUS_SUCCESS;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t at = 0; at < t->mech_count; at++) {
			if (!spnego_mech_same(t->mechs[at], ours[i]))
				continue;
			*ret = t->mechs[at];
			return STATUS_SUCCESS;
		}
	}
	return STATUS_LOGON_FAILURE;
}

static nt
read_init(struct span token, const struct logon_mechs *m, struct logon_in *ret)
{
	struct spnego_init t;
	enum spnego_mech mech;
	bool first;

	TRY(spnego_init_decode(token, &t));
	TRY(mech_choose(&t, m, &mech));
	first = spnego_mech_same(mech, t.mechs[0]);
	*ret  = (struct logon_in){ .is_init = true, .mech = mech, .mech_list = t.mech_list,
		 .mic_due = !first, .ask = !first || !t.has_token || t.token.n == 0 };
	if (!ret->ask)
		ret->token = t.token;
	if (!ret->ask && t.has_mic)
		ret->mic = t.mic;
	return STATUS_SUCCESS;
}

static nt
read_resp(struct span token, struct logon_in *ret)
{
	struct spnego_resp t;

	TRY(spnego_resp_decode(token, &t));
	REQUIRE(t.state != SPNEGO_REJECT, STATUS_LOGON_FAILURE);
	*ret = (struct logon_in){ 0 };
	if (t.has_token)
		ret->token = t.token;
	if (t.has_mic)
		ret->mic = t.mic;
	REQUIRE(ret->token.n > 0 || ret->mic.n > 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
logon_token_read(struct span token, const struct logon_mechs *m, struct logon_in *ret)
{
	enum spnego_mech raw = SPNEGO_MECH_UNKNOWN;

	switch (spnego_classify(token)) {
	case SPNEGO_KIND_INIT:
		return read_init(token, m, ret);
	case SPNEGO_KIND_RESP:
		return read_resp(token, ret);
	case SPNEGO_KIND_NTLMSSP:
		raw = SPNEGO_MECH_NTLMSSP;
		break;
	case SPNEGO_KIND_KRB5:
		raw = SPNEGO_MECH_KRB5;
		break;
	default:
		return STATUS_LOGON_FAILURE;
	}
	REQUIRE(mech_is_on(m, raw), STATUS_LOGON_FAILURE);
	*ret = (struct logon_in){ .raw = true, .mech = raw, .token = token };
	return STATUS_SUCCESS;
}
