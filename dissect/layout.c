/*
 * layout.c - which layout a header or a body has.  [MS-SMB2] 2.2.2, 2.2.23 to 2.2.25
 */
#include "dissect/layout.h"

#include "dissect/layouts.h"

/* A CANCEL is never answered; what claims to be such an answer is empty as well. */
#define layout_cancel_rsp layout_cancel_req

#define CANDIDATES_MAX 6

struct candidates {
	const struct layout *req[CANDIDATES_MAX];
	const struct layout *rsp[CANDIDATES_MAX];
};

/* The first row is the command's own; the others are told by their size or by what they carry. */
static const struct candidates candidates[SMB2_CMD_MAX] = {
#define C(code, name, rq, rs, need, handle, charge, flags) \
	[code] = { { &layout_##name##_req }, { &layout_##name##_rsp, &layout_error_rsp } },
	SMB2_COMMANDS(C)
#undef C
};

static const struct candidates negotiate = {
	{ &layout_negotiate_req_311, &layout_negotiate_req },
	{ &layout_negotiate_rsp_311, &layout_negotiate_rsp, &layout_error_rsp },
};

static const struct candidates oplock_break = {
	{ &layout_oplock_break_req, &layout_lease_break_req },
	{ &layout_oplock_break_rsp, &layout_lease_break_rsp, &layout_lease_break_notify,
	  &layout_error_rsp },
};

static const struct candidates *
candidates_of(uint16_t command)
{
	switch (command) {
	case SMB2_CMD_negotiate:
		return &negotiate;
	case SMB2_CMD_oplock_break:
		return &oplock_break;
	default:
		return command < SMB2_CMD_MAX ? &candidates[command] : NULL;
	}
}

const struct layout *
layout_candidate(uint16_t command, bool response, unsigned i)
{
	const struct candidates *c = candidates_of(command);

	if (!c || i >= CANDIDATES_MAX)
		return NULL;
	return response ? c->rsp[i] : c->req[i];
}

/* 3.3.4.4: these statuses come with the command's own body though they are no success. */
static bool
status_has_body(nt status)
{
	switch (status.code) {
	case NT_MORE_PROCESSING_REQUIRED:
	case NT_BUFFER_OVERFLOW:
	case NT_NOTIFY_ENUM_DIR:
		return true;
	default:
		return nt_ok(status);
	}
}

const struct layout *
layout_body(uint16_t command, bool response, uint16_t size, nt status, bool unsolicited,
	    bool contexts)
{
	const struct layout *l;

	if (response && size == layout_error_rsp.structure_size && !status_has_body(status))
		return &layout_error_rsp;
	if (command == SMB2_CMD_negotiate && !contexts && size == (response ? 65 : 36))
		return response ? &layout_negotiate_rsp : &layout_negotiate_req;
	if (command == SMB2_CMD_oplock_break && unsolicited &&
	    size == layout_oplock_break_notify.structure_size)
		return &layout_oplock_break_notify;
	for (unsigned i = 0; (l = layout_candidate(command, response, i)); i++) {
		if (l->structure_size == size)
			return l;
	}
	return NULL;
}

const struct layout *
layout_of_header(bool response, bool async)
{
	if (response)
		return async ? &layout_header_rsp_async : &layout_header_rsp;
	return async ? &layout_header_req_async : &layout_header_req;
}
