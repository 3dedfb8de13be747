/*
 * fuzz_logon_token.c - what the gate makes of a stranger's token, under every
 * choice of mechanisms.  Reaches logon_token_read and with it the SPNEGO
 * decoders; what it accepts is for a mechanism that is on, and lies within the
 * token.  [RFC4178] 4.2.1, 5
 */
#include <stdlib.h>

#include "smbd/logon_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
within_check(struct span part, struct span whole)
{
	if (part.n > 0 && (part.p < whole.p || part.n > whole.n ||
			   (size_t)(part.p - whole.p) > whole.n - part.n))
		abort();
}

static void
choice_check(struct span token, struct logon_mechs m)
{
	struct logon_in in;

	if (nt_failed(logon_token_read(token, &m, &in)))
		return;
	within_check(in.token, token);
	within_check(in.mic, token);
	within_check(in.mech_list, token);
	if (in.mech == SPNEGO_MECH_NTLMSSP && !m.ntlm)
		abort();
	if (spnego_mech_same(in.mech, SPNEGO_MECH_KRB5) && !m.kerberos)
		abort();
	if ((in.is_init || in.raw) && in.mech == SPNEGO_MECH_UNKNOWN)
		abort();
	if (in.ask && in.token.n > 0)
		abort(); /* it was for another mechanism */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned bits = 0; bits < 8; bits++)
		choice_check(SPAN(data, size), (struct logon_mechs){ bits & 1, bits & 2, bits & 4 });
	return 0;
}
