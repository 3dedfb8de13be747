/*
 * op_lock.c - administrators see who is locked out, and end it.  The counters
 * are throttle.c's.
 */
#include <stdio.h>
#include <string.h>

#include "authd/store/store.h"
#include "base/log.h"

#define NS_PER_MS 1000000u

nt
user_locks(struct store *s, struct call *c, const struct user_locks_req *req,
	   struct user_locks_rsp *rsp)
{
	struct throttle_lock lock;

	(void)c;
	REQUIRE(throttle_next(s->throttle, req->after, store_now_ms(s), &lock),
		STATUS_NO_MORE_ENTRIES);
	rsp->index    = lock.index;
	rsp->user     = str_of(lock.name ? lock.name : "");
	rsp->client   = lock.client;
	rsp->failures = lock.failures;
	rsp->until    = clock_real_ns() + lock.left_ms * NS_PER_MS;
	return STATUS_SUCCESS;
}

/* An address alone; what is read wants a port. */
static bool
host_read(const char *text, struct net_addr *ret)
{
	char whole[NAME_BOUND + 8];

	(void)snprintf(whole, sizeof whole, strchr(text, ':') ? "[%s]:1" : "%s:1", text);
	return nt_ok(addr_parse(whole, ret));
}

nt
user_unlock(struct store *s, struct call *c, const struct user_unlock_req *req,
	    struct user_unlock_rsp *rsp)
{
	struct account_key key;
	struct net_addr addr;
	const bool is_name = nt_ok(account_key(req->who.s, &key));
	const bool is_addr = host_read(req->who.s, &addr);

	(void)c;
	REQUIRE(is_name || is_addr, STATUS_INVALID_PARAMETER);
	rsp->ended = throttle_unlock(s->throttle, is_name ? key.s : NULL, is_addr ? &addr : NULL,
				     store_now_ms(s));
	log_audit("lock-out ended by administration who=%s ended=%u", log_qs(req->who.s),
		  rsp->ended);
	return STATUS_SUCCESS;
}
