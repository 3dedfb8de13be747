/*
 * sam_info.h - who a domain controller says a user is: NETLOGON_VALIDATION_SAM_INFO4,
 * as NETLOGON answers a logon.  NDR from a stranger.  [MS-NRPC] 2.2.1.4.13
 * Not for: the PAC's KERB_VALIDATION_INFO, which ends otherwise (proto/auth/pac.h).
 */
#ifndef PROTO_RPC_SAM_INFO_H
#define PROTO_RPC_SAM_INFO_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/dtyp/sid.h"

#define SAM_NAME_MAX   256u  /* UTF-8 bytes with the NUL */
#define SAM_GROUPS_MAX 1024u /* groups, and extra SIDs; Windows has no more in all */

struct sam_info {
	char user[SAM_NAME_MAX];   /* EffectiveName */
	char domain[SAM_NAME_MAX]; /* LogonDomainName */
	uint64_t kickoff;	   /* FILETIME; all ones or 2^63-1: never */
	uint32_t user_flags, account_control;
	uint8_t key[16]; /* UserSessionKey, the caller's to wipe */
	struct sid user_sid;
};

/*
 * r stands at the structure, behind its pointer, and counts alignment from its
 * base.  sids gets binary SIDs, one after the other: primary group, groups,
 * extra SIDs.  STATUS_INVALID_PARAMETER; STATUS_BUFFER_TOO_SMALL
 * when sids is full.
 */
nt sam_info_decode(struct rd *r, struct sam_info *ret, struct wr *sids) MUST_USE;

#endif
