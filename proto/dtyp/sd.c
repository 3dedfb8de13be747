/*
 * sd.c - self-relative security descriptors, and the one that speaks for Unix
 * permissions.  [MS-DTYP] 2.4.6
 */
#include "proto/dtyp/sd.h"

#include "proto/dtyp/access.h"

#define SD_REVISION 1
#define SD_HEADER   20

/* A reader at offset off of the descriptor; an offset of 0 means absent. */
static bool
part_open(struct rd *r, uint32_t off, struct rd *ret)
{
	size_t n = off <= r->end ? r->end - off : 0;

	if (off == 0)
		return false;
	if (n == 0)
		r->bad = true;
	*ret = rd_init(rd_region(r, off, n));
	return true;
}

static bool
sid_part(struct rd *r, uint32_t off, struct sid *ret)
{
	struct rd part;

	if (!part_open(r, off, &part))
		return false;
	rd_sid(&part, ret);
	r->bad |= !rd_ok(&part);
	return true;
}

/* The whole ACL at off, as long as its own header says. */
static struct span
acl_part(struct rd *r, bool present, uint32_t off)
{
	struct span acl;
	struct rd part, header;
	uint16_t size;

	if (!present || !part_open(r, off, &part))
		return SPAN_NONE;
	header = part;
	rd_zero(&header, 2);
	size = rd_u16(&header);
	acl  = rd_bytes(&part, size);
	r->bad |= !rd_ok(&part) || !acl_check(acl);
	return acl;
}

nt
sd_decode(struct span s, struct sd *ret)
{
	struct sd c = { 0 };
	struct rd r = rd_init(s);
	uint32_t owner, group, sacl, dacl;

	REQUIRE(s.n <= SD_SIZE_MAX, STATUS_INVALID_SECURITY_DESCR);
	r.bad |= rd_u8(&r) != SD_REVISION;
	rd_zero(&r, 1);
	c.control = rd_u16(&r);
	owner	  = rd_u32(&r);
	group	  = rd_u32(&r);
	sacl	  = rd_u32(&r);
	dacl	  = rd_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_SECURITY_DESCR);
	REQUIRE(c.control & SE_SELF_RELATIVE, STATUS_INVALID_SECURITY_DESCR);
	c.has_owner = sid_part(&r, owner, &c.owner);
	c.has_group = sid_part(&r, group, &c.group);
	c.sacl	    = acl_part(&r, c.control & SE_SACL_PRESENT, sacl);
	c.dacl	    = acl_part(&r, c.control & SE_DACL_PRESENT, dacl);
	REQUIRE(rd_ok(&r), STATUS_INVALID_SECURITY_DESCR);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Which parts info asks for and the descriptor has. */
struct parts {
	bool owner, group, dacl, sacl;
	uint16_t control;
};

static struct parts
parts_pick(const struct sd *sd, uint32_t info)
{
	const uint16_t dacl_bits =
	    SE_DACL_PRESENT | SE_DACL_DEFAULTED | SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED;
	const uint16_t sacl_bits =
	    SE_SACL_PRESENT | SE_SACL_DEFAULTED | SE_SACL_AUTO_INHERITED | SE_SACL_PROTECTED;
	struct parts p = { .control = SE_SELF_RELATIVE };

	p.owner = (info & OWNER_SECURITY_INFORMATION) && sd->has_owner;
	p.group = (info & GROUP_SECURITY_INFORMATION) && sd->has_group;
	if (info & DACL_SECURITY_INFORMATION) {
		p.control |= sd->control & dacl_bits;
		p.dacl = sd->dacl.n > 0;
	}
	if (info & SACL_SECURITY_INFORMATION) {
		p.control |= sd->control & sacl_bits;
		p.sacl = sd->sacl.n > 0;
	}
	return p;
}

size_t
sd_size(const struct sd *sd, uint32_t info)
{
	struct parts p = parts_pick(sd, info);

	return SD_HEADER + (p.owner ? sid_size(&sd->owner) : 0) +
	       (p.group ? sid_size(&sd->group) : 0) + (p.sacl ? sd->sacl.n : 0) +
	       (p.dacl ? sd->dacl.n : 0);
}

/* Fills the offset at position `at` with where the next part begins. */
static void
part_begin(struct wr *w, size_t start, size_t at)
{
	wr_patch32(w, at, (uint32_t)(w->pos - start));
}

void
sd_encode(struct wr *w, const struct sd *sd, uint32_t info)
{
	struct parts p = parts_pick(sd, info);
	size_t start   = w->pos;
	size_t owner, group, sacl, dacl;

	wr_u8(w, SD_REVISION);
	wr_u8(w, 0);
	wr_u16(w, p.control);
	owner = wr_hole(w, 4);
	group = wr_hole(w, 4);
	sacl  = wr_hole(w, 4);
	dacl  = wr_hole(w, 4);
	if (p.owner) {
		part_begin(w, start, owner);
		wr_sid(w, &sd->owner);
	}
	if (p.group) {
		part_begin(w, start, group);
		wr_sid(w, &sd->group);
	}
	if (p.sacl) {
		part_begin(w, start, sacl);
		wr_span(w, sd->sacl);
	}
	if (p.dacl) {
		part_begin(w, start, dacl);
		wr_span(w, sd->dacl);
	}
}

/*
 * POSIX asks one class alone, the first that fits; a DACL adds up all that fit.
 * So a class that has less than a wider one is denied the difference first.
 */
void
sd_from_mode(const struct sid *owner, const struct sid *group, uint32_t mode, bool is_dir,
	     uint8_t buf[SD_UNIX_MAX], struct sd *ret)
{
	const unsigned u = mode >> 6 & 7;
	const unsigned g = mode >> 3 & 7;
	const unsigned o = mode & 7;
	const uint32_t own =
	    READ_CONTROL | WRITE_DAC | SYNCHRONIZE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
	const uint32_t always = READ_CONTROL | SYNCHRONIZE | FILE_READ_ATTRIBUTES;
	struct wr w	      = wr_init(buf, SD_UNIX_MAX);
	uint32_t deny_u	      = access_from_mode((g | o) & ~u, is_dir) & ~own;
	uint32_t deny_g =
	    access_from_mode(o & ~g, is_dir) & ~(always | access_from_mode(g, is_dir));
	struct acl_build b;

	deny_u &= ~access_from_mode(u, is_dir);
	acl_begin(&b, &w);
	if (deny_u)
		acl_put(&b, ACCESS_DENIED_ACE_TYPE, 0, deny_u, owner);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, own | access_from_mode(u, is_dir), owner);
	if (deny_g)
		acl_put(&b, ACCESS_DENIED_ACE_TYPE, 0, deny_g, group);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, always | access_from_mode(g, is_dir), group);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, always | access_from_mode(o, is_dir),
		&sid_everyone);
	acl_end(&b);
	*ret = (struct sd){ .control   = SE_SELF_RELATIVE | SE_DACL_PRESENT,
			    .has_owner = true,
			    .has_group = true,
			    .owner     = *owner,
			    .group     = *group,
			    .dacl      = wr_done(&w) };
}
