/*
 * layout_conn.c - headers, and the bodies that set up and end connections,
 * sessions and trees.  [MS-SMB2] 2.2.1 to 2.2.12, 2.2.28 to 2.2.30, 2.2.41
 */
#include "dissect/layouts.h"

#include "dissect/layout_rows.h"
#include "proto/smb2/cancel.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/error.h"
#include "proto/smb2/logoff.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/session_setup.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/tree_disconnect.h"

/* ---- headers, 2.2.1: four forms, by who speaks and by what the eight bytes of ids are ---- */

#define HEADER_BEGIN FN(U32, "ProtocolId", hex), SIZE, F(U16, "CreditCharge")
#define HEADER_REQ                                                                     \
	F(U16, "ChannelSequence"), F(U16, "Reserved1"), FN(U16, "Command", command), \
	    F(U16, "CreditRequest")
#define HEADER_RSP \
	FN(U32, "Status", status), FN(U16, "Command", command), F(U16, "CreditResponse")
#define HEADER_IDS \
	FN(U32, "Flags", header_flags), FN(U32, "NextCommand", hex), F(U64, "MessageId")
#define HEADER_SYNC  FN(U32, "Reserved", hex), FN(U32, "TreeId", hex)
#define HEADER_ASYNC FN(U64, "AsyncId", hex)
#define HEADER_END   FN(U64, "SessionId", hex), F(KEY, "Signature")

static const struct field header_req[] = {
	HEADER_BEGIN, HEADER_REQ, HEADER_IDS, HEADER_SYNC, HEADER_END,
};
static const struct field header_req_async[] = {
	HEADER_BEGIN, HEADER_REQ, HEADER_IDS, HEADER_ASYNC, HEADER_END,
};
static const struct field header_rsp[] = {
	HEADER_BEGIN, HEADER_RSP, HEADER_IDS, HEADER_SYNC, HEADER_END,
};
static const struct field header_rsp_async[] = {
	HEADER_BEGIN, HEADER_RSP, HEADER_IDS, HEADER_ASYNC, HEADER_END,
};
const struct layout layout_header_req	    = LAYOUT_FIXED("Header", 64, header_req, NULL);
const struct layout layout_header_req_async = LAYOUT_FIXED("Header", 64, header_req_async, NULL);
const struct layout layout_header_rsp	    = LAYOUT_FIXED("Header", 64, header_rsp, NULL);
const struct layout layout_header_rsp_async = LAYOUT_FIXED("Header", 64, header_rsp_async, NULL);

static const struct field transform[] = {
	FN(U32, "ProtocolId", hex), F(KEY, "Signature"), F(KEY, "Nonce"),
	FL(U32, "OriginalMessageSize"), F(U16, "Reserved"), FN(U16, "Flags", transform_flags),
	FNL(U64, "SessionId", hex),
};
const struct layout layout_transform = LAYOUT_FIXED("TRANSFORM_HEADER", 0, transform, NULL);

/* 2.2.42.1; named, not decompressed: nobody here negotiates compression. */
static const struct field compressed[] = {
	FN(U32, "ProtocolId", hex), FL(U32, "OriginalCompressedSegmentSize"),
	FNL(U16, "CompressionAlgorithm", compression), FN(U16, "Flags", hex),
	F(U32, "Offset/Length"),
};
const struct layout layout_compressed =
    LAYOUT_FIXED("COMPRESSION_TRANSFORM_HEADER", 0, compressed, NULL);

/* ---- NEGOTIATE, 2.2.3: the request's last eight bytes depend on the dialects offered ---- */

CHECK(negotiate_req)
CHECK(negotiate_rsp)

#define NEGOTIATE_REQ_BEGIN                                                                  \
	SIZE, COUNT(U16, "DialectCount", 0), FN(U16, "SecurityMode", security_mode),         \
	    F(U16, "Reserved"), FN(U32, "Capabilities", capabilities), F(GUID, "ClientGuid")
#define DIALECTS                                                               \
	{ .name = "Dialects", .kind = PART_U16S, .unit = 2, .follows = true, \
	  .in_line = true, .names = &names_dialect }
#define NEGOTIATE_CONTEXTS \
	{ .name = "NegotiateContextList", .kind = PART_NEGOTIATE_CONTEXTS, .align = 8 }

static const struct field negotiate_req[] = { NEGOTIATE_REQ_BEGIN, F(TIME, "ClientStartTime") };
static const struct part negotiate_req_parts[] = { DIALECTS };
const struct layout layout_negotiate_req =
    LAYOUT("NEGOTIATE Request", 36, negotiate_req, negotiate_req_parts, check_negotiate_req);

static const struct field negotiate_req_311[] = {
	NEGOTIATE_REQ_BEGIN, OFF(U32, "NegotiateContextOffset", 1),
	COUNT(U16, "NegotiateContextCount", 1), F(U16, "Reserved2"),
};
static const struct part negotiate_req_311_parts[] = { DIALECTS, NEGOTIATE_CONTEXTS };
const struct layout layout_negotiate_req_311 =
    LAYOUT("NEGOTIATE Request", 36, negotiate_req_311, negotiate_req_311_parts,
	   check_negotiate_req);

#define NEGOTIATE_RSP_MIDDLE                                                              \
	F(GUID, "ServerGuid"), FN(U32, "Capabilities", capabilities),                     \
	    F(U32, "MaxTransactSize"), F(U32, "MaxReadSize"), F(U32, "MaxWriteSize"),     \
	    F(TIME, "SystemTime"), F(TIME, "ServerStartTime"),                            \
	    OFF(U16, "SecurityBufferOffset", 0), LEN(U16, "SecurityBufferLength", 0)
#define TOKEN { .name = "Buffer", .kind = PART_BYTES, .look = look_token }

static const struct field negotiate_rsp[] = {
	SIZE, FNL(U16, "SecurityMode", security_mode), FNL(U16, "DialectRevision", dialect),
	F(U16, "Reserved"), NEGOTIATE_RSP_MIDDLE, FN(U32, "Reserved2", hex),
};
static const struct part token_parts[] = { TOKEN };
const struct layout layout_negotiate_rsp =
    LAYOUT("NEGOTIATE Response", 65, negotiate_rsp, token_parts, check_negotiate_rsp);

static const struct field negotiate_rsp_311[] = {
	SIZE, FNL(U16, "SecurityMode", security_mode), FNL(U16, "DialectRevision", dialect),
	COUNT(U16, "NegotiateContextCount", 1), NEGOTIATE_RSP_MIDDLE,
	OFF(U32, "NegotiateContextOffset", 1),
};
static const struct part negotiate_rsp_311_parts[] = { TOKEN, NEGOTIATE_CONTEXTS };
const struct layout layout_negotiate_rsp_311 =
    LAYOUT("NEGOTIATE Response", 65, negotiate_rsp_311, negotiate_rsp_311_parts,
	   check_negotiate_rsp);

/* ---- SESSION_SETUP, LOGOFF: 2.2.5 to 2.2.8 ---- */

CHECK(session_setup_req)
CHECK(session_setup_rsp)
CHECK(logoff_req)
CHECK(logoff_rsp)

static const struct field session_setup_req[] = {
	SIZE, FN(U8, "Flags", session_flags_req), FN(U8, "SecurityMode", security_mode),
	FN(U32, "Capabilities", capabilities), FN(U32, "Channel", hex),
	OFF(U16, "SecurityBufferOffset", 0), LEN(U16, "SecurityBufferLength", 0),
	FN(U64, "PreviousSessionId", hex),
};
const struct layout layout_session_setup_req =
    LAYOUT("SESSION_SETUP Request", 25, session_setup_req, token_parts, check_session_setup_req);

static const struct field session_setup_rsp[] = {
	SIZE, FNL(U16, "SessionFlags", session_flags), OFF(U16, "SecurityBufferOffset", 0),
	LEN(U16, "SecurityBufferLength", 0),
};
const struct layout layout_session_setup_rsp =
    LAYOUT("SESSION_SETUP Response", 9, session_setup_rsp, token_parts, check_session_setup_rsp);

/* Six bodies with nothing in them. */
static const struct field empty[] = { SIZE, F(U16, "Reserved") };
const struct layout layout_logoff_req = LAYOUT_FIXED("LOGOFF Request", 4, empty, check_logoff_req);
const struct layout layout_logoff_rsp = LAYOUT_FIXED("LOGOFF Response", 4, empty, check_logoff_rsp);

CHECK(cancel_req)
CHECK(echo_req)
CHECK(echo_rsp)
CHECK(tree_disconnect_req)
CHECK(tree_disconnect_rsp)

const struct layout layout_cancel_req = LAYOUT_FIXED("CANCEL Request", 4, empty, check_cancel_req);
const struct layout layout_echo_req   = LAYOUT_FIXED("ECHO Request", 4, empty, check_echo_req);
const struct layout layout_echo_rsp   = LAYOUT_FIXED("ECHO Response", 4, empty, check_echo_rsp);
const struct layout layout_tree_disconnect_req =
    LAYOUT_FIXED("TREE_DISCONNECT Request", 4, empty, check_tree_disconnect_req);
const struct layout layout_tree_disconnect_rsp =
    LAYOUT_FIXED("TREE_DISCONNECT Response", 4, empty, check_tree_disconnect_rsp);

/* ---- TREE_CONNECT, 2.2.9, 2.2.10 ---- */

CHECK(tree_connect_req)
CHECK(tree_connect_rsp)

static const struct field tree_connect_req[] = {
	SIZE, FN(U16, "Flags", hex), OFF(U16, "PathOffset", 0), LEN(U16, "PathLength", 0),
};
static const struct part tree_connect_req_parts[] = {
	{ .name = "Path", .kind = PART_UTF16, .in_line = true },
};
const struct layout layout_tree_connect_req =
    LAYOUT("TREE_CONNECT Request", 9, tree_connect_req, tree_connect_req_parts,
	   check_tree_connect_req);

static const struct field tree_connect_rsp[] = {
	SIZE, FNL(U8, "ShareType", share_type), F(U8, "Reserved"),
	FNL(U32, "ShareFlags", share_flags), FN(U32, "Capabilities", share_caps),
	FN(U32, "MaximalAccess", access),
};
const struct layout layout_tree_connect_rsp =
    LAYOUT_FIXED("TREE_CONNECT Response", 16, tree_connect_rsp, check_tree_connect_rsp);

/* ---- ERROR, 2.2.2 ---- */

CHECK(error_rsp)

static const struct field error_rsp[] = {
	SIZE, F(U8, "ErrorContextCount"), F(U8, "Reserved"), LEN(U32, "ByteCount", 0),
};
static const struct part error_rsp_parts[] = {
	{ .name = "ErrorData", .kind = PART_BYTES, .follows = true, .look = look_error_data },
};
const struct layout layout_error_rsp =
    LAYOUT("ERROR Response", 9, error_rsp, error_rsp_parts, check_error_rsp);
