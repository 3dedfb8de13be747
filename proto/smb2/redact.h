/*
 * redact.h - what of a message may be shown to who looks for a fault: all but what
 * proves somebody's identity and, unless it was asked for, what files and pipes carry.
 * Sizes stay.  [MS-SMB2] 2.2.5, 2.2.6, 2.2.19 to 2.2.22, 2.2.31, 2.2.32
 */
#ifndef PROTO_SMB2_REDACT_H
#define PROTO_SMB2_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smb2_shown {
	size_t n;	/* bytes of it to be shown */
	bool blank;	/* the rest of the message is zeros; else it is not there */
};

/*
 * p holds the first n bytes of a message (from the SMB header on, decrypted) of total bytes.
 * Overwrites what is not to be shown.  What cannot be read is not shown either.
 */
struct smb2_shown smb2_redact(uint8_t *p, size_t n, size_t total, bool answer, bool payload);

#endif
