/*
 * fsd.msg.h - what fsd can be asked.
 *
 * Trees and files are fsd's numbers, valid only on the link they were given
 * out on.  Payload of read, write and query_dir lies in the link's arena from
 * slot on, or in the data frame when slot is SLOT_NONE.  Times are Unix ns.
 * Compounds: requests of one chain run in order, and file FILE_CHAIN names the
 * file that an fsd_open earlier in the chain opened; if that open failed, its
 * status is theirs (but fsd_close of it).
 */
#ifndef IPC_MSG_FSD_MSG_H
#define IPC_MSG_FSD_MSG_H

#include "ipc/msg.h"

#define FILE_CHAIN UINT64_MAX

/*
 * A grant, from the store: honoured only on the link of this worker.  A known one again is a session that has
 * authenticated again: what is opened from then on is the new identity's, what is open stays whose it was.
 * user: who lists of users mean by a bare name.  domain, realm, logon: whom a domain knows, in its own words;
 * empty for local users.  sids: its groups there, binary, one after the other.
 */
#define FSD_GRANT_REQ(F)   \
	F(id16, grant)     \
	F(u64, worker)     \
	F(u64, session)    \
	F(name, user)      \
	F(name, sid)       \
	F(u32, uid)        \
	F(u32, gid)        \
	F(gids, groups)    \
	F(addr, client)    \
	F(u64, expires)    \
	F(u32, flags)      \
	F(name, domain)    \
	F(name, realm)     \
	F(name, logon)     \
	F(token, sids)

/* The session is over: its trees and opens are closed before the answer. */
#define FSD_GRANT_END_REQ(F) \
	F(id16, grant)

/*
 * share: name as the client sent it, UTF-8, without the server.  encrypted: this session encrypts.
 * STATUS_BAD_NETWORK_NAME, or STATUS_ACCESS_DENIED (lists, hosts, encryption required).
 */
#define FSD_TREE_CONNECT_REQ(F) \
	F(id16, grant)          \
	F(name, share)          \
	F(flag, encrypted)
#define FSD_TREE_CONNECT_RSP(F) \
	F(u64, tree)            \
	F(name, share)          \
	F(u32, max_access)      \
	F(flag, read_only)      \
	F(flag, must_encrypt)   \
	F(u8, encrypt)
#define FSD_TREE_REQ(F) \
	F(u64, tree)

/* Shares that this grant may see, in order; all for the api (grant of zeroes). */
#define FSD_SHARES_REQ(F) \
	F(id16, grant)    \
	F(u32, after)
#define FSD_SHARES_RSP(F)  \
	F(u32, index)      \
	F(name, name)      \
	F(text, comment)   \
	F(path, path)      \
	F(u32, flags)      \
	F(u8, encrypt)     \
	F(u32, users)

/* What every answer about a file tells. */
#define FSD_STAT(F)         \
	F(u64, creation)    \
	F(u64, access_time) \
	F(u64, write)       \
	F(u64, change)      \
	F(u64, alloc)       \
	F(u64, eof)         \
	F(u32, attributes)  \
	F(u64, file_id)

/*
 * Open or create below a share root.  path: UTF-8, '/'-separated, no leading '/', "" is the root,
 * a ':' starts a stream name; never leaves the root.  access, share, disposition, options,
 * attributes: as in the CREATE request [MS-SMB2] 2.2.13, generic rights not yet mapped.
 * oplock: SMB2_OPLOCK_LEVEL_*.  sd, ea: as in SMB2_CREATE_SD_BUFFER and EA_BUFFER.
 * flags: FSD_OPEN_*.
 */
#define FSD_OPEN_LEASE    0x0001u
#define FSD_OPEN_LEASE_V2 0x0002u
#define FSD_OPEN_PARENT   0x0004u	/* parent_key is valid */
#define FSD_OPEN_DURABLE  0x0008u
#define FSD_OPEN_DURABLE2 0x0010u
#define FSD_OPEN_PERSIST  0x0020u
#define FSD_OPEN_MAXACC   0x0040u	/* wants max_access */
#define FSD_OPEN_APP_ID   0x0080u
#define FSD_OPEN_REPLAY   0x0100u
#define FSD_OPEN_BREAKING 0x0200u	/* answer: a break of the lease is under way */

#define FSD_OPEN_REQ(F)        \
	F(u64, tree)           \
	F(path, path)          \
	F(u32, access)         \
	F(u32, attributes)     \
	F(u32, share)          \
	F(u32, disposition)    \
	F(u32, options)        \
	F(u8, oplock)          \
	F(u32, flags)          \
	F(u64, alloc)          \
	F(id16, client_guid)   \
	F(id16, lease_key)     \
	F(u32, lease_state)    \
	F(id16, parent_key)    \
	F(u16, lease_epoch)    \
	F(id16, create_guid)   \
	F(u32, durable_ms)     \
	F(id16, app_id)        \
	F(u64, twrp)           \
	F(token, sd)           \
	F(token, ea)
#define FSD_OPEN_RSP(F)        \
	F(u64, file)           \
	F(u32, action)         \
	F(u8, oplock)          \
	F(u32, flags)          \
	F(u32, lease_state)    \
	F(u16, lease_epoch)    \
	F(u32, granted)        \
	F(u32, max_access)     \
	F(u32, max_status)     \
	F(u32, durable_ms)     \
	F(u64, volume)         \
	FSD_STAT(F)

/* Reclaim a durable open, 3.3.5.9.7 and .12. */
#define FSD_RECLAIM_REQ(F)     \
	F(u64, tree)           \
	F(u64, persistent)     \
	F(path, path)          \
	F(u32, flags)          \
	F(id16, client_guid)   \
	F(id16, create_guid)   \
	F(id16, lease_key)     \
	F(u8, oplock)

#define FSD_CLOSE_REQ(F) \
	F(u64, file)     \
	F(flag, want_stat)
#define FSD_CLOSE_RSP(F) \
	FSD_STAT(F)

/* length bytes from offset into the arena at slot; fewer than minimum: STATUS_END_OF_FILE. */
#define FSD_READ_REQ(F) \
	F(u64, file)    \
	F(u64, offset)  \
	F(u32, length)  \
	F(u32, minimum) \
	F(u32, slot)
#define FSD_READ_RSP(F) \
	F(u32, length)

#define FSD_WRITE_REQ(F)   \
	F(u64, file)       \
	F(u64, offset)     \
	F(u32, length)     \
	F(u32, slot)       \
	F(u32, slot_skip)  \
	F(flag, through)
#define FSD_WRITE_RSP(F) \
	F(u32, length)

#define FSD_FILE_REQ(F) \
	F(u64, file)

/*
 * One buffer of directory entries, [MS-FSCC] 2.4 chain of class, at most max bytes, into slot
 * (or the data frame).  flags: as in QUERY_DIRECTORY 2.2.33.  STATUS_NO_MORE_FILES at the end,
 * STATUS_NO_SUCH_FILE if nothing ever matched.
 */
#define FSD_QUERY_DIR_REQ(F) \
	F(u64, file)         \
	F(u8, class_)        \
	F(u8, flags)         \
	F(u32, index)        \
	F(name, pattern)     \
	F(u32, max)          \
	F(u32, slot)
#define FSD_QUERY_DIR_RSP(F) \
	F(u32, length)

/*
 * QUERY_INFO: type and class of [MS-SMB2] 2.2.37; the answer, encoded per [MS-FSCC] or [MS-DTYP],
 * is in the data frame, cut to max with STATUS_BUFFER_OVERFLOW where the class permits that.
 * tail: the request's input buffer (EA list, quota).
 */
#define FSD_QUERY_INFO_REQ(F) \
	F(u64, file)          \
	F(u8, type)           \
	F(u8, class_)         \
	F(u32, additional)    \
	F(u32, flags)         \
	F(u32, max)           \
	F(token, tail)

/* SET_INFO: the buffer as the client sent it; names in it are relative to the share root. */
#define FSD_SET_INFO_REQ(F) \
	F(u64, file)        \
	F(u8, type)         \
	F(u8, class_)       \
	F(u32, additional)  \
	F(token, buffer)

/* FSCTLs on files; input and output as on the wire.  Unknown: STATUS_INVALID_DEVICE_REQUEST. */
#define FSD_IOCTL_REQ(F) \
	F(u64, file)     \
	F(u32, code)     \
	F(u32, max)      \
	F(token, input)
#define FSD_IOCTL_RSP(F) \
	F(token, output)

/* locks: 24-byte SMB2_LOCK_ELEMENTs as on the wire, whole.  Waits (kept) unless fail-immediately. */
#define FSD_LOCK_REQ(F)     \
	F(u64, file)        \
	F(u32, sequence)    \
	F(u16, count)       \
	F(token, locks)

/* Waits (kept) until something changes; entries [MS-FSCC] 2.7.1 in the data frame. */
#define FSD_NOTIFY_REQ(F) \
	F(u64, file)      \
	F(u32, filter)    \
	F(flag, tree)     \
	F(u32, max)

/* Cancels the kept call with this id on the same link: it is answered with STATUS_CANCELLED. */
#define FSD_CANCEL_REQ(F) \
	F(u64, call)

#define FSD_OPLOCK_ACK_REQ(F) \
	F(u64, file)          \
	F(u8, level)          \
	F(flag, is_lease)     \
	F(id16, client_guid)  \
	F(id16, lease_key)    \
	F(u32, lease_state)
#define FSD_OPLOCK_ACK_RSP(F) \
	F(u8, level)          \
	F(u32, lease_state)

/* How a file that is open is called now, from its share's root; deletes: the name goes when it is closed. */
#define FSD_NAME_RSP(F) \
	F(path, path)   \
	F(flag, deletes)

/* Opens, for status; after = index of the last row. */
#define FSD_OPENS_REQ(F) \
	F(u64, after)
#define FSD_OPENS_RSP(F)  \
	F(u64, index)     \
	F(u64, worker)    \
	F(name, user)     \
	F(name, share)    \
	F(path, path)     \
	F(u32, access)    \
	F(u32, share_mode) \
	F(u32, locks)     \
	F(u8, oplock)

/*
 * What server operators see and end over the Server Service, [MS-SRVS] 3.1.4.1 to 3.1.4.4: a row a call,
 * after = index of the last one.  STATUS_ACCESS_DENIED for everybody else: whoever the grant is for must be
 * on the list `server operators` now.  number: what a client calls a tree or an open by, unique while fsd runs.
 * Index and number are below FSD_NUMBERS.  left: rows behind this one, at most.  since: Unix ns.
 */
#define FSD_NUMBERS (1u << 27)
#define FSD_OPERATOR_REQ(F) \
	F(id16, grant)
#define FSD_LISTING_REQ(F) \
	F(id16, grant)     \
	F(u32, after)
#define FSD_TREES_RSP(F)  \
	F(u32, index)     \
	F(u32, left)      \
	F(u32, number)    \
	F(name, share)    \
	F(name, user)     \
	F(addr, client)   \
	F(u64, since)     \
	F(u32, opens)
#define FSD_FILES_RSP(F)  \
	F(u32, index)     \
	F(u32, left)      \
	F(u32, number)    \
	F(name, share)    \
	F(name, user)     \
	F(path, path)     \
	F(u32, access)    \
	F(u32, locks)
/* Ends an open, whoever's: its worker is told as if it had been revoked.  STATUS_NOT_FOUND. */
#define FSD_FILE_CLOSE_REQ(F) \
	F(id16, grant)        \
	F(u32, number)

#define FSD_MESSAGES(M)                                                                              \
	M(0x0301, fsd_grant,           FROM(STORE),  PHASE_SERVING, FSD_GRANT_REQ,        NO_FIELDS) \
	M(0x0302, fsd_grant_end,       FROM(STORE) | FROM(WORKER), PHASE_ALL, FSD_GRANT_END_REQ, NO_FIELDS) \
	M(0x0303, fsd_tree_connect,    FROM(WORKER), PHASE_SERVING, FSD_TREE_CONNECT_REQ, FSD_TREE_CONNECT_RSP) \
	M(0x0304, fsd_tree_disconnect, FROM(WORKER), PHASE_ALL,     FSD_TREE_REQ,         NO_FIELDS) \
	M(0x0305, fsd_shares,          FROM(WORKER) | FROM(API), PHASE_SERVING, FSD_SHARES_REQ, FSD_SHARES_RSP) \
	M(0x0310, fsd_open,            FROM(WORKER), PHASE_SERVING, FSD_OPEN_REQ,         FSD_OPEN_RSP) \
	M(0x0311, fsd_reclaim,         FROM(WORKER), PHASE_SERVING, FSD_RECLAIM_REQ,      FSD_OPEN_RSP) \
	M(0x0312, fsd_close,           FROM(WORKER), PHASE_ALL,     FSD_CLOSE_REQ,        FSD_CLOSE_RSP) \
	M(0x0313, fsd_read,            FROM(WORKER), PHASE_SERVING, FSD_READ_REQ,         FSD_READ_RSP) \
	M(0x0314, fsd_write,           FROM(WORKER), PHASE_SERVING, FSD_WRITE_REQ,        FSD_WRITE_RSP) \
	M(0x0315, fsd_flush,           FROM(WORKER), PHASE_ALL,     FSD_FILE_REQ,         NO_FIELDS) \
	M(0x0316, fsd_query_dir,       FROM(WORKER), PHASE_SERVING, FSD_QUERY_DIR_REQ,    FSD_QUERY_DIR_RSP) \
	M(0x0317, fsd_query_info,      FROM(WORKER), PHASE_SERVING, FSD_QUERY_INFO_REQ,   NO_FIELDS) \
	M(0x0318, fsd_set_info,        FROM(WORKER), PHASE_SERVING, FSD_SET_INFO_REQ,     NO_FIELDS) \
	M(0x0319, fsd_ioctl,           FROM(WORKER), PHASE_SERVING, FSD_IOCTL_REQ,        FSD_IOCTL_RSP) \
	M(0x031a, fsd_lock,            FROM(WORKER), PHASE_SERVING, FSD_LOCK_REQ,         NO_FIELDS) \
	M(0x031b, fsd_notify,          FROM(WORKER), PHASE_SERVING, FSD_NOTIFY_REQ,       NO_FIELDS) \
	M(0x031c, fsd_cancel,          FROM(WORKER), PHASE_ALL,     FSD_CANCEL_REQ,       NO_FIELDS) \
	M(0x031d, fsd_oplock_ack,      FROM(WORKER), PHASE_ALL,     FSD_OPLOCK_ACK_REQ,   FSD_OPLOCK_ACK_RSP) \
	M(0x0759, fsd_name,            FROM(WORKER), PHASE_SERVING, FSD_FILE_REQ,         FSD_NAME_RSP) \
	M(0x0320, fsd_opens,           FROM(API),    PHASE_SERVING, FSD_OPENS_REQ,        FSD_OPENS_RSP) \
	M(0x0330, fsd_operator,        FROM(STORE),  PHASE_SERVING, FSD_OPERATOR_REQ,     NO_FIELDS) \
	M(0x0331, fsd_trees,           FROM(WORKER), PHASE_SERVING, FSD_LISTING_REQ,      FSD_TREES_RSP) \
	M(0x0332, fsd_files,           FROM(WORKER), PHASE_SERVING, FSD_LISTING_REQ,      FSD_FILES_RSP) \
	M(0x0333, fsd_file_close,      FROM(WORKER), PHASE_SERVING, FSD_FILE_CLOSE_REQ,   NO_FIELDS)

FSD_MESSAGES(MSG_DECLARE)

#endif
