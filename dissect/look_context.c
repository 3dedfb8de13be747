/*
 * look_context.c - create contexts and negotiate contexts.
 * [MS-SMB2] 2.2.13.2, 2.2.14.2, 2.2.3.1
 */
#include "dissect/look.h"

#include "dissect/layout_rows.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/ctx_negotiate.h"

/* ---- create contexts ---- */

static const struct field dhnc[] = { F(FID, "FileId") };
static const struct layout layout_dhnc = LAYOUT_FIXED(NULL, 0, dhnc, NULL);

static const struct field timestamp[] = { F(TIME, "Timestamp") };
static const struct layout layout_timestamp = LAYOUT_FIXED(NULL, 0, timestamp, NULL);

static const struct field mxac_rsp[] = {
	FN(U32, "QueryStatus", status), FN(U32, "MaximalAccess", access),
};
static const struct layout layout_mxac_rsp = LAYOUT_FIXED(NULL, 0, mxac_rsp, NULL);

static const struct field alsi[] = { F(U64, "AllocationSize") };
static const struct layout layout_alsi = LAYOUT_FIXED(NULL, 0, alsi, NULL);

#define LEASE                                                                           \
	F(KEY, "LeaseKey"), FN(U32, "LeaseState", lease_state),                         \
	    FN(U32, "LeaseFlags", lease_flags), F(U64, "LeaseDuration")

static const struct field lease[] = { LEASE };
static const struct layout layout_lease = LAYOUT_FIXED(NULL, 0, lease, NULL);

static const struct field lease_v2[] = {
	LEASE, F(KEY, "ParentLeaseKey"), F(U16, "Epoch"), F(U16, "Reserved"),
};
static const struct layout layout_lease_v2 = LAYOUT_FIXED(NULL, 0, lease_v2, NULL);

static const struct field qfid[] = {
	FN(U64, "DiskFileId", hex), FN(U64, "VolumeId", hex), F(KEY, "Reserved"),
};
static const struct layout layout_qfid = LAYOUT_FIXED(NULL, 0, qfid, NULL);

#define DH2Q F(U32, "Timeout"), FN(U32, "Flags", durable_flags)

static const struct field dh2q_req[] = { DH2Q, F(U64, "Reserved"), F(GUID, "CreateGuid") };
static const struct layout layout_dh2q_req = LAYOUT_FIXED(NULL, 0, dh2q_req, NULL);

static const struct field dh2q_rsp[] = { DH2Q };
static const struct layout layout_dh2q_rsp = LAYOUT_FIXED(NULL, 0, dh2q_rsp, NULL);

static const struct field dh2c[] = {
	F(FID, "FileId"), F(GUID, "CreateGuid"), FN(U32, "Flags", durable_flags),
};
static const struct layout layout_dh2c = LAYOUT_FIXED(NULL, 0, dh2c, NULL);

static const struct field app_id[] = { SIZE, F(U16, "Reserved"), F(GUID, "AppInstanceId") };
static const struct layout layout_app_id = LAYOUT_FIXED(NULL, 20, app_id, NULL);

static const struct field app_version[] = {
	SIZE, F(U16, "Reserved"), F(U32, "Padding"), F(U64, "AppInstanceVersionHigh"),
	F(U64, "AppInstanceVersionLow"),
};
static const struct layout layout_app_version = LAYOUT_FIXED(NULL, 24, app_version, NULL);

/* size: of the data; 0 for any but none. */
static const struct {
	uint8_t kind; /* enum smb2_ctx */
	uint8_t size;
	bool req, rsp;
	const char *name;
	const struct layout *layout;
	void (*look)(struct tree *, struct span);
} contexts[] = {
	{ SMB2_CTX_EXTA, 0, true, true, NULL, NULL, look_eas },
	{ SMB2_CTX_SECD, 0, true, true, NULL, NULL, look_security },
	{ SMB2_CTX_DHNC, 0, true, false, "DURABLE_HANDLE_RECONNECT", &layout_dhnc, NULL },
	{ SMB2_CTX_MXAC, 8, true, false, "QUERY_MAXIMAL_ACCESS", &layout_timestamp, NULL },
	{ SMB2_CTX_MXAC, 8, false, true, "QUERY_MAXIMAL_ACCESS", &layout_mxac_rsp, NULL },
	{ SMB2_CTX_ALSI, 0, true, false, "ALLOCATION_SIZE", &layout_alsi, NULL },
	{ SMB2_CTX_TWRP, 0, true, false, "TIMEWARP_TOKEN", &layout_timestamp, NULL },
	{ SMB2_CTX_RQLS, 32, true, true, "LEASE", &layout_lease, NULL },
	{ SMB2_CTX_RQLS, 0, true, true, "LEASE_V2", &layout_lease_v2, NULL },
	{ SMB2_CTX_QFID, 0, false, true, "QUERY_ON_DISK_ID", &layout_qfid, NULL },
	{ SMB2_CTX_DH2Q, 0, true, false, "DURABLE_HANDLE_REQUEST_V2", &layout_dh2q_req, NULL },
	{ SMB2_CTX_DH2Q, 0, false, true, "DURABLE_HANDLE_RESPONSE_V2", &layout_dh2q_rsp, NULL },
	{ SMB2_CTX_DH2C, 0, true, false, "DURABLE_HANDLE_RECONNECT_V2", &layout_dh2c, NULL },
	{ SMB2_CTX_APP_INSTANCE_ID, 0, true, false, "APP_INSTANCE_ID", &layout_app_id, NULL },
	{ SMB2_CTX_APP_INSTANCE_VERSION, 0, true, false, "APP_INSTANCE_VERSION",
	  &layout_app_version, NULL },
};

void
look_create_context(struct walk *w, enum smb2_ctx kind, struct span data)
{
	if (data.n == 0)
		return;
	for (size_t i = 0; i < NELEM(contexts); i++) {
		if (contexts[i].kind != kind || !(w->response ? contexts[i].rsp : contexts[i].req))
			continue;
		if (contexts[i].size != 0 && contexts[i].size != data.n)
			continue;
		if (contexts[i].look)
			contexts[i].look(w->tree, data);
		else
			walk_whole(w->tree, contexts[i].name, contexts[i].layout, data);
		return;
	}
}

/* ---- negotiate contexts ---- */

#define LIST(title, of)                                                              \
	{ .name = title, .kind = PART_U16S, .unit = 2, .follows = true, .in_line = true, \
	  .names = of }

static const struct field preauth[] = {
	COUNT(U16, "HashAlgorithmCount", 0), LEN(U16, "SaltLength", 1),
};
static const struct part preauth_parts[] = {
	{ .name = "HashAlgorithms", .kind = PART_U16S, .unit = 2, .follows = true,
	  .names = &names_hash },
	{ .name = "Salt", .kind = PART_BYTES, .follows = true },
};
static const struct layout layout_preauth = LAYOUT(NULL, 0, preauth, preauth_parts, NULL);

static const struct field encryption[]	  = { COUNT(U16, "CipherCount", 0) };
static const struct part encryption_parts[] = { LIST("Ciphers", &names_cipher) };
static const struct layout layout_encryption =
    LAYOUT(NULL, 0, encryption, encryption_parts, NULL);

static const struct field compression[] = {
	COUNT(U16, "CompressionAlgorithmCount", 0), F(U16, "Padding"), FN(U32, "Flags", hex),
};
static const struct part compression_parts[] = {
	LIST("CompressionAlgorithms", &names_compression),
};
static const struct layout layout_compression =
    LAYOUT(NULL, 0, compression, compression_parts, NULL);

static const struct field transport[] = { FN(U32, "Flags", hex) };
static const struct layout layout_transport = LAYOUT_FIXED(NULL, 0, transport, NULL);

static const struct field rdma[] = {
	COUNT(U16, "TransformCount", 0), F(U16, "Reserved1"), F(U32, "Reserved2"),
};
static const struct part rdma_parts[]	   = { LIST("RDMATransformIds", NULL) };
static const struct layout layout_rdma = LAYOUT(NULL, 0, rdma, rdma_parts, NULL);

static const struct field signing[]	 = { COUNT(U16, "SigningAlgorithmCount", 0) };
static const struct part signing_parts[] = { LIST("SigningAlgorithms", &names_signing) };
static const struct layout layout_signing = LAYOUT(NULL, 0, signing, signing_parts, NULL);

static const struct {
	const char *name;
	const struct layout *layout;
} negotiate[SMB2_NEG_TYPE_MAX] = {
	[SMB2_NEG_PREAUTH]     = { "PREAUTH_INTEGRITY_CAPABILITIES", &layout_preauth },
	[SMB2_NEG_ENCRYPTION]  = { "ENCRYPTION_CAPABILITIES", &layout_encryption },
	[SMB2_NEG_COMPRESSION] = { "COMPRESSION_CAPABILITIES", &layout_compression },
	[SMB2_NEG_TRANSPORT]   = { "TRANSPORT_CAPABILITIES", &layout_transport },
	[SMB2_NEG_RDMA]	       = { "RDMA_TRANSFORM_CAPABILITIES", &layout_rdma },
	[SMB2_NEG_SIGNING]     = { "SIGNING_CAPABILITIES", &layout_signing },
};

void
look_negotiate_context(struct walk *w, uint16_t type, struct span data)
{
	if (type == SMB2_NEG_NETNAME)
		tree_bytes(w->tree, "NetName", NODE_UTF16, data)->derived = true;
	else if (type < SMB2_NEG_TYPE_MAX && negotiate[type].layout)
		walk_whole(w->tree, negotiate[type].name, negotiate[type].layout, data);
}
