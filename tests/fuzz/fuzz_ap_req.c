/*
 * fuzz_ap_req.c - a stranger's Kerberos token before any key is tried.  Reaches
 * ap_req_decode and krb_error_unwrap; what was accepted is named plainly.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/auth/ap_req.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ap_req a;
	struct span inner;

	if (nt_ok(ap_req_decode(SPAN(data, size), &a)) &&
	    (!a.realm[0] || !a.service[0] || strpbrk(a.service, "@ ") || a.authenticator.n == 0))
		abort();
	(void)krb_error_unwrap(SPAN(data, size), &inner).code;
	return 0;
}
