/*
 * acquire.h - getting tickets: all that is asked of the Kerberos library but
 * for the handshake itself.  Runs in threads of its own (jobs.h), since it
 * waits for KDCs; works on copies, shares nothing, opens nothing.
 */
#ifndef AUTHD_CRED_ACQUIRE_H
#define AUTHD_CRED_ACQUIRE_H

#include "authd/cred/login.h"
#include "proto/auth/krb_file.h"

#define WHY_MAX 256u

struct want {
	/* ---- what is there ---- */
	char client[KRB_TEXT_MAX]; /* "alice@REALM" */
	struct hidden password;	   /* UTF-8, with its NUL */
	struct hidden key;	   /* instead of it */
	uint16_t key_etype;
	struct hidden tickets; /* a ccache file, or nothing */
	/* ---- what is wished ---- */
	char spn[KRB_TEXT_MAX]; /* "": a TGT */
	bool renew;		/* the TGT there is */
	bool fresh;		/* a new TGT even if there is one */
	uint32_t lifetime_s, renewable_s;
	uint16_t etype; /* 0: any we allow */
	/* ---- what came of it ---- */
	nt status;
	struct hidden got;	   /* all tickets, a ccache file */
	char server[KRB_TEXT_MAX]; /* whom the last one is for */
	char why[WHY_MAX];	   /* the library's sentence, for the log */
};

/* One exchange with a KDC of that realm.  reply: malloc'd, the caller's. */
typedef nt acquire_kdc_fn(void *ctx, const char *realm, struct span request, uint8_t **ret_reply,
			  size_t *ret_n);

struct acquirer;

/*
 * Once, before the walls and before any acquirer: settings that no file or
 * environment has a say in.  Then one acquirer a thread.
 */
void acquire_settle(uint32_t skew_s, bool rc4);
struct acquirer *acquirer_new(void);

/* Fills in what came of it; asks kdc as often as it takes. */
void acquire(struct acquirer *, struct want *, acquire_kdc_fn *kdc, void *ctx);
void want_wipe(struct want *);

/* The key that a password gives, of AES-256 or AES-128; salted as KDCs do by default. */
nt acquire_password_key(struct acquirer *, const char *client, const char *password, uint16_t etype,
			uint8_t ret[32], size_t *ret_n) MUST_USE;

#endif
