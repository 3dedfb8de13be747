/*
 * commands.h - every SMB2 command, one row: what a framework must know before
 * and without understanding the body.  [MS-SMB2] 2.2.1.2, 3.3.5.2
 */
#ifndef PROTO_SMB2_COMMANDS_H
#define PROTO_SMB2_COMMANDS_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

enum smb2_need {
	NEED_NONE,    /* may come before a session exists */
	NEED_SESSION, /* SessionId must name a valid session: 3.3.5.2.9 */
	NEED_TREE,    /* and TreeId one of its tree connects: 3.3.5.2.11 */
};

enum smb2_charge {
	CHARGE_ONE,    /* one credit whatever the body says */
	CHARGE_LENGTH, /* one for each 64 KiB of payload either way: 3.3.5.2.5 */
};

enum smb2_cmd_flag {
	ASYNC	  = 1u << 0, /* may be answered by an interim response first: 3.3.4.2 */
	BULK	  = 1u << 1, /* carries file data; its payload need not pass a codec */
	NO_REPLY  = 1u << 2, /* is never answered */
	TWO_SIZES = 1u << 3, /* another StructureSize exists; the decoder tells */
};

#define NO_FID 0 /* no FileId to look up or to take from the compound */

/*
 * handle@ is the FileId's place counted from StructureSize.  OPLOCK_BREAK has
 * one only in its oplock form, so its handler looks for itself.
 */
/* clang-format off */
/*        code    name             req rsp need          handle@  credits        flags        */
#define SMB2_COMMANDS(C)                                                                                      \
	C(0x0000, negotiate,       36, 65, NEED_NONE,    NO_FID,  CHARGE_ONE,    0)            /* 2.2.3  3.3.5.4  */ \
	C(0x0001, session_setup,   25,  9, NEED_NONE,    NO_FID,  CHARGE_ONE,    ASYNC)        /* 2.2.5  3.3.5.5  */ \
	C(0x0002, logoff,           4,  4, NEED_SESSION, NO_FID,  CHARGE_ONE,    0)            /* 2.2.7  3.3.5.6  */ \
	C(0x0003, tree_connect,     9, 16, NEED_SESSION, NO_FID,  CHARGE_ONE,    ASYNC)        /* 2.2.9  3.3.5.7  */ \
	C(0x0004, tree_disconnect,  4,  4, NEED_TREE,    NO_FID,  CHARGE_ONE,    0)            /* 2.2.11 3.3.5.8  */ \
	C(0x0005, create,          57, 89, NEED_TREE,    NO_FID,  CHARGE_ONE,    ASYNC)        /* 2.2.13 3.3.5.9  */ \
	C(0x0006, close,           24, 60, NEED_TREE,    8,       CHARGE_ONE,    0)            /* 2.2.15 3.3.5.10 */ \
	C(0x0007, flush,           24,  4, NEED_TREE,    8,       CHARGE_ONE,    ASYNC)        /* 2.2.17 3.3.5.11 */ \
	C(0x0008, read,            49, 17, NEED_TREE,    16,      CHARGE_LENGTH, ASYNC | BULK) /* 2.2.19 3.3.5.12 */ \
	C(0x0009, write,           49, 17, NEED_TREE,    16,      CHARGE_LENGTH, ASYNC | BULK) /* 2.2.21 3.3.5.13 */ \
	C(0x000A, lock,            48,  4, NEED_TREE,    8,       CHARGE_ONE,    ASYNC)        /* 2.2.26 3.3.5.14 */ \
	C(0x000B, ioctl,           57, 49, NEED_TREE,    8,       CHARGE_LENGTH, ASYNC)        /* 2.2.31 3.3.5.15 */ \
	C(0x000C, cancel,           4,  4, NEED_NONE,    NO_FID,  CHARGE_ONE,    NO_REPLY)     /* 2.2.30 3.3.5.16 */ \
	C(0x000D, echo,             4,  4, NEED_NONE,    NO_FID,  CHARGE_ONE,    0)            /* 2.2.28 3.3.5.17 */ \
	C(0x000E, query_directory, 33,  9, NEED_TREE,    8,       CHARGE_LENGTH, ASYNC)        /* 2.2.33 3.3.5.18 */ \
	C(0x000F, change_notify,   32,  9, NEED_TREE,    8,       CHARGE_LENGTH, ASYNC)        /* 2.2.35 3.3.5.19 */ \
	C(0x0010, query_info,      41,  9, NEED_TREE,    24,      CHARGE_LENGTH, ASYNC)        /* 2.2.37 3.3.5.20 */ \
	C(0x0011, set_info,        33,  2, NEED_TREE,    16,      CHARGE_LENGTH, ASYNC)        /* 2.2.39 3.3.5.21 */ \
	C(0x0012, oplock_break,    24, 24, NEED_TREE,    NO_FID,  CHARGE_ONE,    TWO_SIZES)    /* 2.2.24 3.3.5.22 */

/* SMB2_CMD_create and so on: the name as the files and functions spell it. */
#define C(code, name, req, rsp, need, handle, charge, flags) SMB2_CMD_##name = (code),
enum smb2_cmd {
	SMB2_COMMANDS(C)
	SMB2_CMD_MAX
};
#undef C
/* clang-format on */

struct smb2_command {
	const char *name;
	uint16_t req_size; /* StructureSize of the request */
	uint16_t rsp_size; /* … and of the successful response */
	uint8_t need;	   /* enum smb2_need */
	uint8_t handle_at;
	uint8_t charge; /* enum smb2_charge */
	uint8_t flags;	/* enum smb2_cmd_flag */
};

extern const struct smb2_command smb2_commands[SMB2_CMD_MAX];

/* The row, or NULL for a number that is no command. */
const struct smb2_command *smb2_command_find(uint16_t code) MUST_USE;
/* "create", or "unknown". */
const char *smb2_command_name(uint16_t code) MUST_USE;

/*
 * The larger of what a request carries and what it allows the answer to carry,
 * in bytes; 0 for CHARGE_ONE rows and for bodies too short to say.  The sums
 * of IOCTL may exceed 32 bits.  body stands just behind the header.  3.3.5.2.5
 */
uint64_t smb2_payload_size(uint16_t code, struct rd body) MUST_USE;
/* The CreditCharge that such a payload must be covered by; at least 1. */
uint64_t smb2_charge_for(uint64_t payload) MUST_USE;

#endif
