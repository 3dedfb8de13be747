/*
 * pac.h - the Privilege Attribute Certificate of a Kerberos ticket: who the
 * domain says its owner is.  It comes out of a ticket that the service's key
 * opened, but is read as hostile: whoever holds another service's key, or a
 * controller gone mad, writes tickets as well.
 *
 * Not for: checking the signature, which needs a key.  Nothing here may be
 * believed before pac_unsigned()'s bytes carry server_sum.  [MS-PAC]
 */
#ifndef PROTO_AUTH_PAC_H
#define PROTO_AUTH_PAC_H

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/dtyp/sid.h"

#define PAC_SIZE_MAX	65536u
#define PAC_BUFFERS_MAX 32u
#define PAC_NAME_MAX	256u /* bytes of UTF-8, with NUL */

/* PAC_INFO_BUFFER.ulType, 2.4.  Others are passed over. */
enum pac_type {
	PAC_LOGON_INFO	= 1,
	PAC_SERVER_SUM	= 6,
	PAC_KDC_SUM	= 7,
	PAC_CLIENT_INFO = 10,
	PAC_UPN_DNS	= 12,
	PAC_TYPE_MAX	= 13 /* of those we keep */
};

/* SignatureType, 2.8: checksum types of Kerberos. */
#define PAC_SUM_HMAC_MD5 0xffffff76u /* -138 */
#define PAC_SUM_AES128	 15u
#define PAC_SUM_AES256	 16u

struct pac_sum {
	uint32_t type;
	struct span sum; /* of the length that the type says */
	size_t at;	 /* its offset in the PAC */
};

struct pac {
	struct span whole;
	struct span buffers[PAC_TYPE_MAX]; /* by pac_type; n == 0: not there */
	struct pac_sum server_sum, kdc_sum;
};

struct pac_client {	    /* PAC_CLIENT_INFO, 2.7 */
	uint64_t auth_time; /* FILETIME */
	char name[PAC_NAME_MAX];
};

/* Of KERB_VALIDATION_INFO, 2.5, what a server asks for.  Borrows from the PAC. */
struct pac_logon {
	char name[PAC_NAME_MAX];   /* EffectiveName */
	char domain[PAC_NAME_MAX]; /* LogonDomainName */
	bool has_domain_sid;
	struct sid domain_sid;
	uint32_t user_rid, primary_rid;
	struct span rids; /* GroupIds: rid, attributes */
	uint32_t extra_count;
	struct span extra; /* ExtraSids: RPC_SID one after the other, aligned */
	size_t extra_at;   /* where they stand, for their alignment */
	struct sid resource_domain;
	struct span resource_rids;
};

struct pac_upn {      /* UPN_DNS_INFO, 2.10 */
	bool has_sid; /* flag S */
	struct sid sid;
};

/* Refusals are STATUS_INVALID_PARAMETER.  Both sums and LOGON_INFO and CLIENT_INFO must be there.
 */
nt pac_decode(struct span, struct pac *ret) MUST_USE;
/* Appends the PAC as it was signed: both sums zero.  2.8.1 */
void pac_unsigned(const struct pac *, struct wr *);
nt pac_client_decode(const struct pac *, struct pac_client *ret) MUST_USE;
nt pac_logon_decode(const struct pac *, struct pac_logon *ret) MUST_USE;
/* Succeeds without a SID if there is no such buffer. */
nt pac_upn_decode(const struct pac *, struct pac_upn *ret) MUST_USE;

/* The user's SID: of the domain, or the first extra one if the RID is 0.  False: there is none. */
bool pac_user_sid(const struct pac_logon *, struct sid *ret) MUST_USE;
/*
 * Appends all others, binary, one after the other: primary group, groups, extra,
 * resource groups.  Attributes are not looked at: who is in a group, is.
 */
void pac_group_sids(const struct pac_logon *, struct wr *);

#endif
