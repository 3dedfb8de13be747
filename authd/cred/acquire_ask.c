/*
 * acquire_ask.c - the library's questions to KDCs, and what its errors mean.
 *
 * The questions come to us as a plug-in that is asked before it would look for
 * hosts; whose question it is, is known by the thread.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <krb5.h>
#include <krb5/send_to_kdc_plugin.h>

#include "authd/cred/acquire_private.h"
#include "base/fatal.h"

#define QUESTIONS_MAX 24u /* of one wish: each realm on its way takes two at most */

static _Thread_local struct acquirer *asking;

void
acquire_asks(struct acquirer *a)
{
	asking = a;
	if (a)
		a->asked = 0;
}

static krb5_error_code
plugin_init(krb5_context context, void **ret)
{
	(void)context;
	*ret = NULL;
	return 0;
}

static void
plugin_fini(void *ctx)
{
	(void)ctx;
}

static krb5_error_code
plugin_to_kdc(krb5_context context, void *ctx, krb5_krbhst_info *host, time_t timeout,
	      const krb5_data *in, krb5_data *out)
{
	(void)context;
	(void)ctx;
	(void)host;
	(void)timeout;
	(void)in;
	(void)out;
	return KRB5_KDC_UNREACH;
}

/* Never "no handler", after which it would look for hosts itself. */
static krb5_error_code
plugin_to_realm(krb5_context context, void *ctx, krb5_const_realm realm, time_t timeout,
		const krb5_data *in, krb5_data *out)
{
	struct acquirer *a = asking;
	uint8_t *reply	   = NULL;
	size_t n	   = 0;
	krb5_error_code err;

	(void)context;
	(void)ctx;
	(void)timeout;
	if (a && a->asked++ >= QUESTIONS_MAX)
		return KRB5_GET_IN_TKT_LOOP;
	if (!a || nt_failed(a->kdc(a->ctx, realm, SPAN(in->data, in->length), &reply, &n)))
		return KRB5_KDC_UNREACH;
	err = krb5_data_copy(out, reply, n);
	free(reply);
	return err;
}

static const krb5plugin_send_to_kdc_ftable plugin = {
	.minor_version = KRB5_PLUGIN_SEND_TO_KDC_VERSION_2,
	.init	       = plugin_init,
	.fini	       = plugin_fini,
	.send_to_kdc   = plugin_to_kdc,
	.send_to_realm = plugin_to_realm,
};

struct acquirer *
acquirer_new(void)
{
	struct acquirer *a = xcalloc(1, sizeof *a);
	uint8_t byte;

	if (krb5_init_context(&a->context) != 0)
		fatal("Heimdal does not start");
	if (krb5_plugin_register(a->context, PLUGIN_TYPE_DATA, KRB5_PLUGIN_SEND_TO_KDC,
				 (void *)(uintptr_t)&plugin) != 0)
		fatal("Heimdal takes no plug-in");
	krb5_generate_random_block(&byte, sizeof byte);
	return a;
}

static nt
status_of(krb5_error_code err)
{
	switch (err) {
	case 0:
		return STATUS_SUCCESS;
	case KRB5KDC_ERR_PREAUTH_FAILED:
	case KRB5KRB_AP_ERR_BAD_INTEGRITY:
		return STATUS_WRONG_PASSWORD;
	case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
		return STATUS_NO_SUCH_USER;
	case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
	case KRB5KRB_ERR_GENERIC: /* what a KDC says of a realm that it does not know */
		return STATUS_NOT_FOUND;
	case KRB5KDC_ERR_KEY_EXP:
		return STATUS_PASSWORD_EXPIRED;
	case KRB5KDC_ERR_CLIENT_REVOKED:
		return STATUS_ACCOUNT_DISABLED;
	case KRB5KDC_ERR_ETYPE_NOSUPP:
		return STATUS_NOT_SUPPORTED;
	case KRB5KRB_AP_ERR_SKEW:
	case KRB5_KDCREP_SKEW:
		return STATUS_TIME_DIFFERENCE_AT_DC;
	case KRB5KRB_AP_ERR_TKT_EXPIRED:
	case KRB5_CC_END:
	case KRB5_CC_NOTFOUND:
		return STATUS_NETWORK_SESSION_EXPIRED;
	case KRB5KRB_AP_ERR_ILL_CR_TKT: /* also what KDCs that refer to each other come to */
	case KRB5KDC_ERR_PATH_NOT_ACCEPTED:
	case KRB5_GET_IN_TKT_LOOP:
		return STATUS_TRUSTED_DOMAIN_FAILURE;
	case KRB5_KDC_UNREACH:
	case KRB5_REALM_UNKNOWN:
		return STATUS_NO_LOGON_SERVERS;
	case ENOMEM:
		return STATUS_INSUFFICIENT_RESOURCES;
	default:
		return STATUS_LOGON_FAILURE;
	}
}

nt
acquire_outcome(struct acquirer *a, krb5_error_code err)
{
	const char *why;

	if (err == 0)
		return STATUS_SUCCESS;
	why = krb5_get_error_message(a->context, err);
	(void)snprintf(a->want->why, sizeof a->want->why, "%s", why ? why : "");
	krb5_free_error_message(a->context, why);
	return status_of(err);
}
