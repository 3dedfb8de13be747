/*
 * verdict.c - why the library refuses a token, in plain words.
 */
#include "authd/krb/heimdal_types.h"
#include "base/fatal.h"
#include "proto/auth/ap_req.h"

static const struct {
	krb5_error_code code;
	const char *words;
} reasons[] = {
	{ KRB5KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired" },
	{ KRB5KRB_AP_ERR_TKT_NYV, "the ticket is not valid yet: do the clocks differ?" },
	{ KRB5KRB_AP_ERR_SKEW, "the client's clock differs from ours by more than is allowed" },
	{ KRB5KRB_AP_ERR_TKT_INVALID, "the ticket is marked as invalid" },
	{ KRB5KRB_AP_ERR_BAD_INTEGRITY, "ticket or authenticator do not open with our key" },
	{ KRB5KRB_AP_ERR_MODIFIED, "ticket or authenticator have been changed on the way" },
	{ KRB5KRB_AP_ERR_BADMATCH, "ticket and authenticator are of different clients" },
	{ KRB5KRB_AP_ERR_INAPP_CKSUM, "the authenticator's checksum is of the wrong kind" },
	{ KRB5KRB_AP_ERR_NOKEY, "no key of ours has the ticket's version" },
	{ KRB5KRB_AP_ERR_BADKEYVER, "no key of ours has the ticket's version" },
	{ KRB5_KT_NOTFOUND, "no key of ours opens the ticket" },
	{ KRB5_PROG_ETYPE_NOSUPP, "the encryption type is not supported" },
	{ KRB5KRB_AP_ERR_ILL_CR_TKT, "the realms on the ticket's way are not trusted" },
};

static const char *
reason_of(krb5_error_code code)
{
	for (size_t i = 0; i < NELEM(reasons); i++)
		if (reasons[i].code == code)
			return reasons[i].words;
	return "Kerberos refuses the token";
}

/* For a wrong clock the library answers with a KRB-ERROR, [RFC4120] 5.9.1, and says "continue". */
static const char *
reason_in(struct heimdal *h, const gss_buffer_desc *token)
{
	const char *words = "a third message is wanted, which SMB has no use for";
	struct span inner;
	krb5_data data;
	KRB_ERROR error;

	if (nt_failed(krb_error_unwrap(SPAN(token->value, token->length), &inner)))
		return words;
	data.length = inner.n;
	data.data   = (void *)(uintptr_t)inner.p;
	if (krb5_rd_error(h->context, &data, &error) != 0)
		return words;
	words = reason_of(error.error_code);
	krb5_free_error_contents(h->context, &error);
	return words;
}

nt
exchange_verdict(struct heimdal *h, OM_uint32 major, OM_uint32 minor, const gss_buffer_desc *answer,
		 const char **why)
{
	if (major == GSS_S_COMPLETE)
		return STATUS_SUCCESS;
	if (!GSS_ERROR(major))
		*why = reason_in(h, answer);
	else if (GSS_ROUTINE_ERROR(major) == GSS_S_BAD_BINDINGS)
		*why = "the channel bindings are wrong";
	else
		*why = reason_of((krb5_error_code)minor);
	return STATUS_LOGON_FAILURE;
}
