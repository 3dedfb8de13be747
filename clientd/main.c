/*
 * main.c - bulkhead-clientd: which role is it this time?
 */
#include "clientd/clientd.h"

#include "base/fatal.h"

int
main(int argc, char **argv)
{
	struct birth birth;

	birth_begin(&birth, argc, argv, "bulkhead-clientd", FROM(SESSION) | FROM(DIALER));
	switch (birth.role) {
	case PEER_SESSION:
		return session_main(&birth);
	case PEER_DIALER:
		return dialer_main(&birth);
	default:
		fatal("not one of our roles");
	}
}
