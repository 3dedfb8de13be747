/*
 * build.c - packets from JSON, by the layouts that take them apart.
 *
 * Not for: making sense.  Whatever is given stands in the packet as given; only
 * names that no layout of the command has are refused.
 */
#include "dissect/build.h"

#include <string.h>

#include "dissect/names.h"
#include "proto/smb2/header.h"

#define CHAIN_MAX 64

/* ---- which layout ---- */

static bool
size_agrees(const struct layout *l, const json_t *body)
{
	const json_t *size = json_object_get(body, "StructureSize");

	return !size || json_integer_value(size) == l->structure_size;
}

/* The first whose names and size fit; else, for a size of nobody's, whose names fit. */
static nt
body_layout(struct build *b, const json_t *body, uint16_t command, bool response,
	    const struct layout **ret)
{
	const struct layout *l, *named = NULL;

	for (unsigned i = 0; (l = layout_candidate(command, response, i)); i++) {
		if (build_foreign_key(l, body))
			continue;
		if (size_agrees(l, body)) {
			*ret = l;
			return STATUS_SUCCESS;
		}
		named = named ? named : l;
	}
	*ret = named;
	if (named)
		return STATUS_SUCCESS;
	l = layout_candidate(command, response, 0);
	if (!l)
		return build_refuse(b, "Body: command %u has no fields that we know", command);
	return build_refuse(b, "Body: %s has no field %.60s", l->name, build_foreign_key(l, body));
}

/* ---- header, body, chain ---- */

static bool
has_any(const json_t *obj, const char *a, const char *b)
{
	return json_object_get(obj, a) || json_object_get(obj, b);
}

/* The header's form follows from Flags, or from the fields that only one form has. */
static nt
header_write(struct build *b, const json_t *hdr, uint16_t *ret_command, bool *ret_response)
{
	const json_t *given = json_object_get(hdr, "Flags");
	uint64_t flags	    = 0, command = 0;
	const struct layout *l;
	struct written wr;
	const char *key;

	if (has_any(hdr, "Status", "CreditResponse"))
		flags |= SMB2_FLAGS_SERVER_TO_REDIR;
	if (json_object_get(hdr, "AsyncId"))
		flags |= SMB2_FLAGS_ASYNC_COMMAND;
	if (given)
		TRY(build_number(b, "Flags", given, 4, &names_header_flags, &flags));
	if (json_object_get(hdr, "Command"))
		TRY(build_number(b, "Command", json_object_get(hdr, "Command"), 2, &names_command,
				 &command));
	*ret_response = (flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
	*ret_command  = (uint16_t)command;
	l   = layout_of_header(*ret_response, (flags & SMB2_FLAGS_ASYNC_COMMAND) != 0);
	key = build_foreign_key(l, hdr);
	if (key)
		return build_refuse(b, "Header: no field %.60s in this form", key);
	TRY(build_fields(b, l, hdr, &wr));
	if (!json_object_get(hdr, "ProtocolId"))
		wr_patch32(b->w, b->hdr_at, SMB2_MAGIC);
	if (!given)
		smb2_hdr_patch_flags(b->w, b->hdr_at, (uint32_t)flags);
	return STATUS_SUCCESS;
}

static nt
body_write(struct build *b, const json_t *body, uint16_t command, bool response)
{
	const struct layout *l;
	struct written wr;

	if (json_is_string(body))
		return build_hex(b, "Body", body);
	if (!json_is_object(body))
		return build_refuse(b, "Body: neither an object nor bytes");
	TRY(body_layout(b, body, command, response, &l));
	TRY(build_fields(b, l, body, &wr));
	TRY(build_parts(b, l, body, &wr));
	if (json_object_get(body, "Rest"))
		return build_hex(b, "Rest", json_object_get(body, "Rest"));
	/* 2.2: the byte that an odd size counts */
	if (l->structure_size % 2 != 0 &&
	    b->w->pos - b->hdr_at == SMB2_HDR_SIZE + l->structure_size - 1u)
		wr_u8(b->w, 0);
	return STATUS_SUCCESS;
}

static nt
packet_write(struct build *b, const json_t *packet, bool last)
{
	const json_t *hdr  = json_object_get(packet, "Header");
	const json_t *body = json_object_get(packet, "Body");
	uint16_t command;
	bool response;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)packet, key, value) {
		if (strcmp(key, "Header") != 0 && strcmp(key, "Body") != 0 &&
		    !build_is_view(key))
			return build_refuse(b, "no field %.60s", key);
	}
	if (!json_is_object(hdr))
		return build_refuse(b, "Header: wants an object");
	TRY(header_write(b, hdr, &command, &response));
	if (body)
		TRY(body_write(b, body, command, response));
	if (last)
		return STATUS_SUCCESS;
	wr_zero(b->w, (8 - (b->w->pos - b->hdr_at) % 8) % 8);
	if (!json_object_get(hdr, "NextCommand"))
		wr_patch32(b->w, b->hdr_at + SMB2_HDR_AT_NEXT, (uint32_t)(b->w->pos - b->hdr_at));
	return STATUS_SUCCESS;
}

nt
dissect_build(const json_t *j, struct wr *w, char why[BUILD_WHY])
{
	struct build b = { .w = w, .hdr_at = w->pos, .why = why };
	size_t n       = json_is_array(j) ? json_array_size(j) : 1;

	why[0] = '\0';
	if (n == 0 || n > CHAIN_MAX)
		return build_refuse(&b, "a chain has 1 to %d packets", CHAIN_MAX);
	for (size_t i = 0; i < n; i++) {
		b.hdr_at = w->pos;
		TRY(packet_write(&b, json_is_array(j) ? json_array_get(j, i) : j, i + 1 == n));
	}
	return wr_ok(w) ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}
