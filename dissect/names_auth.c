/*
 * names_auth.c - what SPNEGO, NTLMSSP and DCE/RPC call their numbers.
 */
#include "dissect/names.h"

#include "proto/auth/ntlmssp.h"
#include "proto/auth/spnego.h"
#include "proto/rpc/pdu.h"
#include "dissect/names_rows.h"

static const struct value_name spnego_state_rows[] = {
	{ SPNEGO_ACCEPT_COMPLETED, "accept-completed" },
	{ SPNEGO_ACCEPT_INCOMPLETE, "accept-incomplete" }, { SPNEGO_REJECT, "reject" },
	{ SPNEGO_REQUEST_MIC, "request-mic" }, { SPNEGO_STATE_NONE, "none" },
};
const struct names names_spnego_state = VALUES(spnego_state_rows);

static const struct value_name ntlm_type_rows[] = {
	N(NTLM_NEGOTIATE), N(NTLM_CHALLENGE), N(NTLM_AUTHENTICATE),
};
const struct names names_ntlm_type = VALUES(ntlm_type_rows);

static const struct value_name ntlm_flags_rows[] = {
	N(NTLM_UNICODE), N(NTLM_OEM), N(NTLM_REQUEST_TARGET), N(NTLM_SIGN), N(NTLM_SEAL),
	N(NTLM_LM_KEY), N(NTLM_NTLM), N(NTLM_ANONYMOUS), N(NTLM_OEM_DOMAIN_SUPPLIED),
	N(NTLM_OEM_WORKSTATION_SUPPLIED), N(NTLM_ALWAYS_SIGN), N(NTLM_TARGET_TYPE_DOMAIN),
	N(NTLM_TARGET_TYPE_SERVER), N(NTLM_EXTENDED_SESSIONSECURITY), N(NTLM_TARGET_INFO),
	N(NTLM_VERSION), N(NTLM_128), N(NTLM_KEY_EXCH), N(NTLM_56),
};
const struct names names_ntlm_flags = BITS(ntlm_flags_rows);

static const struct value_name ntlm_av_rows[] = {
	{ NTLM_AV_EOL, "MsvAvEOL" }, { NTLM_AV_NB_COMPUTER, "MsvAvNbComputerName" },
	{ NTLM_AV_NB_DOMAIN, "MsvAvNbDomainName" },
	{ NTLM_AV_DNS_COMPUTER, "MsvAvDnsComputerName" },
	{ NTLM_AV_DNS_DOMAIN, "MsvAvDnsDomainName" }, { NTLM_AV_DNS_TREE, "MsvAvDnsTreeName" },
	{ NTLM_AV_FLAGS, "MsvAvFlags" }, { NTLM_AV_TIMESTAMP, "MsvAvTimestamp" },
	{ NTLM_AV_SINGLE_HOST, "MsvAvSingleHost" }, { NTLM_AV_TARGET_NAME, "MsvAvTargetName" },
	{ NTLM_AV_CHANNEL_BINDINGS, "MsvAvChannelBindings" },
};
const struct names names_ntlm_av = VALUES(ntlm_av_rows);

static const struct value_name rpc_ptype_rows[] = {
	{ RPC_REQUEST, "request" }, { RPC_RESPONSE, "response" }, { RPC_FAULT, "fault" },
	{ RPC_BIND, "bind" }, { RPC_BIND_ACK, "bind_ack" }, { RPC_BIND_NAK, "bind_nak" },
	{ RPC_ALTER_CONTEXT, "alter_context" }, { RPC_ALTER_RESP, "alter_resp" },
	{ RPC_CANCEL, "cancel" }, { RPC_ORPHANED, "orphaned" },
};
const struct names names_rpc_ptype = VALUES(rpc_ptype_rows);

static const struct value_name rpc_flags_rows[] = {
	N(RPC_FIRST_FRAG), N(RPC_LAST_FRAG), N(RPC_DID_NOT_EXECUTE), N(RPC_OBJECT),
};
const struct names names_rpc_flags = BITS(rpc_flags_rows);

static const struct value_name rpc_result_rows[] = {
	{ RPC_ACCEPTED, "acceptance" }, { RPC_PROVIDER_REJECTION, "provider_rejection" },
	{ RPC_NEGOTIATE_ACK, "negotiate_ack" },
};
const struct names names_rpc_result = VALUES(rpc_result_rows);

static const char *
mech_name(uint64_t v)
{
	return v < SPNEGO_MECH_MAX ? spnego_mech_name((enum spnego_mech)v) : NULL;
}
const struct names names_spnego_mech = { .find = mech_name };
