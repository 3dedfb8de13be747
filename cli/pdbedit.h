/*
 * pdbedit.h - one line of Samba's `pdbedit -L -w`:
 *	name:uid:LM hash:NT hash:[flags]:LCT-time:
 */
#ifndef CLI_PDBEDIT_H
#define CLI_PDBEDIT_H

#define PDBEDIT_NAME_MAX 255

enum pdbedit_kind {
	PDBEDIT_ACCOUNT,	/* a user's account with a hash */
	PDBEDIT_NOTHING,	/* blank line or comment */
	PDBEDIT_MACHINE,	/* a machine's or trust's account: not for a file server */
	PDBEDIT_DISABLED,	/* disabled, or without a usable password */
	PDBEDIT_MALFORMED,
};

struct pdbedit_entry {
	char name[PDBEDIT_NAME_MAX + 1];
	char nt_hash[33];
};

/* ret is filled for PDBEDIT_ACCOUNT; for MACHINE and DISABLED only its name is. */
enum pdbedit_kind pdbedit_parse(const char *line, struct pdbedit_entry *ret);

#endif
