/*
 * main.c - bulkhead-authd: which role is it this time?
 */
#include "authd/authd.h"

#include "base/fatal.h"

#define ROLES (FROM(STORE) | FROM(NAMES) | FROM(KRB) | FROM(NET) | FROM(CRED))

int
main(int argc, char **argv)
{
	struct birth birth;

	birth_begin(&birth, argc, argv, "bulkhead-authd", ROLES);
	switch (birth.role) {
	case PEER_STORE:
		return store_main(&birth);
	case PEER_NAMES:
		return names_main(&birth);
	case PEER_KRB:
		return krb_main(&birth);
	case PEER_NET:
		return net_main(&birth);
	case PEER_CRED:
		return cred_main(&birth);
	default:
		fatal("not one of our roles");
	}
}
