/*
 * op_keytab.c - keys that an administrator gives, takes away and lists.  A key
 * never goes out again.
 */
#include <stdio.h>
#include <string.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"

/* "cifs/host", of our realm unless it says another; no empty parts, nothing to be quoted. */
static nt
principal_make(const struct krb *me, struct str name, char *dst, size_t cap)
{
	const char *at = strchr(name.s, '@');
	size_t n       = at ? (size_t)(at - name.s) : name.n;

	REQUIRE(at || me->conf.realm.n > 0, STATUS_INVALID_PARAMETER);
	REQUIRE(n > 0 && name.s[0] != '/' && name.s[n - 1] != '/' && !strstr(name.s, "//"),
		STATUS_INVALID_PARAMETER);
	REQUIRE(!at || (at[1] && !strpbrk(at + 1, "@/")), STATUS_INVALID_PARAMETER);
	for (size_t i = 0; i < name.n; i++)
		REQUIRE((unsigned char)name.s[i] > 0x20 && name.s[i] != 0x7f && name.s[i] != '\\',
			STATUS_INVALID_PARAMETER);
	REQUIRE(snprintf(dst, cap, "%s%s%s", name.s, at ? "" : "@", at ? "" : me->conf.realm.s) <
		    (int)cap,
		STATUS_NAME_TOO_LONG);
	return STATUS_SUCCESS;
}

/* Into ret, whose bytes the caller wipes, whatever comes. */
static nt
key_make(const struct krb *me, const struct keytab_add_req *req, struct key *ret)
{
	ret->etype = (int32_t)req->etype;
	ret->kvno  = req->kvno == 0 ? 1 : req->kvno;
	ret->added = clock_real_ns();
	TRY(principal_make(me, req->principal, ret->principal, sizeof ret->principal));
	REQUIRE(etype_allowed(me, ret->etype), STATUS_NOT_SUPPORTED);
	ret->n = key_size(ret->etype);
	REQUIRE(hex_read(req->key, ret->bytes, ret->n), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

static nt
key_add(struct krb *me, const struct key *k)
{
	TRY(keys_add(me->keys, k));
	return heimdal_key_add(me->heimdal, k);
}

nt
keytab_add(struct krb *me, struct call *c, const struct keytab_add_req *req,
	   struct keytab_add_rsp *rsp)
{
	struct key k = { .n = 0 };
	nt status    = key_make(me, req, &k);

	(void)c;
	(void)rsp;
	secret_wipe((void *)(uintptr_t)req->key.p, req->key.n);
	if (nt_ok(status))
		status = key_add(me, &k);
	secret_wipe(k.bytes, sizeof k.bytes);
	log_audit("key added principal=%s etype=%u kvno=%u status=%s", log_qs(req->principal.s),
		  req->etype, k.kvno, nt_name(status));
	return status;
}

/* All of this name that are ours to forget; those of the configured keytab are not. */
static nt
keys_forget(struct krb *me, const char *principal, unsigned *ret_n)
{
	bool foreign = false;
	size_t i     = 0;

	while (i < keys_count(me->keys)) {
		const struct key *k = keys_at(me->keys, i);

		if (strcmp(k->principal, principal) != 0 || k->origin != KEY_OF_STATE) {
			foreign |= strcmp(k->principal, principal) == 0;
			i++;
			continue;
		}
		heimdal_key_del(me->heimdal, k);
		TRY(keys_del(me->keys, i));
		++*ret_n;
	}
	if (*ret_n > 0)
		return STATUS_SUCCESS;
	return foreign ? STATUS_MEDIA_WRITE_PROTECTED : STATUS_NOT_FOUND;
}

nt
keytab_del(struct krb *me, struct call *c, const struct keytab_del_req *req,
	   struct keytab_del_rsp *rsp)
{
	char principal[NAME_BOUND + 1];
	unsigned n = 0;
	nt status  = principal_make(me, req->principal, principal, sizeof principal);

	(void)c;
	(void)rsp;
	if (nt_ok(status))
		status = keys_forget(me, principal, &n);
	log_audit("key removed principal=%s keys=%u status=%s", log_qs(req->principal.s), n,
		  nt_name(status));
	return status;
}

nt
keytab_list(struct krb *me, struct call *c, const struct keytab_list_req *req,
	    struct keytab_list_rsp *rsp)
{
	const struct key *k;

	(void)c;
	REQUIRE(req->after < keys_count(me->keys), STATUS_NO_MORE_ENTRIES);
	k	       = keys_at(me->keys, (size_t)req->after);
	rsp->index     = req->after + 1;
	rsp->principal = str_of(k->principal);
	rsp->etype     = (uint32_t)k->etype;
	rsp->kvno      = k->kvno;
	rsp->added     = k->added;
	rsp->origin    = str_of(k->origin == KEY_OF_STATE ? "added" : "keytab");
	return STATUS_SUCCESS;
}
