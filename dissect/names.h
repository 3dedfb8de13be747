/*
 * names.h - what the numbers of the specification are called.
 */
#ifndef DISSECT_NAMES_H
#define DISSECT_NAMES_H

#include "dissect/tree.h"

extern const struct names names_hex;	/* no names, but printed in hexadecimal */
extern const struct names names_command, names_status, names_header_flags;
extern const struct names names_dialect, names_security_mode, names_capabilities;
extern const struct names names_neg_type, names_hash, names_cipher, names_signing;
extern const struct names names_compression;
extern const struct names names_session_flags_req, names_session_flags;
extern const struct names names_share_type, names_share_flags, names_share_caps;
extern const struct names names_oplock, names_impersonation, names_access, names_attributes;
extern const struct names names_share_access, names_disposition, names_options, names_action;
extern const struct names names_lease_state, names_lease_flags, names_close_flags;
extern const struct names names_read_flags, names_write_flags, names_lock_flags, names_channel;
extern const struct names names_ctl_code, names_ioctl_flags;
extern const struct names names_info_type, names_file_class, names_query_dir_flags;
extern const struct names names_watch_flags, names_completion_filter, names_notify_action;
extern const struct names names_security_info, names_transform_flags;
extern const struct names names_durable_flags, names_nic_caps;
extern const struct names names_spnego_state, names_spnego_mech;
extern const struct names names_ntlm_type, names_ntlm_flags, names_ntlm_av;
extern const struct names names_rpc_ptype, names_rpc_flags, names_rpc_result;
extern const struct names names_sd_control, names_ace_type, names_ace_flags;

#endif
