/*
 * nt.c - names and sentences of NTSTATUS codes, from the one table nt.def.h.
 */
#include "base/nt.h"

#include <stdio.h>
#include <string.h>

struct nt_row {
	uint32_t code;
	const char *name;
	const char *sentence;
};

#define NT_DEF(name, value, sentence) { (value), "STATUS_" #name, (sentence) },
static const struct nt_row rows[] = {
#include "base/nt.def.h"
};
#undef NT_DEF

static const struct nt_row *
row_find(uint32_t code)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].code == code)
			return &rows[i];
	}
	return NULL;
}

const char *
nt_name(nt s)
{
	static _Thread_local char unknown[24];
	const struct nt_row *row = row_find(s.code);

	if (row)
		return row->name;
	(void)snprintf(unknown, sizeof unknown, "STATUS_0x%08X", s.code);
	return unknown;
}

const char *
nt_sentence(nt s)
{
	const struct nt_row *row = row_find(s.code);

	return row ? row->sentence : "a status without a sentence here";
}

bool
nt_from_name(const char *name, nt *ret)
{
	if (strncmp(name, "STATUS_", 7) == 0)
		name += 7;
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (strcmp(rows[i].name + 7, name) == 0) {
			ret->code = rows[i].code;
			return true;
		}
	}
	return false;
}
