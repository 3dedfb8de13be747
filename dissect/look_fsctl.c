/*
 * look_fsctl.c - what IOCTL carries.  [MS-SMB2] 2.2.31.1, 2.2.32; [MS-FSCC] 2.3;
 * [MS-DFSC] 2.2.2
 */
#include "dissect/look.h"

#include "dissect/layout_rows.h"
#include "proto/smb2/fsctl.h"

#define VALIDATE                                                        \
	FN(U32, "Capabilities", capabilities), F(GUID, "Guid"),         \
	    FN(U16, "SecurityMode", security_mode)

static const struct field validate_req[] = { VALIDATE, COUNT(U16, "DialectCount", 0) };
static const struct part dialects[]	 = {
	     { .name = "Dialects", .kind = PART_U16S, .unit = 2, .follows = true,
	       .names = &names_dialect },
};
static const struct field validate_rsp[] = { VALIDATE, FN(U16, "Dialect", dialect) };

static const struct field copychunk_req[] = {
	F(RESUME, "SourceKey"), COUNT(U32, "ChunkCount", 0), F(U32, "Reserved"),
};
static const struct field chunk[] = {
	F(U64, "SourceOffset"), F(U64, "TargetOffset"), F(U32, "Length"), F(U32, "Reserved"),
};
static const struct layout layout_chunk = LAYOUT_FIXED(NULL, 0, chunk, NULL);
static const struct part chunks[]	= {
	      { .name = "Chunks", .kind = PART_ITEMS, .unit = SMB2_COPYCHUNK_ELEMENT,
		.follows = true, .item = &layout_chunk },
};
static const struct field copychunk_rsp[] = {
	F(U32, "ChunksWritten"), F(U32, "ChunkBytesWritten"), F(U32, "TotalBytesWritten"),
};

static const struct field resume_key[] = { F(RESUME, "ResumeKey"), F(U32, "ContextLength") };
static const struct field resiliency[] = { F(U32, "Timeout"), F(U32, "Reserved") };
static const struct field pipe_wait[]  = {
	 F(U64, "Timeout"), LEN(U32, "NameLength", 0), F(U8, "TimeoutSpecified"), F(U8, "Padding"),
};
static const struct part pipe_name[] = {
	{ .name = "Name", .kind = PART_UTF16, .follows = true },
};
static const struct field zero_data[] = { F(U64, "FileOffset"), F(U64, "BeyondFinalZero") };
static const struct field range[]     = { F(U64, "FileOffset"), F(U64, "Length") };
static const struct field sparse[]    = { F(U8, "SetSparse") };
static const struct field state[]     = { F(U16, "CompressionState") };
static const struct field object_id[] = { F(GUID, "ObjectId") };
static const struct field extents[]   = {
	  F(FID, "SourceFileID"), F(U64, "SourceFileOffset"), F(U64, "TargetFileOffset"),
	  F(U64, "ByteCount"),
};

static void
look_interfaces(struct tree *t, struct span list)
{
	struct smb2_interface c;
	struct rd r = rd_init(list);

	tree_open(t, "NETWORK_INTERFACE_INFO", NODE_LIST)->derived = true;
	while (list.n > 0) {
		if (!nt_ok(smb2_interface_next(&list, &c))) {
			tree_malformed(t, "interface at %zu", r.end - list.n);
			break;
		}
		(void)tree_open(t, NULL, NODE_GROUP);
		(void)tree_number(t, "IfIndex", 4, c.index, NULL);
		(void)tree_number(t, "Capability", 4, c.capability, &names_nic_caps);
		(void)tree_number(t, "LinkSpeed", 8, c.link_speed, NULL);
		(void)tree_number(t, "Family", 2, c.is_ipv6 ? 0x17 : 2, &names_hex);
		(void)tree_number(t, "Port", 2, c.port, NULL);
		tree_close(t);
	}
	tree_close(t);
}

static void
look_referral(struct tree *t, struct span s)
{
	struct fsctl_dfs_referral_req c;

	tree_open(t, "REQ_GET_DFS_REFERRAL", NODE_GROUP)->derived = true;
	if (nt_ok(fsctl_dfs_referral_req_decode(s, &c))) {
		(void)tree_number(t, "MaxReferralLevel", 2, c.max_level, NULL);
		(void)tree_bytes(t, "RequestFileName", NODE_UTF16, c.path);
	} else {
		tree_malformed(t, "a receiver refuses this referral request");
	}
	tree_close(t);
}

static void
look_ranges(struct tree *t, struct span s)
{
	static const struct layout l = LAYOUT_FIXED(NULL, 0, range, NULL);
	struct rd r		     = rd_init(s);

	tree_open(t, "FILE_ALLOCATED_RANGE_BUFFER", NODE_LIST)->derived = true;
	while (rd_left(&r) > 0 && walk_group(t, NULL, &l, &r))
		continue;
	tree_close(t);
}

#define PLAIN(code, response, title, fields) \
	{ code, response, title, LAYOUT_FIXED(NULL, 0, fields, NULL), NULL }
#define MORE(code, response, title, fields, parts) \
	{ code, response, title, LAYOUT(NULL, 0, fields, parts, NULL), NULL }
#define LOOK(code, response, fn) { code, response, NULL, { 0 }, fn }

static const struct {
	uint32_t code;
	bool response;
	const char *name;
	struct layout layout;
	void (*look)(struct tree *, struct span);
} rows[] = {
	MORE(FSCTL_VALIDATE_NEGOTIATE_INFO, false, "VALIDATE_NEGOTIATE_INFO", validate_req, dialects),
	PLAIN(FSCTL_VALIDATE_NEGOTIATE_INFO, true, "VALIDATE_NEGOTIATE_INFO", validate_rsp),
	MORE(FSCTL_SRV_COPYCHUNK, false, "SRV_COPYCHUNK_COPY", copychunk_req, chunks),
	MORE(FSCTL_SRV_COPYCHUNK_WRITE, false, "SRV_COPYCHUNK_COPY", copychunk_req, chunks),
	PLAIN(FSCTL_SRV_COPYCHUNK, true, "SRV_COPYCHUNK_RESPONSE", copychunk_rsp),
	PLAIN(FSCTL_SRV_COPYCHUNK_WRITE, true, "SRV_COPYCHUNK_RESPONSE", copychunk_rsp),
	PLAIN(FSCTL_SRV_REQUEST_RESUME_KEY, true, "SRV_REQUEST_RESUME_KEY", resume_key),
	PLAIN(FSCTL_LMR_REQUEST_RESILIENCY, false, "NETWORK_RESILIENCY_REQUEST", resiliency),
	MORE(FSCTL_PIPE_WAIT, false, "FSCTL_PIPE_WAIT Request", pipe_wait, pipe_name),
	PLAIN(FSCTL_SET_ZERO_DATA, false, "FILE_ZERO_DATA_INFORMATION", zero_data),
	PLAIN(FSCTL_QUERY_ALLOCATED_RANGES, false, "FILE_ALLOCATED_RANGE_BUFFER", range),
	LOOK(FSCTL_QUERY_ALLOCATED_RANGES, true, look_ranges),
	PLAIN(FSCTL_SET_SPARSE, false, "FILE_SET_SPARSE_BUFFER", sparse),
	PLAIN(FSCTL_SET_COMPRESSION, false, "FSCTL_SET_COMPRESSION Request", state),
	PLAIN(FSCTL_GET_COMPRESSION, true, "FSCTL_GET_COMPRESSION Reply", state),
	PLAIN(FSCTL_GET_OBJECT_ID, true, "FILE_OBJECTID_BUFFER", object_id),
	PLAIN(FSCTL_CREATE_OR_GET_OBJECT_ID, true, "FILE_OBJECTID_BUFFER", object_id),
	PLAIN(FSCTL_DUPLICATE_EXTENTS_TO_FILE, false, "SMB2_DUPLICATE_EXTENTS_DATA", extents),
	LOOK(FSCTL_PIPE_TRANSCEIVE, false, look_rpc),
	LOOK(FSCTL_PIPE_TRANSCEIVE, true, look_rpc),
	LOOK(FSCTL_QUERY_NETWORK_INTERFACE_INFO, true, look_interfaces),
	LOOK(FSCTL_DFS_GET_REFERRALS, false, look_referral),
};

/* A request's input and a response's output have a meaning; the other of the two is an echo. */
void
look_ioctl(struct walk *w, struct span s)
{
	uint64_t code = walk_value(w, "CtlCode");

	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].code != code || rows[i].response != w->response)
			continue;
		if (rows[i].look)
			rows[i].look(w->tree, s);
		else
			walk_whole(w->tree, rows[i].name, &rows[i].layout, s);
		return;
	}
}
