/*
 * main.c - bulkhead-authd: which role is it this time?
 */
#include "authd/authd.h"

#include "base/fatal.h"

int
main(int argc, char **argv)
{
	struct birth birth;

	birth_begin(&birth, argc, argv, "bulkhead-authd", FROM(STORE) | FROM(NAMES));
	switch (birth.role) {
	case PEER_STORE:
		return store_main(&birth);
	case PEER_NAMES:
		return names_main(&birth);
	default:
		fatal("not one of our roles");
	}
}
