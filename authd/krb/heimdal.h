/*
 * heimdal.h - all that is asked of the Kerberos library, without any of
 * its types.  It is opened before the walls stand, since it reads
 * what it thinks is its configuration then (a text of ours); afterwards it
 * lives on memory alone.
 */
#ifndef AUTHD_KRB_HEIMDAL_H
#define AUTHD_KRB_HEIMDAL_H

#include "base/cursor.h"
#include "base/nt.h"

#define SESSION_KEY_MAX 64u

/* Encryption types, [RFC3961] 8, [RFC4757] */
#define ETYPE_AES128 17
#define ETYPE_AES256 18
#define ETYPE_RC4    23

struct ap_req;
struct key;
struct heimdal;
struct exchange; /* one accepted token */

/* Never NULL: what fails here fails our start-up.  realm may be empty. */
struct heimdal *heimdal_open(const char *realm, uint32_t skew_s);
/* The keys it accepts with.  Work behind the walls as well. */
nt heimdal_key_add(struct heimdal *, const struct key *) MUST_USE;
void heimdal_key_del(struct heimdal *, const struct key *);

/*
 * Opens an AP-REQ that ap_req_decode() understood.  *why, a sentence, is set on
 * refusal (STATUS_LOGON_FAILURE).
 */
nt heimdal_accept(struct heimdal *, struct span token, struct exchange **ret,
		  const char **why) MUST_USE;
void exchange_drop(struct exchange *);
DEFINE_CLEANUP(struct exchange, exchange_drop)

struct keyblock {
	int32_t etype;
	size_t n;
	uint8_t bytes[SESSION_KEY_MAX];
};

struct ticket {
	const char *principal, *realm; /* borrowed from the exchange */
	uint64_t expires;	       /* Unix ns */
	uint64_t auth_time;	       /* Unix s */
	struct span token;	       /* the AP-REP; empty if the client did not ask for one */
	struct span pac;	       /* n == 0: none */
	struct keyblock session;       /* what both sides now share */
	struct keyblock service;       /* the key that opened the ticket */
};
const struct ticket *exchange_ticket(const struct exchange *);

/*
 * Is a token that was accepted by this service key bound to a channel?  Also true
 * if that cannot be told.
 */
bool token_is_bound(struct heimdal *, const struct ap_req *, const struct keyblock *service) MUST_USE;

/* RFC 4178 mechListMIC, as [RFC4121] 4.2.6.1 tokens. */
bool exchange_mic_verify(struct exchange *, struct span text, struct span mic) MUST_USE;
nt exchange_mic_make(struct exchange *, struct span text, struct wr *) MUST_USE;

/* Is sum, of this checksum type and keyed for a PAC, right for text? */
bool heimdal_pac_sum(struct heimdal *, const struct keyblock *, uint32_t type, struct span text,
		     struct span sum) MUST_USE;

#endif
