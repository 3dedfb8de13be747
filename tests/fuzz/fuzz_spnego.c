/*
 * fuzz_spnego.c - the first bytes a stranger sends in SESSION_SETUP.  Reaches
 * spnego_classify, spnego_init_decode, spnego_resp_decode and both encoders;
 * what was accepted must come out again as it went in.
 */
#include <stdlib.h>

#include "proto/auth/spnego.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Ours are DER of what we understood, so bytes can only differ where something
 * was read and left out: unknown mechanisms, reqFlags, hints.
 */
static void
init_again(const struct spnego_init *c)
{
	static uint8_t buf[1 << 20];
	struct wr w = wr_init(buf, sizeof buf);
	struct spnego_init back;

	for (size_t i = 0; i < c->mech_count; i++) {
		if (c->mechs[i] == SPNEGO_MECH_UNKNOWN)
			return;
	}
	spnego_init_encode(&w, c);
	if (!wr_ok(&w) || !nt_ok(spnego_init_decode(wr_done(&w), &back)))
		abort();
	if (!span_eq(c->mech_list, back.mech_list) || !span_eq(c->token, back.token) ||
	    !span_eq(c->mic, back.mic))
		abort();
}

static void
resp_again(struct span token, const struct spnego_resp *c)
{
	static uint8_t buf[1 << 20];
	struct wr w = wr_init(buf, sizeof buf);

	if (c->has_mech && c->mech == SPNEGO_MECH_UNKNOWN)
		return;
	spnego_resp_encode(&w, c);
	if (!span_eq(wr_done(&w), token))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span token = SPAN(data, size);
	struct spnego_init init;
	struct spnego_resp resp;

	if (nt_ok(spnego_init_decode(token, &init))) {
		if (spnego_classify(token) != SPNEGO_KIND_INIT)
			abort();
		init_again(&init);
	}
	if (nt_ok(spnego_resp_decode(token, &resp)))
		resp_again(token, &resp);
	return 0;
}
