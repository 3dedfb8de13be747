/*
 * acquire_private.h - what the files of acquire share.
 */
#ifndef AUTHD_CRED_ACQUIRE_PRIVATE_H
#define AUTHD_CRED_ACQUIRE_PRIVATE_H

#include <krb5.h>

#include "authd/cred/acquire.h"

struct acquirer {
	krb5_context context;
	struct want *want;
	acquire_kdc_fn *kdc;
	void *ctx;
	uint32_t asked; /* questions of this wish */
};

/* ---- acquire_ask.c ---- */
/* Whose questions to KDCs come on this thread from now on; NULL: nobody's, they fail. */
void acquire_asks(struct acquirer *);
/* The status that the library's error means; its sentence goes to the want. */
nt acquire_outcome(struct acquirer *, krb5_error_code) MUST_USE;

/* ---- acquire_cache.c: the want's tickets into a cache, and back as what was got ---- */
nt acquire_cache_fill(struct acquirer *, krb5_principal client, krb5_ccache) MUST_USE;
nt acquire_cache_read(struct acquirer *, krb5_ccache) MUST_USE;

#endif
