/*
 * acquire_cache.c - the library's MEMORY caches: filled from a ccache file of
 * ours, and read into one.
 */
#include "authd/cred/acquire_private.h"

#include <string.h>

#include "authd/cred/convert.h"
#include "base/secret.h"
#include "ipc/types.h"

#define GOT_MAX	   (2 * TOKEN_BOUND) /* what is kept of it tickets_merge() decides */
#define CONF_REALM "X-CACHECONF:"

nt
acquire_cache_fill(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	const struct hidden *have = &a->want->tickets;
	struct krb_ccache c;
	struct krb_ticket t;

	TRY(acquire_outcome(a, krb5_cc_initialize(a->context, cache, client)));
	if (have->n == 0)
		return STATUS_SUCCESS;
	TRY(krb_ccache_open(SPAN(have->p, have->n), &c));
	for (;;) {
		krb5_creds creds = { 0 };
		nt status	 = krb_ccache_next(&c, &t);

		if (nt_is(status, STATUS_NO_MORE_ENTRIES))
			return STATUS_SUCCESS;
		TRY(status);
		status = acquire_outcome(a, convert_in(a->context, &t, &creds));
		if (nt_ok(status))
			status = acquire_outcome(a, krb5_cc_store_cred(a->context, cache, &creds));
		krb5_free_cred_contents(a->context, &creds);
		TRY(status);
	}
}

/* One of the library's tickets, written; its notes and what is too large are left out. */
static void
ticket_put(struct acquirer *a, struct wr *w, const krb5_creds *creds)
{
	const char *realm = krb5_principal_get_realm(a->context, creds->server);
	struct krb_ticket t;
	struct wr try = *w;

	if (!realm || strcmp(realm, CONF_REALM) == 0 || !convert_out(a->context, creds, &t))
		return;
	krb_ccache_put(&try, &t);
	if (wr_ok(&try))
		*w = try;
}

nt
acquire_cache_read(struct acquirer *a, krb5_ccache cache)
{
	char room[KRB_TEXT_MAX];
	uint8_t *p  = secret_alloc(GOT_MAX);
	struct wr w = wr_init(p, GOT_MAX);
	krb5_cc_cursor cursor;
	struct krb_name owner;
	krb5_creds creds;
	nt status;

	status = krb_name_parse(a->want->client, room, &owner);
	if (nt_ok(status))
		status = acquire_outcome(a, krb5_cc_start_seq_get(a->context, cache, &cursor));
	if (nt_ok(status)) {
		krb_ccache_begin(&w, &owner);
		while (krb5_cc_next_cred(a->context, cache, &cursor, &creds) == 0) {
			ticket_put(a, &w, &creds);
			krb5_free_cred_contents(a->context, &creds);
		}
		krb5_cc_end_seq_get(a->context, cache, &cursor);
		hidden_set(&a->want->got, wr_done(&w));
	}
	secret_free(p, GOT_MAX);
	return status;
}
