/*
 * client.msg.h - what a client session process and the dialer can be asked.
 *
 * One session process per script owner; only the api asks it, for its owner.
 * It has no socket of its own, opens no local file and sees no password: it
 * gets connected sockets from the dialer or the caller, local files as
 * descriptors from the caller, proofs from the keeper of credentials.
 *
 * Rows: an answer with `count` has its rows in the payload frame, one conf_put()
 * record of the named message each, so that a listing is few messages.
 * Paths: UTF-8, '/' or '\\' between components, relative to the share.
 * Times: Unix ns.  Statuses are the server's own where it gave one.
 */
#ifndef IPC_MSG_CLIENT_MSG_H
#define IPC_MSG_CLIENT_MSG_H

#include "ipc/msg.h"

/* ---- the dialer ---- */

/*
 * Resolves and connects (IPv6 and IPv4 in turn, RFC 8305), then hands the socket over by
 * session_socket with the same id, and only then answers.  timeout_ms: 1 to 120,000.
 */
#define DIALER_CONNECT_REQ(F) \
	F(u64, id)            \
	F(name, host)         \
	F(u16, port)          \
	F(u32, timeout_ms)
#define DIALER_CONNECT_RSP(F) \
	F(addr, server)

#define DIALER_MESSAGES(M) \
	M(0x0600, dialer_connect, FROM(SESSION), PHASE_SERVING, DIALER_CONNECT_REQ, DIALER_CONNECT_RSP)

/* ---- what comes with a descriptor ---- */

#define SESSION_SOCKET_REQ(F) \
	F(u64, id)            \
	F(addr, server)
/* A descriptor that a caller supplied under this token (its local file, or a connected socket). */
#define SESSION_GIVE_REQ(F)   \
	F(id16, token)

/* ---- high level ---- */

#define CLIENT_RECONNECT 0x0001u	/* come back after a lost connection; transfers resume */
#define CLIENT_GUEST_OK  0x0002u	/* a session that the server made a guest's is not an error */
#define CLIENT_BACKUP    0x0004u	/* opens with FILE_OPEN_FOR_BACKUP_INTENT, [MS-SMB2] 2.2.13 */
#define CLIENT_DFS       0x0008u	/* follow referrals, with the same credential, to whatever server they name; host may be a domain */
#define CLIENT_NO_LINKS  0x0010u	/* stop at symbolic links; else relative ones are followed within their share */
#define CLIENT_NO_CACHE  0x0020u	/* keep no file under a lease: every call asks the server */

/*
 * cred: a handle lent to this process, 0: anonymous.  spn: empty: cifs/<host>.  signing, encrypt:
 * CONF_OFFERED or CONF_REQUIRED.  dialects: 0 takes 0x0202 and 0x0311.  socket: a caller's TCP descriptor,
 * all zero: dial.  channels: 1 to 8 connections, the further ones made when the first large file is moved, to
 * the addresses that the server names (never with socket); as many as the server allows, which client_info
 * tells.  Bounded per owner: STATUS_QUOTA_EXCEEDED.
 *
 * A file that is asked about for the third time within ten seconds is kept open under a Read and Handle lease,
 * where the server gives one; client_stat and a client_get of all of it are answered from what is known of it
 * until the lease is broken, never from what is older than a second; a second after the last use it is closed.
 * cached: how often without a message; kept: files now; breaks: how often the server took one back.
 */
#define CLIENT_OPEN_REQ(F)    \
	F(name, host)         \
	F(u16, port)          \
	F(u64, cred)          \
	F(name, spn)          \
	F(name, workstation)  \
	F(u16, min_dialect)   \
	F(u16, max_dialect)   \
	F(u8, signing)        \
	F(u8, encrypt)        \
	F(u32, timeout_ms)    \
	F(u32, flags)         \
	F(u8, channels)       \
	F(id16, socket)
#define CLIENT_SESSION_FIELDS(F) \
	F(u64, session)       \
	F(name, host)         \
	F(addr, server)       \
	F(name, user)         \
	F(name, domain)       \
	F(name, mechanism)    \
	F(u16, dialect)       \
	F(u16, cipher)        \
	F(u16, signing_alg)   \
	F(flag, signed_)      \
	F(flag, encrypted)    \
	F(flag, guest)        \
	F(flag, anonymous)    \
	F(id16, server_guid)  \
	F(u32, capabilities)  \
	F(u32, max_transact)  \
	F(u32, max_read)      \
	F(u32, max_write)     \
	F(u64, server_session) \
	F(u64, opened)        \
	F(u64, expires)       \
	F(u32, channels)      \
	F(u32, reconnects)    \
	F(u64, bytes_in)      \
	F(u64, bytes_out)     \
	F(u64, cached)        \
	F(u32, kept)          \
	F(u32, breaks)
#define CLIENT_SESSION_REQ(F) \
	F(u64, session)
#define CLIENT_AFTER_REQ(F)   \
	F(u64, after)
#define CLIENT_COUNT_RSP(F)   \
	F(u32, count)

/* Rows of client_share_row, by srvsvc NetrShareEnum level 1. */
#define CLIENT_SHARE_ROW(F)   \
	F(name, name)         \
	F(u32, type)          \
	F(text, comment)

/* Rows of client_server_row: what = "network" (interfaces) or "sessions" (NetrSessionEnum 10). */
#define CLIENT_SERVER_REQ(F)  \
	F(u64, session)       \
	F(name, what)
#define CLIENT_SERVER_ROW(F)  \
	F(name, name)         \
	F(name, client)       \
	F(addr, addr)         \
	F(u64, speed)         \
	F(u32, flags)         \
	F(u64, since)         \
	F(u64, idle)

#define CLIENT_USE_REQ(F)     \
	F(u64, session)       \
	F(name, share)
#define CLIENT_USE_RSP(F)     \
	F(u64, tree)          \
	F(u8, type)           \
	F(u32, flags)         \
	F(u32, capabilities)  \
	F(u32, access)        \
	F(flag, encrypted)

#define CLIENT_WHERE(F)       \
	F(u64, session)       \
	F(name, share)        \
	F(path, path)
#define CLIENT_WHERE_REQ(F) CLIENT_WHERE(F)

/* What a name is.  link_target: of a symlink.  */
#define CLIENT_ENTRY(F)       \
	F(text, name)         \
	F(u64, size)          \
	F(u64, allocation)    \
	F(u64, created)       \
	F(u64, accessed)      \
	F(u64, written)       \
	F(u64, changed)       \
	F(u32, attributes)    \
	F(flag, directory)    \
	F(u64, file_id)       \
	F(u32, reparse_tag)   \
	F(u32, links)         \
	F(name, short_name)

/*
 * A page of a listing, rows of client_entry_row: never "." or "..", names with separators, NULs or that
 * came twice (those end it with STATUS_INVALID_NETWORK_RESPONSE).  cursor: 0 first, then what the answer
 * gave; 0 there: it was the last.  pattern: empty is "*".  A listing not asked on for 60 s is closed.
 */
#define CLIENT_LS_REQ(F)      \
	CLIENT_WHERE(F)       \
	F(name, pattern)      \
	F(u64, cursor)
#define CLIENT_LS_RSP(F)      \
	F(u64, cursor)        \
	F(u32, count)

/* STATUS_NOT_SAME_DEVICE: by a DFS link one of them is on another share than the other. */
#define CLIENT_TO_REQ(F)      \
	CLIENT_WHERE(F)       \
	F(path, to)           \
	F(flag, replace)

/*
 * Server-side copy (FSCTL_SRV_COPYCHUNK_WRITE, chunk by chunk); by read and write where that is missing, or
 * DFS puts the two on different servers.
 */
#define CLIENT_COPY_REQ(F)    \
	CLIENT_WHERE(F)       \
	F(name, to_share)     \
	F(path, to)           \
	F(flag, replace)      \
	F(u64, job)

#define CLIENT_DF_RSP(F)      \
	F(u64, total)         \
	F(u64, free)          \
	F(u64, available)     \
	F(u32, unit)          \
	F(name, filesystem)   \
	F(name, label)        \
	F(u32, serial)        \
	F(u32, attributes)    \
	F(u32, name_max)

/* set and clear: FILE_ATTRIBUTE_* bits. */
#define CLIENT_ATTRIB_REQ(F)  \
	CLIENT_WHERE(F)       \
	F(u32, set)           \
	F(u32, clear)
/* 0 leaves a time as it is. */
#define CLIENT_TIMES_REQ(F)   \
	CLIENT_WHERE(F)       \
	F(u64, created)       \
	F(u64, accessed)      \
	F(u64, written)       \
	F(u64, changed)

/* info: OWNER 1, GROUP 2, DACL 4, SACL 8.  sd: self-relative.  sddl: [MS-DTYP] 2.5.1, either may be given. */
#define CLIENT_GETSD_REQ(F)   \
	CLIENT_WHERE(F)       \
	F(u32, info)
#define CLIENT_GETSD_RSP(F)   \
	F(name, owner)        \
	F(name, group)        \
	F(path, sddl)         \
	F(token, sd)
#define CLIENT_SETSD_REQ(F)   \
	CLIENT_WHERE(F)       \
	F(u32, info)          \
	F(path, sddl)         \
	F(token, sd)

#define MOVE_HASH     0x0001u
#define MOVE_NEW      0x0002u	/* put: the file must not be there */
#define MOVE_RESUME   0x0004u	/* put: keep what is before offset */
#define MOVE_DURABLE  0x0008u	/* put: flushed before it is done */
#define MOVE_WHOLE    0x0010u	/* put of more than 64 KiB: beside it, and renamed over it when all is there */

/*
 * A whole file.  local: the caller's descriptor (a regular file, or a pipe when offset is 0 or for get),
 * all zero: the content is the payload frame, at most 8 MiB (else STATUS_FILE_TOO_LARGE).  offset: where
 * to begin, on both sides (resume).  length: 0 is to the end.  job: a number of the caller's choice for
 * client_progress and client_cancel, 0 none.  Not finished, the call is out until the end.
 * hash: SHA-256 of what was moved, with GET_HASH.  in_place: of a put, that the file itself was written: it was
 * small, MOVE_WHOLE (from the start and to the end, no other MOVE_ but HASH and DURABLE) was not asked for, or
 * the server would not have it (another holds the file open, it is a link or read-only, no right to replace
 * it); else what was there, with its descriptor, was replaced by a new file.
 * Holes of a sparse file are not moved: of a get they are left in a regular file behind the end that it had, and
 * always across a ferry; a put looks for the descriptor's, whose place that moves.
 * ferry: not all zero, there is no descriptor: the local end is across client_local, as any file unless pipe
 * says that its bytes come in order and once; job must be given then, and names it in orders.
 */
#define CLIENT_MOVE_REQ(F)    \
	CLIENT_WHERE(F)       \
	F(id16, local)        \
	F(u64, offset)        \
	F(u64, length)        \
	F(u32, flags)         \
	F(u64, job)           \
	F(id16, ferry)        \
	F(flag, pipe)
#define CLIENT_MOVE_RSP(F)    \
	F(u64, bytes)         \
	F(u64, size)          \
	F(u64, written)       \
	F(blob, hash)         \
	F(u32, in_flight)     \
	F(u32, resumed)       \
	F(flag, in_place)

/*
 * For a caller whose descriptors cannot come, as it is on another machine: a call that waits, at most 20 s, for
 * an order about a local file of its, under a ferry's token of its choice.  It keeps as many waiting as it
 * wants to have orders at a time (8 do); of one transfer there are at most 16.  what: 0 nothing came up;
 * LOCAL_READ: length bytes at offset are wanted, fewer only at the end; LOCAL_WRITE: the payload frame
 * belongs there.  A later call says what became of one: order, failed: a status, 0 done, what was read as the
 * payload frame.  wait: whether it waits for another; end: nor do
 * those any more that wait.  A caller not heard of for 120 s is gone.
 */
#define LOCAL_READ  1u
#define LOCAL_WRITE 2u
#define CLIENT_LOCAL_REQ(F)   \
	F(id16, ferry)        \
	F(u64, order)         \
	F(u32, failed)        \
	F(flag, wait)         \
	F(flag, end)
#define CLIENT_LOCAL_RSP(F)   \
	F(u8, what)           \
	F(u64, order)         \
	F(u64, job)           \
	F(u64, offset)        \
	F(u32, length)

#define CLIENT_JOB_REQ(F)     \
	F(u64, job)
#define CLIENT_PROGRESS_RSP(F) \
	F(u64, done)          \
	F(u64, total)         \
	F(u32, in_flight)     \
	F(u32, resumed)

/*
 * Changes below path as api_event of kind "change" until client_unwatch.  filter: FILE_NOTIFY_CHANGE_*,
 * 0 all.  watch: a number of the caller's choice that the events carry.
 */
#define CLIENT_WATCH_REQ(F)   \
	CLIENT_WHERE(F)       \
	F(u32, filter)        \
	F(flag, recursive)    \
	F(u64, watch)
#define CLIENT_UNWATCH_REQ(F) \
	F(u64, watch)

/* One DCE/RPC call: open pipe, bind, request, close.  answer: the response's stub data. */
#define CLIENT_RPC_REQ(F)     \
	F(u64, session)       \
	F(name, pipe)         \
	F(id16, interface)    \
	F(u16, major)         \
	F(u16, minor)         \
	F(u16, opnum)         \
	F(token, stub)
#define CLIENT_RPC_RSP(F)     \
	F(token, stub)

/* ---- mid level: one per SMB2 command, the spec's field names in our case ---- */

#define SMB_TREE_CONNECT_REQ(F) \
	F(u64, session)       \
	F(name, path)
#define SMB_TREE_REQ(F)       \
	F(u64, tree)

/* contexts: extra create contexts as on the wire (a chain of 2.2.13.2), sent after our own. */
#define SMB_CREATE_REQ(F)     \
	F(u64, tree)          \
	F(path, name)         \
	F(u8, oplock_level)   \
	F(u32, impersonation) \
	F(u32, desired_access) \
	F(u32, file_attributes) \
	F(u32, share_access)  \
	F(u32, create_disposition) \
	F(u32, create_options) \
	F(token, contexts)
#define SMB_CREATE_RSP(F)     \
	F(u64, file)          \
	F(u64, persistent)    \
	F(u64, volatile_)     \
	F(u8, oplock_level)   \
	F(u8, flags)          \
	F(u32, create_action) \
	F(u64, creation_time) \
	F(u64, last_access_time) \
	F(u64, last_write_time) \
	F(u64, change_time)   \
	F(u64, allocation_size) \
	F(u64, end_of_file)   \
	F(u32, file_attributes) \
	F(token, contexts)
#define SMB_CLOSE_REQ(F)      \
	F(u64, file)          \
	F(u16, flags)
#define SMB_CLOSE_RSP(F)      \
	F(u16, flags)         \
	F(u64, creation_time) \
	F(u64, last_access_time) \
	F(u64, last_write_time) \
	F(u64, change_time)   \
	F(u64, allocation_size) \
	F(u64, end_of_file)   \
	F(u32, file_attributes)
#define SMB_FILE_REQ(F)       \
	F(u64, file)
/* The data is the payload frame. */
#define SMB_READ_REQ(F)       \
	F(u64, file)          \
	F(u64, offset)        \
	F(u32, length)        \
	F(u32, minimum_count) \
	F(u8, flags)
#define SMB_READ_RSP(F)       \
	F(u32, data_length)   \
	F(u32, data_remaining)
#define SMB_WRITE_REQ(F)      \
	F(u64, file)          \
	F(u64, offset)        \
	F(u32, flags)
#define SMB_WRITE_RSP(F)      \
	F(u32, count)         \
	F(u32, remaining)
/* locks: elements of 24 bytes as 2.2.26.1. */
#define SMB_LOCK_REQ(F)       \
	F(u64, file)          \
	F(u32, lock_sequence) \
	F(blob, locks)
#define SMB_IOCTL_REQ(F)      \
	F(u64, file)          \
	F(u64, tree)          \
	F(u32, ctl_code)      \
	F(u32, max_input_response) \
	F(u32, max_output_response) \
	F(u32, flags)         \
	F(token, input)
#define SMB_IOCTL_RSP(F)      \
	F(u32, flags)         \
	F(token, input)       \
	F(token, output)
#define SMB_QUERY_DIRECTORY_REQ(F) \
	F(u64, file)          \
	F(u8, file_information_class) \
	F(u8, flags)          \
	F(u32, file_index)    \
	F(name, file_name)    \
	F(u32, output_buffer_length)
/* complete: true when the server completed it; the buffer is as on the wire. */
#define SMB_BUFFER_RSP(F)     \
	F(token, buffer)
#define SMB_CHANGE_NOTIFY_REQ(F) \
	F(u64, file)          \
	F(u16, flags)         \
	F(u32, output_buffer_length) \
	F(u32, completion_filter)
#define SMB_QUERY_INFO_REQ(F) \
	F(u64, file)          \
	F(u8, info_type)      \
	F(u8, file_info_class) \
	F(u32, output_buffer_length) \
	F(u32, additional_information) \
	F(u32, flags)         \
	F(token, input)
#define SMB_SET_INFO_REQ(F)   \
	F(u64, file)          \
	F(u8, info_type)      \
	F(u8, file_info_class) \
	F(u32, additional_information) \
	F(token, buffer)
/* lease_key: all zero for an oplock; else the lease's, which is taken down to lease_state (2.2.24.2). */
#define SMB_OPLOCK_BREAK_REQ(F) \
	F(u64, file)          \
	F(u8, oplock_level)   \
	F(id16, lease_key)    \
	F(u32, lease_state)
#define SMB_OPLOCK_BREAK_RSP(F) \
	F(u8, oplock_level)   \
	F(u32, lease_state)

/*
 * Low level: the payload frame is a whole SMB2 message as it shall go out; it comes back as the answer's
 * bytes.  RAW_MESSAGE_ID puts our next message id, session id and credits in; RAW_SIGN signs it.
 * wait_ms 0: no answer is awaited.
 */
#define RAW_MESSAGE_ID 0x0001u
#define RAW_SIGN       0x0002u
#define RAW_ENCRYPT    0x0004u
#define SMB_RAW_REQ(F)        \
	F(u64, session)       \
	F(u32, flags)         \
	F(u32, wait_ms)
#define SMB_RAW_RSP(F)        \
	F(u64, message_id)

#define PACKET_MAX (1024u * 1024)

/*
 * Without a session.  The payload frame is a chain of messages, at most 1 MiB, no length before it; the
 * answer's is the text {"packets": [{"Header": {…}, "Body": {…}}, …]}, in the spec's names, what is wrong in
 * "malformed".  The fields tell what the bytes do not: the dialect, and of an answer what was asked for.
 */
#define PACKET_DECODE_REQ(F)   \
	F(u16, dialect)        \
	F(flag, request_known) \
	F(u8, info_type)       \
	F(u8, info_class)      \
	F(u32, ctl_code)       \
	F(flag, is_pipe)

/*
 * Without a session.  The payload frame is such a text, at most 1 MiB, or one packet of it, the answer's the
 * bytes.  What is given stands as given, however wrong; what is left out gets what makes the packet well
 * formed, or zero.  "Body" may be hexadecimal digits, and "Rest" in it bytes behind it.  problem: why it
 * cannot be built, which the api makes the sentence of a failure.
 */
#define PACKET_BUILD_RSP(F)    \
	F(text, problem)

/* ---- what a session process tells the api ---- */

/* The payload frame is one JSON object's text, at most 64 KiB; watch: whose subscription. */
#define API_EVENT_REQ(F)      \
	F(name, kind)         \
	F(u64, session)       \
	F(u64, watch)         \
	F(u32, action)        \
	F(path, path)         \
	F(path, to)

#define SESSION_MESSAGES(M)                                                                            \
	M(0x0601, session_socket,   FROM(DIALER),    PHASE_SERVING, SESSION_SOCKET_REQ, NO_FIELDS)     \
	M(0x0602, session_give,     FROM(DIRECTORY), PHASE_SERVING, SESSION_GIVE_REQ, NO_FIELDS)       \
	M(0x0610, client_open,      FROM(API), PHASE_SERVING, CLIENT_OPEN_REQ, CLIENT_SESSION_FIELDS)  \
	M(0x0611, client_close,     FROM(API), PHASE_SERVING, CLIENT_SESSION_REQ, NO_FIELDS)           \
	M(0x0612, client_info,      FROM(API), PHASE_SERVING, CLIENT_SESSION_REQ, CLIENT_SESSION_FIELDS) \
	M(0x0613, client_sessions,  FROM(API), PHASE_SERVING, CLIENT_AFTER_REQ, CLIENT_SESSION_FIELDS) \
	M(0x0614, client_shares,    FROM(API), PHASE_SERVING, CLIENT_SESSION_REQ, CLIENT_COUNT_RSP)    \
	M(0x0615, client_server,    FROM(API), PHASE_SERVING, CLIENT_SERVER_REQ, CLIENT_COUNT_RSP)     \
	M(0x0616, client_use,       FROM(API), PHASE_SERVING, CLIENT_USE_REQ, CLIENT_USE_RSP)          \
	M(0x0620, client_ls,        FROM(API), PHASE_SERVING, CLIENT_LS_REQ, CLIENT_LS_RSP)            \
	M(0x0621, client_stat,      FROM(API), PHASE_SERVING, CLIENT_WHERE_REQ, CLIENT_ENTRY)          \
	M(0x0622, client_df,        FROM(API), PHASE_SERVING, CLIENT_WHERE_REQ, CLIENT_DF_RSP)         \
	M(0x0623, client_mkdir,     FROM(API), PHASE_SERVING, CLIENT_WHERE_REQ, NO_FIELDS)             \
	M(0x0624, client_rmdir,     FROM(API), PHASE_SERVING, CLIENT_WHERE_REQ, NO_FIELDS)             \
	M(0x0625, client_rm,        FROM(API), PHASE_SERVING, CLIENT_WHERE_REQ, NO_FIELDS)             \
	M(0x0626, client_mv,        FROM(API), PHASE_SERVING, CLIENT_TO_REQ, NO_FIELDS)                \
	M(0x0627, client_copy,      FROM(API), PHASE_SERVING, CLIENT_COPY_REQ, CLIENT_MOVE_RSP)        \
	M(0x0628, client_attrib,    FROM(API), PHASE_SERVING, CLIENT_ATTRIB_REQ, CLIENT_ENTRY)         \
	M(0x0629, client_times,     FROM(API), PHASE_SERVING, CLIENT_TIMES_REQ, CLIENT_ENTRY)          \
	M(0x062a, client_getsd,     FROM(API), PHASE_SERVING, CLIENT_GETSD_REQ, CLIENT_GETSD_RSP)      \
	M(0x062b, client_setsd,     FROM(API), PHASE_SERVING, CLIENT_SETSD_REQ, NO_FIELDS)             \
	M(0x062c, client_get,       FROM(API), PHASE_SERVING, CLIENT_MOVE_REQ, CLIENT_MOVE_RSP)        \
	M(0x062d, client_put,       FROM(API), PHASE_SERVING, CLIENT_MOVE_REQ, CLIENT_MOVE_RSP)        \
	M(0x062e, client_progress,  FROM(API), PHASE_SERVING, CLIENT_JOB_REQ, CLIENT_PROGRESS_RSP)     \
	M(0x062f, client_cancel,    FROM(API), PHASE_ALL,     CLIENT_JOB_REQ, NO_FIELDS)               \
	M(0x0630, client_watch,     FROM(API), PHASE_SERVING, CLIENT_WATCH_REQ, NO_FIELDS)             \
	M(0x0631, client_unwatch,   FROM(API), PHASE_ALL,     CLIENT_UNWATCH_REQ, NO_FIELDS)           \
	M(0x0632, client_rpc,       FROM(API), PHASE_SERVING, CLIENT_RPC_REQ, CLIENT_RPC_RSP)          \
	M(0x0633, client_local,     FROM(API), PHASE_SERVING, CLIENT_LOCAL_REQ, CLIENT_LOCAL_RSP)      \
	M(0x0640, smb_tree_connect, FROM(API), PHASE_SERVING, SMB_TREE_CONNECT_REQ, CLIENT_USE_RSP)    \
	M(0x0641, smb_tree_disconnect, FROM(API), PHASE_SERVING, SMB_TREE_REQ, NO_FIELDS)              \
	M(0x0642, smb_create,       FROM(API), PHASE_SERVING, SMB_CREATE_REQ, SMB_CREATE_RSP)          \
	M(0x0643, smb_close,        FROM(API), PHASE_SERVING, SMB_CLOSE_REQ, SMB_CLOSE_RSP)            \
	M(0x0644, smb_flush,        FROM(API), PHASE_SERVING, SMB_FILE_REQ, NO_FIELDS)                 \
	M(0x0645, smb_read,         FROM(API), PHASE_SERVING, SMB_READ_REQ, SMB_READ_RSP)              \
	M(0x0646, smb_write,        FROM(API), PHASE_SERVING, SMB_WRITE_REQ, SMB_WRITE_RSP)            \
	M(0x0647, smb_lock,         FROM(API), PHASE_SERVING, SMB_LOCK_REQ, NO_FIELDS)                 \
	M(0x0648, smb_ioctl,        FROM(API), PHASE_SERVING, SMB_IOCTL_REQ, SMB_IOCTL_RSP)            \
	M(0x0649, smb_echo,         FROM(API), PHASE_SERVING, CLIENT_SESSION_REQ, NO_FIELDS)           \
	M(0x064a, smb_query_directory, FROM(API), PHASE_SERVING, SMB_QUERY_DIRECTORY_REQ, SMB_BUFFER_RSP) \
	M(0x064b, smb_change_notify, FROM(API), PHASE_SERVING, SMB_CHANGE_NOTIFY_REQ, SMB_BUFFER_RSP)  \
	M(0x064c, smb_query_info,   FROM(API), PHASE_SERVING, SMB_QUERY_INFO_REQ, SMB_BUFFER_RSP)      \
	M(0x064d, smb_set_info,     FROM(API), PHASE_SERVING, SMB_SET_INFO_REQ, NO_FIELDS)             \
	M(0x064e, smb_oplock_break, FROM(API), PHASE_SERVING, SMB_OPLOCK_BREAK_REQ, SMB_OPLOCK_BREAK_RSP) \
	M(0x0650, smb_raw,          FROM(API), PHASE_SERVING, SMB_RAW_REQ, SMB_RAW_RSP)                \
	M(0x0651, packet_decode,    FROM(API), PHASE_SERVING, PACKET_DECODE_REQ, NO_FIELDS)            \
	M(0x0652, packet_build,     FROM(API), PHASE_SERVING, NO_FIELDS, PACKET_BUILD_RSP)

#define API_MESSAGES(M) \
	M(0x0670, api_event, FROM(SESSION), PHASE_ALL, API_EVENT_REQ, NO_FIELDS)

/* Rows of listings: never calls. */
#define CLIENT_ROWS(M)                                                         \
	M(0x0680, client_entry_row,  0, PHASE_ALL, CLIENT_ENTRY, NO_FIELDS)    \
	M(0x0681, client_share_row,  0, PHASE_ALL, CLIENT_SHARE_ROW, NO_FIELDS) \
	M(0x0682, client_server_row, 0, PHASE_ALL, CLIENT_SERVER_ROW, NO_FIELDS)

DIALER_MESSAGES(MSG_DECLARE)
SESSION_MESSAGES(MSG_DECLARE)
API_MESSAGES(MSG_DECLARE)
CLIENT_ROWS(MSG_DECLARE)

#endif
