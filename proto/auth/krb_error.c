/*
 * krb_error.c - see krb_error.h.
 */
#include "proto/auth/krb_error.h"

#include "proto/auth/der.h"

#define TAG_AS_REP  0x6bu /* APPLICATION 11, constructed */
#define TAG_TGS_REP 0x6du
#define TAG_ERROR   0x7eu
#define TAG_INTEGER 0x02u
#define FIELD_CODE  6u

bool
krb_is_answer(struct span s)
{
	struct rd r = rd_init(s);

	if (!der_is(&r, TAG_AS_REP) && !der_is(&r, TAG_TGS_REP) && !der_is(&r, TAG_ERROR))
		return false;
	(void)der_value(&r, s.p[0]);
	return rd_ok(&r) && rd_left(&r) == 0;
}

int32_t
krb_error_code(struct span s)
{
	struct rd r	 = rd_init(s);
	struct rd error	 = der_enter(&r, TAG_ERROR);
	struct rd fields = der_enter(&error, DER_SEQUENCE);
	struct span code = SPAN_NONE;
	uint32_t v	 = 0;

	for (unsigned i = 0; i < FIELD_CODE && rd_ok(&fields); i++)
		if (der_is(&fields, DER_CONTEXT0 + i))
			(void)der_value(&fields, DER_CONTEXT0 + i);
	if (rd_ok(&fields) && der_is(&fields, DER_CONTEXT0 + FIELD_CODE)) {
		struct rd field = der_enter(&fields, DER_CONTEXT0 + FIELD_CODE);

		code = der_value(&field, TAG_INTEGER);
	}
	if (code.n == 0 || code.n > 4 || code.p[0] & 0x80)
		return -1;
	for (size_t i = 0; i < code.n; i++)
		v = v << 8 | code.p[i];
	return (int32_t)v;
}
