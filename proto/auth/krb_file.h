/*
 * krb_file.h - what Kerberos keys and tickets lie in: credential caches,
 * keytabs and KRB-CRED messages (.kirbi), read strictly and written plainly.
 * Not for: encryption, or whether a ticket is any good.
 *
 * Caches and keytabs are the big-endian formats that MIT and Heimdal share
 * (version 4 and 3 of the first, 2 of the second); KRB-CRED is RFC 4120 5.8.
 */
#ifndef PROTO_AUTH_KRB_FILE_H
#define PROTO_AUTH_KRB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define KRB_NAME_PARTS 8u
#define KRB_TEXT_MAX   512u /* of a printed name, with its NUL */

#define KRB_ETYPE_AES128 17u
#define KRB_ETYPE_AES256 18u
#define KRB_ETYPE_RC4	 23u

#define KRB_FLAG_RENEWABLE 0x00800000u
#define KRB_FLAG_INITIAL   0x00400000u
#define KRB_FLAG_INVALID   0x01000000u

/* Borrows; without NULs or other control characters. */
struct krb_name {
	uint32_t type;
	size_t n;
	struct span realm, parts[KRB_NAME_PARTS];
};

struct krb_ticket {
	struct krb_name client, server;
	uint16_t etype; /* of the session key */
	struct span key;
	uint32_t authtime, starts, ends, renew_until; /* Unix seconds; 0: not said */
	uint32_t flags;				      /* TicketFlags, first bit highest */
	struct span ticket;			      /* DER, checked to be one element */
};

struct krb_key {
	struct krb_name name;
	uint32_t timestamp, kvno;
	uint16_t etype;
	struct span key;
};

/* ---- names: "alice@REALM", "cifs/host@REALM", '\' before '/', '@' and '\' ---- */
/* False: longer than KRB_TEXT_MAX. */
bool krb_name_print(const struct krb_name *, char buf[KRB_TEXT_MAX]) MUST_USE;
/* Without the realm. */
bool krb_name_print_short(const struct krb_name *, char buf[KRB_TEXT_MAX]) MUST_USE;
/* The other way; ret borrows from room.  The realm may be missing. */
nt krb_name_parse(const char *text, char room[KRB_TEXT_MAX], struct krb_name *ret) MUST_USE;
bool krb_name_eq(const struct krb_name *, const struct krb_name *) MUST_USE;
/* Same parts, without regard to case and realm; how servers are looked for. */
bool krb_name_same_service(const struct krb_name *, const struct krb_name *) MUST_USE;
/* krbtgt/REALM of that realm. */
bool krb_name_is_tgs(const struct krb_name *, struct span realm) MUST_USE;
/* For decoders: no control characters, not empty, UTF-8. */
bool krb_text_ok(struct span) MUST_USE;

/* ---- credential caches.  All refusals are STATUS_INVALID_PARAMETER. ---- */
struct krb_ccache {
	struct rd r;
	bool old; /* version 3 */
	struct krb_name owner;
};
nt krb_ccache_open(struct span file, struct krb_ccache *ret) MUST_USE;
/* STATUS_NO_MORE_ENTRIES at the end.  Configuration entries are passed over. */
nt krb_ccache_next(struct krb_ccache *, struct krb_ticket *ret) MUST_USE;
void krb_ccache_begin(struct wr *, const struct krb_name *owner);
void krb_ccache_put(struct wr *, const struct krb_ticket *);

/* ---- keytabs ---- */
nt krb_keytab_open(struct span file, struct rd *ret) MUST_USE;
nt krb_keytab_next(struct rd *, struct krb_key *ret) MUST_USE; /* as krb_ccache_next */
void krb_keytab_begin(struct wr *);
void krb_keytab_put(struct wr *, const struct krb_key *);

/* ---- KRB-CRED, its secret part not encrypted (etype 0), which is how files hold it ---- */
struct krb_cred {
	struct rd tickets, infos;
};
nt krb_cred_open(struct span der, struct krb_cred *ret) MUST_USE;
nt krb_cred_next(struct krb_cred *, struct krb_ticket *ret) MUST_USE; /* as krb_ccache_next */
/* The n tickets as one message. */
void krb_cred_encode(struct wr *, const struct krb_ticket *tickets, size_t n);
/* A bare Ticket: whom it is for.  5.3 */
nt krb_ticket_server(struct span der, struct krb_name *ret) MUST_USE;

#endif
