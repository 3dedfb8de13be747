/*
 * srvsvc.h - the Server Service: requests to structs, structs to responses.
 * [MS-SRVS] 2.2.4, 3.1.4
 */
#ifndef PROTO_RPC_SRVSVC_H
#define PROTO_RPC_SRVSVC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pipe.h"

enum srvsvc_opnum {
	SRVSVC_CONNECTION_ENUM = 8,
	SRVSVC_FILE_ENUM       = 9,
	SRVSVC_FILE_GET_INFO   = 10,
	SRVSVC_FILE_CLOSE      = 11,
	SRVSVC_SESSION_ENUM    = 12,
	SRVSVC_SESSION_DEL     = 13,
	SRVSVC_SHARE_ENUM      = 15,
	SRVSVC_SHARE_GET_INFO  = 16,
	SRVSVC_SERVER_GET_INFO = 21
};
extern const struct rpc_iface srvsvc_iface;

/* Return values, [MS-ERREF] 2.2. */
#define WERR_OK                0u
#define WERR_FILE_NOT_FOUND    2u
#define WERR_ACCESS_DENIED     5u
#define WERR_INVALID_PARAMETER 87u
#define WERR_INVALID_LEVEL     124u
#define WERR_MORE_DATA         234u
#define WERR_NET_NAME_NOT_FOUND 2310u
#define WERR_CLIENT_NAME_NOT_FOUND 2312u
#define WERR_FILE_ID_NOT_FOUND 2314u

/* ShareType, [MS-SRVS] 2.2.2.4. */
#define STYPE_DISKTREE 0x00000000u
#define STYPE_PRINTQ   0x00000001u
#define STYPE_IPC      0x00000003u
#define STYPE_SPECIAL  0x80000000u /* hidden: ends in $ */

#define SRVSVC_NAME_MAX 256 /* UTF-8 bytes of a server or share name in a request */

struct srvsvc_share {
	const char *name, *comment, *path; /* UTF-8; path as "C:\\share" */
	uint32_t type;
	uint32_t max_uses; /* UINT32_MAX: no limit */
	uint32_t current_uses;
};

struct srvsvc_share_enum {
	uint32_t level; /* 0, 1, 2, 501, 502 */
	uint32_t preferred_max;
	bool has_resume;
	uint32_t resume; /* index of the share to go on with */
};

struct srvsvc_share_get_info {
	char share[SRVSVC_NAME_MAX];
	uint32_t level;
};

struct srvsvc_server {
	const char *name, *comment;
	uint32_t version_major, version_minor;
	uint32_t type; /* SV_TYPE_* */
	const char *user_path;
};
#define SV_TYPE_WORKSTATION 0x00000001u
#define SV_TYPE_SERVER      0x00000002u
#define SV_TYPE_SERVER_NT   0x00008000u

/* Decoders: STATUS_INVALID_PARAMETER means fault with RPC_BAD_STUB_DATA. */
nt srvsvc_share_enum_decode(struct span stub, struct srvsvc_share_enum *ret) MUST_USE;
nt srvsvc_share_get_info_decode(struct span stub, struct srvsvc_share_get_info *ret) MUST_USE;
nt srvsvc_server_get_info_decode(struct span stub, uint32_t *ret_level) MUST_USE;

/*
 * Encoders append the stub to a w that is empty: NDR aligns from its base.  A level
 * they do not know answers WERR_INVALID_LEVEL by themselves.  A list longer than the
 * client's maximum, or ours, ends in WERR_MORE_DATA and a handle to resume at.
 */
void srvsvc_share_enum_encode(struct wr *, const struct srvsvc_share_enum *,
			      const struct srvsvc_share *, uint32_t n);
/* share may be NULL with werror other than OK. */
void srvsvc_share_get_info_encode(struct wr *, uint32_t level, const struct srvsvc_share *,
				  uint32_t werror);
void srvsvc_server_get_info_encode(struct wr *, uint32_t level, const struct srvsvc_server *);

/* The client's side: a level 1 listing, from where the last page said; 0: from the start. */
void srvsvc_share_enum_request(struct wr *, const char *server, uint32_t resume);
struct srvsvc_found {
	char name[SRVSVC_NAME_MAX], comment[1024];
	uint32_t type;
};
/* How a page ended: with WERR_MORE_DATA it goes on at resume, whatever that number means over there. */
struct srvsvc_page {
	uint32_t werror, resume;
};
/* Calls fn for each share. */
nt srvsvc_share_enum_response(struct span stub, void (*fn)(void *, const struct srvsvc_found *),
			      void *ctx, struct srvsvc_page *ret) MUST_USE;

#endif
