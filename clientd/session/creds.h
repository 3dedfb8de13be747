/*
 * creds.h - questions to the keeper of credentials, as functions that wait.
 * What comes back lies in fiber memory, keys in the caller's own.
 */
#ifndef CLIENTD_SESSION_CREDS_H
#define CLIENTD_SESSION_CREDS_H

#include "clientd/session/client.h"

#define SESSION_KEY_MAX 64u

struct proof {
	uint64_t ctx;
	struct span token;	/* to send */
	struct span mic;
	uint8_t key[SESSION_KEY_MAX];
	size_t key_n;
	uint64_t expires;
	bool anonymous;
	char user[NAME_BOUND + 1], domain[NAME_BOUND + 1];	/* as whom */
};

nt creds_ntlm_begin(struct client *, const struct cred_ntlm_begin_req *, struct proof *) MUST_USE;
nt creds_ntlm_finish(struct client *, const struct cred_ntlm_finish_req *, struct proof *) MUST_USE;
nt creds_mic_check(struct client *, const struct cred_mic_check_req *) MUST_USE;
nt creds_krb_begin(struct client *, const struct cred_krb_begin_req *, struct proof *) MUST_USE;
nt creds_krb_finish(struct client *, const struct cred_krb_finish_req *, struct proof *) MUST_USE;
void creds_abort(struct client *, uint64_t ctx);

#endif
