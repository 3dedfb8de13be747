/*
 * build_part.c - fields in their order, and the parts that they point to.
 */
#include "dissect/build.h"

#include <string.h>

#include "dissect/names.h"
#include "proto/smb2/header.h"

/* Keys of other views, which say nothing that the fields do not. */
bool
build_is_view(const char *key)
{
	static const char *const views[] = { "Decoded", "Frame", "MoreFields", "malformed" };

	for (size_t i = 0; i < NELEM(views); i++) {
		if (strcmp(key, views[i]) == 0)
			return true;
	}
	return false;
}

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
	return build_is_view(key) || strcmp(key, "Rest") == 0;
}

const char *
build_foreign_key(const struct layout *l, const json_t *body)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, key, value) {
		if (!layout_has(l, key))
			return key;
	}
	return NULL;
}

/* ---- fields ---- */

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

nt
build_fields(struct build *b, const struct layout *l, const json_t *obj, struct written *ret)
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

		key = json_is_object(item) ? build_foreign_key(p->item, item) : "(no object)";
		if (key)
			return build_refuse(b, "%s: no field %.60s", p->name, key);
		TRY(build_fields(b, p->item, item, &unused));
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

nt
build_parts(struct build *b, const struct layout *l, const json_t *obj, const struct written *wr)
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
