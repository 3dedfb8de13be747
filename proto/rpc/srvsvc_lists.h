/*
 * srvsvc_lists.h - who is there and what is open, the server's side: sessions,
 * connections to shares, open files.  [MS-SRVS] 2.2.4, 3.1.4.1 to 3.1.4.6
 */
#ifndef PROTO_RPC_SRVSVC_LISTS_H
#define PROTO_RPC_SRVSVC_LISTS_H

#include "proto/rpc/ndr.h"
#include "proto/rpc/srvsvc.h"

#define SRVSVC_PATH_MAX 4096 /* UTF-8 bytes of a path in a request */

/* What all three enumerations ask with.  A name that is empty is absent. */
struct srvsvc_list_req {
	uint32_t level;
	uint32_t preferred_max;
	bool has_resume;
	uint32_t resume;
	char path[SRVSVC_PATH_MAX];	/* files: BasePath; connections: Qualifier */
	char client[SRVSVC_NAME_MAX];	/* sessions: ClientName, without its "\\\\" */
	char user[SRVSVC_NAME_MAX];
};

struct srvsvc_file_req {
	uint32_t id, level;
};

struct srvsvc_session_del {
	char client[SRVSVC_NAME_MAX], user[SRVSVC_NAME_MAX];
};

bool srvsvc_list_has_level(uint16_t opnum, uint32_t level) MUST_USE;
/* STATUS_INVALID_PARAMETER: fault with RPC_BAD_STUB_DATA. */
nt srvsvc_list_decode(uint16_t opnum, struct span stub, struct srvsvc_list_req *ret) MUST_USE;
nt srvsvc_file_get_info_decode(struct span stub, struct srvsvc_file_req *ret) MUST_USE;
nt srvsvc_file_close_decode(struct span stub, uint32_t *ret_id) MUST_USE;
nt srvsvc_session_del_decode(struct span stub, struct srvsvc_session_del *ret) MUST_USE;

/* One row of any of the lists; what the level does not tell is not looked at. */
struct srvsvc_row {
	const char *user;
	const char *client;	/* sessions */
	const char *name;	/* files: path; connections: share or client, 2.2.4.2 */
	uint32_t id;		/* connections, files */
	uint32_t opens, users;
	uint32_t type;		/* STYPE_* of a connection's share */
	uint32_t seconds, idle;
	uint32_t flags;		/* SESS_* */
	uint32_t permissions, locks;
};
#define SESS_GUEST 0x00000001u

/* FILE_INFO_3 permissions, 2.2.4.7; the rest as NetFileEnum's callers know them. */
#define PERM_FILE_READ	  0x01u
#define PERM_FILE_WRITE	  0x02u
#define PERM_FILE_CREATE  0x04u
#define PERM_FILE_EXECUTE 0x08u
#define PERM_FILE_DELETE  0x10u
#define PERM_FILE_ATRIB	  0x20u
#define PERM_FILE_PERM	  0x40u
uint32_t srvsvc_file_permissions(uint32_t access) MUST_USE;

/*
 * An answer that grows row by row: rows have fixed parts, which all come before
 * their strings, so it is kept in two halves until it ends.
 */
struct srvsvc_list {
	uint16_t opnum;
	uint32_t level, preferred_max, n;
	bool has_resume;
	struct ndr_ids ids;
	size_t count_at, max_at;
	struct wr fixed, strings;
	uint8_t fixed_room[18000], strings_room[42000];
};

void srvsvc_list_begin(struct srvsvc_list *, uint16_t opnum, const struct srvsvc_list_req *);
/* Not for a level that there is not: of that only the end is due.  False: the answer is full, or as long as the client wants it; the row is not in it. */
bool srvsvc_list_add(struct srvsvc_list *, const struct srvsvc_row *) MUST_USE;
/* resume: where to go on if werror is WERR_MORE_DATA.  left: rows that did not fit, as far as known. */
void srvsvc_list_end(struct srvsvc_list *, struct wr *, uint32_t werror, uint32_t resume,
    uint32_t left);

/* row may be NULL with werror other than OK. */
void srvsvc_file_get_info_encode(struct wr *, uint32_t level, const struct srvsvc_row *row,
    uint32_t werror);

#endif
