/*
 * sddl.c - see sddl.h.  Both ways read the same tables.  [MS-DTYP] 2.5.1.1
 */
#include "proto/dtyp/sddl.h"

#include <stdio.h>
#include <stdlib.h>

#define LETTERS 2

struct word {
	char text[LETTERS + 1];
	uint32_t value;
};

static const struct word ace_types[] = {
	{ "A", ACCESS_ALLOWED_ACE_TYPE },
	{ "D", ACCESS_DENIED_ACE_TYPE },
	{ "AU", SYSTEM_AUDIT_ACE_TYPE },
	{ "ML", SYSTEM_MANDATORY_LABEL_ACE_TYPE },
};

static const struct word ace_flags[] = {
	{ "OI", OBJECT_INHERIT_ACE },	{ "CI", CONTAINER_INHERIT_ACE },
	{ "NP", NO_PROPAGATE_INHERIT_ACE }, { "IO", INHERIT_ONLY_ACE },
	{ "ID", INHERITED_ACE },	{ "SA", 0x40 }, /* audited successes and failures */
	{ "FA", 0x80 },
};

/* Read all; written only where the mask is exactly one of the first seven. */
static const struct word rights[] = {
	{ "FA", FILE_ALL_ACCESS }, { "FR", FILE_GENERIC_READ }, { "FW", FILE_GENERIC_WRITE },
	{ "FX", FILE_GENERIC_EXECUTE }, { "GA", GENERIC_ALL }, { "GR", GENERIC_READ },
	{ "GW", GENERIC_WRITE }, { "GX", GENERIC_EXECUTE }, { "RC", READ_CONTROL },
	{ "SD", DELETE }, { "WD", WRITE_DAC }, { "WO", WRITE_OWNER },
	{ "RP", 0x10 }, { "WP", 0x20 }, { "CC", 0x1 }, { "DC", 0x2 }, { "LC", 0x4 },
	{ "SW", 0x8 }, { "LO", 0x80 }, { "DT", 0x40 }, { "CR", 0x100 },
};
#define RIGHTS_WRITTEN 8u

static const struct alias {
	char text[LETTERS + 1];
	const struct sid *sid;
} aliases[] = {
	{ "WD", &sid_everyone },	{ "CO", &sid_creator_owner },
	{ "CG", &sid_creator_group },	{ "OW", &sid_owner_rights },
	{ "NU", &sid_network },		{ "AN", &sid_anonymous },
	{ "AU", &sid_authenticated_users }, { "SY", &sid_system },
	{ "BA", &sid_builtin_admins },	{ "BU", &sid_builtin_users },
	{ "BG", &sid_builtin_guests },
};

/* ---- text out ---- */

static void
put(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

static void
put_sid(struct wr *w, const struct sid *sid)
{
	char text[SID_TEXT_MAX];

	for (size_t i = 0; i < NELEM(aliases); i++)
		if (sid_eq(aliases[i].sid, sid)) {
			put(w, aliases[i].text);
			return;
		}
	put(w, sid_print(sid, text));
}

static void
put_rights(struct wr *w, uint32_t mask)
{
	char text[16];

	for (size_t i = 0; i < RIGHTS_WRITTEN; i++)
		if (rights[i].value == mask) {
			put(w, rights[i].text);
			return;
		}
	(void)snprintf(text, sizeof text, "0x%x", mask);
	put(w, text);
}

static void
put_ace(struct wr *w, const struct ace *a)
{
	size_t type = 0, plain = 8 + sid_size(&a->sid);
	uint8_t known = 0;

	while (type < NELEM(ace_types) && ace_types[type].value != a->type)
		type++;
	if (type == NELEM(ace_types) || !a->has_sid || a->raw.n != plain) {
		w->bad = true;	/* it says more than the text could */
		return;
	}
	put(w, "(");
	put(w, ace_types[type].text);
	put(w, ";");
	for (size_t i = 0; i < NELEM(ace_flags); i++)
		if (a->flags & ace_flags[i].value) {
			put(w, ace_flags[i].text);
			known |= (uint8_t)ace_flags[i].value;
		}
	w->bad |= known != a->flags;
	put(w, ";");
	put_rights(w, a->mask);
	put(w, ";;;");
	put_sid(w, &a->sid);
	put(w, ")");
}

static void
put_acl(struct wr *w, char which, uint32_t control, struct span acl)
{
	/* the SACL's bits stand one place above the DACL's */
	unsigned up = which == 'S' ? 1 : 0;
	struct ace a;
	struct rd r;

	if (!(control & (uint32_t)SE_DACL_PRESENT << 2 * up))
		return;
	wr_u8(w, (uint8_t)which);
	wr_u8(w, ':');
	if (control & (uint32_t)SE_DACL_PROTECTED << up)
		put(w, "P");
	if (control & (uint32_t)SE_DACL_AUTO_INHERIT_REQ << up)
		put(w, "AR");
	if (control & (uint32_t)SE_DACL_AUTO_INHERITED << up)
		put(w, "AI");
	if (acl.n == 0) {
		put(w, "NO_ACCESS_CONTROL");
		return;
	}
	r = acl_walk(acl);
	while (ace_next(&r, &a))
		put_ace(w, &a);
	w->bad |= !rd_ok(&r);
}

void
sddl_print(struct wr *w, const struct sd *sd)
{
	if (sd->has_owner) {
		put(w, "O:");
		put_sid(w, &sd->owner);
	}
	if (sd->has_group) {
		put(w, "G:");
		put_sid(w, &sd->group);
	}
	put_acl(w, 'D', sd->control, sd->dacl);
	put_acl(w, 'S', sd->control, sd->sacl);
}

/* ---- text in ---- */

struct scan {
	const char *p;
	bool bad;
};

static bool
eat(struct scan *s, const char *text)
{
	size_t n = strlen(text);

	if (s->bad || strncmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

static void
expect(struct scan *s, const char *text)
{
	if (!eat(s, text))
		s->bad = true;
}

static bool
eat_word(struct scan *s, const struct word *words, size_t n, uint32_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (eat(s, words[i].text)) {
			*ret = words[i].value;
			return true;
		}
	return false;
}

static void
scan_sid(struct scan *s, struct sid *ret)
{
	char text[SID_TEXT_MAX];
	size_t n;

	*ret = (struct sid){ 0 };
	for (size_t i = 0; i < NELEM(aliases); i++)
		if (eat(s, aliases[i].text)) {
			*ret = *aliases[i].sid;
			return;
		}
	if (s->bad)
		return;
	/* up to what can follow a SID: the next part's letter is no digit */
	n = strncmp(s->p, "S-", 2) == 0 ? 2 + strspn(s->p + 2, "0123456789-xABCDEFabcdef") : 0;
	while (n > 2 && n < sizeof text && s->p[n] == ':')
		n--;	/* "D:" and its letter were taken for hexadecimal digits */
	if (n == 0 || n >= sizeof text) {
		s->bad = true;
		return;
	}
	memcpy(text, s->p, n);
	text[n] = '\0';
	s->bad	= !sid_parse(text, ret);
	s->p += n;
}

static uint32_t
scan_rights(struct scan *s)
{
	uint32_t mask = 0, one;
	char *end;

	if (!s->bad && strncmp(s->p, "0x", 2) == 0) {
		unsigned long v = strtoul(s->p, &end, 16);

		s->bad = end == s->p + 2 || v > UINT32_MAX;
		s->p   = end;
		return (uint32_t)v;
	}
	while (eat_word(s, rights, NELEM(rights), &one))
		mask |= one;
	return mask;
}

static void
scan_ace(struct scan *s, struct acl_build *b)
{
	uint32_t type = 0, flags = 0, mask, one;
	struct sid sid;

	/* the longer words first: "AU" begins with "A" */
	if (!eat_word(s, ace_types + 2, NELEM(ace_types) - 2, &type) &&
	    !eat_word(s, ace_types, 2, &type))
		s->bad = true;
	expect(s, ";");
	while (eat_word(s, ace_flags, NELEM(ace_flags), &one))
		flags |= one;
	expect(s, ";");
	mask = scan_rights(s);
	expect(s, ";;;");
	scan_sid(s, &sid);
	expect(s, ")");
	if (!s->bad)
		acl_put(b, (uint8_t)type, (uint8_t)flags, mask, &sid);
}

static struct span
scan_acl(struct scan *s, unsigned up, struct wr *acls, uint16_t *io_control)
{
	size_t start = acls->pos;
	struct acl_build b;

	*io_control |= (uint16_t)(SE_DACL_PRESENT << 2 * up);
	for (;;) {
		if (eat(s, "P"))
			*io_control |= (uint16_t)(SE_DACL_PROTECTED << up);
		else if (eat(s, "AR"))
			*io_control |= (uint16_t)(SE_DACL_AUTO_INHERIT_REQ << up);
		else if (eat(s, "AI"))
			*io_control |= (uint16_t)(SE_DACL_AUTO_INHERITED << up);
		else
			break;
	}
	if (eat(s, "NO_ACCESS_CONTROL"))
		return SPAN_NONE;
	acl_begin(&b, acls);
	while (eat(s, "("))
		scan_ace(s, &b);
	acl_end(&b);
	if (!wr_ok(acls)) {
		s->bad = true;
		return SPAN_NONE;
	}
	return SPAN(acls->base + start, acls->pos - start);
}

nt
sddl_parse(const char *text, struct wr *acls, struct sd *ret)
{
	struct scan s = { .p = text };
	struct sd sd  = { .control = SE_SELF_RELATIVE };

	if (eat(&s, "O:")) {
		scan_sid(&s, &sd.owner);
		sd.has_owner = true;
	}
	if (eat(&s, "G:")) {
		scan_sid(&s, &sd.group);
		sd.has_group = true;
	}
	if (eat(&s, "D:"))
		sd.dacl = scan_acl(&s, 0, acls, &sd.control);
	if (eat(&s, "S:"))
		sd.sacl = scan_acl(&s, 1, acls, &sd.control);
	REQUIRE(!s.bad && *s.p == '\0' && s.p != text, STATUS_INVALID_SECURITY_DESCR);
	*ret = sd;
	return STATUS_SUCCESS;
}
