/*
 * look_auth.c - logon tokens: SPNEGO, and NTLMSSP inside or without it.
 * [MS-SPNG], [RFC4178] 4.2; [MS-NLMP] 2.2.1.  A Kerberos token stays bytes.
 */
#include "dissect/look.h"

#include "dissect/names.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/spnego.h"

/* Names are UTF-16 if the message says so; before that they are OEM bytes. */
static void
name_add(struct tree *t, const char *name, uint32_t flags, struct span s)
{
	if (s.n > 0)
		tree_bytes(t, name, flags & NTLM_UNICODE ? NODE_UTF16 : NODE_ASCII, s)->in_line = true;
}

static void
av_pairs_add(struct tree *t, struct span list)
{
	struct rd r = rd_init(list);
	struct ntlm_av av;

	(void)tree_open(t, "TargetInfo", NODE_LIST);
	while (ntlm_av_next(&r, &av)) {
		bool text = av.id != NTLM_AV_FLAGS && av.id != NTLM_AV_TIMESTAMP &&
			    av.id != NTLM_AV_SINGLE_HOST && av.id != NTLM_AV_CHANNEL_BINDINGS;

		(void)tree_open(t, NULL, NODE_GROUP);
		(void)tree_number(t, "AvId", 2, av.id, &names_ntlm_av);
		(void)tree_bytes(t, "Value", text ? NODE_UTF16 : NODE_BYTES, av.value);
		tree_close(t);
	}
	tree_close(t);
}

static void
flags_add(struct tree *t, uint32_t flags)
{
	(void)tree_number(t, "NegotiateFlags", 4, flags, &names_ntlm_flags);
}

static bool
negotiate_add(struct tree *t, struct span s)
{
	struct ntlm_negotiate c;

	if (!nt_ok(ntlm_negotiate_decode(s, &c)))
		return false;
	flags_add(t, c.flags);
	name_add(t, "DomainName", 0, c.domain);
	name_add(t, "Workstation", 0, c.workstation);
	return true;
}

/* The challenge is copied: a tree borrows from the packet only. */
static bool
challenge_add(struct tree *t, struct span s)
{
	struct ntlm_challenge c;

	if (!nt_ok(ntlm_challenge_decode(s, &c)))
		return false;
	flags_add(t, c.flags);
	name_add(t, "TargetName", c.flags, c.target_name);
	(void)tree_bytes(t, "ServerChallenge", NODE_BYTES, SPAN(s.p + 24, NTLM_CHALLENGE_SIZE));
	av_pairs_add(t, c.target_info);
	return true;
}

static bool
authenticate_add(struct tree *t, struct span s)
{
	struct ntlm_authenticate c;

	if (!nt_ok(ntlm_authenticate_decode(s, &c)))
		return false;
	flags_add(t, c.flags);
	name_add(t, "DomainName", c.flags, c.domain);
	name_add(t, "UserName", c.flags, c.user);
	name_add(t, "Workstation", c.flags, c.workstation);
	(void)tree_bytes(t, "LmChallengeResponse", NODE_BYTES, c.lm_response);
	(void)tree_bytes(t, "NtChallengeResponse", NODE_BYTES, c.nt_response);
	(void)tree_bytes(t, "EncryptedRandomSessionKey", NODE_BYTES, c.session_key);
	return true;
}

void
look_ntlmssp(struct tree *t, struct span s)
{
	static bool (*const add[])(struct tree *, struct span) = {
		[NTLM_NEGOTIATE]    = negotiate_add,
		[NTLM_CHALLENGE]    = challenge_add,
		[NTLM_AUTHENTICATE] = authenticate_add,
	};
	enum ntlm_type type;

	tree_open(t, "NTLMSSP", NODE_GROUP)->derived = true;
	if (!ntlm_type(s, &type) || type < NTLM_NEGOTIATE || type > NTLM_AUTHENTICATE) {
		tree_malformed(t, "no NTLMSSP message");
	} else {
		tree_number(t, "MessageType", 4, type, &names_ntlm_type)->in_line = true;
		if (!add[type](t, s))
			tree_malformed(t, "a receiver refuses this NTLMSSP message");
	}
	tree_close(t);
}

static void
inner_add(struct tree *t, const char *name, struct span token)
{
	enum ntlm_type type;

	(void)tree_bytes(t, name, NODE_BYTES, token);
	if (ntlm_type(token, &type))
		look_ntlmssp(t, token);
}

static void
mech_add(struct tree *t, const char *name, enum spnego_mech mech)
{
	(void)tree_number(t, name, 1, mech, &names_spnego_mech);
}

static void
init_add(struct tree *t, struct span s)
{
	struct spnego_init c;

	if (!nt_ok(spnego_init_decode(s, &c))) {
		tree_malformed(t, "a receiver refuses this NegTokenInit");
		return;
	}
	(void)tree_open(t, "mechTypes", NODE_LIST);
	for (size_t i = 0; i < c.mech_count; i++)
		mech_add(t, NULL, c.mechs[i]);
	tree_close(t);
	if (c.has_token)
		inner_add(t, "mechToken", c.token);
	if (c.has_mic)
		(void)tree_bytes(t, "mechListMIC", NODE_BYTES, c.mic);
}

static void
resp_add(struct tree *t, struct span s)
{
	struct spnego_resp c;

	if (!nt_ok(spnego_resp_decode(s, &c))) {
		tree_malformed(t, "a receiver refuses this NegTokenResp");
		return;
	}
	if (c.state != SPNEGO_STATE_NONE)
		(void)tree_number(t, "negState", 1, c.state, &names_spnego_state);
	if (c.has_mech)
		mech_add(t, "supportedMech", c.mech);
	if (c.has_token)
		inner_add(t, "responseToken", c.token);
	if (c.has_mic)
		(void)tree_bytes(t, "mechListMIC", NODE_BYTES, c.mic);
}

void
look_token(struct walk *w, struct span s)
{
	enum spnego_kind kind = spnego_classify(s);

	if (kind == SPNEGO_KIND_NTLMSSP)
		look_ntlmssp(w->tree, s);
	if (kind != SPNEGO_KIND_INIT && kind != SPNEGO_KIND_RESP)
		return;
	tree_open(w->tree, kind == SPNEGO_KIND_INIT ? "NegTokenInit" : "NegTokenResp", NODE_GROUP)
	    ->derived = true;
	if (kind == SPNEGO_KIND_INIT)
		init_add(w->tree, s);
	else
		resp_add(w->tree, s);
	tree_close(w->tree);
}
