/*
 * layouts.h - the layouts of all bodies, by name; for layout.c, which knows when
 * each applies.
 */
#ifndef DISSECT_LAYOUTS_H
#define DISSECT_LAYOUTS_H

#include "dissect/layout.h"
#include "proto/smb2/commands.h"

#define LAYOUT_DECLARE(code, name, req, rsp, need, handle, charge, flags) \
	extern const struct layout layout_##name##_req, layout_##name##_rsp;
SMB2_COMMANDS(LAYOUT_DECLARE)
#undef LAYOUT_DECLARE

extern const struct layout layout_negotiate_req_311, layout_negotiate_rsp_311;
extern const struct layout layout_error_rsp;
extern const struct layout layout_oplock_break_notify;
extern const struct layout layout_lease_break_req, layout_lease_break_rsp;
extern const struct layout layout_lease_break_notify;

#endif
