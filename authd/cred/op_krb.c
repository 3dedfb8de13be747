/*
 * op_krb.c - Kerberos for session processes.
 */
#include "authd/cred/cred.h"

/* No login holds anything for Kerberos so far, which is for the asker to try NTLM. */
nt
cred_krb_begin(struct cred *me, struct call *c, const struct cred_krb_begin_req *req,
	       struct cred_krb_begin_rsp *rsp)
{
	(void)rsp;
	REQUIRE(login_find_lent(me->logins, link_peer(call_link(c)), req->cred), STATUS_NOT_FOUND);
	return STATUS_NOT_SUPPORTED;
}

nt
cred_krb_finish(struct cred *me, struct call *c, const struct cred_krb_finish_req *req,
		struct cred_krb_finish_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_INVALID_PARAMETER;
}

nt
ticket_request(struct cred *me, struct call *c, const struct ticket_request_req *req,
	       struct ticket_request_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_NOT_SUPPORTED;
}

nt
ticket_list(struct cred *me, struct call *c, const struct ticket_list_req *req,
	    struct ticket_list_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_NO_MORE_ENTRIES;
}

nt
ticket_renew(struct cred *me, struct call *c, const struct ticket_renew_req *req,
	     struct ticket_renew_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_NOT_SUPPORTED;
}

nt
ticket_export(struct cred *me, struct call *c, const struct ticket_export_req *req,
	      struct ticket_export_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_NOT_SUPPORTED;
}
