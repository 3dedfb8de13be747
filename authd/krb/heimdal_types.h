/*
 * heimdal_types.h - for heimdal.c, exchange.c and verdict.c alone: the only
 * files here that know the library's types.
 */
#ifndef AUTHD_KRB_HEIMDAL_TYPES_H
#define AUTHD_KRB_HEIMDAL_TYPES_H

#include <krb5.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

#include "authd/krb/heimdal.h"

struct heimdal {
	krb5_context context;
	krb5_keytab keytab;
	gss_cred_id_t cred;
};

/* verdict.c: behind gss_accept_sec_context(), whose answer is looked into.  *why: on refusal. */
nt exchange_verdict(struct heimdal *, OM_uint32 major, OM_uint32 minor,
		    const gss_buffer_desc *answer, const char **why) MUST_USE;

#endif
