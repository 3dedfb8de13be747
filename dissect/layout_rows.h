/*
 * layout_rows.h - how the tables of layout_*.c are written; for them alone.
 *
 *	F(type, name)		a field	FN(…, names)	with names for its values
 *	FL, FNL			the same, shown in the line that sums up the packet
 *	OFF, LEN, COUNT		a field that tells where part number n is
 */
#ifndef DISSECT_LAYOUT_ROWS_H
#define DISSECT_LAYOUT_ROWS_H

#include "dissect/layout.h"
#include "dissect/look.h"
#include "dissect/names.h"

#define F(type, name)		 { name, FIELD_##type, ROLE_NONE, 0, false, NULL }
#define FL(type, name)		 { name, FIELD_##type, ROLE_NONE, 0, true, NULL }
#define FN(type, name, names)	 { name, FIELD_##type, ROLE_NONE, 0, false, &names_##names }
#define FNL(type, name, names)	 { name, FIELD_##type, ROLE_NONE, 0, true, &names_##names }
#define OFF(type, name, n)	 { name, FIELD_##type, ROLE_OFFSET, n, false, NULL }
#define LEN(type, name, n)	 { name, FIELD_##type, ROLE_LENGTH, n, false, NULL }
#define COUNT(type, name, n)	 { name, FIELD_##type, ROLE_COUNT, n, false, NULL }
#define SIZE			 { "StructureSize", FIELD_U16, ROLE_STRUCTURE_SIZE, 0, false, NULL }

#define LAYOUT(title, size, fields, parts, check) \
	{ title, size, NELEM(fields), NELEM(parts), fields, parts, check }
#define LAYOUT_FIXED(title, size, fields, check) \
	{ title, size, NELEM(fields), 0, fields, NULL, check }

#define CHECK(what)                                     \
	static nt check_##what(struct rd *r)            \
	{                                               \
		struct smb2_##what c;                   \
                                                        \
		return smb2_##what##_decode(r, &c);     \
	}

#endif
