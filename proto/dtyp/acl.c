/*
 * acl.c - access control lists: checked once, then walked; built entry by
 * entry; inherited from a parent.  [MS-DTYP] 2.4.4, 2.4.5, 2.5.3.4
 */
#include "proto/dtyp/sd.h"

#include "proto/dtyp/access.h"

#define ACL_HEADER	8
#define ACE_HEADER	4
#define ACE_SIZE_MIN	8
#define ACL_REVISION	2
#define ACL_REVISION_DS 4

/* Types whose body is a mask and a SID (and perhaps application data behind it). */
static bool
type_has_sid(uint8_t type)
{
	switch (type) {
	case ACCESS_ALLOWED_ACE_TYPE:
	case ACCESS_DENIED_ACE_TYPE:
	case SYSTEM_AUDIT_ACE_TYPE:
	case ACCESS_ALLOWED_CALLBACK_ACE_TYPE:
	case ACCESS_DENIED_CALLBACK_ACE_TYPE:
	case SYSTEM_MANDATORY_LABEL_ACE_TYPE:
		return true;
	default:
		return false;
	}
}

bool
ace_next(struct rd *r, struct ace *ret)
{
	struct ace c	= { 0 };
	struct rd start = *r;
	struct rd body;
	uint16_t size;

	if (rd_left(r) == 0)
		return false;
	c.type	= rd_u8(r);
	c.flags = rd_u8(r);
	size	= rd_u16(r);
	c.raw	= rd_bytes(&start, size);
	r->bad |= !rd_ok(&start) || size < ACE_SIZE_MIN || size % 4 != 0;
	if (!rd_ok(r))
		return false;
	body = rd_init(c.raw);
	rd_zero(&body, ACE_HEADER);
	c.has_sid = type_has_sid(c.type);
	if (c.has_sid) {
		c.mask = rd_u32(&body);
		rd_sid(&body, &c.sid);
	}
	r->bad |= !rd_ok(&body);
	rd_zero(r, (size_t)size - ACE_HEADER);
	if (rd_ok(r))
		*ret = c;
	return rd_ok(r);
}

/* Stands at the first entry and ends behind the last that AceCount names: what
 * AclSize has beyond is slack, never an entry. */
struct rd
acl_walk(struct span acl)
{
	struct rd r = rd_init(acl);
	struct rd probe;
	struct ace ace;
	uint16_t count;

	if (acl.n == 0)
		return r;
	rd_zero(&r, 4);
	count = rd_u16(&r);
	rd_zero(&r, 2);
	probe = r;
	while (count > 0 && ace_next(&probe, &ace))
		count--;
	r.end = probe.pos;
	return r;
}

bool
acl_check(struct span acl)
{
	struct rd r	 = rd_init(acl);
	uint8_t revision = rd_u8(&r);
	unsigned found	 = 0;
	uint16_t size, count;
	struct ace ace;

	rd_zero(&r, 1);
	size  = rd_u16(&r);
	count = rd_u16(&r);
	rd_zero(&r, 2);
	if (!rd_ok(&r) || size != acl.n)
		return false;
	if (revision != ACL_REVISION && revision != ACL_REVISION_DS)
		return false;
	/* AclSize may be more than the entries need, so it is the count that ends them. */
	while (found < count && ace_next(&r, &ace))
		found++;
	return rd_ok(&r) && found == count;
}

void
acl_begin(struct acl_build *b, struct wr *w)
{
	*b = (struct acl_build){ .w = w, .start = w->pos };
	wr_u8(w, ACL_REVISION);
	wr_zero(w, ACL_HEADER - 1);
}

void
acl_put(struct acl_build *b, uint8_t type, uint8_t flags, uint32_t mask, const struct sid *sid)
{
	wr_u8(b->w, type);
	wr_u8(b->w, flags);
	wr_u16(b->w, (uint16_t)(ACE_HEADER + 4 + sid_size(sid)));
	wr_u32(b->w, mask);
	wr_sid(b->w, sid);
	b->count++;
}

void
acl_put_raw(struct acl_build *b, struct span ace)
{
	wr_span(b->w, ace);
	b->count++;
}

void
acl_end(struct acl_build *b)
{
	size_t size = b->w->pos - b->start;

	if (size > UINT16_MAX)
		b->w->bad = true;
	wr_patch16(b->w, b->start + 2, (uint16_t)size);
	wr_patch16(b->w, b->start + 4, b->count);
}

/* CREATOR OWNER and CREATOR GROUP become who they are in the child. */
static const struct sid *
creator_replace(const struct sid *sid, const struct sid *owner, const struct sid *group)
{
	if (sid_eq(sid, &sid_creator_owner))
		return owner;
	if (sid_eq(sid, &sid_creator_group))
		return group;
	return sid;
}

/* The entry that acts in the child itself. */
static void
effective_put(struct acl_build *b, const struct ace *ace, uint8_t flags, const struct sid *owner,
	      const struct sid *group)
{
	acl_put(b, ace->type, flags, access_map_generic(ace->mask),
		creator_replace(&ace->sid, owner, group));
}

/*
 * One inheritable entry in a child.  A directory also hands it on, in one entry
 * if nothing was replaced in it, else in a second that only inherits.
 */
static void
ace_inherit(struct acl_build *b, const struct ace *ace, bool is_dir, const struct sid *owner,
	    const struct sid *group)
{
	const uint8_t both = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;
	bool acts	   = ace->flags & (is_dir ? CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE);
	bool passes  = is_dir && (ace->flags & both) && !(ace->flags & NO_PROPAGATE_INHERIT_ACE);
	uint8_t kept = ace->flags & both;
	bool same    = creator_replace(&ace->sid, owner, group) == &ace->sid &&
		    access_map_generic(ace->mask) == ace->mask;

	if (acts && passes && same) {
		acl_put(b, ace->type, (uint8_t)(kept | INHERITED_ACE), ace->mask, &ace->sid);
		return;
	}
	if (acts)
		effective_put(b, ace, INHERITED_ACE, owner, group);
	if (passes)
		acl_put(b, ace->type, (uint8_t)(kept | INHERIT_ONLY_ACE | INHERITED_ACE), ace->mask,
			&ace->sid);
}

bool
acl_inherit(struct wr *w, struct span parent, bool is_dir, const struct sid *owner,
	    const struct sid *group)
{
	struct wr undo = *w;
	struct rd r    = acl_walk(parent);
	struct acl_build b;
	struct ace ace;

	acl_begin(&b, w);
	while (ace_next(&r, &ace)) {
		if (ace.has_sid)
			ace_inherit(&b, &ace, is_dir, owner, group);
	}
	acl_end(&b);
	if (b.count > 0)
		return true;
	*w = undo;
	return false;
}
