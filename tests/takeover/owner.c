/*
 * owner.c - the instance's owner at the scripting socket, with the same bytes
 * that a captured process sends: they are right, so what that one meets is a
 * refusal.  Prints GOT-THROUGH or the status.
 */
#include <stdio.h>
#include <string.h>

#include "tests/takeover/twin.h"

struct loot loot;

void
attack_answered(nt status)
{
	(void)status;
}

int
main(int argc, char **argv)
{
	nt s;

	if (argc != 3)
		return 2;
	(void)snprintf(loot.runtime, sizeof loot.runtime, "%s", argv[1]);
	(void)snprintf(loot.user, sizeof loot.user, "%s", argv[2]);
	s = door_try(NULL);
	puts(nt_ok(s) ? "GOT-THROUGH" : nt_name(s));
	return 0;
}
