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

/* Keys of other views, which say nothing that the fields do not. */
static bool
is_view(const char *key)
{
	return strcmp(key, "Decoded") == 0 || strcmp(key, "malformed") == 0 ||
	       strcmp(key, "Frame") == 0;
}

/* ---- which layout ---- */

static bool
layout_has(const struct layout *l, const char *key)
{
	for (unsigned i = 0; i < l->n_fields; i++) {
		if (strcmp(l->fields[i].name, key) == 0)
			return true;
	}
	for (unsigned i = 0; i < l->n_parts; i++) {
		if (strcmp(l->parts[i].name, key) == 0)
			return true;
	}
	return is_view(key) || strcmp(key, "Rest") == 0;
}

/* NULL, or the first name that the layout lacks. */
static const char *
foreign_key(const struct layout *l, const json_t *body)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, key, value) {
		if (!layout_has(l, key))
			return key;
	}
	return NULL;
}

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
		if (foreign_key(l, body))
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
	return build_refuse(b, "Body: %s has no field %.60s", l->name, foreign_key(l, body));
}

/* ---- fields ---- */

/* Where each field was written, and whether the caller chose its value. */
struct written {
	size_t at[FIELDS_MAX];
	bool given[FIELDS_MAX];
	uint64_t value[FIELDS_MAX];
};

static nt
field_given(struct build *b, const struct field *f, const json_t *j, uint64_t *ret)
{
	unsigned width = field_width((enum field_type)f->type);

	switch ((enum field_type)f->type) {
	case FIELD_FID:
		return build_fid(b, f->name, j);
	case FIELD_GUID:
		return build_guid(b, f->name, j);
	case FIELD_KEY:
	case FIELD_RESUME:
		return build_hex_n(b, f->name, j, width);
	default:
		TRY(build_number(b, f->name, j, width, f->names, ret));
		build_le(b->w, *ret, width);
		return STATUS_SUCCESS;
	}
}

static void
field_default(struct build *b, const struct layout *l, const struct field *f)
{
	unsigned width = field_width((enum field_type)f->type);

	if (f->role == ROLE_STRUCTURE_SIZE)
		build_le(b->w, l->structure_size, width);
	else
		wr_zero(b->w, width);
}

static nt
fields_write(struct build *b, const struct layout *l, const json_t *obj, struct written *ret)
{
	*ret = (struct written){ 0 };
	for (unsigned i = 0; i < l->n_fields; i++) {
		const json_t *j = json_object_get(obj, l->fields[i].name);

		ret->at[i]    = b->w->pos;
		ret->given[i] = j != NULL;
		if (j)
			TRY(field_given(b, &l->fields[i], j, &ret->value[i]));
		else
			field_default(b, l, &l->fields[i]);
	}
	return STATUS_SUCCESS;
}

/* ---- parts ---- */

static nt
u16s_write(struct build *b, const struct part *p, const json_t *list)
{
	uint64_t v;

	for (size_t i = 0; i < json_array_size(list); i++) {
		TRY(build_number(b, p->name, json_array_get(list, i), 2, p->names, &v));
		wr_u16(b->w, (uint16_t)v);
	}
	return STATUS_SUCCESS;
}

static nt
items_write(struct build *b, const struct part *p, const json_t *list)
{
	struct written unused;
	const char *key;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		key = json_is_object(item) ? foreign_key(p->item, item) : "(no object)";
		if (key)
			return build_refuse(b, "%s: no field %.60s", p->name, key);
		TRY(fields_write(b, p->item, item, &unused));
	}
	return STATUS_SUCCESS;
}

/* 2.2.13.2: an entry's fixed 16 bytes, its name padded to 8, its data. */
static nt
create_context_write(struct build *b, const json_t *ctx, bool last)
{
	const json_t *name = json_object_get(ctx, "Name"), *data = json_object_get(ctx, "Data");
	size_t at	   = wr_hole(b->w, 16), name_at = b->w->pos, data_at;
	const char *text   = json_string_value(name);

	if (text && strlen(text) == json_string_length(name) && strlen(text) < 16)
		wr_bytes(b->w, text, strlen(text));
	else
		TRY(build_hex(b, "CreateContexts: Name", name));
	wr_patch16(b->w, at + 4, 16);
	wr_patch16(b->w, at + 6, (uint16_t)(b->w->pos - name_at));
	wr_zero(b->w, (8 - (b->w->pos - at) % 8) % 8);
	data_at = b->w->pos;
	if (data)
		TRY(build_hex(b, "CreateContexts: Data", data));
	if (b->w->pos > data_at) {
		wr_patch16(b->w, at + 10, (uint16_t)(data_at - at));
		wr_patch32(b->w, at + 12, (uint32_t)(b->w->pos - data_at));
	}
	if (last)
		return STATUS_SUCCESS;
	wr_zero(b->w, (8 - (b->w->pos - at) % 8) % 8);
	wr_patch32(b->w, at, (uint32_t)(b->w->pos - at));
	return STATUS_SUCCESS;
}

/* 2.2.3.1 */
static nt
negotiate_context_write(struct build *b, const json_t *ctx, bool last)
{
	const json_t *data = json_object_get(ctx, "Data");
	size_t data_at;
	uint64_t type;

	TRY(build_number(b, "ContextType", json_object_get(ctx, "ContextType"), 2, &names_neg_type,
			 &type));
	wr_u16(b->w, (uint16_t)type);
	wr_zero(b->w, 6);
	data_at = b->w->pos;
	if (data)
		TRY(build_hex(b, "NegotiateContextList: Data", data));
	wr_patch16(b->w, data_at - 6, (uint16_t)(b->w->pos - data_at));
	if (!last)
		wr_zero(b->w, (8 - (b->w->pos - b->hdr_at) % 8) % 8);
	return STATUS_SUCCESS;
}

static nt
contexts_write(struct build *b, const struct part *p, const json_t *list)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		if (p->kind == PART_CREATE_CONTEXTS)
			TRY(create_context_write(b, json_array_get(list, i), i + 1 == n));
		else
			TRY(negotiate_context_write(b, json_array_get(list, i), i + 1 == n));
	}
	return STATUS_SUCCESS;
}

/* Every kind of part may be given as plain bytes instead. */
static nt
part_content(struct build *b, const struct part *p, const json_t *j)
{
	if (p->kind == PART_UTF16)
		return build_utf16(b, p->name, j);
	if (json_is_string(j))
		return build_hex(b, p->name, j);
	if (!json_is_array(j) || p->kind == PART_BYTES)
		return build_refuse(b, "%s: neither bytes nor a list", p->name);
	if (p->kind == PART_U16S)
		return u16s_write(b, p, j);
	if (p->kind == PART_ITEMS)
		return items_write(b, p, j);
	return contexts_write(b, p, j);
}

/* The caller's own offset is kept to if the room before it can be left empty. */
static void
part_seek(struct build *b, const struct layout *l, unsigned part, const struct written *wr)
{
	const struct part *p = &l->parts[part];

	for (unsigned i = 0; i < l->n_fields; i++) {
		if (l->fields[i].role != ROLE_OFFSET || l->fields[i].part != part || !wr->given[i])
			continue;
		if (wr->value[i] >= b->w->pos - b->hdr_at && wr->value[i] <= UINT16_MAX)
			wr_zero(b->w, wr->value[i] - (b->w->pos - b->hdr_at));
		return;
	}
	if (p->align > 0 && !p->follows)
		wr_zero(b->w, (p->align - (b->w->pos - b->hdr_at) % p->align) % p->align);
}

static void
part_patch(struct build *b, const struct layout *l, unsigned part, const struct written *wr,
	   size_t start, size_t items)
{
	for (unsigned i = 0; i < l->n_fields; i++) {
		const struct field *f = &l->fields[i];
		uint64_t v	      = b->w->pos - start;
		struct wr at	      = *b->w;

		if (f->role < ROLE_OFFSET || f->part != part || wr->given[i])
			continue;
		if (f->role == ROLE_OFFSET)
			v = start - b->hdr_at;
		else if (f->role == ROLE_COUNT)
			v = l->parts[part].unit ? v / l->parts[part].unit : items;
		at.pos = wr->at[i];
		build_le(&at, v, field_width((enum field_type)f->type));
	}
}

static nt
parts_write(struct build *b, const struct layout *l, const json_t *obj, const struct written *wr)
{
	for (unsigned i = 0; i < l->n_parts; i++) {
		const json_t *j = json_object_get(obj, l->parts[i].name);
		size_t start;

		if (!j)
			continue;
		part_seek(b, l, i, wr);
		start = b->w->pos;
		TRY(part_content(b, &l->parts[i], j));
		part_patch(b, l, i, wr, start, json_array_size(j));
	}
	return STATUS_SUCCESS;
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
	key = foreign_key(l, hdr);
	if (key)
		return build_refuse(b, "Header: no field %.60s in this form", key);
	TRY(fields_write(b, l, hdr, &wr));
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
	TRY(fields_write(b, l, body, &wr));
	TRY(parts_write(b, l, body, &wr));
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
		    !is_view(key))
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
