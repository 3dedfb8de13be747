/*
 * net.h - reaches KDCs and domain controllers for those who reach no network.
 * It sees no listener, no share, no account; what it brings home is checked by
 * who asked.
 *
 * Everything here waits on the event loop: each question has its own limit, and
 * nobody's hanging server holds up another question.
 */
#ifndef AUTHD_NET_NET_H
#define AUTHD_NET_NET_H

#include <sys/queue.h>

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/net.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

#define EXCHANGES_MAX 256u /* questions to KDCs at once */
#define LOGONS_MAX    256u /* logons that wait for a controller */
#define KDC_PORT      88u

struct resolver;
struct kdcs;
struct domain;
struct exchange;

struct net {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct conf_net_req conf; /* strings borrow from part */
	struct conf_copy part;
	struct resolver *resolver;  /* resolve.c */
	struct domain *domain;	    /* domain.c */
	struct kdcs *kdcs;	    /* kdc.c */
	TAILQ_HEAD(exchanges, exchange) exchanges;
	uint32_t n_exchanges;
};

/* ---- service.c ---- */
#define MSG_ME struct net
NET_MESSAGES(MSG_HANDLER)
extern const struct ipc_method net_methods[];
extern const size_t net_methods_n;

/* ---- conf.c ---- */
/* STATUS_DATA_ERROR if part holds no usable conf_net. */
nt net_configure(struct net *, struct span part) MUST_USE;
uint64_t net_now_ms(const struct net *);

/* ---- account.c ---- */
/*
 * The NT hash of the machine account: from the configuration, its password file
 * or keytab.  False, with the reason in the log, if there is none.  Before the
 * sandbox closes.
 */
bool account_hash(const struct conf_net_req *, uint8_t ret[16]) MUST_USE;
/* Does the secret stand in a file? */
bool account_in_file(const struct conf_net_req *) MUST_USE;
/* The etype 23 key of that account in a keytab file's bytes.  STATUS_NOT_FOUND. */
nt keytab_nt_hash(struct span file, const char *account, uint8_t ret[16]) MUST_USE;

/* ---- sandbox.c ---- */
void net_isolate(struct net *, const struct birth *, char *links, size_t cap);
void net_seal(struct net *);

#endif
