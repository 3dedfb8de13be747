/*
 * krb.h - the Kerberos acceptor: tokens of strangers go in, who they are and the
 * session's key come out.  It holds the service's keys and reaches no network;
 * not for: accounts, files, NTLM.
 */
#ifndef AUTHD_KRB_KRB_H
#define AUTHD_KRB_KRB_H

#include "authd/krb/heimdal.h"
#include "authd/krb/keys.h"
#include "authd/krb/await.h"
#include "authd/krb/replay.h"
#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/krb.msg.h"
#include "ipc/node.h"
#include "proto/auth/ap_req.h"
#include "proto/dtyp/sid.h"
#include "sandbox/sandbox.h"

struct krb {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct conf_krb_req conf; /* strings borrow from part */
	struct conf_copy part;
	struct keys *keys;
	struct heimdal *heimdal;
	struct replay *replay;
	struct awaits *awaits;
};

/* ---- service.c ---- */
#define MSG_ME struct krb
KRB_MESSAGES(MSG_HANDLER)
extern const struct ipc_method krb_methods[];
extern const size_t krb_methods_n;

/* ---- main.c ---- */
/* STATUS_DATA_ERROR if part holds no usable conf_krb. */
nt krb_configure(struct krb *, struct span part) MUST_USE;
/* Keys, Heimdal, replay cache: all that needs files. */
void krb_open(struct krb *, const char *state);

/* ---- sandbox.c ---- */
void krb_isolate(struct krb *, const struct birth *, char *links, size_t cap);
void krb_seal(struct krb *);

/* ---- policy.c ---- */
/* NULL, or why this ticket is not for us. */
const char *service_refusal(const struct krb *, const struct ap_req *) MUST_USE;
/* Is a key of this kind used at all? */
bool etype_allowed(const struct krb *, int32_t etype) MUST_USE;

/* ---- identity.c ---- */
#define KRB_SIDS_MAX TOKEN_BOUND
/* What is said of an accepted client; its own copies of everything. */
struct outcome {
	char principal[NAME_BOUND + 1], realm[NAME_BOUND + 1];
	char logon_name[NAME_BOUND + 1], logon_domain[NAME_BOUND + 1];
	uint64_t expires;
	uint32_t flags;
	size_t key_n, user_sid_n, sids_n, token_n, mic_n;
	uint8_t key[SESSION_KEY_MAX];
	uint8_t user_sid[SID_SIZE_MAX];
	uint8_t token[4096]; /* AP-REP */
	uint8_t mic[256];
	uint8_t sids[KRB_SIDS_MAX];
};
/* Who that is by ticket and PAC; *why says what a refusal is for. */
nt identity_find(const struct krb *, struct exchange *, struct outcome *ret,
		 const char **why) MUST_USE;

#endif
