/*
 * main.c - bulkhead-clientd, which will speak SMB as a client for scripts and
 * for the command's file verbs.  This version does not have it: the program
 * says so and does nothing else.
 */
#include <stdio.h>

int
main(void)
{
	(void)fputs("bulkhead-clientd: the SMB client is not part of this version; "
		    "it is not started by the server and does nothing\n", stderr);
	return 2;
}
